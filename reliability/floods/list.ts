import type { Flood } from './flood.ts';

export const FLOODS: readonly Flood[] = [
  {
    id: 'read-one',
    during: '2,000 TFTP requests come each second from as many ports of one address, and never an ACK',
    attacks: [{ does: 'read', rate: 2000, from: 'one' }],
    peer: true,
  },
  {
    id: 'read-many',
    during: '2,000 TFTP requests come each second from 4,000 addresses, and never an ACK',
    attacks: [{ does: 'read', rate: 2000, from: 'many' }],
  },
  {
    id: 'starvation',
    during: '5,000 machines by chance ask for an address each second, with a pool of 20',
    attacks: [{ does: 'discover', rate: 5000 }],
    peer: true,
    guest: true,
    unknown: true,
  },
  {
    id: 'handshakes',
    during: 'machines by chance take every address of the pool',
    attacks: [{ does: 'handshake', rate: 300 }],
  },
  {
    id: 'slow',
    during: '300 TFTP clients acknowledge a block a second, and 300 HTTP clients read 2 KB a second',
    attacks: [
      { does: 'slow-ack', clients: 300, everyMs: 1000 },
      { does: 'slow-read', clients: 300 },
    ],
  },
  {
    id: 'idle',
    during: '10,000 HTTP connections are idle, and 500 send their heads letter by letter',
    attacks: [{ does: 'idle', connections: 10_000, dripping: 500 }],
  },
  {
    id: 'bombs',
    during: '32 clients ask for a thousand ranges at once, or for 2,000 answers that they do not read',
    attacks: [{ does: 'bombs', connections: 32 }],
  },
  {
    id: 'pages',
    during: '200 pages listen and 16 clients ask the API in loops',
    attacks: [{ does: 'pages', listening: 200, loops: 16 }],
  },
  {
    id: 'misnamed',
    during: '2,000 DHCP messages a second name relays and addresses that have said nothing',
    attacks: [{ does: 'misname', rate: 2000 }],
  },
  {
    id: 'noise',
    during: '50,000 random and malformed packets arrive a second',
    attacks: [{ does: 'noise', rate: 50_000 }],
    peer: true,
  },
];
