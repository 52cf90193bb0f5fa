import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BootChain } from '../../../src/boot/chain.ts';
import { bzImage, gzippedCpio, nbp, pe } from '../../assets/headers.ts';
import { first } from '../../fixtures/dhcp.ts';
import { Running } from './running.ts';

const MAC = '52:54:00:12:34:56';

async function explained(running: Running, query: string): Promise<BootChain> {
  const response = await running.call('GET', `/api/explain?${query}`);
  assert.equal(response.status, 200);
  return (await response.json()) as BootChain;
}

const steps = ({ links }: BootChain) =>
  links.map((link) =>
    link.kind === 'file' ? `${link.stage} ${link.name}` : `${link.message} ${link.answer}`,
  );

test('a boot is told from the first packet to the last file, with the text of its script', async () => {
  await using running = new Running();
  running.images.write('vmlinuz', bzImage());
  running.images.write('initrd.img', gzippedCpio);
  running.images.write('snponly.efi', pe('x64'));
  await running.start();
  await running.dhcp();
  const chain = await explained(running, `mac=${MAC}&architecture=7`);
  assert.equal(chain.verdict, 'It would boot vmlinuz with initrd.img.');
  assert.equal(chain.state, 'ok');
  assert.deepEqual(steps(chain), [
    'DISCOVER OFFER',
    'REQUEST ACK',
    'loader snponly.efi',
    'DISCOVER OFFER',
    'REQUEST ACK',
    'script infrakit.ipxe',
    'kernel vmlinuz',
    'initrd initrd.img',
  ]);
  const script = chain.links.find((link) => link.kind === 'file' && link.stage === 'script');
  const served = await running.call('GET', '/infrakit.ipxe');
  assert.equal(script?.kind === 'file' && script.text, await served.text());
});

test('it ends where the machine would: at a loader that is none for it, at images/ without a kernel', async () => {
  await using running = new Running();
  running.images.write('snponly.efi', nbp());
  await running.start();
  await running.dhcp();
  const wrong = await explained(running, `mac=${MAC}&architecture=7`);
  assert.equal(wrong.state, 'fail');
  assert.match(wrong.verdict, /stop at snponly\.efi.*UEFI runs EFI programs alone/);
  assert.deepEqual(steps(wrong).at(-1), 'loader snponly.efi');
  const none = await explained(running, `mac=${MAC}&firmware=ipxe`);
  assert.match(none.verdict, /There is no kernel in the folder images\//);
  assert.match(none.remedy!, /Put a Linux kernel/);
});

test('one packet is answered to the byte as the engine answers it', async () => {
  await using running = await new Running().start();
  await running.dhcp();
  const { bytes } = first('ovmf-pxe-snponly', 'DISCOVER');
  const [link] = (await explained(running, `packet=${bytes.toString('hex')}`)).links;
  const { outcome } = running.rig.bytes(bytes);
  assert.ok(link?.kind === 'exchange');
  assert.equal(link.bytes, Buffer.from(outcome.answer!.bytes).toString('hex'));
  for (const [query, status] of [
    ['packet=zz', 400],
    ['packet=0101', 400],
    [`packet=${bytes.toString('hex')}&from=nowhere`, 400],
    [`mac=${MAC}&port=69`, 400],
  ] as const)
    assert.equal((await running.call('GET', `/api/explain?${query}`)).status, status, query);
});
