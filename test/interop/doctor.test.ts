import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clock } from '../../src/commands/doctor/checks/clock.ts';
import { patientOf } from '../../src/commands/doctor/command.ts';
import { examine } from '../../src/commands/doctor/examine.ts';
import type { ReportLine } from '../../src/commands/report.ts';
import { usableSettings } from '../../src/config/settings.ts';
import { connect } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';
import { DoctorLab } from './doctor-lab.ts';

const FIRMWARE = fileURLToPath(new URL('./pxe-client.ts', import.meta.url));

const HOLDER = `
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('0.0.0.0', 69))
print('held', flush=True)
sys.stdin.read()
`;

describe(
  'the doctor',
  requires('root', 'netns', 'nft', 'iptables', 'iptables-legacy', 'dnsmasq', 'python3'),
  () => {
    let lab: DoctorLab;
    before(async () => {
      lab = new DoctorLab();
      await lab.open();
    });
    after(() => lab?.close());

    /** What of the section is not well. */
    async function ills(name: string, options = {}): Promise<ReportLine[]> {
      const { lines, status } = await lab.ask([name], options);
      assert.ok(lines.length > 0);
      assert.equal(status, lines.some(({ state }) => state === 'fail') ? 1 : 0);
      return lines.filter(({ state }) => state !== 'ok' && state !== 'note');
    }

    /** The one line that is not well; after its command has been run, all is well. */
    async function mends(
      name: string,
      expected: { state: ReportLine['state']; detail: RegExp; command?: RegExp },
      edit: (command: string) => string = (command) => command,
    ): Promise<void> {
      const found = await ills(name);
      assert.equal(found.length, 1, JSON.stringify(found));
      const [{ state, detail, command = '' }] = found as [ReportLine];
      assert.equal(state, expected.state, detail);
      assert.match(detail, expected.detail);
      if (expected.command) assert.match(command, expected.command);
      assert.notEqual(command, '', 'a command that mends it');
      await lab.mend(edit(command));
      assert.deepEqual(await ills(name), []);
    }

    const nft = async (...lines: string[]) => {
      const file = join(lab.folder, 'rules.nft');
      writeFileSync(file, lines.join('\n'));
      const { status, output } = await lab.server.run('nft', ['-f', file]);
      assert.equal(status, 0, output);
    };

    test('finds nothing on a sound host, within 8 s', async () => {
      const start = performance.now();
      const { status, lines, state } = await lab.ask([]);
      assert.ok(performance.now() - start < 8000);
      assert.deepEqual(
        lines.filter((line) => line.state !== 'ok' && line.state !== 'note'),
        [],
      );
      assert.equal(state, 'ok');
      assert.equal(status, 0);
      assert.equal(new Set(lines.map(({ title }) => title)).size, 14);
    });

    test('prints the same for people, without colours where it is no terminal', async () => {
      const { status, output } = await lab.run(['doctor', 'ports', 'clock']);
      assert.equal(status, 0);
      assert.match(output, /^Ports\n {2}ok {7}UDP 67 {4}dhcp has it\n/);
      assert.ok(!output.includes('\u001b'));
    });

    test('a wrong value is told with the line for .env, and the other checks go on', async () => {
      lab.write('LEASE_TIME=soon');
      const { lines } = await lab.ask(['settings', 'adapter']);
      assert.ok(lines.some(({ title, state }) => title === 'Adapter' && state === 'ok'));
      await mends('settings', { state: 'fail', detail: /"soon" is not a duration/ });
      assert.equal(lab.settings.LEASE_TIME, '2h');
    });

    test('a pool outside the adapter’s network is told', async () => {
      lab.write('START_ADDRESS=10.50.0.1');
      await mends('settings', { state: 'fail', detail: /"10\.50\.0\.1" is outside 10\.88\.0\.0\/24/ });
    });

    test('a variable that is misspelled is told', async () => {
      lab.write('HTTP_PRT=8080');
      await mends('settings', { state: 'warn', detail: /there is HTTP_PORT/ });
      assert.equal(lab.settings.HTTP_PORT, '8080');
      lab.write();
      await lab.mend('docker compose up -d');
    });

    test('an adapter that is not there is told, with the one that was meant', async () => {
      lab.write('ADAPTER=srv1');
      await mends('adapter', { state: 'fail', detail: /srv0/, command: /ADAPTER=srv0/ });
      lab.write();
    });

    test('an adapter that is down is told', async () => {
      lab.server.ip('link', 'set', 'srv0', 'down');
      await mends('adapter', { state: 'fail', detail: /is down/ });
      // Routes go with the link.
      lab.server.ip('route', 'replace', '10.88.16.0/24', 'via', '10.88.0.253', 'dev', 'srv0');
    });

    test('a cable that is out is told', async () => {
      lab.appliance.switch.ip('link', 'set', 'p-srv0', 'down');
      const [line] = await ills('adapter');
      assert.equal(line?.state, 'fail');
      assert.match(line.detail, /no carrier/);
      assert.match(line.remedy ?? '', /plug the cable in/);
      lab.appliance.switch.ip('link', 'set', 'p-srv0', 'up');
      assert.deepEqual(await ills('adapter'), []);
    });

    test('an adapter without an address is told', async () => {
      lab.server.ip('addr', 'flush', 'dev', 'srv0');
      await mends('adapter', { state: 'fail', detail: /no IPv4 address/ });
      lab.server.ip('addr', 'flush', 'dev', 'srv0');
      lab.server.address('srv0', '10.88.0.1/32');
      await mends('adapter', { state: 'fail', detail: /10\.88\.0\.1\/32 .* leaves no room/ });
      assert.match(lab.server.ip('addr', 'show', 'dev', 'srv0'), /10\.88\.0\.1\/24/);
      await lab.appliance.serve({});
    });

    test('an adapter that is the port of a bridge is told, with the bridge', async () => {
      lab.server.bridge('lan9');
      lab.server.ip('link', 'add', 'nic9', 'type', 'veth', 'peer', 'name', 'cable9');
      lab.server.ip('link', 'set', 'nic9', 'up', 'master', 'lan9');
      lab.server.ip('link', 'set', 'cable9', 'up');
      lab.server.address('nic9', '10.89.0.2/24');
      lab.server.address('lan9', '10.89.0.1/24');
      lab.write('ADAPTER=nic9');
      await mends('adapter', { state: 'fail', detail: /port of the bridge lan9/, command: /ADAPTER=lan9/ });
      lab.server.ip('link', 'del', 'nic9');
      lab.server.ip('link', 'del', 'lan9');
      lab.write();
      await lab.appliance.serve({});
    });

    test('a network of Docker’s that overlaps the served one is told, and any other', async () => {
      lab.server.ip('link', 'add', 'br-0123456789ab', 'type', 'bridge');
      lab.server.address('br-0123456789ab', '10.88.0.129/25');
      await mends('networks', { state: 'fail', detail: /10\.88\.0\.128\/25 of br-0123456789ab/ });
      lab.server.ip('link', 'add', 'other0', 'type', 'bridge');
      lab.server.address('other0', '10.88.0.77/16');
      await mends('networks', { state: 'fail', detail: /10\.88\.0\.0\/16 of other0 overlaps/ });
      lab.server.ip('link', 'del', 'other0');
    });

    test('a subnet behind a relay that no route leads to is told', async () => {
      lab.write("SUBNETS='10.66.0.0/24'");
      const routed = (command: string) => command.replace('ROUTER', '10.88.0.253');
      await mends('routing', { state: 'fail', detail: /no route over srv0/ }, routed);
      lab.write();
    });

    test('a service that does not run is told, and one that runs with other settings', async () => {
      await lab.appliance.service('tftp').stop();
      await mends('services', { state: 'fail', detail: /tftp is not running/ });
      lab.write('LEASE_TIME=1h');
      const found = await ills('services');
      assert.deepEqual(
        found.map(({ what, state }) => `${what} ${state}`),
        ['dhcp fail', 'tftp fail', 'http fail'],
      );
      assert.match(found[0]!.detail, /other settings/);
      await lab.mend(found[0]!.command!);
      assert.deepEqual(await ills('services'), []);
      lab.write();
      await lab.appliance.serve({});
    });

    test('the program that holds a port is told by its name', async () => {
      await lab.appliance.service('tftp').stop();
      const holder = lab.server.spawn('python3', ['-c', HOLDER], { stdio: ['pipe', 'pipe', 'inherit'] });
      await new Promise((resolve) => holder.stdout!.once('data', resolve));
      await mends('ports', { state: 'fail', detail: /^held by python3.* \(pid \d+\)/ });
      lab.appliance.begin('tftp');
      await lab.appliance.serving('tftp');
      assert.deepEqual(await ills('ports'), []);
    });

    test('a program that cannot be seen, as from inside a container, is told by its systemd unit, or by its user', async () => {
      await lab.appliance.service('tftp').stop();
      const root = existsSync('/sys/fs/cgroup/cgroup.controllers')
        ? '/sys/fs/cgroup'
        : '/sys/fs/cgroup/unified';
      const unit = join(root, `rblab-${process.pid}-tftpd.service`);
      mkdirSync(unit);
      const inside = `echo $$ > ${unit}/cgroup.procs && exec python3 -c "$1"`;
      const holder = lab.server.spawn('sh', ['-c', inside, 'sh', HOLDER], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      try {
        await new Promise((resolve) => holder.stdout!.once('data', resolve));
        const [line] = await ills('ports', { blind: true });
        assert.match(
          line?.detail ?? '',
          /^held by the systemd unit rblab-\d+-tftpd\.service, on every address/,
        );
        assert.match(line?.command ?? '', /^sudo systemctl disable --now rblab-/);
      } finally {
        holder.stdin!.end();
        await once(holder, 'exit');
        rmdirSync(unit);
      }
      const bare = lab.server.spawn('python3', ['-c', HOLDER], { stdio: ['pipe', 'pipe', 'inherit'] });
      await new Promise((resolve) => bare.stdout!.once('data', resolve));
      const [line] = await ills('ports', { blind: true });
      assert.match(line?.detail ?? '', /^held by a program of user id 0/);
      const shown = await lab.server.run('sh', ['-c', line!.command!.replace('sudo ', '')]);
      assert.match(shown.output, /python3/);
      bare.stdin!.end();
      await once(bare, 'exit');
      lab.appliance.begin('tftp');
      await lab.appliance.serving('tftp');
    });

    test('a program on the same port of another adapter is in nobody’s way', async () => {
      lab.server.ip('link', 'add', 'other0', 'type', 'bridge');
      lab.server.ip('link', 'set', 'other0', 'up');
      const script = HOLDER.replace('0.0.0.0', '127.0.0.1').replace('69', '67');
      await lab.appliance.service('dhcp').stop();
      const bound = script.replace('s.bind', "s.setsockopt(socket.SOL_SOCKET, 25, b'other0')\ns.bind");
      const holder = lab.server.spawn('python3', ['-c', bound], { stdio: ['pipe', 'pipe', 'inherit'] });
      await new Promise((resolve) => holder.stdout!.once('data', resolve));
      assert.deepEqual(await ills('ports'), []);
      holder.stdin!.end();
      lab.server.ip('link', 'del', 'other0');
      lab.appliance.begin('dhcp');
      await lab.appliance.serving('dhcp');
    });

    test('another DHCP server is told, and that nobody gives addresses beside a proxy', async () => {
      await lab.appliance.site.surround('other server');
      await mends('servers', {
        state: 'fail',
        detail: /10\.88\.0\.254 .*offers 10\.88\.0\.2/,
        command: /MODE=proxy/,
      });
      await lab.appliance.site.clear();
      await mends('servers', {
        state: 'fail',
        detail: /no server that gives addresses/,
        command: /MODE=server/,
      });
      lab.write();
      await lab.appliance.serve({});
    });

    test('another DHCP server is told where dhcp does not run', async () => {
      await lab.appliance.service('dhcp').stop();
      await lab.appliance.site.surround('other server');
      const [line] = await ills('servers');
      assert.match(line?.detail ?? '', /10\.88\.0\.254 .*offers/);
      await lab.appliance.site.clear();
      lab.appliance.begin('dhcp');
      await lab.appliance.serving('dhcp');
    });

    test('a policy of nftables that drops what is not named is told, with rules that open the ports', async () => {
      await nft(
        'table inet fw {',
        'chain input { type filter hook input priority 0; policy drop;',
        'ct state established,related accept',
        'iifname "lo" accept',
        'tcp dport { 22, 443 } accept',
        '}',
        '}',
      );
      await mends('firewall', { state: 'fail', detail: /"policy drop of chain input" in inet fw/ });
      await lab.server.run('nft', ['flush', 'ruleset']);
    });

    test('the rule that drops is told as it stands, in a chain that another one jumps to', async () => {
      await nft(
        'table ip mine {',
        'chain refuse { counter reject; }',
        'chain guard { udp dport vmap { 69 : goto refuse }; }',
        'chain input { type filter hook input priority 0; iifname "srv*" jump guard; }',
        '}',
      );
      await mends('firewall', { state: 'fail', detail: /^dropped by "counter .*reject/ });
      await lab.server.run('nft', ['flush', 'ruleset']);
    });

    test('a rule that drops answers is told', async () => {
      await nft(
        'table inet fw {',
        'set web { type inet_service; elements = { 80, 443 } }',
        'chain output { type filter hook output priority 0; tcp sport @web drop; }',
        '}',
      );
      await mends('firewall', {
        state: 'fail',
        detail: /"tcp sport @web drop" .*answers to machines that load the kernel/,
      });
      await lab.server.run('nft', ['flush', 'ruleset']);
    });

    for (const program of ['iptables', 'iptables-legacy']) {
      test(`a rule of ${program} that drops is told`, async () => {
        await lab.server.run(program, [
          '-A',
          'INPUT',
          '-i',
          'srv0',
          '-p',
          'udp',
          '-m',
          'multiport',
          '--dports',
          '60:70',
          '-j',
          'DROP',
        ]);
        await mends('firewall', {
          state: 'fail',
          detail: /"-A INPUT -i srv0 .*-j DROP" in iptables/,
          command: new RegExp(`sudo ${program} -I INPUT`),
        });
        await lab.server.run(program, ['-F']);
      });

      test(`a policy of ${program} that drops is told`, async () => {
        await lab.server.run(program, [
          '-A',
          'INPUT',
          '-m',
          'conntrack',
          '--ctstate',
          'ESTABLISHED',
          '-j',
          'ACCEPT',
        ]);
        await lab.server.run(program, ['-P', 'INPUT', 'DROP']);
        await mends('firewall', { state: 'fail', detail: /"policy drop of chain INPUT"/ });
        await lab.server.run(program, ['-P', 'INPUT', 'ACCEPT']);
        await lab.server.run(program, ['-F']);
      });
    }

    test('a packet filter that may not be read is unknown, not well', async () => {
      const [line] = await ills('firewall', { uid: 65534 });
      assert.equal(line?.state, 'unknown');
      assert.match(line.detail, /could not be read: .*(permitted|root)/i);
    });

    test('a kernel and an initrd that are cut off are told', async () => {
      for (const name of ['vmlinuz', 'initrd.img']) {
        const file = join(lab.images, name);
        const whole = readFileSync(file);
        truncateSync(file, whole.length - 4096);
        const found = await ills('kernel');
        assert.deepEqual(
          found.map(({ what, state }) => `${what} ${state}`),
          [`${name} fail`],
        );
        assert.match(found[0]!.detail, /cut off/);
        assert.match(found[0]!.command!, new RegExp(`install .* ${file}$`));
        writeFileSync(join(lab.folder, 'whole'), whole);
        await lab.mend(found[0]!.command!.replace(/\/boot\/\S+ -r\)/, join(lab.folder, 'whole')));
        assert.deepEqual(await ills('kernel'), []);
      }
    });

    test('a kernel that KERNEL does not name rightly is told', async () => {
      lab.write('KERNEL=vmlinux');
      await mends('kernel', {
        state: 'fail',
        detail: /names vmlinux, which is not in/,
        command: /KERNEL=vmlinuz/,
      });
      lab.write();
      await lab.appliance.serve({});
    });

    test('an edited script that loads what is not there is told', async () => {
      const file = join(lab.images, 'infrakit.ipxe');
      writeFileSync(file, '#!ipxe\nkernel vmlinux-6 quiet || shell\ninitrd --name a initrd.img\nboot\n');
      await mends('kernel', { state: 'fail', detail: /loads vmlinux-6 in line 2/ });
    });

    test('a file that the service may not read is told', async () => {
      const file = join(lab.images, 'vmlinuz');
      await lab.server.run('chmod', ['755', lab.images]);
      await lab.server.run('chmod', ['755', join(lab.images, '..')]);
      await lab.server.run('chmod', ['600', file]);
      const found = await ills('kernel', { uid: 65534 });
      const line = found.find(({ what }) => what === 'vmlinuz');
      assert.match(line?.detail ?? '', /may not be read by this service/);
      await lab.mend(line!.command!);
      assert.deepEqual(await ills('kernel', { uid: 65534 }), []);
    });

    test('a loader of the wrong kind is told, one with another hash, and one that is cut off', async () => {
      copyFileSync('/usr/lib/ipxe/snponly.efi', join(lab.images, 'undionly.kpxe'));
      await mends('loaders', { state: 'fail', detail: /is an EFI program, which BIOS machines cannot run/ });
      copyFileSync('/usr/lib/ipxe/undionly.kpxe', join(lab.images, 'undionly.kpxe'));
      lab.write(`LOADER_SHA256=${'0'.repeat(64)}`);
      await mends('loaders', { state: 'fail', detail: /has the SHA-256/ });
      lab.write();
      copyFileSync('/usr/lib/ipxe/snponly.efi', join(lab.images, 'snponly.efi'));
      truncateSync(join(lab.images, 'snponly.efi'), 50_000);
      await mends('loaders', { state: 'fail', detail: /is cut off/ });
    });

    test('machines that have asked and have no loader, or no kernel of their kind, are told', async () => {
      const machine = lab.lab.host('arm64');
      connect(
        { host: machine, adapter: 'eth0' },
        { host: lab.appliance.switch, adapter: 'p-arm64', bridge: 'br0' },
      );
      await machine.run(process.execPath, [FIRMWARE, 'eth0', 'aavmf-arm64']);
      const [kernel] = await ills('kernel');
      assert.match(kernel?.detail ?? '', /vmlinuz is for x86_64, and cannot start on \S+ \(UEFI arm64\)/);
      // iPXE's server, as LOADER_MIRROR names it; each loader says of itself that it is for the right machines.
      const mirror = join(lab.folder, 'mirror');
      const [bios, x64] = ['undionly.kpxe', 'snponly.efi'].map((name) =>
        readFileSync(`/usr/lib/ipxe/${name}`),
      );
      mkdirSync(mirror);
      writeFileSync(join(mirror, 'undionly.kpxe'), bios!);
      for (const [folder, type] of Object.entries({
        x86_64: 0x8664,
        i386: 0x14c,
        arm32: 0x1c2,
        arm64: 0xaa64,
      })) {
        mkdirSync(join(mirror, `${folder}-efi`));
        const loader = Buffer.from(x64!);
        loader.writeUInt16LE(type, loader.readUInt32LE(0x3c) + 4);
        writeFileSync(join(mirror, `${folder}-efi/snponly.efi`), loader);
      }
      const web = lab.server.spawn(
        'python3',
        ['-u', '-m', 'http.server', '-b', '127.0.0.1', '-d', mirror, '7999'],
        {
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      );
      await once(web.stdout!, 'data');
      await mends('loaders', {
        state: 'fail',
        detail: /^there is none for UEFI arm64 machines/,
        command: /tftp pull/,
      });
      web.kill();
    });

    test('a clock that was set back is told', async () => {
      const { settings, problems } = usableSettings({ ...lab.appliance.environment });
      const paths = { images: lab.images, state: lab.state, loaders: '/usr/lib/ipxe', run: lab.folder };
      const look = async (now: number) => {
        const patient = await patientOf({ settings, problems, environment: {}, paths }, now);
        const [section] = await examine(patient, [clock], 5000);
        return section!.lines[0]!;
      };
      const line = await look(Date.now() - 86_400_000);
      assert.equal(line.state, 'fail');
      assert.match(line.detail, /the clock was set back/);
      await lab.mend(line.command!);
      assert.ok(existsSync(join(lab.folder, 'clock-set')));
      assert.equal((await look(Date.now())).state, 'ok');
    });

    test('a folder that the services may not write to is told', async () => {
      const images = join(lab.folder, 'images');
      const state = join(lab.folder, 'kept');
      for (const folder of [images, state]) mkdirSync(folder, { mode: 0o755 });
      await lab.server.run('chmod', ['755', lab.folder]);
      lab.write(`IMAGES_DIR=${images}`, `STATE_DIR=${state}`);
      const found = await ills('rights', { uid: 65534 });
      assert.deepEqual(
        found.map(({ what, state }) => `${what} ${state}`),
        ['images fail', 'state fail'],
      );
      assert.match(found[0]!.detail, /user 65534, .* may not write/);
      for (const { command } of found) await lab.mend(command!);
      assert.deepEqual(await ills('rights', { uid: 65534 }), []);
      await lab.server.run('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', images]);
      try {
        const [line] = await ills('rights');
        assert.match(line?.detail ?? '', /mounted read-only/);
        await lab.mend(line!.command!);
        assert.deepEqual(await ills('rights'), []);
      } finally {
        await lab.server.run('umount', ['-l', images]);
        lab.write();
      }
    });

    test('a disk that is full is told, with what could go', async () => {
      const images = join(lab.folder, 'full');
      mkdirSync(images);
      await lab.server.run('mount', ['-t', 'tmpfs', '-o', 'size=100m', 'tmpfs', images]);
      try {
        lab.write(`IMAGES_DIR=${images}`);
        assert.deepEqual(await ills('disk'), []);
        writeFileSync(join(images, 'filler'), Buffer.alloc(99e6));
        const [line] = await ills('disk');
        assert.equal(line?.state, 'fail');
        assert.match(line.remedy ?? '', /filler \(99 MB\)/);
        await lab.mend(line.command ?? 'false');
        rmSync(join(images, 'filler'));
        assert.deepEqual(await ills('disk'), []);
      } finally {
        await lab.server.run('umount', ['-l', images]);
        lab.write();
      }
    });

    test('a state folder that old databases fill is told, with what takes them away', async () => {
      const state = join(lab.folder, 'little');
      mkdirSync(state);
      await lab.server.run('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', state]);
      try {
        lab.write(`STATE_DIR=${state}`);
        writeFileSync(join(state, 'leases.sqlite.set-aside-1'), Buffer.alloc(410e6));
        await mends('disk', {
          state: 'fail',
          detail: /and the journals may grow/,
          command: /rm .*set-aside-1/,
        });
      } finally {
        await lab.server.run('umount', ['-l', state]);
        lab.write();
      }
    });

    test('a database that is damaged is told, and a restart of its service begins another', async () => {
      await lab.appliance.service('dhcp').stop();
      const file = join(lab.state, 'leases.sqlite');
      for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
      writeFileSync(file, Buffer.alloc(8192, 'not a database'));
      await mends('databases', { state: 'fail', detail: /not a database/ });
    });
  },
);
