import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as adapter from '../../../src/commands/doctor/checks/adapter.ts';
import * as clock from '../../../src/commands/doctor/checks/clock.ts';
import * as configuration from '../../../src/commands/doctor/checks/configuration.ts';
import * as databases from '../../../src/commands/doctor/checks/databases.ts';
import * as images from '../../../src/commands/doctor/checks/images.ts';
import * as loaders from '../../../src/commands/doctor/checks/loaders.ts';
import * as ports from '../../../src/commands/doctor/checks/ports.ts';
import * as relays from '../../../src/commands/doctor/checks/relays.ts';
import * as servers from '../../../src/commands/doctor/checks/servers.ts';
import * as services from '../../../src/commands/doctor/checks/services.ts';
import type { ReportLine } from '../../../src/commands/report.ts';
import { parseIpv4 } from '../../../src/protocol/ipv4.ts';
import { profileOf } from '../../profile.ts';

const ip = (text: string) => parseIpv4(text)!;
const ills = (lines: readonly ReportLine[]) => lines.filter(({ state }) => state !== 'ok');

describe('the adapter', () => {
  const facts = (address = '192.168.7.1', prefix = 24): adapter.Facts => {
    const { adapter: one } = profileOf();
    const addresses = [{ address: ip(address), prefix }];
    return {
      name: 'eth1',
      chosen: true,
      adapters: [{ ...one, name: 'eth1', addresses }],
      port: undefined,
      kind: 'other',
    };
  };

  test('of a sound host is well', () => assert.deepEqual(ills(adapter.judge(facts())), []));

  test('that is wireless, or Docker’s own, is warned of', () => {
    const [wireless] = ills(adapter.judge({ ...facts(), kind: 'wireless' }));
    assert.equal(`${wireless?.state} ${wireless?.what}`, 'warn wireless');
    const { adapters } = facts();
    for (const name of ['docker0', 'br-0123456789ab']) {
      const docker = adapter.judge({ ...facts(), name, adapters: [{ ...adapters[0]!, name }] });
      assert.equal(ills(docker)[0]?.what, 'docker');
    }
    const own = adapter.judge({
      ...facts(),
      name: 'br-lan',
      adapters: [{ ...adapters[0]!, name: 'br-lan' }],
    });
    assert.deepEqual(ills(own), []);
  });

  test('that gave itself an address is warned of', () =>
    assert.match(ills(adapter.judge(facts('169.254.3.4', 16)))[0]?.detail ?? '', /gives itself/));

  test('that dhcp makes may have no machine yet, and is missing before it has run', () => {
    const adapters = [{ ...facts().adapters[0]!, carrier: false }];
    assert.deepEqual(ills(adapter.judge({ ...facts(), chosen: false, kind: 'bridge', adapters })), []);
    assert.equal(
      adapter.judge({ ...facts(), chosen: false, adapters: [] })[0]?.command,
      'docker compose up -d',
    );
  });
});

describe('settings', () => {
  const misspelled = (...names: string[]) =>
    configuration
      .judge({ problems: [], names, resolution: { state: 'wrong', problems: [] } })
      .flatMap(({ state, what }) => (state === 'warn' ? [what] : []));

  test('that are nearly ours are told, and what every container has is not', () => {
    assert.deepEqual(misspelled('KERNAL', 'http_port', 'LEASETIME', 'ADAPTERS'), [
      'KERNAL',
      'http_port',
      'LEASETIME',
      'ADAPTERS',
    ]);
    const usual = [
      'HOME',
      'PATH',
      'HOSTNAME',
      'NODE_VERSION',
      'YARN_VERSION',
      'NODE_ENV',
      'TERM',
      'PWD',
      'HTTP_PROXY',
    ];
    assert.deepEqual(
      misspelled(...usual, 'LOG_LEVEL', 'HTTPS_PROXY', 'NO_PROXY', 'COMPOSE_PROJECT_NAME'),
      [],
    );
  });
});

describe('a port', () => {
  const socket = { protocol: 'UDP', address: 0, port: 69, adapter: 0, uid: 0, inode: 1, cgroup: 1n } as const;
  const of = (held: Partial<ports.Held>, rest: Partial<ports.PortFacts> = {}) =>
    ports.judge({
      ...{ service: 'tftp', protocol: 'UDP', port: 69, ours: false, needed: true },
      held: [{ socket, holders: [], unit: undefined, ...held }],
      ...rest,
    });

  test('that a systemd unit holds is freed by stopping that', () => {
    const line = of({ unit: { kind: 'service', name: 'tftpd-hpa.service' } });
    assert.match(line.detail, /^held by the systemd unit tftpd-hpa\.service, on every address/);
    assert.equal(line.command, 'sudo systemctl disable --now tftpd-hpa.service');
  });

  test('that a container holds or publishes is freed by stopping that', () => {
    assert.equal(of({ unit: { kind: 'container', id: '0123456789ab' } }).command, 'docker stop 0123456789ab');
    assert.equal(
      of({ holders: [{ pid: 7, name: 'docker-proxy' }] }).command,
      'docker stop $(docker ps --quiet --filter publish=69/udp)',
    );
  });

  test('whose holder cannot be seen comes with the command that shows it', () => {
    const line = of({});
    assert.match(line.detail, /a program of user id 0/);
    assert.equal(line.command, "sudo ss -lunp 'sport = :69'");
  });

  test('that is not needed is no failure', () =>
    assert.equal(of({}, { port: 4011, needed: false }).state, 'warn'));

  test('that is free, or ours, is well', () => {
    assert.equal(of({}, { held: [] }).state, 'ok');
    assert.equal(of({}, { ours: true }).state, 'ok');
    assert.equal(of({}, { ours: true, held: [] }).state, 'warn');
  });
});

describe('a service', () => {
  const health = { service: 'tftp', problems: [], journal: [], since: 0, version: '1', settings: 'a' };
  const facts: services.ServiceFacts = {
    service: 'tftp',
    health,
    handedTo: undefined,
    settings: 'a',
    version: '1',
  };

  test('that is well is so, with its version', () => assert.deepEqual(ills(services.judge(facts)), []));

  test('of another version is told', () => {
    const [line] = services.judge({ ...facts, version: '2' });
    assert.match(line?.detail ?? '', /version 1, and this is 2/);
    assert.equal(line?.command, 'docker compose up -d --build tftp');
  });

  test('that has problems is told with each, gaps in its journal as a warning', () => {
    const troubled = { ...health, problems: ['no loader'], journal: ['disk full'] };
    assert.deepEqual(
      services.judge({ ...facts, health: troubled }).map(({ state, detail }) => `${state} ${detail}`),
      ['fail no loader', 'warn its journal has gaps: disk full'],
    );
  });

  test('whose work another host does need not run', () => {
    const [line] = services.judge({ ...facts, health: { reason: 'silent' }, handedTo: '10.0.0.9' });
    assert.equal(line?.state, 'note');
  });
});

describe('other servers', () => {
  const other = {
    server: ip('10.0.0.3'),
    mac: undefined,
    offered: { address: ip('10.0.0.9'), seconds: 60 },
    boots: [],
  };
  const boots = { ...other, offered: undefined, boots: ['pxelinux.0 from 10.0.0.3'] };

  test('beside a server of addresses are told, whether they give addresses or boot', () => {
    const [giver] = servers.judge({ adapter: 'eth1', mode: 'server', found: [other] });
    assert.equal(giver?.state, 'fail');
    assert.match(giver?.command ?? '', /MODE=proxy/);
    const [rival] = servers.judge({ adapter: 'eth1', mode: 'server', found: [boots] });
    assert.match(rival?.detail ?? '', /10\.0\.0\.3 tells machines to boot pxelinux\.0/);
  });

  test('beside a proxy one gives addresses, and nothing else', () => {
    assert.deepEqual(ills(servers.judge({ adapter: 'eth1', mode: 'proxy', found: [other] })), []);
    const both = { ...other, boots: boots.boots };
    assert.equal(
      ills(servers.judge({ adapter: 'eth1', mode: 'proxy', found: [both] }))[0]?.what,
      'boot server',
    );
    assert.equal(ills(servers.judge({ adapter: 'eth1', mode: 'proxy', found: [] }))[0]?.state, 'fail');
  });
});

describe('kernels', () => {
  const kernel = (architecture: 'x86_64' | 'arm64' | 'x86') =>
    ({
      name: 'vmlinuz',
      size: 1,
      modified: 0,
      file: { kind: 'kernel', architecture, version: '6', efiStub: true },
      wholeness: { state: 'whole' },
    }) as const;
  const facts = (architecture: 'x86_64' | 'arm64' | 'x86', ...codes: number[]): images.ImageFacts => ({
    folder: 'images',
    elsewhere: undefined,
    choice: { ready: true, kernel: 'vmlinuz', initrds: [], summary: '', notes: [] },
    files: [kernel(architecture)],
    names: ['vmlinuz'],
    unreadable: [],
    missing: [],
    edited: false,
    machines: codes.map((code, at) => ({ mac: `52:54:00:00:00:0${at}`, architecture: code })),
  });

  test('are held against the machines that have asked', () => {
    for (const [architecture, code] of [
      ['x86_64', 0],
      ['x86_64', 7],
      ['x86_64', 16],
      ['x86_64', 6],
      ['x86', 0],
      ['arm64', 11],
    ] as const)
      assert.deepEqual(ills(images.judge(facts(architecture, code))), [], `${architecture} on ${code}`);
    for (const [architecture, code] of [
      ['x86_64', 11],
      ['arm64', 7],
      ['arm64', 0],
      ['x86', 7],
    ] as const) {
      const [line] = ills(images.judge(facts(architecture, code)));
      assert.match(line?.detail ?? '', /cannot start on 52:54:00:00:00:00 \(/, `${architecture} on ${code}`);
    }
  });

  test('that are not there are a failure; where the script was edited, a warning', () => {
    const choice = { ready: false, reason: 'none', remedy: 'put one there' } as const;
    assert.equal(images.judge({ ...facts('x86_64'), files: [], choice })[0]?.state, 'fail');
    assert.equal(images.judge({ ...facts('x86_64'), files: [], choice, edited: true })[0]?.state, 'warn');
  });

  test('that another host serves need not be here', () => {
    const choice = { ready: false, reason: 'none', remedy: 'put one there' } as const;
    const lines = images.judge({ ...facts('x86_64'), files: [], choice, elsewhere: '10.0.0.9' });
    assert.deepEqual(
      lines.map(({ state }) => state),
      ['note'],
    );
  });

  test('that several could be meant come with the line that chooses', () => {
    const choice = {
      ready: false,
      reason: 'two',
      remedy: 'choose one in .env, for example KERNEL=vmlinuz-6, then …',
    } as const;
    assert.match(
      images.judge({ ...facts('x86_64'), choice })[0]?.command ?? '',
      /echo KERNEL=vmlinuz-6 >> \.env/,
    );
  });
});

describe('a loader', () => {
  const facts: loaders.LoaderFacts = {
    loader: { architecture: 'arm64', name: 'snponly-arm64.efi' },
    folder: 'images',
    found: { from: 'nowhere', unreadable: undefined },
    packaged: false,
    wanted: true,
  };

  test('that machines want and is not there is a failure, and fetched', () => {
    const [line] = loaders.judge(facts);
    assert.equal(`${line?.state} ${line?.command}`, 'fail docker compose run --rm tftp pull');
    assert.equal(loaders.judge({ ...facts, wanted: false })[0]?.state, 'note');
  });

  test('that is of the wrong kind is removed where another stands in, fetched where none does', () => {
    const found = { from: 'images', bytes: 9, build: undefined, trouble: 'is empty' } as const;
    assert.equal(loaders.judge({ ...facts, found })[0]?.command, 'docker compose run --rm tftp pull');
    assert.equal(
      loaders.judge({ ...facts, found, packaged: true })[0]?.command,
      'rm images/snponly-arm64.efi',
    );
  });

  test('tells its build', () => {
    assert.equal(
      loaders.buildOf(Buffer.from('\0iPXE 1.21.1+git-20250501.1d1cf74 -- Open')),
      '1.21.1+git-20250501.1d1cf74',
    );
    assert.equal(loaders.buildOf(Buffer.from('nothing')), undefined);
  });
});

describe('the clock', () => {
  const year = (one: number) => Date.UTC(one, 5);

  test('that was never set, or was set back, is told', () => {
    assert.equal(clock.judge({ now: year(1970), newestEvent: undefined, leases: undefined }).state, 'fail');
    assert.equal(clock.judge({ now: year(2200), newestEvent: undefined, leases: undefined }).state, 'fail');
    assert.match(
      clock.judge({ now: year(2026), newestEvent: year(2027), leases: undefined }).detail,
      /was set back/,
    );
    assert.equal(
      clock.judge({ now: year(2026), newestEvent: year(2027), leases: undefined }).command,
      'sudo timedatectl set-ntp true',
    );
  });

  test('that is behind what is written this moment by a little is well', () =>
    assert.equal(
      clock.judge({ now: year(2026), newestEvent: year(2026) + 500, leases: year(2026) }).state,
      'ok',
    ));
});

describe('databases and routing', () => {
  test('a journal too large to be looked through is unknown', () => {
    const line = databases.judge({
      name: 'journal of http',
      service: 'http',
      found: { state: 'too large', bytes: 1e9 },
    });
    assert.equal(line.state, 'unknown');
  });

  test('IPv6 that is switched off where routers are searched is warned of, with the command', () => {
    const facts: relays.RoutingFacts = {
      adapter: 'remoteboot0',
      subnets: [],
      routes: [],
      strictReversePath: false,
      forwards: true,
      isGateway: true,
      advertises: true,
      ipv6: false,
    };
    assert.equal(
      ills(relays.judge(facts))[0]?.command,
      'sudo sysctl -w net.ipv6.conf.remoteboot0.disable_ipv6=0',
    );
    assert.deepEqual(ills(relays.judge({ ...facts, ipv6: true })), []);
    assert.equal(relays.judge({ ...facts, ipv6: true, forwards: false }).at(-1)?.state, 'note');
  });
});
