import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machineCommand } from '../../demo/machine.ts';
import { plan } from '../../demo/plan.ts';

function refusal(environment: Record<string, string>, architecture = 'x64'): string {
  const settled = plan(environment, architecture);
  assert.ok(!settled.run, 'it runs');
  return settled.refusal.join(' ');
}

test('with nothing set, a BIOS machine on a PC, a UEFI machine on an arm64 host', () => {
  const empty = { ADAPTER: '', MODE: '', HTTP_PORT: '', KERNEL: '', DEMO_FIRMWARE: '' };
  assert.deepEqual(plan(empty, 'x64'), { run: true, machine: 'x64, BIOS', httpPort: 80, kernel: undefined });
  assert.deepEqual(plan({}, 'arm64'), { run: true, machine: 'arm64, UEFI', httpPort: 80, kernel: undefined });
});

test('DEMO_FIRMWARE, HTTP_PORT and KERNEL are taken in', () => {
  const environment = { DEMO_FIRMWARE: 'uefi', HTTP_PORT: '8080', KERNEL: 'mine' };
  assert.deepEqual(plan(environment, 'x64'), {
    run: true,
    machine: 'x64, UEFI',
    httpPort: 8080,
    kernel: 'mine',
  });
});

test('on an adapter of the user’s nothing runs, not even on the bridge by its name', () => {
  assert.match(refusal({ ADAPTER: 'eth1' }), /ADAPTER=eth1 is set.*Take ADAPTER out of \.env/);
  assert.match(refusal({ ADAPTER: 'remoteboot0' }), /ADAPTER=remoteboot0 is set/);
});

test('MODE=proxy, an unknown firmware and an unknown host are refused with what to do', () => {
  assert.match(refusal({ MODE: 'proxy' }), /nobody would give .*Take MODE out of \.env/);
  assert.match(
    refusal({ DEMO_FIRMWARE: 'efi' }),
    /DEMO_FIRMWARE=efi is none.*set DEMO_FIRMWARE=bios or DEMO_FIRMWARE=uefi\./,
  );
  assert.match(refusal({ DEMO_FIRMWARE: 'bios' }, 'arm64'), /set DEMO_FIRMWARE=uefi\./);
  assert.match(refusal({}, 'riscv64'), /x64 and arm64 alone, and this host is riscv64/);
});

test('every machine is plugged into the own bridge by QEMU’s helper, and into nothing else', () => {
  const flash = { code: '/code', variables: '/variables' };
  for (const machine of ['x64, BIOS', 'x64, UEFI', 'arm64, UEFI'] as const) {
    const [, args] = machineCommand(machine, flash);
    const networks = args.filter((_, at) => ['-netdev', '-nic', '-net'].includes(args[at - 1] ?? ''));
    assert.deepEqual(networks, ['bridge,id=n0,br=remoteboot0']);
    assert.ok(args.includes('-nodefaults'));
    assert.equal(
      args.some((argument) => argument.includes('/variables')),
      machine !== 'x64, BIOS',
    );
  }
});
