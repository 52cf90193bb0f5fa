import net from 'node:net';
import { duplicate } from './libc.ts';

/** A connection without an owner, on its way from one thread of the process to another. */
export interface Loose {
  readonly fd: number;
  /** What has been read of it and is for the next owner. */
  readonly unread: Uint8Array;
}

/** The number that the process knows the connection, or the listening socket, by; undefined where it is closed. */
export function descriptorOf(socket: net.Socket | net.Server): number | undefined {
  // Node has no public name for it.
  const { _handle: handle } = socket as { _handle?: { readonly fd?: number } | null };
  return handle?.fd === undefined || handle.fd < 0 ? undefined : handle.fd;
}

/**
 * Takes a paused connection from its socket, which is destroyed: the other end notices nothing. `taken` is called when all that was
 * written is with the kernel, never where the connection ends before.
 */
export function loosen(socket: net.Socket, taken: (loose: Loose) => void): void {
  const take = (failed?: Error | null) => {
    const fd = descriptorOf(socket);
    if (failed || fd === undefined) return;
    try {
      const kept = duplicated(fd);
      if (kept === undefined) return;
      // Within one turn: nothing more can be read on this side.
      const parts: Uint8Array[] = [];
      for (let part = socket.read(); part !== null; part = socket.read()) parts.push(part);
      taken({ fd: kept, unread: Buffer.concat(parts) });
    } finally {
      socket.destroy();
    }
  };
  if (socket.writableLength === 0) take();
  else socket.write(Buffer.alloc(0), take);
}

/** Undefined where the process has no descriptor left for it: then the connection ends, and nothing else. */
function duplicated(fd: number): number | undefined {
  try {
    return duplicate(fd);
  } catch {
    return undefined;
  }
}

/** Its new socket, paused, all unread bytes in front. */
export function adopt({ fd, unread }: Loose): net.Socket {
  const socket = new net.Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
  socket.pause();
  if (unread.length > 0) socket.unshift(unread);
  return socket;
}
