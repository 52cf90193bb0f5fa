import { Router } from 'express';
import { chainsGrub, GRUB_CONFIG_NAME } from '../../boot/grub.ts';
import { SCRIPT_NAME } from '../../boot/plan.ts';
import type { Profile } from '../../config/profile.ts';
import type { Machine } from '../../journal/timeline/model.ts';
import { fileUrl } from '../../protocol/ipxe/url.ts';
import { architecture } from '../../protocol/pxe/architecture.ts';
import type { ApiParts } from './parts.ts';
import { macOf } from './query.ts';
import type { Script } from './shapes.ts';

/** What a machine would be given to run, if it asked now. */
export function scriptRoutes({ generated, observed, profile }: ApiParts): Router {
  const server = { address: profile.addresses.http, port: profile.httpPort };
  return Router().get('/machines/:mac/script', async (request, response) => {
    const mac = macOf(request.params.mac);
    // What it did before is a help, no more.
    const known = observed.machine(mac).catch(() => undefined);
    const [files, machine] = await Promise.all([generated.current(), known]);
    const name = bootsByGrub(machine, profile.loaders) ? GRUB_CONFIG_NAME : SCRIPT_NAME;
    const { text, made } = files[name];
    response.json({ name, url: fileUrl(server, name), made, text } satisfies Script);
  });
}

const GRUB = /(^|\/)(grub[^/]*\.efi|grub\.cfg)$/i;

/** By what it has fetched in its newest try; before any, by the loader that its architecture is sent to. */
function bootsByGrub(machine: Machine | undefined, loaders: Profile['loaders']): boolean {
  const attempt = machine?.attempt;
  if (!attempt) return false;
  const fetched = attempt.stages.flatMap(({ transfers }) => transfers.map(({ file }) => file));
  if (fetched.some((file) => GRUB.test(file))) return true;
  if (fetched.some((file) => file.endsWith(SCRIPT_NAME)) || attempt.firmware === 'ipxe') return false;
  const { loader } = architecture(attempt.architecture?.code ?? 0);
  return loader !== undefined && chainsGrub(loaders[loader].name);
}
