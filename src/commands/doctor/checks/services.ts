import type { Profile } from '../../../config/profile.ts';
import type { Service } from '../../../config/resolve.ts';
import { fingerprintOf } from '../../../config/settings.ts';
import { VERSION } from '../../../config/version.ts';
import { isLocalAddress } from '../../../platform/adapters.ts';
import type { ControlHealth } from '../../../platform/control-protocol.ts';
import { formatIpv4 } from '../../../protocol/ipv4.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { UP } from '../mending.ts';

export interface ServiceFacts {
  readonly service: Service;
  readonly health: ControlHealth | { readonly reason: string };
  /** Another host's address that machines are sent to for this service's work. */
  readonly handedTo: string | undefined;
  readonly settings: string;
  readonly version: string;
}

export const services = check('services', 'Services', gather, (facts) => facts.flatMap(judge));

function gather({ health, settings, resolution }: Patient): ServiceFacts[] {
  const fingerprint = fingerprintOf(settings);
  const addresses = resolution.state === 'ready' ? resolution.profile.addresses : undefined;
  return (['dhcp', 'tftp', 'http'] as const).map((service) => ({
    service,
    health: health[service],
    handedTo: addresses && elsewhere(service, addresses),
    settings: fingerprint,
    version: VERSION,
  }));
}

function elsewhere(service: Service, addresses: Profile['addresses']): string | undefined {
  return isLocalAddress(addresses[service]) ? undefined : formatIpv4(addresses[service]);
}

export function judge({ service, health, handedTo, settings, version }: ServiceFacts): ReportLine[] {
  const up = `${UP} ${service}`;
  if ('reason' in health) {
    if (handedTo)
      return [
        { state: 'note', what: service, detail: `does not run here: machines are sent to ${handedTo}` },
      ];
    return [{ state: 'fail', what: service, detail: health.reason, command: up }];
  }
  const lines: ReportLine[] = health.problems.map((problem) => ({
    state: 'fail',
    what: service,
    detail: problem,
    remedy: 'see what it says itself',
    command: `docker compose logs --tail 20 ${service}`,
  }));
  if (health.version !== version)
    lines.push({
      state: 'fail',
      what: service,
      detail: `runs version ${health.version}, and this is ${version}`,
      command: `${UP} --build ${service}`,
    });
  if (health.settings !== undefined && health.settings !== settings)
    lines.push({
      state: 'fail',
      what: service,
      detail: 'runs with other settings than those of .env and the shell now',
      command: up,
    });
  for (const gap of health.journal)
    lines.push({
      state: 'warn',
      what: service,
      detail: `its journal has gaps: ${gap}`,
      command: `docker compose logs --tail 20 ${service}`,
    });
  const mode = health.mode ? ` as ${health.mode}` : '';
  const well: ReportLine = {
    state: 'ok',
    what: service,
    detail: `runs${mode}, version ${health.version}, since ${new Date(health.since).toISOString()}`,
  };
  return lines.length > 0 ? lines : [well];
}
