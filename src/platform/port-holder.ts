import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export type Protocol = 'UDP' | 'TCP';

interface SocketRow {
  readonly inode: string;
  readonly uid: string;
  readonly address: string;
}

const TCP_LISTEN = '0A';

/**
 * Who holds a port, for an error message: "dnsmasq (pid 812)" where /proc lets us see it; from inside a container, which
 * cannot see the host's processes, the user id and the command that tells.
 */
export function portHolder(protocol: Protocol, port: number): string {
  const rows = socketsOn(protocol, port);
  if (rows.length === 0) return 'another program';
  const holders = rows.flatMap(({ inode }) => holdersOf(inode));
  const names = [...new Set(holders.map(({ name, pid }) => `${name} (pid ${pid})`))];
  if (names.length > 0) return names.join(' and ');
  const flag = protocol === 'UDP' ? 'u' : 't';
  const users = [...new Set(rows.map(({ uid, address }) => `user id ${uid} on ${address}`))].join(', ');
  return `another program on this host (${users}; its name: sudo ss -l${flag}np 'sport = :${port}')`;
}

/** Rows of /proc/net/udp or tcp whose local port it is; IPv6 sockets may hold the IPv4 port too. */
function socketsOn(protocol: Protocol, port: number): SocketRow[] {
  const table = protocol.toLowerCase();
  return [table, `${table}6`].flatMap((file) => {
    const rows = read(`/proc/net/${file}`).split('\n').slice(1);
    return rows.flatMap((row) => {
      const [, local = '', , state, , , , uid = '', , inode = ''] = row.trim().split(/\s+/);
      const [address = '', hexPort = ''] = local.split(':');
      if (Number.parseInt(hexPort, 16) !== port) return [];
      if (protocol === 'TCP' && state !== TCP_LISTEN) return [];
      return [{ inode, uid, address: `${dotted(address)}:${port}` }];
    });
  });
}

/** A program that has a socket open. */
export interface Holder {
  readonly pid: number;
  readonly name: string;
}

/** Those that /proc lets us see. */
export function holdersOf(inode: number | string): Holder[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && holds(name, `socket:[${inode}]`))
    .map((pid) => ({ pid: Number(pid), name: read(`/proc/${pid}/comm`).trim() }));
}

function holds(pid: string, socket: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === socket;
      } catch {
        return false;
      }
    });
  } catch {
    return false; // gone, or not ours to look into
  }
}

/** Kernel's hexadecimal, little-endian per 32-bit word, to dotted IPv4; IPv6 wildcards read as 0.0.0.0. */
function dotted(hex: string): string {
  const octets = hex.slice(-8).match(/../g) ?? [];
  return octets
    .map((octet) => Number.parseInt(octet, 16))
    .reverse()
    .join('.');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
