import { address, count, list, mac, object, oneOf, ref, type Schemas, string, time } from './schema.ts';

const state = oneOf('bound', 'expired', 'released', 'declined');

export const leaseSchemas: Schemas = {
  Leases: object({ pools: list(ref('Pool')), leases: list(ref('Lease')) }),
  Pool: object({
    subnet: string,
    first: address,
    count,
    reserved: list(object({ address, holder: string })),
  }),
  Lease: object({ address, mac, hostName: string, state, expires: time }),
  Released: object({ address, mac, was: state }, 'What stood on the address that is free now.'),
};
