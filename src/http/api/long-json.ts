import type { Request, Response } from 'express';
import { turnOf } from '../pipeline.ts';
import { pump } from '../pump.ts';

/** Sends JSON that may be very long: piece by piece and as fast as it is read, so that machines have their turns in between. */
export async function sendLongJson(
  { method }: Request,
  response: Response,
  parts: readonly (string | Uint8Array)[],
): Promise<void> {
  const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
  const length = bytes.reduce((sum, part) => sum + part.length, 0);
  response.set({ 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(length) });
  if (method === 'HEAD') {
    response.end();
    return;
  }
  if (!(await turnOf(response))) return;
  try {
    for (const part of bytes) await pump({ ...inMemory(part), out: response, moved: () => undefined });
  } catch {
    // It has hung up.
    return;
  }
  response.end();
}

function inMemory(bytes: Uint8Array) {
  return {
    asset: { read: (offset: number, length: number) => bytes.subarray(offset, offset + length) },
    part: { first: 0, last: bytes.length - 1 },
  };
}
