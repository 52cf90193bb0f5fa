// A used-up pool: without randomIP the server throws at the next machine; with it (the default) a loop never ends.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { DISCOVER, message, Server } from './rig/dhcp.mjs';

const HANG_MS = 700;

/** A pool of three addresses, and one machine after the other. */
function ask(randomIP, machines, print) {
  const server = new Server({ randomIP });
  for (const mac of machines) {
    print(`randomIP ${randomIP}, machine ${mac}: ${server.receive(message(DISCOVER, [], { mac }))}`);
    if (mac === 2 && randomIP) print('randomIP true, machine 3 asks');
  }
}

if (!isMainThread) {
  // By rounding the last address comes up once in some 10^8 tries, and then the loop ends one machine later.
  const { random } = Math;
  Math.random = () => Math.min(random(), 0.999);
  const print = (line) => line.includes('asks') && parentPort.postMessage(line);
  ask(true, [1, 2, 3], print);
  parentPort.postMessage('randomIP true, machine 3 was answered');
} else {
  ask(false, [1, 2, 3, 4], console.log);
  const worker = new Worker(new URL(import.meta.url));
  worker.on('message', console.log);
  worker.once('message', () =>
    setTimeout(async () => {
      await worker.terminate();
      console.log(`the event loop of randomIP true was ended after ${HANG_MS} ms`);
    }, HANG_MS),
  );
}
