import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fingerprintOf,
  type Problem,
  readSettings,
  type Settings,
  usableSettings,
} from '../../src/config/settings.ts';
import { problemText } from '../../src/journal/config-events.ts';

function settings(environment: Record<string, string>): Settings {
  const result = readSettings(environment);
  if ('problems' in result) assert.fail(result.problems.map(problemText).join('\n'));
  return result.settings;
}

function problems(environment: Record<string, string>): Problem[] {
  const result = readSettings(environment);
  return 'problems' in result ? result.problems : [];
}

test('an empty environment is a right one', () => {
  const { ADAPTER, LEASE_TIME, HTTP_PORT, LOADER_BIOS, CMDLINE } = settings({});
  assert.deepEqual(
    [ADAPTER, LEASE_TIME, HTTP_PORT, LOADER_BIOS, CMDLINE],
    [undefined, 7200, 80, 'undionly.kpxe', ''],
  );
});

test('a wrong token is told without its text', () => {
  const [wrong] = problems({ API_TOKEN: 'hunter2' });
  assert.match(problemText(wrong!), /^API_TOKEN is no token: it takes 16/);
  assert.doesNotMatch(problemText(wrong!), /hunter2/);
});

test('an empty value counts as unset, as compose makes it of ADAPTER=', () => {
  assert.equal(settings({ ADAPTER: '', LEASE_TIME: ' ' }).LEASE_TIME, 7200);
});

test('all wrong values are told at once, each with what was seen and the line for .env', () => {
  const found = problems({
    LEASE_TIME: 'soon',
    ADDRESS_DHCP: '10.0.0.256',
    HTTP_PORT: '0',
    KERNEL: '../vmlinuz',
    ADAPTER: 'eth 1',
  });
  assert.deepEqual(found.map(({ variable }) => variable).toSorted(), [
    'ADAPTER',
    'ADDRESS_DHCP',
    'HTTP_PORT',
    'KERNEL',
    'LEASE_TIME',
  ]);
  const text = found.map(problemText).join('\n');
  assert.match(text, /LEASE_TIME="soon" is not a duration.*In \.env: LEASE_TIME=2h/);
  assert.match(
    text,
    /ADDRESS_DHCP="10\.0\.0\.256" is not an IPv4 address.*In \.env: ADDRESS_DHCP=10\.99\.0\.1/,
  );
});

for (const [text, seconds] of [
  ['2h', 7200],
  ['90m', 5400],
  ['1d12h', 129_600],
  ['3600', 3600],
  ['1w', 604_800],
] as const) {
  test(`LEASE_TIME=${text} is ${seconds} s`, () => {
    assert.equal(settings({ LEASE_TIME: text }).LEASE_TIME, seconds);
  });
}

const WRONG: [string, string][] = [
  ['LEASE_TIME', '2 hours'],
  ['LEASE_TIME', '10s'],
  ['LEASE_TIME', '2y'],
  ['LEASE_TIME', '54w'],
  ['LEASE_COUNT', '0'],
  ['LEASE_COUNT', '-3'],
  ['LEASE_COUNT', '1e3'],
  ['ADDRESS_TFTP', 'tftp.lab'],
  ['ADDRESS_TFTP', '010.0.0.1'],
  ['GATEWAY', 'off'],
  ['DNS', '10.0.0.1,nine'],
  ['DNS', '1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,1.1.1.9'],
  ['DOMAIN', 'lab example'],
  ['KERNEL', '/boot/vmlinuz'],
  ['KERNEL', '.hidden'],
  ['INITRD', 'a.img,../b.img'],
  ['CMDLINE', 'quiet\nchain http://evil/'],
  ['CMDLINE', 'x'.repeat(2048)],
  ['LOADER_URL', 'undionly.kpxe'],
  ['LOADER_URL', 'file:///etc/passwd'],
  ['LOADER_SHA256', 'abc'],
  ['TFTP_PORTS', 'many'],
  ['LOG_LEVEL', 'verbose'],
  ['STATE_DIR', 'images'],
  ['STATE_DIR', './images/.state'],
  ['STATE_DIR', 'x/../images/a/b'],
  ['IMAGES_DIR', '.'],
  ['IMAGES_DIR', '/'],
];

for (const [name, value] of WRONG) {
  test(`${name}=${JSON.stringify(value.slice(0, 30))} is refused`, () => {
    assert.deepEqual(
      problems({ [name]: value }).map(({ variable }) => variable),
      [name],
    );
  });
}

test('lists are taken with commas or spaces, and none means none', () => {
  assert.deepEqual(settings({ INITRD: 'a.img, b/c.img' }).INITRD, ['a.img', 'b/c.img']);
  assert.deepEqual(settings({ INITRD: 'none' }).INITRD, []);
  assert.equal(settings({ DNS: 'none' }).DNS, 'none');
});

test('wrong values have their defaults where a command goes on in spite of them, and are told all the same', () => {
  const { settings, problems } = usableSettings({ LEASE_TIME: 'soon', HTTP_PORT: '8080', DNS: '1.2' });
  assert.equal(settings.LEASE_TIME, 7200);
  assert.equal(settings.HTTP_PORT, 8080);
  assert.deepEqual(problems.map(({ variable }) => variable).sort(), ['DNS', 'LEASE_TIME']);
});

test('the folder of leases and journals may lie anywhere but among the files that machines fetch', () => {
  for (const STATE_DIR of ['.', 'state', 'images-state', '..images', '../images', '/var/lib/remoteboot'])
    assert.equal(settings({ STATE_DIR }).STATE_DIR, STATE_DIR);
  const wrong = usableSettings({ IMAGES_DIR: '/srv', STATE_DIR: '/srv/state' });
  assert.deepEqual([wrong.settings.IMAGES_DIR, wrong.settings.STATE_DIR], ['/srv', 'state']);
  const all = usableSettings({ IMAGES_DIR: '/', STATE_DIR: '/state' });
  assert.deepEqual([all.settings.IMAGES_DIR, all.settings.STATE_DIR], ['images', 'state']);
});

test('a fingerprint tells settings apart, and nothing of the token', () => {
  const of = (environment: Record<string, string>) => fingerprintOf(usableSettings(environment).settings);
  assert.equal(of({ HTTP_PORT: '80' }), of({}));
  assert.notEqual(of({ HTTP_PORT: '81' }), of({}));
  assert.equal(of({ API_TOKEN: 'a-token-of-enough-letters' }), of({}));
});
