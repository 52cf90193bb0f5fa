import * as v from './validators.ts';

/** Variables of the network that is served and its addresses. See variables.ts. */
export const networkVariables = {
  ADAPTER: {
    section: 'Network',
    spec: v.adapterName({
      default: undefined,
      example: 'eth1',
      desc: 'Network adapter to serve. Unset: an isolated bridge, remoteboot0, is made and served.',
    }),
    otherwise: 'the bridge remoteboot0',
  },
  MODE: {
    section: 'Network',
    spec: v.oneOf(
      'server',
      'proxy',
      'auto',
    )({
      default: 'server',
      example: 'auto',
      desc: 'server: gives addresses. proxy: another DHCP server gives them, only boot files are told. auto: looks for one, then decides.',
    }),
    otherwise: 'server',
  },
  ADDRESS_DHCP: {
    section: 'Network',
    spec: v.address({
      default: undefined,
      example: '10.99.0.1',
      desc: 'Address the DHCP server gives as its own; one that the adapter has.',
    }),
    otherwise: "the adapter's address",
  },
  ADDRESS_TFTP: {
    section: 'Network',
    spec: v.address({
      default: undefined,
      example: '10.99.0.1',
      desc: "TFTP server that machines are sent to. Another host's address hands that job off.",
    }),
    otherwise: 'ADDRESS_DHCP',
  },
  ADDRESS_HTTP: {
    section: 'Network',
    spec: v.address({
      default: undefined,
      example: '10.99.0.1',
      desc: "HTTP server that machines are sent to. Another host's address hands that job off.",
    }),
    otherwise: 'ADDRESS_DHCP',
  },
  START_ADDRESS: {
    section: 'Addresses',
    spec: v.address({ default: undefined, example: '10.99.0.100', desc: 'First address of the pool.' }),
    otherwise: "the first free stretch of the adapter's subnet",
  },
  LEASE_COUNT: {
    section: 'Addresses',
    spec: v.wholeNumber(
      1,
      1_048_576,
    )({ default: undefined, example: '20', desc: 'How many addresses the pool holds.' }),
    otherwise: '20',
  },
  LEASE_TIME: {
    section: 'Addresses',
    spec: v.leaseTime({
      default: 7200,
      example: '2h',
      desc: 'How long a machine may keep its address, such as 90m, 2h or 1d.',
    }),
    otherwise: '2h',
  },
  NEW_LEASE_TIME: {
    section: 'Addresses',
    spec: v.leaseTime({
      default: 600,
      example: '10m',
      desc: 'The same for a machine that is not known yet, once half of the pool has been needed; it gets LEASE_TIME when it asks again.',
    }),
    otherwise: '10m',
  },
  OFFER_LIMIT: {
    section: 'Addresses',
    spec: v.wholeNumber(
      1,
      1_048_576,
    )({
      default: 2000,
      example: '2000',
      desc: 'Offers held at a time for machines that are not known yet, per relay port, relay, or the adapter itself; more are answered at their second try.',
    }),
    otherwise: '2000',
  },
  GATEWAY: {
    section: 'Addresses',
    spec: v.addressOrNone({
      default: undefined,
      example: '10.99.0.1',
      desc: 'Router given to machines, or none.',
    }),
    otherwise: 'ADDRESS_DHCP',
  },
  DNS: {
    section: 'Addresses',
    spec: v.addressesOrNone({
      default: undefined,
      example: '10.99.0.1,9.9.9.9',
      desc: 'DNS servers given to machines, commas between, or none.',
    }),
    otherwise: 'ADDRESS_DHCP',
  },
  DOMAIN: {
    section: 'Addresses',
    spec: v.domain({ default: undefined, example: 'lab.example', desc: 'Domain name given to machines.' }),
    otherwise: 'none',
  },
  SUBNETS: {
    section: 'Addresses',
    spec: v.subnets({
      default: [],
      example: "'10.1.0.0/24 range=10.1.0.100-10.1.0.200 gateway=10.1.0.1 dns=9.9.9.9; 10.2.0.0/24'",
      desc: 'Subnets behind relays, semicolons between: each its CIDR, then range=, gateway= and dns= where they differ from the usual, and relay= for relays that ask from elsewhere.',
    }),
    otherwise: 'none: relays of other subnets are not answered',
  },
} as const;
