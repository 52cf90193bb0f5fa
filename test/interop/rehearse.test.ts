import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { failed, RehearseLab, until } from './rehearse-lab.ts';

const KINDS = ['bios', 'uefi', 'http', 'ipxe'];

describe('rehearse', requires('root', 'netns', 'nft', 'busybox', 'curl'), () => {
  let lab: RehearseLab;
  before(async () => {
    lab = new RehearseLab();
    await lab.serve();
  });
  after(() => lab.stop());
  afterEach(() => until(() => lab.bound().length === 0, 'a rehearsal has kept an address'));

  test('boots all four kinds of machine against a sound stack, each in less than 5 seconds', async () => {
    const { status, boots, text } = await lab.rehearse();
    assert.equal(status, 0, text);
    assert.deepEqual(
      boots.map(({ kind, booted }) => [kind, booted]),
      KINDS.map((kind) => [kind, true]),
    );
    for (const { stages, milliseconds } of boots) {
      assert.ok(milliseconds < 5000, text);
      for (const { state } of stages) assert.equal(state, 'ok', text);
    }
    const files = boots[0]!.stages.map(({ stage, bytes }) => [stage, bytes !== undefined]);
    assert.deepEqual(files, [
      ['address', false],
      ['loader', true],
      ['ipxe', false],
      ['script', true],
      ['kernel', true],
      ['initrd', true],
    ]);
    assert.match(boots[0]!.stages[4]!.detail, /vmlinuz.*as on disk.*Linux kernel/);
  });

  test('is no machine on the page, and no boot in the metrics', async () => {
    const read = async (path: string) =>
      (await lab.server.run('curl', ['-sS', `http://10.88.0.1${path}`])).output;
    const recorded = async () =>
      Number(
        /^remoteboot_journal_events_total\{service="dhcp"\} (\d+)/m.exec(await read('/metrics'))?.[1] ?? 0,
      );
    const before = await recorded();
    await lab.rehearse('uefi');
    // What it did at its end, to give the address back, has been folded as well.
    await until(async () => (await recorded()) >= before + 12, 'all of it has been looked at');
    assert.match(await read('/api/log'), /"mac":"02:72:65:68:72:73"/);
    assert.equal(await read('/api/machines'), '[]');
    assert.doesNotMatch(await read('/metrics'), /^remoteboot_(boots|dhcp_messages)_total\{/m);
  });

  test('prints for people: every stage with its time, and what it cannot show', async () => {
    const { status, output } = await lab.print('ipxe');
    assert.equal(status, 0, output);
    assert.match(output, /^iPXE in the card: boots, [\d.]+ s/);
    assert.match(output, /^ {2}ok {7}kernel +\d+ ms {2}vmlinuz, 2\.1 MB/m);
    assert.match(output, /What only a machine on the wire can show\n(.*\n)*.*rules for srv0 alone/);
  });

  test('needs no rights', async () => {
    const rights = [
      '--reuid',
      '65534',
      '--clear-groups',
      '--inh-caps=-all',
      '--bounding-set=-all',
      '--no-new-privs',
    ];
    const { status, output } = await lab.print('uefi', rights);
    assert.equal(status, 0, output);
  });

  test('two at the same time do each other no harm', async () => {
    const both = await Promise.all([lab.rehearse('bios'), lab.rehearse('uefi')]);
    for (const { status, text } of both) assert.equal(status, 0, text);
  });

  for (const { service, kind, stage } of [
    { service: 'dhcp', kind: 'bios', stage: 'address' },
    { service: 'tftp', kind: 'bios', stage: 'loader' },
    { service: 'http', kind: 'http', stage: 'loader' },
    { service: 'http', kind: 'uefi', stage: 'script' },
  ] as const) {
    test(`says that ${service} is stopped, at the stage ${stage} of ${kind}`, async () => {
      await lab.appliance.service(service).stop();
      try {
        const found = failed(await lab.rehearse(kind));
        assert.equal(found.stage, stage);
        assert.match(
          found.said,
          new RegExp(`${service} does not run\nStart it\ndocker compose up -d ${service}`),
        );
      } finally {
        lab.appliance.begin(service);
        await lab.appliance.serving(service);
      }
    });
  }

  for (const { rule, kind, stage, port } of [
    { rule: 'input udp dport 67 drop', kind: 'bios', stage: 'address', port: 'UDP 67' },
    { rule: 'output udp sport 67 drop', kind: 'bios', stage: 'address', port: 'UDP 67' },
    { rule: 'input udp dport 69 drop', kind: 'uefi', stage: 'loader', port: 'UDP 69' },
    { rule: 'input tcp dport 80 drop', kind: 'ipxe', stage: 'script', port: 'TCP 80' },
    { rule: 'input tcp dport 80 drop', kind: 'http', stage: 'loader', port: 'TCP 80' },
    { rule: 'input tcp dport 80 reject with tcp reset', kind: 'ipxe', stage: 'script', port: 'TCP 80' },
  ] as const) {
    test(`says that a firewall rule is in the way (${rule}), at the stage ${stage} of ${kind}`, async () => {
      await lab.filter(rule);
      try {
        const found = failed(await lab.rehearse(kind));
        assert.equal(found.stage, stage);
        assert.match(found.said, new RegExp(`${service(port)} runs.* ${port}(.|\\n)*doctor`));
      } finally {
        await lab.filter();
      }
    });
  }

  test('does not meet a rule for the adapter alone, and says so', async () => {
    await lab.filter('input iifname "srv0" udp dport 69 drop');
    try {
      const { status, text } = await lab.rehearse('bios');
      assert.equal(status, 0, text);
      assert.match(text, /rules for srv0 alone \(iifname, -i\) were not/);
    } finally {
      await lab.filter();
    }
  });

  test('says that large TFTP packets get lost', async () => {
    await lab.filter('output udp length > 1000 drop');
    try {
      const found = failed(await lab.rehearse('uefi'));
      assert.equal(found.stage, 'loader');
      assert.match(found.said, /snponly\.efi: not one block of 1468 bytes has arrived.*MTU/);
    } finally {
      await lab.filter();
    }
  });

  test('tells that packets were lost on the way, where the loader comes all the same', async () => {
    // Packet by packet: a batch is one packet to the filter (UDP_SEGMENT), and a whole window that is
    // lost comes again before the rehearsal would have asked for it.
    await lab.serve({ DATAGRAMS: 'plain' });
    await lab.filter('output udp length > 1000 numgen inc mod 40 == 38 drop');
    try {
      const { status, boots, text } = await lab.rehearse('uefi');
      assert.equal(status, 0, text);
      const loader = boots[0]!.stages[1]!;
      assert.equal(loader.state, 'warn', text);
      assert.match(loader.detail, /\d+ packets did not come in their time or order/);
    } finally {
      await lab.filter();
      await lab.serve();
    }
  });

  test('gives its address back after SIGINT, and says where it was', async () => {
    await lab.filter('input udp dport 69 drop');
    try {
      const leased = () => until(() => lab.bound().length === 1, 'it gets an address');
      const { status, output } = await lab.interrupt(['bios'], 'SIGINT', leased);
      assert.equal(status, 1, output);
      assert.match(output, /fail +loader .*stopped by SIGINT/);
    } finally {
      await lab.filter();
    }
    await until(() => lab.bound().length === 0, 'its address is free again');
  });

  test('says that there is nothing to boot, in the words that machines show', async () => {
    lab.remove('vmlinuz');
    try {
      await until(async () => (await lab.rehearse('ipxe')).status === 1, 'it is found out');
      const found = failed(await lab.rehearse('bios'));
      assert.equal(found.stage, 'script');
      assert.match(
        found.said,
        /tells machines to wait.*there is no kernel in the folder images\/\nPut a Linux kernel/,
      );
    } finally {
      lab.putImages();
    }
    await until(async () => (await lab.rehearse('ipxe')).status === 0, 'it boots again');
  });

  for (const [file, stage, near] of [
    ['vmlinuz', 'kernel', 'vmlinux'],
    ['initrd.img', 'initrd', 'initrd.im'],
  ] as const) {
    test(`says that ${file}, which an edited script names, is missing, and what is almost called so`, async () => {
      const script = lab.image('infrakit.ipxe');
      const generated = readFileSync(script, 'utf8');
      writeFileSync(script, `${generated}# mine\n`);
      await lab.appliance.service('http').log.until(/was edited by hand/);
      writeFileSync(lab.image(near), readFileSync(lab.image(file)));
      lab.remove(file);
      try {
        const found = failed(await lab.rehearse('ipxe'));
        assert.equal(found.stage, stage);
        assert.match(
          found.said,
          new RegExp(`${file}, which images/ does not have.*${near.replace('.', '\\.')}`),
        );
        assert.match(found.said, /your edition of the boot script/);
      } finally {
        lab.remove(near);
        lab.putImages();
        lab.remove('infrakit.ipxe');
        await until(async () => (await lab.rehearse('ipxe')).status === 0, 'it boots again');
      }
    });
  }

  test('wrong words are told with the usage, and status 2', async () => {
    for (const words of [['floppy'], ['--mac', 'x'], ['--relay', '1.2.3'], ['bios', 'uefi'], ['--what']]) {
      const { status, text } = await lab.rehearse(...words);
      assert.equal(status, 2, text);
      assert.match(text, /usage: rehearse/);
    }
  });
});

function service(port: string): string {
  return { 'UDP 67': 'dhcp', 'UDP 69': 'tftp', 'TCP 80': 'http' }[port]!;
}
