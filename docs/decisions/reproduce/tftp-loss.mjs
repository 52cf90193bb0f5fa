// The package's client loads 20,000 bytes from the package's server, both as they come, while every n-th packet is lost.
import { Network } from './rig/network.mjs';
import { giving, LOOPBACK, serve, tftp } from './rig/tftp.mjs';

for (const everyNth of [1000, 9]) {
  for (const windowSize of [1, 4]) {
    const network = new Network(everyNth);
    const { port } = await serve(giving(20_000));
    const stream = tftp
      .createClient({ host: LOOPBACK, port, windowSize, blockSize: 512 })
      .createGetStream('file');
    let bytes = 0;
    stream.on('data', (data) => {
      bytes += data.length;
    });
    const ended = new Promise((resolve) => {
      stream.on('end', () => resolve('done'));
      stream.on('error', (error) => resolve(error.message));
    });
    const result = await network.run(ended, 300);
    console.log(`1 in ${everyNth}, window ${windowSize}: ${result}; ${bytes} bytes, ${network.sent} packets`);
  }
}
process.exit();
