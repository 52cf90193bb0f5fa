import koffi from 'koffi';

/**
 * Many datagrams in one system call, for udp-batch.ts. Addresses are passed as numbers: the fast way through FFI, which converts and
 * allocates nothing. It also means that V8 knows nothing of them: who passes an address keeps its Region referenced.
 */
const c = koffi.load('libc.so.6');
const calls = {
  recvmmsg: c.func('int recvmmsg(int, uint64_t, unsigned int, int, uint64_t)'),
  sendmmsg: c.func('int sendmmsg(int, uint64_t, unsigned int, int)'),
  setsockopt: c.func('int setsockopt(int, int, int, const void *, uint32_t)'),
};

const MSG_DONTWAIT = 0x40;
const SOL_UDP = 17;
export const UDP_SEGMENT = 103;

/** Memory that the kernel reads and writes: outside of V8's heap, so it never moves; freed when nothing refers to `buffer`. */
export interface Region {
  readonly buffer: ArrayBuffer;
  readonly address: number;
}

/** Zeroed; pages that are never touched take no memory. */
export function region(length: number): Region {
  const buffer = new ArrayBuffer(length);
  return { buffer, address: Number(koffi.address(buffer)) };
}

/**
 * recvmmsg(2), never blocking.
 * @param headers address of `count` mmsghdr.
 * @returns how many were received, or a negated errno.
 */
export function receiveMessages(fd: number, headers: number, count: number): number {
  const received = calls.recvmmsg(fd, headers, count, MSG_DONTWAIT, 0) as number;
  return received < 0 ? -koffi.errno() : received;
}

/**
 * sendmmsg(2), never blocking.
 * @returns how many left, or the negated errno of the first.
 */
export function sendMessages(fd: number, headers: number, count: number): number {
  const sent = calls.sendmmsg(fd, headers, count, MSG_DONTWAIT) as number;
  return sent < 0 ? -koffi.errno() : sent;
}

/** Whether this kernel cuts messages into datagrams (since Linux 4.18; older ones would send them whole, ignoring the wish). */
export function knowsSegments(fd: number): boolean {
  return calls.setsockopt(fd, SOL_UDP, UDP_SEGMENT, Buffer.alloc(4), 4) === 0;
}

/** What a descriptor is watched for by the event loop, which does not read from it itself. */
export interface Watch {
  /** Whether room to send is of interest, too. */
  alsoWritable(wanted: boolean): void;
  close(): void;
}

/**
 * Calls `ready` in each turn of the event loop in which there is something to read. It runs outside of any callback scope, where nobody
 * runs the microtasks or catches what is thrown: all it may do is to have setImmediate call it back.
 */
export function watch(fd: number, ready: () => void): Watch {
  let writable = false;
  let open = true;
  const called = (status: unknown) => {
    // An error of the socket, which the next system call is told: libuv has stopped watching.
    if (typeof status === 'number' && status < 0) handle.start({ readable: true, writable }, called);
    ready();
  };
  const handle = koffi.node.poll(fd, { readable: true }, called);
  return {
    alsoWritable(wanted) {
      if (wanted === writable || !open) return;
      writable = wanted;
      handle.start({ readable: true, writable }, called);
    },
    close() {
      open = false;
      handle.close();
    },
  };
}
