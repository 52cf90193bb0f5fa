// Messages that RFC 2131 has answers for, and what the server does with them.
import { message, nameOf, REQUEST, Server } from './rig/dhcp.mjs';

console.error = (...words) => console.log(`  stderr: ${words.join(' ')}`);
const tell = (what, bytes, config) => console.log(`${what}: ${new Server(config).receive(bytes)}`);

const wish = [50, 4, 192, 168, 9, 9];
const otherServer = [54, 4, 10, 0, 0, 99];
const relay = [10, 5, 0, 1];
tell('REQUEST that chose server 10.0.0.99', message(REQUEST, [...otherServer, ...wish]));
tell('INIT-REBOOT with 192.168.9.9', message(REQUEST, wish));
for (const type of [4, 7, 8]) tell(nameOf(type), message(type));
tell('DISCOVER through the relay 10.5.0.1', message(1, [], { giaddr: relay }));
tell('boot file configured', message(1, [55, 1, 67]), { bootFile: 'undionly.kpxe' });
