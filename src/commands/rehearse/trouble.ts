import type { ReportLine } from '../report.ts';

/** Why a boot ends at this stage. */
export class Trouble extends Error {
  override readonly name = 'Trouble';
  readonly told: Pick<ReportLine, 'detail' | 'remedy' | 'command' | 'more'>;

  constructor(told: Trouble['told']) {
    super(told.detail);
    this.told = told;
  }
}

/** The command that looks at what a rehearsal cannot: firewall rules, who holds which port. */
export const DOCTOR = 'docker compose run --rm dhcp doctor';
