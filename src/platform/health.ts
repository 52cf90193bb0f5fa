import { askControl } from './control-client.ts';
import type { ControlAnswer, ControlHealth } from './control-protocol.ts';

/** How a running service is; undefined with `reason` where it does not answer. Never rejects. */
export async function askHealth(
  file: string,
  service: string,
  timeoutMs: number,
): Promise<ControlHealth | { readonly reason: string }> {
  return healthIn(await askControl({ file, service, method: 'GET', path: '/health', timeoutMs }), service);
}

/** The health in an answer to GET /health or GET /status, or why there is none. */
export function healthIn(
  { status, body }: ControlAnswer,
  service: string,
): ControlHealth | { readonly reason: string } {
  if (status === 200 && isHealth(body)) return body;
  const { error } = (body ?? {}) as { error?: unknown };
  return { reason: typeof error === 'string' ? error : `${service} does not tell its health` };
}

function isHealth(body: unknown): body is ControlHealth {
  const { problems, journal, since } = (body ?? {}) as Partial<Record<keyof ControlHealth, unknown>>;
  return Array.isArray(problems) && Array.isArray(journal) && typeof since === 'number';
}
