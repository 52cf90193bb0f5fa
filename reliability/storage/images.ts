import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bzImage, cpio } from '../../test/assets/headers.ts';
import type { Context, Finding } from '../contract.ts';
import { comes, SERVER, Site } from './site.ts';

const SCRIPT = 'infrakit.ipxe';

/** What keeps images/ from being written, and its end. */
const OBSTACLES = [
  {
    name: 'full',
    begin({ images }: Site) {
      for (let n = 0; ; n++) {
        try {
          writeFileSync(join(images, `.ballast-${n}`), Buffer.alloc(4096));
        } catch {
          break;
        }
      }
    },
    end({ images }: Site) {
      for (const name of readdirSync(images)) if (name.startsWith('.ballast')) rmSync(join(images, name));
    },
  },
  {
    name: 'read-only',
    begin: (site: Site) => site.remount(site.images, 'ro'),
    end: (site: Site) => site.remount(site.images, 'rw'),
  },
] as const;

/** The folder images/ cannot be written when the boot script has to change. */
export async function images(context: Context): Promise<Finding> {
  const results = await Promise.all(OBSTACLES.map((obstacle) => unwritten(context, obstacle)));
  const count = (what: keyof (typeof results)[number]) => results.filter((one) => one[what]).length;
  return {
    id: 'images-unwritable',
    claim:
      'images/ full, or read-only, when the boot script has to change: machines get the new one by HTTP, the old file stays whole, it is said, and the file is written when it can be',
    figure: `new script served ${count('served')} of 2, old file whole ${count('whole')} of 2, said once ${count('said')} of 2, mended ${count('mended')} of 2`,
    bound: 'all',
    holds: results.every((one) => one.served && one.whole && one.said && one.mended),
  };
}

async function unwritten({ lab, folder }: Context, obstacle: (typeof OBSTACLES)[number]) {
  await using site = await Site.open(lab, folder);
  site.mount(site.images, '1m');
  writeFileSync(join(site.images, 'vmlinuz'), bzImage());
  writeFileSync(join(site.images, 'initrd.img'), cpio);
  const file = join(site.images, SCRIPT);
  const before = await site.start('http', { CMDLINE: 'first=1' });
  await comes(10, () => readdirSync(site.images).includes(SCRIPT));
  const old = readFileSync(file, 'utf8');
  await before.stop();
  obstacle.begin(site);
  const http = await site.start('http', { CMDLINE: 'second=2' });
  const { output } = await site.server.run('curl', ['-s', `http://${SERVER}/${SCRIPT}`]);
  const whole =
    readFileSync(file, 'utf8') === old && !readdirSync(site.images).some((name) => /part$/.test(name));
  await comes(4, () => false);
  const said = http.log.lines.filter(
    (line) => line.includes(SCRIPT) && /cannot be written|from memory|unwritable/i.test(line),
  ).length;
  obstacle.end(site);
  const mended = await comes(15, () => /second=2/.test(readFileSync(file, 'utf8')));
  return { served: /second=2/.test(output) && /first=1/.test(old), whole, said: said === 1, mended };
}
