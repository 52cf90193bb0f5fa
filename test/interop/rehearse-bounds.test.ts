import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { decodePacket } from '../../src/protocol/dhcp/packet.ts';
import { formatIpv4 } from '../../src/protocol/ipv4.ts';
import { BIOS_ROM, message, type Say } from '../dhcp/rig.ts';
import { requires } from '../lab/requires.ts';
import { Service } from '../lab/service.ts';
import { failed, RehearseLab, until } from './rehearse-lab.ts';

const PROGRAM = new URL('./local-process.ts', import.meta.url).pathname;
const SERVER = '10.88.0.1';

describe('rehearse, with other settings', requires('root', 'netns', 'nft', 'busybox', 'python3'), () => {
  let lab: RehearseLab;
  before(() => {
    lab = new RehearseLab();
  });
  after(() => lab.stop());

  const sent = (type: number, say: Say = {}) =>
    Buffer.from(message(type, { options: BIOS_ROM, ...say })).toString('hex');
  const program = async (orders: readonly { bytes: string; to?: string; from?: string }[]) => {
    const { output } = await lab.server.run(process.execPath, [PROGRAM, JSON.stringify(orders)]);
    const answers = JSON.parse(output) as string[][];
    return answers.map((one) => one.map((hex) => decodePacket(Buffer.from(hex, 'hex'))));
  };
  const released = () =>
    until(() => lab.bound().every(({ mac }) => mac !== '02:72:65:68:72:73'), 'it is given back');

  test('in proxy mode it is told what to boot, and goes on with an address that it has', async () => {
    await lab.serve({ MODE: 'proxy' });
    const { status, boots, text } = await lab.rehearse();
    assert.equal(status, 0, text);
    for (const { booted } of boots) assert.ok(booted, text);
    for (const kind of [0, 1, 2, 3]) {
      const detail = boots[kind]!.stages[0]!.detail;
      assert.match(detail, /addresses are another server's job \(MODE=proxy\).*10\.88\.0\.1/);
      assert.equal(/port 4011/.test(detail), kind === 1, detail);
    }
  });

  test('a pool that is used up is told, with what makes it larger', async () => {
    await lab.serve({ LEASE_COUNT: '1' });
    await lab.machine('52:54:00:77:00:01');
    assert.deepEqual(
      lab.bound().map(({ mac }) => mac),
      ['52:54:00:77:00:01'],
    );
    const found = failed(await lab.rehearse('bios'));
    assert.equal(found.stage, 'address');
    assert.match(found.said, /no address left.*all 1 of the pool are in use.*\n.*LEASE_COUNT=2/);
  });

  test('an ADDRESS_HTTP that nobody has is told', async () => {
    await lab.serve({ ADDRESS_HTTP: '10.88.0.77' });
    const found = failed(await lab.rehearse('ipxe'));
    assert.equal(found.stage, 'script');
    assert.match(found.said, /by ADDRESS_HTTP.*no address of this host\n.*take ADDRESS_HTTP out of \.env/);
    await released();
  });

  test('a loader that was removed is told, with the command that fetches it', async () => {
    copyFileSync('/usr/lib/ipxe/undionly.kpxe', lab.image('mine.kpxe'));
    await lab.serve({ LOADER_BIOS: 'mine.kpxe' });
    assert.equal((await lab.rehearse('bios')).status, 0);
    lab.remove('mine.kpxe');
    await until(async () => (await lab.rehearse('bios')).status === 1, 'dhcp sees it');
    const found = failed(await lab.rehearse('bios'));
    assert.equal(found.stage, 'loader');
    assert.match(found.said, /mine\.kpxe(.|\n)*run --rm tftp pull/);
    await released();
  });

  test('a loader for another architecture is told', async () => {
    copyFileSync('/usr/lib/ipxe/undionly.kpxe', lab.image('mine.efi'));
    await lab.serve({ LOADER_X64: 'mine.efi' });
    const found = failed(await lab.rehearse('uefi'));
    assert.equal(found.stage, 'loader');
    assert.match(found.said, /mine\.efi is no loader for UEFI PXE: it is no EFI program/);
    await released();
  });

  test('behind a signed loader it boots by GRUB, and what that is told', async () => {
    for (const name of ['shimx64.efi', 'grubx64.efi'])
      copyFileSync('/usr/lib/ipxe/snponly.efi', lab.image(name));
    await lab.serve({ LOADER_X64: 'shimx64.efi' });
    for (const kind of ['uefi', 'http']) {
      const { status, boots, text } = await lab.rehearse(kind);
      assert.equal(status, 0, text);
      const stages = boots[0]!.stages.map(({ stage }) => stage);
      assert.deepEqual(stages, ['address', 'loader', 'script', 'kernel', 'initrd']);
      assert.match(boots[0]!.stages[1]!.detail, /shimx64\.efi.*; then grubx64\.efi/);
      assert.match(boots[0]!.stages[2]!.detail, /grub\/grub\.cfg.*loads \/vmlinuz, \/initrd\.img/);
    }
    lab.remove('grubx64.efi');
    const found = failed(await lab.rehearse('uefi'));
    assert.equal(found.stage, 'loader');
    assert.match(found.said, /grubx64\.efi.*does not have(.|\n)*secure-boot\.md/);
    await released();
  });

  test('a machine behind a relay gets an address of its own subnet', async () => {
    await lab.serve({ SUBNETS: '10.88.16.0/24' });
    const { status, boots, text } = await lab.rehearse('bios', '--relay', '10.88.16.1');
    assert.equal(status, 0, text);
    assert.match(boots[0]!.stages[0]!.detail, /^10\.88\.16\.\d+ from 10\.88\.0\.1/);
    assert.match(text, /answers went back here and not to 10\.88\.16\.1/);
    await released();
  });

  test('where another program holds port 67 of loopback, machines are served, and that is told', async () => {
    await lab.appliance.service('dhcp').stop();
    const holder = lab.server.spawn('python3', ['-c', HOLD], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout!, 'data', { signal: AbortSignal.timeout(10_000) });
    try {
      await lab.serve();
      await lab.appliance.service('dhcp').log.until(/UDP 67 is not answered, so `rehearse` cannot be/);
      const found = failed(await lab.rehearse('bios'));
      assert.equal(found.stage, 'address');
      await lab.machine('52:54:00:77:00:02');
      assert.ok(lab.bound().some(({ mac }) => mac === '52:54:00:77:00:02'));
    } finally {
      holder.kill('SIGKILL');
    }
  });

  test('where a second appliance on the host hears loopback, its answers are not taken for those of the first', async () => {
    await lab.appliance.service('dhcp').stop();
    lab.server.bridge('other0');
    lab.server.address('other0', '10.66.0.1/24');
    const folder = {
      ADAPTER: 'other0',
      STATE_DIR: `${lab.appliance.images}/../other`,
      TMPDIR: lab.appliance.images,
    };
    const second = new Service(lab.server, 'dhcp', { ...folder, IMAGES_DIR: lab.appliance.images });
    try {
      await second.log.until(/dhcp serves other0/);
      await lab.serve();
      const found = failed(await lab.rehearse('uefi'));
      assert.equal(found.stage, 'address');
      assert.match(found.said, /10\.66\.0\.1 answered, and not 10\.88\.0\.1/);
    } finally {
      await second.stop();
      lab.server.ip('link', 'del', 'other0');
    }
  });

  test('a program of the host that asks for many machines gets one address, for a minute', async () => {
    await lab.serve({ LEASE_COUNT: '5' });
    const before = lab.bound().length;
    const macs = Array.from({ length: 20 }, (_, n) => `52:54:00:66:00:${(16 + n).toString(16)}`);
    const offers = (await program(macs.map((mac) => ({ bytes: sent(MESSAGE.discover, { mac }) })))).flat();
    const offered = new Set(offers.map(({ yiaddr }) => yiaddr));
    assert.equal(offered.size, 1);
    const address = formatIpv4(offers[0]!.yiaddr);
    const options = { ...BIOS_ROM, [OPTION.serverIdentifier]: SERVER, [OPTION.requestedAddress]: address };
    const acks = (
      await program(macs.map((mac) => ({ bytes: sent(MESSAGE.request, { mac, options }) })))
    ).flat();
    assert.deepEqual([...acks[0]!.options.get(OPTION.leaseTime)!], [0, 0, 0, 60]);
    const bound = lab.bound();
    assert.equal(bound.length, before + 1);
    assert.equal(bound.filter(({ mac }) => mac === '02:72:65:68:72:73').length, 1);
    await lab.machine('52:54:00:77:00:03');
    assert.ok(lab.bound().some(({ mac }) => mac === '52:54:00:77:00:03'));
  });

  test('a program of the host can neither end, nor decline, nor put out of use what machines have or could have', async () => {
    const mac = '52:54:00:77:00:03';
    const machine = lab.bound().find((lease) => lease.mac === mac)!;
    const address = formatIpv4(machine.address);
    const own = { [OPTION.serverIdentifier]: SERVER };
    const requested = { ...own, [OPTION.requestedAddress]: address };
    await program([
      { bytes: sent(MESSAGE.release, { mac, ciaddr: address, options: own }) },
      { bytes: sent(MESSAGE.decline, { mac, options: requested }) },
      { bytes: sent(MESSAGE.request, { mac, options: requested }) },
      // As from relays that have all addresses of the pool.
      ...Array.from({ length: 8 }, (_, n) => ({
        bytes: sent(MESSAGE.discover, { giaddr: `10.88.0.${2 + n}` }),
      })),
    ]);
    const after = lab.bound().filter((lease) => lease.mac === mac);
    assert.deepEqual(after, [machine]);
    await lab.machine('52:54:00:77:00:04');
    assert.ok(lab.bound().some((lease) => lease.mac === '52:54:00:77:00:04'));
  });

  test('what comes over loopback from another address than its own is not answered', async () => {
    const bytes = sent(MESSAGE.discover);
    const [same, other] = await program([{ bytes }, { bytes, to: SERVER, from: SERVER }]);
    assert.equal(same!.length, 1);
    assert.equal(other!.length, 0);
  });
});

const HOLD = `
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 25, b"lo\\0")
s.bind(("0.0.0.0", 67))
print("held", flush=True)
time.sleep(600)
`;
