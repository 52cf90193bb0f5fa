import { formatIpv4 } from '../../protocol/ipv4.ts';
import { architecture } from '../../protocol/pxe/architecture.ts';
import { serviceOf } from '../timeline/services.ts';
import { WAITS } from './deadlines.ts';
import type { Facts } from './facts.ts';
import { type Signature, signature, suspectUntilOver } from './signature.ts';
import { OPEN } from './telling.ts';
import { architectureText, bootsText, planText, serverText, sizeText } from './words.ts';

const SIGNED = /^(shim|grub)/i;

/** The firmware was told what to load, and nothing came of it. */
export const loaderSilence: readonly Signature[] = [
  signature({
    code: 'loader-never-asked',
    stage: 'loader',
    certainty: suspectUntilOver,
    matches: (facts) => {
      const { asking, stages } = facts;
      const plan = asking && asking.acks + asking.bootAnswers > 0 ? planText(asking.plan) : undefined;
      const isHere = facts.reached === 'address' && stages.loader.state === 'waiting';
      if (!plan || !isHere || facts.onlyOffered) return undefined;
      return facts.silent(WAITS.loader) ? plan : undefined;
    },
    cause: (plan, { boot }) => {
      const rival = boot.around.foreign.find(({ boots }) => boots.length > 0);
      const instead = rival
        ? `; ${serverText(rival.server, boot.around.foreign)} is on the network too${bootsText(rival.server, boot.around.foreign)}`
        : '';
      return `It was given ${boot.address ?? 'what to boot'} and told to load ${plan}, but has not asked ${serverOf(boot)} for it${instead}`;
    },
    remedy: (_, { boot }) =>
      serviceOf(boot, 'loader') === 'http'
        ? OPEN.http(portOf(boot))
        : `${OPEN.tftp}, and no other boot server may tell it otherwise`,
  }),
  signature({
    code: 'loader-then-silence',
    stage: ({ boot }) => (isSigned(boot.files.at(-1)?.file) ? 'script' : 'ipxe'),
    certainty: suspectUntilOver,
    matches: (facts) => {
      const { boot } = facts;
      const file = facts.arrived('loader');
      if (!file || facts.reached !== 'loader' || boot.firmware === 'raspberry-pi') return undefined;
      if (facts.stages.loader.state !== 'done' || facts.stages.ipxe.state === 'unknown') return undefined;
      // It runs: iPXE has asked for autoexec.ipxe.
      if (facts.stages.script.transfers.length > 0) return undefined;
      return facts.silent(isSigned(file.file) ? WAITS.grubConfig : WAITS.ipxe) ? file : undefined;
    },
    cause: ({ file, gathered }, facts) => {
      const what = `It has loaded ${file} (${sizeText(gathered)})`;
      const then = facts.boot.ended ? 'and started over' : 'and nothing came of it';
      if (isSigned(file))
        return `${what} ${then}: the loader did not start, or did not find its grub/grub.cfg`;
      const why = isBios(facts)
        ? 'the loader does not run on it, or has no driver for its network card'
        : 'most often Secure Boot refuses the loader, which is not signed, or it is for another architecture';
      return `${what} ${then}: ${why}`;
    },
    remedy: ({ file }, facts) => {
      const odd = facts.boot.around.oddLoaders.find(({ path }) => path.endsWith(`/${file}`));
      if (odd)
        return `${file} does not look like a loader (it ${odd.trouble}): delete it in images/, and a good one is fetched at the next start`;
      if (isSigned(file))
        return 'See docs/secure-boot.md: shim and GRUB have to be of one distribution, and GRUB its signed netboot image';
      return isBios(facts)
        ? 'Try an iPXE that brings its own drivers: LOADER_BIOS=ipxe.pxe in .env; if the machine can do UEFI, switch it to that'
        : `Switch Secure Boot off in its setup, or serve a signed loader (docs/secure-boot.md); where it is off, try another build of iPXE for ${architectureText(facts.boot)}${otherBuild(facts)}`;
    },
  }),
];

function isSigned(file: string | undefined): boolean {
  return SIGNED.test(file ?? '');
}

function isBios({ boot }: Facts): boolean {
  return (boot.architecture ?? 0) === 0;
}

/** There is one with drivers of its own for x64. */
function otherBuild({ boot }: Facts): string {
  return architecture(boot.architecture ?? 0).loader === 'x64' ? ': LOADER_X64=ipxe.efi in .env' : '';
}

function portOf({ around }: Facts['boot']): number {
  return (around.profiles.http ?? around.profiles.dhcp)?.httpPort ?? 80;
}

/** "10.0.0.1", or the service's name where its address is not known. */
function serverOf(boot: Facts['boot']): string {
  const service = serviceOf(boot, 'loader');
  const profile = boot.around.profiles.dhcp ?? boot.around.profiles.tftp;
  return profile && service !== 'dhcp' ? `${service} at ${formatIpv4(profile.addresses[service])}` : service;
}
