/** The TFTP service by itself, for tests: `node serve-tftp.ts FOLDER ADDRESS one|each`. */
import { openImages } from '../../src/assets/images.ts';
import { render } from '../../src/journal/render.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { parseIpv4, subnetOf } from '../../src/protocol/ipv4.ts';
import { startTftp } from '../../src/tftp/service.ts';
import { profileOf } from '../profile.ts';

const [images = '', dotted = '', ports] = process.argv.slice(2);
const address = parseIpv4(dotted)!;
const base = profileOf();
const profile = profileOf({
  adapter: { ...base.adapter, address, subnet: subnetOf(address, 24) },
  addresses: { dhcp: address, tftp: address, http: address },
  paths: { images, loaders: images, state: images, run: images },
  tftpPorts: ports === 'each' ? 'each' : 'one',
});
const sink = (event: Parameters<typeof render>[0]) => console.log(`${event.kind}: ${render(event).text}`);
const service = await startTftp({
  profile,
  sink,
  clock: systemClock,
  assets: openImages({ images, loaders: images }, sink),
});
process.once('SIGTERM', () => service.stop().then(() => process.exit()));
