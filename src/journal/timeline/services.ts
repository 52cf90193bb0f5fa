import type { Service } from '../../config/resolve.ts';
import type { Boot } from './boot.ts';
import { isScript, toldLoader } from './file-stage.ts';
import { filesOf } from './loaded.ts';
import type { StageName } from './model.ts';

/** Shim and GRUB load everything by the way that they came themselves. */
const SIGNED = /^(shim|grub)/i;

/** The service that sees this stage of this boot, or would see it. */
export function serviceOf(boot: Boot, stage: StageName): Service {
  switch (stage) {
    case 'address':
    case 'ipxe':
    case 'system':
      return 'dhcp';
    case 'loader':
      return filesOf(boot, 'loader')[0]?.service ?? loaderService(boot);
    case 'script':
      return boot.files.find(({ file }) => isScript(file))?.service ?? scriptService(boot);
    case 'kernel':
    case 'initrd':
      return filesOf(boot, stage)[0]?.service ?? serviceOf(boot, 'script');
  }
}

function loaderService({ asked, firmware }: Boot): Service {
  return asked.firmware?.plan?.kind === 'http-loader' || firmware === 'http' ? 'http' : 'tftp';
}

function scriptService(boot: Boot): Service {
  const plan = boot.asked.ipxe?.plan;
  if (plan?.kind === 'script') return plan.url.startsWith('tftp:') ? 'tftp' : 'http';
  return SIGNED.test(toldLoader(boot) ?? '') ? loaderService(boot) : 'http';
}
