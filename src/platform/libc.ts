import os from 'node:os';
import koffi from 'koffi';

/**
 * The C library's calls that Node has no equivalent of. FFI is in this file and libc-datagrams.ts alone.
 * Every wrapper throws a SystemError-like Error with `code` ("EADDRINUSE") and `syscall`.
 */
const c = koffi.load('libc.so.6');
const calls = {
  socket: c.func('int socket(int, int, int)'),
  setsockopt: c.func('int setsockopt(int, int, int, const void *, uint32_t)'),
  bind: c.func('int bind(int, const void *, uint32_t)'),
  getsockname: c.func('int getsockname(int, _Out_ uint8_t *, _Inout_ uint8_t *)'),
  close: c.func('int close(int)'),
  recv: c.func('long recv(int, _Out_ uint8_t *, size_t, int)'),
  sendto: c.func('long sendto(int, const void *, size_t, int, const void *, uint32_t)'),
  ioctl: c.func('int ioctl(int, unsigned long, _Inout_ uint8_t *)'),
  fcntl: c.func('int fcntl(int, int, int)'),
  flock: c.func('int flock(int, int)'),
};

/** A failed system call: `code` is the errno's name, `syscall` what was attempted. */
export class SystemCallError extends Error {
  readonly code: string;
  readonly syscall: string;
  /** The UDP port that it was about, if it was. */
  port: number | undefined;

  constructor(syscall: string, errno: number) {
    const code = errnoName(errno);
    super(`${syscall}: ${code}`);
    this.name = 'SystemCallError';
    this.code = code;
    this.syscall = syscall;
  }
}

const names = new Map(Object.entries(os.constants.errno).map(([name, number]) => [number as number, name]));

/** Such as EADDRINUSE. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`;
}

function checked(result: number, syscall: string): number {
  if (result < 0) throw new SystemCallError(syscall, koffi.errno());
  return result;
}

export const AF_INET = 2;
export const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const MSG_DONTWAIT = 0x40;
export const SOCKET_OPTION = {
  reuseAddress: 2,
  broadcast: 6,
  sendBuffer: 7,
  receiveBuffer: 8,
  bindToDevice: 25,
  sendBufferForce: 32,
  receiveBufferForce: 33,
} as const;

/** Opens a non-blocking IPv4 UDP socket and returns its file descriptor. */
export function openDatagramSocket(): number {
  return checked(calls.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket');
}

/** Sets a SOL_SOCKET option to a 32-bit number or a NUL-terminated name. */
export function setSocketOption(
  fd: number,
  option: keyof typeof SOCKET_OPTION,
  value: number | string,
): void {
  const bytes = typeof value === 'number' ? Buffer.alloc(4) : Buffer.from(`${value}\0`, 'latin1');
  if (typeof value === 'number') bytes.writeInt32LE(value);
  checked(
    calls.setsockopt(fd, SOL_SOCKET, SOCKET_OPTION[option], bytes, bytes.length),
    `setsockopt ${option}`,
  );
}

/** Binds to an IPv4 address (host order; 0 is any) and port. */
export function bindSocket(fd: number, address: number, port: number): void {
  const sockaddr = Buffer.alloc(16);
  sockaddr.writeUInt16LE(AF_INET, 0);
  sockaddr.writeUInt16BE(port, 2);
  sockaddr.writeUInt32BE(address, 4);
  try {
    checked(calls.bind(fd, sockaddr, sockaddr.length), 'bind');
  } catch (error) {
    if (error instanceof SystemCallError) error.port = port;
    throw error;
  }
}

/** The port that a bound IPv4 socket has. */
export function localPort(fd: number): number {
  const sockaddr = Buffer.alloc(16);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(sockaddr.length);
  checked(calls.getsockname(fd, sockaddr, length), 'getsockname');
  return sockaddr.readUInt16BE(2);
}

/** Opens any other socket: `domain`, `type` and `protocol` are socket(2)'s numbers. */
export function openSocket(domain: number, type: number, protocol: number): number {
  return checked(calls.socket(domain, type | SOCK_CLOEXEC, protocol), 'socket');
}

/** setsockopt(2) with raw bytes; `name` is for the error. */
export function setRawOption(fd: number, level: number, option: number, bytes: Buffer, name: string): void {
  checked(calls.setsockopt(fd, level, option, bytes, bytes.length), `setsockopt ${name}`);
}

/** Receives on a thread of its own; resolves to the number of bytes, or to less than 0 after the socket's timeout. */
export function receiveOnThread(fd: number, into: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    calls.recv.async(fd, into, into.length, 0, (error: unknown, count: number) => {
      if (error) reject(error);
      else resolve(Number(count));
    });
  });
}

/** Receives what is there already. @returns the number of bytes. @throws SystemCallError EAGAIN where nothing is. */
export function receiveAtOnce(fd: number, into: Buffer): number {
  return checked(Number(calls.recv(fd, into, into.length, MSG_DONTWAIT)), 'recv');
}

export function sendTo(fd: number, bytes: Buffer, sockaddr: Buffer): void {
  checked(Number(calls.sendto(fd, bytes, bytes.length, 0, sockaddr, sockaddr.length)), 'sendto');
}

export function closeSocket(fd: number): void {
  calls.close(fd);
}

/** ioctl with a structure that the kernel reads and writes in place. */
export function ioctl(fd: number, request: number, structure: Buffer, name: string): void {
  checked(calls.ioctl(fd, request, structure), name);
}

const F_DUPFD_CLOEXEC = 1030;

/** Another number for the same open file or socket, which stays open when the first one is closed. */
export function duplicate(fd: number): number {
  return checked(calls.fcntl(fd, F_DUPFD_CLOEXEC, 0), 'fcntl F_DUPFD_CLOEXEC');
}

const LOCK_EX_NB = 2 | 4;

/** flock(2) of an open file or folder, without waiting: EAGAIN where another open one is locked. */
export function lockExclusively(fd: number): void {
  checked(calls.flock(fd, LOCK_EX_NB), 'flock');
}

/** Runs with a throw-away socket, which most interface ioctls need only as a handle. */
export function withSocket<T>(use: (fd: number) => T): T {
  const fd = openDatagramSocket();
  try {
    return use(fd);
  } finally {
    closeSocket(fd);
  }
}
