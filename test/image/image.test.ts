import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ControlServer } from '../../src/platform/control.ts';
import { healthSocket } from '../../src/platform/control-protocol.ts';
import { temporaryFolder } from '../lab/leftovers.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const STRIPPER = 'internal/deps/amaro';

describe('what the image runs', () => {
  const folder = temporaryFolder('image');
  const src = join(folder, 'src');
  before(() => {
    cpSync(join(PROJECT, 'src'), src, { recursive: true });
    cpSync(join(PROJECT, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
    execFileSync(process.execPath, [join(PROJECT, 'image/strip.mjs'), src], { stdio: 'pipe' });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const loadedBy = (...files: string[]) => {
    const imports = files.map((file) => `await import(${JSON.stringify(join(src, file))});`).join('');
    const script = `${imports} process.stdout.write(process.moduleLoadList.join()); process.exit()`;
    return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  };

  test('no TypeScript is left, and lines are where they were', () => {
    const names = readdirSync(src, { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      names.filter((name) => name.endsWith('.ts')),
      [],
    );
    const [plain, typed] = [join(src, 'main.js'), join(PROJECT, 'src/main.ts')].map((file) =>
      readFileSync(file, 'utf8').split('\n'),
    );
    assert.equal(plain!.length, typed!.length);
    assert.match(readFileSync(join(src, 'http/page/index.html'), 'utf8'), /src="\/page\/main\.js"/);
  });

  test('services load without the type stripper, and their page without it too', () => {
    const loaded = loadedBy(
      'supervise.js',
      'wiring.js',
      'dhcp/service.js',
      'tftp/service.js',
      'http/service.js',
    );
    assert.ok(loaded.includes('NativeModule'));
    assert.ok(!loaded.includes(STRIPPER));
    const file = JSON.stringify(join(src, 'http/page-files.js'));
    const page = execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const { readPageFiles } = await import(${file}); const { text } = readPageFiles().get('main.js');
         process.stdout.write(text + process.moduleLoadList.join())`,
      ],
      { encoding: 'utf8' },
    );
    assert.match(page, /from '\.\/[\w-]+\.js'/);
    assert.ok(!page.includes(STRIPPER));
  });

  test('dhcp and tftp load nothing of what answers HTTP', () => {
    const modules = readdirSync(join(PROJECT, 'node_modules'));
    assert.ok(modules.includes('express'));
    const script = `const { registerHooks } = await import('node:module');
      const urls = []; registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
      for (const part of ['supervise', 'wiring', 'dhcp/service', 'tftp/service']) await import('${src}/' + part + '.js');
      process.stdout.write(urls.join('\\n')); process.exit()`;
    const urls = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    assert.match(urls, /dhcp\/service\.js/);
    assert.doesNotMatch(urls, /node_modules\/(express|prom-client|htm)\//);
  });

  test('the probe says that a service is well, what ails it, and that it does not run', async () => {
    const state = join(folder, 'state');
    const problems: string[] = [];
    const file = healthSocket(folder, state, 'tftp');
    const routes = () => ({ 'GET /health': () => ({ problems, journal: [], since: 0 }) });
    const control = new ControlServer({ service: 'tftp', files: [file], routes, sink: () => undefined });
    const probe = () =>
      new Promise<[number, string]>((resolve) => {
        const env = { STATE_DIR: state, RUN_DIR: folder };
        const args = [join(PROJECT, 'image/health.cjs'), 'tftp'];
        execFile(process.execPath, args, { env }, (error, stdout) =>
          resolve([error ? Number(error.code) : 0, stdout.trim()]),
        );
      });
    await control.start();
    try {
      assert.deepEqual(await probe(), [0, 'tftp is well']);
      problems.push('port 69 is taken', 'no loader');
      assert.deepEqual(await probe(), [1, 'port 69 is taken\nno loader']);
    } finally {
      control.close();
    }
    const [status, told] = await probe();
    assert.equal(status, 1);
    assert.match(told, /^tftp is not running, or does not answer: .*ENOENT/);
  });
});
