import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { Appliance, Health, Images, Leases, Script } from '../../../src/http/api/shapes.ts';
import type { Attempt, Machine } from '../../../src/journal/timeline/model.ts';
import { bzImage, gzippedCpio, pe } from '../../assets/headers.ts';
import { SETTINGS } from '../../dhcp/rig.ts';
import { Running } from './running.ts';

const MAC = '52:54:00:12:34:56';
const answer = async <T>(running: Running, path: string) =>
  (await (await running.call('GET', path)).json()) as T;

test('images/ is told file by file: what each is, of which version, and what it is used as', async () => {
  await using running = new Running();
  running.images.write('vmlinuz', bzImage());
  running.images.write('initrd.img', gzippedCpio);
  running.images.write('snponly.efi', pe('x64'));
  running.images.write('notes.txt', 'text');
  symlinkSync('/proc/version', running.images.at('strange'));
  await running.start();
  const { choice, files, unreadable } = await answer<Images>(running, '/api/images');
  assert.ok(choice.ready);
  assert.equal(choice.kernel, 'vmlinuz');
  const file = (name: string) => files.find((each) => each.name === name);
  const { modified, ...kernel } = file('vmlinuz')!;
  assert.ok(Math.abs(modified - Date.now()) < 600_000);
  assert.deepEqual(kernel, {
    name: 'vmlinuz',
    kind: 'kernel',
    what: 'Linux kernel 6.1.0-40-amd64 for x86_64',
    version: '6.1.0-40-amd64',
    architecture: 'x64',
    size: 65_536,
    roles: ['kernel'],
    packaged: false,
  });
  assert.deepEqual(file('initrd.img')?.roles, ['initrd']);
  assert.deepEqual(file('snponly.efi')?.roles, ['loader of UEFI x64']);
  assert.equal(file('snponly.efi')?.architecture, 'x64');
  assert.deepEqual([file('notes.txt')?.kind, file('notes.txt')?.what], ['other', 'Text file']);
  assert.equal(unreadable[0]?.name, 'strange');
});

test('a loader that images/ lacks is told as the packaged one that stands in, by the name that machines ask for', async () => {
  await using running = new Running();
  running.loaders.write('ipxe-arm64.efi', pe('arm64'));
  await running.start();
  const { files } = await answer<Images>(running, '/api/images');
  const { modified: _, ...standIn } = files.find(({ name }) => name === 'snponly-arm64.efi')!;
  assert.deepEqual(standIn, {
    name: 'snponly-arm64.efi',
    kind: 'efi',
    what: 'EFI program for 64-bit ARM',
    architecture: 'arm64',
    size: 100_000,
    roles: ['loader of UEFI arm64'],
    packaged: true,
  });
  running.images.write('snponly-arm64.efi', pe('arm64', 90_000));
  const own = (await answer<Images>(running, '/api/images')).files.filter(
    ({ name }) => name === 'snponly-arm64.efi',
  );
  assert.deepEqual(
    own.map(({ packaged, size }) => [packaged, size]),
    [[false, 90_000]],
  );
});

test('what a machine would be given: infrakit.ipxe, edited or not, and grub.cfg where it boots by GRUB', async () => {
  const tried = (attempt: Partial<Attempt>) => async () =>
    ({
      mac: MAC,
      seen: 1,
      attempts: 1,
      history: [],
      attempt: { stages: [], firmware: 'pxe', ...attempt },
    }) as unknown as Machine;
  const fetched = (file: string) => ({ stages: [{ transfers: [{ file }] }] }) as unknown as Partial<Attempt>;
  const given = async (attempt: Partial<Attempt>) => {
    await using running = await new Running().start({ observed: { machine: tried(attempt) } });
    return await answer<Script>(running, `/api/machines/${MAC}/script`);
  };
  assert.equal((await given(fetched('undionly.kpxe'))).name, 'infrakit.ipxe');
  assert.equal((await given(fetched('grubx64.efi'))).name, 'grub/grub.cfg');
  const grub = await given(fetched('grub/grub.cfg'));
  assert.match(grub.url, /^http:\/\/127\.0\.0\.1.*\/grub\/grub\.cfg$/);
  assert.match(grub.text, /remoteboot_reads/);

  await using running = await new Running().start();
  const script = () =>
    answer<Script>(running, `/api/machines/${MAC.toUpperCase().replaceAll(':', '-')}/script`);
  assert.equal((await script()).made, 'generated');
  running.images.write('infrakit.ipxe', '#!ipxe\nshell\n');
  assert.deepEqual([(await script()).made, (await script()).text], ['edited', '#!ipxe\nshell\n']);
});

test('pools are told with what they leave out; a proxy has none, whatever MODE says', async () => {
  await using running = await new Running().start();
  const { pools } = await answer<Leases>(running, '/api/leases');
  assert.deepEqual(pools, [
    {
      subnet: '10.0.0.0/24',
      first: '10.0.0.10',
      count: 4,
      reserved: [{ address: '10.0.0.11', holder: 'a printer' }],
    },
  ]);
  assert.equal((await answer<Appliance>(running, '/api/appliance')).mode, 'server');
  await using proxy = await new Running().start();
  await proxy.dhcp({ mode: 'proxy', settings: SETTINGS });
  assert.deepEqual((await answer<Leases>(proxy, '/api/leases')).pools, []);
  const { mode, needsToken } = await answer<Appliance>(proxy, '/api/appliance');
  assert.deepEqual([mode, needsToken], ['proxy', false]);
});

test('the services’ health: running and failing as they say; silent where the journal knows of no goodbye; missing else', async () => {
  const run = { from: 10, seen: 20 };
  const runs = [
    { service: 'tftp', ...run, ended: true },
    { service: 'tftp', from: 30, seen: 40, ended: false },
  ] as const;
  await using running = new Running();
  await running.start({ observed: { coverage: async () => ({ runs, gaps: [] }) } });
  const before = await answer<Health>(running, '/api/health');
  const of = (health: Health) =>
    Object.fromEntries(health.services.map(({ service, state }) => [service, state]));
  assert.deepEqual(of(before), { dhcp: 'missing', tftp: 'silent', http: 'failing' });
  const tftp = before.services.find(({ service }) => service === 'tftp')!;
  assert.equal(tftp.seen, 40);
  assert.equal(tftp.since, undefined);
  assert.match(tftp.problems.join(), /tftp is not running/);
  assert.match(before.services.find(({ service }) => service === 'http')!.problems.join(), /no kernel/);
  assert.deepEqual(before.journal, []);

  await using beside = new Running();
  await beside.dhcp();
  beside.images.write('vmlinuz', bzImage());
  await beside.start({
    observed: { coverage: async () => ({ runs: [{ service: 'tftp', ...run, ended: true }], gaps: [] }) },
  });
  const after = await answer<Health>(beside, '/api/health');
  assert.deepEqual(of(after), { dhcp: 'running', tftp: 'missing', http: 'running' });
  assert.deepEqual(after.journal, ['its disk is full'], 'what dhcp says of its journal');
});
