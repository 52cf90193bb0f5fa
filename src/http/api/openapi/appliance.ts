import {
  address,
  boolean,
  count,
  list,
  object,
  oneOf,
  ref,
  type Schemas,
  service,
  string,
  time,
} from './schema.ts';

export const applianceSchemas: Schemas = {
  Failure: object(
    { error: string, remedy: string },
    'Every answer that is no success: what is wrong, and what to do.',
  ),
  Appliance: object({
    version: string,
    adapter: object({ name: string, address, subnet: string }),
    mode: oneOf('server', 'proxy', 'auto'),
    addresses: object({ dhcp: address, tftp: address, http: address }),
    httpPort: count,
    needsToken: { ...boolean, description: 'Whether this caller may write with API_TOKEN alone.' },
  }),
  Health: object({ services: list(ref('ServiceHealth')), journal: list(string) }),
  ServiceHealth: object(
    {
      service,
      state: oneOf('running', 'failing', 'missing', 'silent'),
      problems: list(string),
      'since?': time,
      'seen?': time,
    },
    'missing: it was stopped, or never ran. silent: it ran, and went without a word.',
  ),
};
