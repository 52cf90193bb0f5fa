import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ReportLine } from '../../src/commands/report.ts';
import { ENGINE_NEEDS } from '../lab/docker/engine.ts';
import { Stack } from '../lab/docker/stack.ts';
import { addGuestSystem } from '../lab/guest-system.ts';
import { type Host, Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';

const HOLDER = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('0.0.0.0', 69))
print('held', flush=True)
sys.stdin.read()
`;

describe(
  'docker compose run --rm dhcp doctor',
  requires('root', 'netns', 'nft', 'python3', ...ENGINE_NEEDS),
  () => {
    let lab: Lab;
    let host: Host;
    let stack: Stack;

    before(async () => {
      lab = new Lab();
      host = lab.host('docker');
      stack = new Stack();
      await stack.open(host);
      addGuestSystem(stack.images);
      await stack.up();
    });
    after(async () => {
      await stack?.close().finally(() => lab.close());
    });

    async function ask(...checks: string[]): Promise<{ status: number; ills: ReportLine[] }> {
      const { status, output } = await stack.compose(
        'run',
        '--rm',
        '-T',
        'dhcp',
        'doctor',
        '--json',
        ...checks,
      );
      const report = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
      const lines: ReportLine[] = report.sections.flatMap(
        (section: { lines: ReportLine[] }) => section.lines,
      );
      assert.ok(lines.length > 0);
      return { status, ills: lines.filter(({ state }) => state !== 'ok' && state !== 'note') };
    }

    test('finds nothing where all is well', async () => {
      assert.deepEqual(await ask(), { status: 0, ills: [] });
    });

    test('finds what a packet filter of the host drops, and the rule that it names lets it through', async () => {
      const file = join(stack.folder, 'rules.nft');
      writeFileSync(
        file,
        'table inet fw {\nchain input { type filter hook input priority 0; policy drop;\n}\n}\n',
      );
      await host.run('nft', ['-f', file]);
      const { status, ills } = await ask('firewall');
      assert.equal(status, 1);
      assert.match(ills[0]!.detail, /policy drop of chain input/);
      const { status: mended } = await host.run('sh', ['-c', ills[0]!.command!.replaceAll('sudo ', '')]);
      assert.equal(mended, 0);
      assert.deepEqual(await ask('firewall'), { status: 0, ills: [] });
      await host.run('nft', ['delete', 'table', 'inet', 'fw']);
    });

    test('finds a variable of .env that is misspelled', async () => {
      stack.setEnvironment(['HTTP_PRT=8080']);
      const { ills } = await ask('settings');
      assert.equal(ills[0]?.what, 'HTTP_PRT');
      stack.setEnvironment([]);
    });

    test('finds who holds a port: at least whose program it is, and the command that names it', async () => {
      await stack.compose('stop', 'tftp');
      const holder = host.spawn('python3', ['-c', HOLDER], { stdio: ['pipe', 'pipe', 'inherit'] });
      await new Promise((resolve) => holder.stdout!.once('data', resolve));
      const { status, ills } = await ask('ports');
      assert.equal(status, 1);
      assert.match(
        ills[0]!.detail,
        /held by (a program of user id 0|the systemd unit \S+|container \S+), on every address/,
      );
      holder.stdin!.end();
      await stack.up();
      assert.deepEqual(await ask('ports'), { status: 0, ills: [] });
    });
  },
);
