import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from './leftovers.ts';
import { asPlainRom, isDhcpDiscover, isTftpReadRequest } from './plain-rom.ts';
import { isRouterSolicitation, routerAdvertisement } from './router-advertisement.ts';

/**
 * The cable of one QEMU guest: filters of its network device hand every frame that the guest sends to us and take
 * back what shall go on. Frames to the guest go past us.
 *
 * Two things are done to the traffic:
 * - Debian's iPXE waits some 13 s for an IPv6 router; an empty advertisement is the answer, so that tests are fast.
 * - QEMU's boot ROM is iPXE. With `plainRom` its DHCP requests are made to look like an ordinary PXE ROM's, up to the
 *   first DISCOVER after a TFTP read: that one is by the loader that was fetched.
 */
export class Wire {
  readonly #folder = temporaryFolder('wire');
  readonly #servers: Server[] = [];
  readonly #sockets: Socket[] = [];
  #plainRom: boolean;
  #sawRead = false;
  #toNetwork: Socket | undefined;
  #toGuest: Socket | undefined;

  constructor(plainRom: boolean) {
    this.#plainRom = plainRom;
  }

  /** Must have ended before QEMU is started; resolves to its arguments for the network device `netdev`. */
  async open(netdev: string): Promise<string[]> {
    const sent = await this.#listen('sent', (socket) =>
      readFrames(socket, (frame) => this.#fromGuest(frame)),
    );
    const onward = await this.#listen('onward', (socket) => (this.#toNetwork = socket));
    const inward = await this.#listen('inward', (socket) => (this.#toGuest = socket));
    return [
      ...['-chardev', `socket,id=sent,path=${sent}`],
      ...['-chardev', `socket,id=onward,path=${onward}`],
      ...['-chardev', `socket,id=inward,path=${inward}`],
      ...['-object', `filter-redirector,id=out,netdev=${netdev},queue=rx,outdev=sent,indev=onward`],
      ...['-object', `filter-redirector,id=in,netdev=${netdev},queue=tx,indev=inward`],
    ];
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #listen(name: string, accept: (socket: Socket) => void): Promise<string> {
    const path = join(this.#folder, name);
    const server = createServer((socket) => {
      this.#sockets.push(socket);
      // QEMU resets its sockets when it is ended.
      socket.on('error', () => socket.destroy());
      accept(socket);
    });
    this.#servers.push(server);
    return new Promise((resolve) => server.listen(path, () => resolve(path)));
  }

  #fromGuest(frame: Buffer): void {
    if (isRouterSolicitation(frame)) writeFrame(this.#toGuest, routerAdvertisement(frame));
    if (isTftpReadRequest(frame)) this.#sawRead = true;
    if (this.#sawRead && isDhcpDiscover(frame)) this.#plainRom = false;
    writeFrame(this.#toNetwork, this.#plainRom ? asPlainRom(frame) : frame);
  }
}

/** QEMU's stream framing: 32-bit big-endian length, then the frame. */
function writeFrame(socket: Socket | undefined, frame: Buffer): void {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  socket?.write(Buffer.concat([length, frame]));
}

function readFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
      const end = 4 + pending.readUInt32BE(0);
      take(pending.subarray(4, end));
      pending = pending.subarray(end);
    }
  });
}
