import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { Folder } from '../../assets/folder.ts';
import { bzImage, gzippedCpio, pe } from '../../assets/headers.ts';
import { first } from '../../fixtures/dhcp.ts';
import { bootsIn, inImages, said } from './said.ts';

const MAC = '52:54:00:12:34:56';
const X64 = [MAC, '--architecture', 'x64'];

/** images/ with all that a UEFI x64 machine boots. */
function furnished(): Folder {
  const folder = new Folder();
  mkdirSync(folder.at('images'));
  folder.write(inImages('snponly.efi'), pe('x64'));
  folder.write(inImages('vmlinuz'), bzImage());
  folder.write(inImages('initrd.img'), gzippedCpio);
  return folder;
}

test('a machine that would boot is explained step by step, and the status is 0', async () => {
  using folder = furnished();
  const { status, out } = await said(folder, X64);
  assert.equal(status, 0);
  assert.match(out, /ok +verdict +It would boot vmlinuz with initrd\.img\./);
  assert.match(out, /No dhcp service runs here: this is worked out from the settings and the 0 leases in/);
  const titles = out.split('\n').filter((line) => /^\d+\. /.test(line));
  assert.deepEqual(titles, [
    '1. DISCOVER → OFFER: PXE, UEFI x64',
    '2. REQUEST → ACK: PXE, UEFI x64',
    '3. Loader snponly.efi',
    '4. DISCOVER → OFFER: iPXE',
    '5. REQUEST → ACK: iPXE',
    '6. Script infrakit.ipxe',
    '7. Kernel vmlinuz',
    '8. Initrd initrd.img',
  ]);
  assert.match(out, /67 Bootfile name: "snponly\.efi"/);
  assert.match(out, /kernel vmlinuz initrd=initrd\.img/, 'the text of the script');
  assert.match(out, /a Linux kernel 6\.1\.0-40-amd64 for x86_64, .*http:\/\/10\.99\.0\.1\/vmlinuz/);
  assert.match(out, /tftp:\/\/10\.99\.0\.1\/snponly\.efi/);
});

test('JSON holds the same, and the packets as bytes', async () => {
  using folder = furnished();
  const answer = await said(folder, [...X64, '--json']);
  const chain = bootsIn(answer).get('')!;
  assert.equal(chain.state, 'ok');
  assert.equal(JSON.parse(answer.out).basis, 'settings');
  const [discover] = chain.links;
  assert.ok(discover?.kind === 'exchange' && discover.bytes?.startsWith('0201'));
  assert.match((await said(folder, [...X64, '--bytes'])).out, /0000 {2}01 01 06 00/);
});

/** Each with what keeps it from booting, and what is told to do. */
const WOULD_NOT: readonly (readonly [string, readonly string[], Record<string, string>, RegExp, RegExp])[] = [
  [
    'its loader is missing',
    [MAC, '--architecture', 'ia32'],
    {},
    /snponly-ia32\.efi/,
    /Put that loader into images/,
  ],
  [
    'its kernel is missing',
    X64,
    { KERNEL: 'vmlinux' },
    /KERNEL in .env names vmlinux/,
    /KERNEL=vmlinuz into \.env/,
  ],
  [
    'no address is left',
    X64,
    { LEASE_COUNT: '1', START_ADDRESS: '10.99.0.7' },
    /no address left/i,
    /LEASE_COUNT=2/,
  ],
  [
    'its relay is not served',
    [...X64, '--relay', '10.9.0.1'],
    {},
    /10\.9\.0\.1/,
    /SUBNETS='10\.9\.0\.0\/24'/,
  ],
  ['its architecture has no loader', [MAC, '--architecture', '1'], {}, /NEC\/PC98/, /^/],
];

for (const [why, args, environment, cause, remedy] of WOULD_NOT) {
  test(`where ${why}, that is told with what to do, and the status is 1`, async () => {
    using folder = furnished();
    if (why.includes('address')) await lend(folder, environment.START_ADDRESS!);
    const { status, out } = await said(folder, [...args, '--json'], environment);
    assert.equal(status, 1);
    const { state, verdict, remedy: told = '' } = JSON.parse(out).boots[0].chain;
    assert.equal(state, 'fail');
    assert.match(verdict, cause);
    assert.match(told, remedy);
  });
}

/** Leases an address to somebody else, in the database that the service would have written. */
async function lend(folder: Folder, address: string): Promise<void> {
  const { SqliteLeaseStore } = await import('../../../src/leases/sqlite-store.ts');
  const { parseIpv4 } = await import('../../../src/protocol/ipv4.ts');
  mkdirSync(folder.at('state'));
  const store = new SqliteLeaseStore(`${folder.at('state')}/leases.sqlite`);
  const mac = '52:54:00:00:00:99';
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const lease = {
    address: parseIpv4(address)!,
    key: `1/${mac}`,
    mac,
    hostName: '',
    state: 'bound',
    expires,
  } as const;
  await store.save([{ kind: 'put', lease }]);
  await store.close();
}

test('a loader or a kernel for other machines is told as such', async () => {
  using folder = furnished();
  folder.write(inImages('snponly-arm64.efi'), pe('arm64'));
  const arm = bootsIn(await said(folder, [MAC, '--architecture', 'arm64', '--json'])).get('')!;
  assert.match(arm.verdict, /stop at vmlinuz.*which that machine cannot start/);
  folder.write(inImages('snponly.efi'), pe('arm64'));
  const x64 = bootsIn(await said(folder, [...X64, '--json'])).get('')!;
  assert.match(x64.verdict, /stop at snponly\.efi.*64-bit ARM, and the machine is 64-bit x86/);
});

test('an edited script is shown as it is served, with what it names', async () => {
  using folder = furnished();
  folder.write(inImages('infrakit.ipxe'), '#!ipxe\nkernel vmlinuz\ninitrd elsewhere.img\nboot\n');
  const { links, state } = bootsIn(await said(folder, [...X64, '--json'])).get('')!;
  assert.equal(state, 'warn');
  const files = links.filter((link) => link.kind === 'file').slice(1);
  assert.deepEqual(
    files.map(({ name, state }) => `${name} ${state}`),
    ['infrakit.ipxe ok', 'vmlinuz ok', 'elsewhere.img warn'],
  );
  assert.match(files[0]!.because.join(), /edited/);
});

test('with Secure Boot the way leads by shim, GRUB and grub.cfg, and dhcp is not asked again', async () => {
  using folder = furnished();
  folder.write(inImages('shimx64.efi'), pe('x64'));
  const shim = { LOADER_X64: 'shimx64.efi' };
  const without = bootsIn(await said(folder, [...X64, '--json'], shim)).get('')!;
  assert.match(without.verdict, /stop at grubx64\.efi/);
  folder.write(inImages('grubx64.efi'), pe('x64'));
  const { links } = bootsIn(await said(folder, [...X64, '--json'], shim)).get('')!;
  assert.deepEqual(
    links.map((link) => (link.kind === 'file' ? link.name : link.message)),
    ['DISCOVER', 'REQUEST', 'shimx64.efi', 'grubx64.efi', 'grub/grub.cfg', 'vmlinuz', 'initrd.img'],
  );
});

test('a machine that nothing is known of is looked at by every usual kind, side by side', async () => {
  using folder = furnished();
  const { status, out } = await said(folder, [MAC]);
  assert.equal(status, 0, 'some would boot');
  assert.match(out, /It has not booted here yet/);
  assert.match(
    out,
    /ok +UEFI x64, PXE +10\.99\.0\.2 → snponly\.efi → infrakit\.ipxe → vmlinuz → initrd\.img\n/,
  );
  assert.match(out, /warn +UEFI x86 \(32 bit\), PXE .*snponly-ia32\.efi/);
  assert.match(out, /ok +installed system +10\.99\.0\.2: It gets an address and nothing to boot/);
  const none = new Folder();
  assert.equal((await said(none, [MAC])).status, 1, 'there is nothing to boot for anybody');
  none[Symbol.dispose]();
});

test('one packet is answered as it is, from the line or from a file', async () => {
  using folder = furnished();
  const hex = first('ovmf-pxe-snponly', 'DISCOVER').bytes.toString('hex');
  const [link] = bootsIn(await said(folder, ['--packet', hex, '--json'])).get('')!.links;
  assert.ok(link?.kind === 'exchange');
  assert.equal(link.requestBytes, hex);
  assert.equal(link.answer, 'OFFER');
  folder.write('packet.hex', `${hex}\n`);
  const file = ['--packet', folder.at('packet.hex'), '--port', '4011', '--from', '10.99.0.5:4011'];
  const [boot] = bootsIn(await said(folder, [...file, '--json'])).get('')!.links;
  assert.ok(boot?.kind === 'exchange');
  assert.equal(boot.destination, '10.99.0.5:4011');
  assert.match(boot.because.join(' '), /It asks on port 4011/);
  assert.equal((await said(folder, ['--packet', '0101'])).status, 2);
});

test('MODE=proxy is explained as a proxy, without addresses', async () => {
  using folder = furnished();
  const { status, out } = await said(folder, X64, { MODE: 'proxy' });
  assert.equal(status, 0);
  assert.match(out, /this one is a proxy \(MODE\)/);
  assert.match(out, /2\. REQUEST → ACK: PXE, UEFI x64, on port 4011/);
});

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /the MAC is missing/],
  [['52:54'], /"52:54" is no MAC/],
  [[MAC, 'more'], /"more" is one word too many/],
  [[MAC, '--firmware', 'toaster'], /--firmware is "toaster"/],
  [[MAC, '--firmware', 'http', '--architecture', 'bios'], /no BIOS boots by http/],
  [[MAC, '--architecture', '70000'], /--architecture is "70000"/],
  [[MAC, '--relay', 'nowhere'], /--relay is "nowhere"/],
  [[MAC, '--host-name', 'a b'], /--host-name is "a b"/],
  [[MAC, '--port', '69'], /--port is "69"/],
  [['--packet', 'no such file'], /--packet is no DHCP packet/],
  [['--unknown'], /Unknown option/],
];

test('wrong words are told with the usage, and the status is 2', async () => {
  using folder = new Folder();
  for (const [args, problem] of WRONG) {
    const { status, out, err } = await said(folder, args);
    assert.equal(status, 2, args.join(' '));
    assert.match(err, problem);
    assert.match(err, /usage: explain MAC/);
    assert.equal(out, '');
  }
});

test('an adapter that is not there is told, and the status is 1', async () => {
  using folder = new Folder();
  const { status, out } = await said(folder, [MAC], { ADAPTER: 'nowhere0' });
  assert.equal(status, 1);
  assert.match(out, /fail +adapter +.*nowhere0/);
});

test('--help tells the usage, and the status is 0', async () => {
  using folder = new Folder();
  const { status, out } = await said(folder, ['--help']);
  assert.equal(status, 0);
  assert.match(out, /--relay/);
});
