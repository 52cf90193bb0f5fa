// A lease of one second holds its address for ever; and a new process knows of no lease.
import { setTimeout as sleep } from 'node:timers/promises';
import { DISCOVER, message, REQUEST, Server } from './rig/dhcp.mjs';

const config = { range: ['10.0.0.10', '10.0.0.11'], leaseTime: 1 };
const lease = (server, mac) => {
  server.receive(message(DISCOVER, [], { mac }));
  return server.receive(message(REQUEST, [], { mac })).split(' to ')[0];
};
const server = new Server(config);
console.log(`machine 1: ${lease(server, 1)}`);
await sleep(1200);
console.log(`1.2 s later, machine 2: ${lease(server, 2)}`);
console.log(`machine 3: ${server.receive(message(DISCOVER, [], { mac: 3 })).split(' (')[0]}`);
console.log(`machine 3 after a restart: ${lease(new Server(config), 3)}`);
