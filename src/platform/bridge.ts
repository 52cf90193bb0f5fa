import { broadcastOf, type Ipv4, maskOf, subnetOf } from '../protocol/ipv4.ts';
import { AF_INET, ioctl, SystemCallError, withSocket } from './libc.ts';

const SIOCBRADDBR = 0x89a0;
const SIOCSIFADDR = 0x8916;
const SIOCSIFBRDADDR = 0x891a;
const SIOCSIFNETMASK = 0x891c;
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 0x1;
/** struct ifreq: a 16-byte name, then a union of 24 bytes. */
const IFREQ_SIZE = 40;
const AFTER_NAME = 16;

/**
 * Makes a bridge with no port, gives it an address and brings it up. A bridge of that name that is there already keeps its
 * own address where it has one. Needs NET_ADMIN.
 *
 * @returns true where the bridge was made just now.
 * @throws SystemCallError EPERM without the capability, EOPNOTSUPP or ENOPKG without the kernel's bridge module.
 */
export function ensureBridge(name: string, address: Ipv4, prefix: number, hasAddress: boolean): boolean {
  return withSocket((fd) => {
    const made = add(fd, name);
    if (made || !hasAddress) setAddress(fd, name, address, prefix);
    bringUp(fd, name);
    return made;
  });
}

function add(fd: number, name: string): boolean {
  try {
    ioctl(fd, SIOCBRADDBR, Buffer.from(`${name}\0`, 'latin1'), 'SIOCBRADDBR');
    return true;
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'EEXIST') return false;
    throw error;
  }
}

function setAddress(fd: number, name: string, address: Ipv4, prefix: number): void {
  const set = (request: number, value: Ipv4, call: string) => {
    const message = ifreq(name);
    message.writeUInt16LE(AF_INET, AFTER_NAME);
    message.writeUInt32BE(value, AFTER_NAME + 4);
    ioctl(fd, request, message, call);
  };
  set(SIOCSIFADDR, address, 'SIOCSIFADDR');
  set(SIOCSIFNETMASK, maskOf(prefix), 'SIOCSIFNETMASK');
  set(SIOCSIFBRDADDR, broadcastOf(subnetOf(address, prefix)), 'SIOCSIFBRDADDR');
}

function bringUp(fd: number, name: string): void {
  const message = ifreq(name);
  ioctl(fd, SIOCGIFFLAGS, message, 'SIOCGIFFLAGS');
  const flags = message.readInt16LE(AFTER_NAME);
  if (flags & IFF_UP) return;
  message.writeInt16LE(flags | IFF_UP, AFTER_NAME);
  ioctl(fd, SIOCSIFFLAGS, message, 'SIOCSIFFLAGS');
}

/** struct ifreq for an adapter; names of 16 bytes and more do not exist in Linux. */
function ifreq(name: string): Buffer {
  const request = Buffer.alloc(IFREQ_SIZE);
  request.write(name.slice(0, AFTER_NAME - 1), 'latin1');
  return request;
}
