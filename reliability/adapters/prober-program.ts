// A machine that tries to boot, again and again: an OFFER, the first block of a file by TFTP, the file by HTTP, from the server that the OFFER
// names. `node prober-program.ts ADAPTER MAC`; prints a Boot as a JSON line for each time that all of it has worked.

import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { openUdp } from '../../src/platform/udp.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { addressOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { BROADCAST, formatIpv4 } from '../../src/protocol/ipv4.ts';
import { BROADCAST_FLAG, message } from '../../test/dhcp/rig.ts';
import type { Boot } from './prober.ts';
import { FILE } from './site.ts';

const [adapter = '', mac = ''] = process.argv.slice(2);
const PATIENCE_MS = 150;
let xid = Math.floor(Math.random() * 2 ** 31);
let waiting: ((packet: Packet) => void) | undefined;

const socket = await openUdp(
  { port: 68, adapter },
  {
    batch(datagrams) {
      for (const { bytes } of datagrams) {
        const packet = decodePacket(Uint8Array.from(bytes));
        if (packet.xid === xid) waiting?.(packet);
      }
    },
    sendFailed() {},
    failed: (error) => {
      throw error;
    },
  },
);

async function offer(): Promise<{ server: string; address: string } | undefined> {
  xid += 1;
  const options = { [OPTION.vendorClass]: Buffer.from('PXEClient:Arch:00000:UNDI:002001') };
  const heard = new Promise<Packet>((resolve) => {
    waiting = resolve;
  });
  socket.send(message(MESSAGE.discover, { mac, xid, flags: BROADCAST_FLAG, options }), BROADCAST, 67);
  const packet = await Promise.race([heard, sleep(PATIENCE_MS)]);
  const server = packet && addressOf(packet.options, OPTION.serverIdentifier);
  return server ? { server: formatIpv4(server), address: formatIpv4(packet.yiaddr) } : undefined;
}

/** @returns the block size that was granted, where the first block has come. */
function tftp(server: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const client = dgram.createSocket('udp4');
    const end = (found: number | undefined) => {
      clearTimeout(timer);
      client.close();
      resolve(found);
    };
    const timer = setTimeout(() => end(undefined), PATIENCE_MS);
    let granted = 512;
    client.on('error', () => end(undefined));
    client.on('message', (bytes, peer) => {
      const code = bytes.readUInt16BE(0);
      if (code === 6) {
        granted = Number(/blksize\0(\d+)/.exec(bytes.toString('latin1'))?.[1] ?? granted);
        client.send(Buffer.of(0, 4, 0, 0), peer.port, peer.address);
      } else if (code === 3) {
        client.send(Buffer.from('\0\x05\0\0enough\0', 'latin1'), peer.port, peer.address, () => end(granted));
      } else end(undefined);
    });
    client.send(Buffer.from(`\0\x01${FILE.name}\0octet\0blksize\x008000\0`, 'latin1'), 69, server);
  });
}

function load(server: string): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(2 * PATIENCE_MS);
    const request = http.get({ host: server, path: `/${FILE.name}`, agent: false, signal }, (response) => {
      let bytes = 0;
      response.on('data', (data: Buffer) => {
        bytes += data.length;
      });
      response.on('end', () => resolve(bytes === FILE.size));
      response.on('error', () => resolve(false));
    });
    request.on('error', () => resolve(false));
  });
}

async function boot(): Promise<Boot | undefined> {
  const begun = Date.now();
  const offered = await offer();
  if (!offered) return undefined;
  const blockSize = await tftp(offered.server);
  if (blockSize === undefined || !(await load(offered.server))) {
    // A machine that is switched on knows nobody's hardware address from before.
    execFileSync('ip', ['neigh', 'flush', 'dev', adapter], { stdio: 'ignore' });
    return undefined;
  }
  return { begun, ended: Date.now(), ...offered, blockSize };
}

process.stdout.write('ready\n');
for (;;) {
  const booted = await boot();
  if (booted) process.stdout.write(`${JSON.stringify(booted)}\n`);
  await sleep(20);
}
