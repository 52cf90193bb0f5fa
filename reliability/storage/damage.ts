import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Random } from '../../test/fuzz/random.ts';
import type { Context, Finding } from '../contract.ts';
import { range, Site } from './site.ts';

interface Damage {
  readonly name: string;
  /** All leases must still be known. */
  readonly whole?: true;
  do(file: string, random: Random): void;
}

/** What is found in place of the lease database that a killed service has left. */
const DAMAGES: readonly Damage[] = [
  { name: 'bytes overwritten in its midst', do: (file, random) => overwrite(file, random, 700) },
  { name: 'cut off in its midst', do: (file) => truncateSync(file, Math.floor(statSync(file).size / 2)) },
  { name: 'cut off within its first page', do: (file) => truncateSync(file, 60) },
  { name: 'empty', do: (file) => emptied(file) },
  { name: 'garbage', do: (file) => writeFileSync(file, 'no database at all '.repeat(500)) },
  { name: 'of another application', do: foreign },
  { name: 'of a newer version', do: (file) => execute(file, 'PRAGMA user_version = 9') },
  { name: 'a folder', do: folder },
  { name: 'a link to the database', whole: true, do: link },
  {
    name: 'with a log of garbage',
    do: (file) => writeFileSync(`${file}-wal`, Buffer.alloc(50_000, 'rubbish')),
  },
  {
    name: 'with an index of garbage',
    whole: true,
    do: (file) => writeFileSync(`${file}-shm`, Buffer.alloc(32_768, 'rubbish')),
  },
];

const MACHINES = 60;
const FILES = ['leases.sqlite', 'journal-dhcp.sqlite'];

/** Databases are damaged while the service is not there; it starts all the same. */
export async function damage(context: Context): Promise<Finding[]> {
  const { lab, log } = context;
  const random = new Random(20_261_123);
  await using site = await Site.open(lab, context.folder, { LEASE_COUNT: '200' });
  const dhcp = await site.start();
  const first = await site.boot(range(0, MACHINES));
  // What was in the logs is in the databases then, where it can be damaged.
  await dhcp.stop();
  const original = join(site.folder, 'original');
  copyAll(site.state, original);
  const damages = context.level === 'full' ? DAMAGES : DAMAGES.filter((_, n) => [0, 1, 4, 5, 7].includes(n));
  let [started, kept, wanted, noticed, bounded, salvaged] = [0, 0, 0, 0, 0, 0];
  for (const one of damages) {
    rmSync(site.state, { recursive: true });
    copyAll(original, site.state);
    for (const name of FILES) one.do(join(site.state, name), random);
    const service = await site.start();
    started += 1;
    const again = await site.boot(range(0, MACHINES).reverse());
    again.reverse();
    const same = again.filter(({ ack }, n) => ack !== undefined && ack === first[n]?.ack).length;
    const lines = service.log.lines.filter((line) => /set-aside/.test(line));
    const aside = readdirSync(site.state).filter((name) => /set-aside-[\dT-]+$/.test(name));
    if (one.whole) {
      wanted += MACHINES;
      kept += same;
    } else if (lines.length >= FILES.length - (/log|empty/.test(one.name) ? FILES.length : 0)) noticed += 1;
    salvaged += Number(/with (\d+) leases that/.exec(lines.join(' '))?.[1] ?? 0);
    if (aside.length <= FILES.length) bounded += 1;
    log(
      `${one.name}: ${same} of ${MACHINES} keep their address; ${
        lines
          .find((line) => /lease database/.test(line))
          ?.replace(/^\S+ /, '')
          .replaceAll(site.folder, '') ?? 'no leases set aside'
      }`,
    );
    await service.stop('SIGKILL');
  }
  const others = damages.filter(({ whole }) => !whole).length;
  return [
    {
      id: 'damaged-at-start',
      claim: `Databases of leases and journal damaged at the start (${damages.map(({ name }) => name).join(', ')}): set aside under a name with the date, said with file and next step, begun anew`,
      figure: `${started} of ${damages.length} started and served, ${noticed} of ${others} said, ${salvaged} of ${others * MACHINES} leases read out of them all the same${wanted > 0 ? `; ${kept} of ${wanted} leases kept where nothing of the content is damaged` : ''}`,
      bound: 'all',
      holds:
        started === damages.length && noticed === others && kept === wanted && bounded === damages.length,
    },
  ];
}

function overwrite(file: string, random: Random, bytes: number): void {
  const fd = openSync(file, 'r+');
  const size = statSync(file).size;
  const at = Math.floor(size / 2 + (random.next() * size) / 4);
  writeSync(fd, random.bytes(bytes), 0, bytes, at);
  closeSync(fd);
  rmSync(`${file}-wal`, { force: true });
}

function emptied(file: string): void {
  truncateSync(file, 0);
  rmSync(`${file}-wal`, { force: true });
}

function foreign(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  execute(file, "CREATE TABLE song (title TEXT); INSERT INTO song VALUES ('of another')");
}

function folder(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  mkdirSync(file);
}

function link(file: string): void {
  execute(file, 'PRAGMA wal_checkpoint(TRUNCATE)');
  const away = `${file}.away`;
  copyFileSync(file, away);
  rmSync(file);
  symlinkSync(away, file);
}

function execute(file: string, statements: string): void {
  const database = new DatabaseSync(file);
  database.exec(statements);
  database.close();
}

function copyAll(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((one) => /\.sqlite/.test(one)))
    writeFileSync(join(to, name), readFileSync(join(from, name)));
}
