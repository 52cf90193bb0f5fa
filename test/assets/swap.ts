/**
 * Exchanges what a name stands for as fast as it can, until its parent ends it: `node swap.ts ROOT OUTSIDE`. `file` is a link to a file inside, a link
 * to one outside, or a file; `folder` a folder or a link to one outside; `moving` a folder that goes out and comes back.
 */
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';

const [root = '', outside = ''] = process.argv.slice(2);
const aside = `${root}/.aside`;
mkdirSync(aside);

/** Puts something else under the name at once. */
function put(name: string, make: (path: string) => void): void {
  make(`${aside}/next`);
  renameSync(`${aside}/next`, `${root}/${name}`);
}

mkdirSync(`${root}/moving`);
mkdirSync(`${aside}/folder`);
writeFileSync(`${root}/moving/secret`, 'inside');
writeFileSync(`${aside}/folder/secret`, 'inside');
symlinkSync(outside, `${aside}/link`);
for (let round = 0; ; round++) {
  put('file', (path) => symlinkSync(`${root}/inside`, path));
  put('file', (path) => symlinkSync(`${outside}/secret`, path));
  put('file', (path) => writeFileSync(path, 'inside'));
  put('file', (path) => symlinkSync('folder/secret', path));
  renameSync(`${aside}/folder`, `${root}/folder`);
  renameSync(`${root}/folder`, `${aside}/folder`);
  renameSync(`${aside}/link`, `${root}/folder`);
  renameSync(`${root}/folder`, `${aside}/link`);
  renameSync(`${root}/moving`, `${outside}/moving`);
  symlinkSync(`${outside}/moving`, `${root}/moving`);
  renameSync(`${root}/moving`, `${aside}/old`);
  renameSync(`${outside}/moving`, `${root}/moving`);
  if (round === 0) process.stdout.write('swapping\n');
}
