import * as v from './validators.ts';

/** What one machine, or all of them, may take of the services, so that a flood leaves room for others. See variables.ts. */
export const limitVariables = {
  TFTP_TRANSFERS: {
    section: 'Limits',
    spec: v.wholeNumber(
      1,
      100_000,
    )({
      default: 4096,
      example: '4096',
      desc: 'How many TFTP transfers may be open at once. At the limit those that nobody answers give way, then the slowest.',
    }),
    otherwise: '4096',
  },
  TFTP_TRANSFERS_PER_ADDRESS: {
    section: 'Limits',
    spec: v.wholeNumber(
      1,
      100_000,
    )({
      default: 256,
      example: '256',
      desc: 'How many of them one address may have, and how many requests a second of it may come to nothing. More, where many machines share one address.',
    }),
    otherwise: '256',
  },
  TFTP_CLIENTS: {
    section: 'Limits',
    spec: v.oneOf(
      'auto',
      'served',
      'any',
    )({
      default: 'auto',
      example: 'any',
      desc: "Who may load by TFTP. served: machines of the adapter's networks and of SUBNETS; any: others too, as behind routers. auto: served where MODE is server.",
    }),
    otherwise: 'auto',
  },
  HTTP_CONNECTIONS: {
    section: 'Limits',
    spec: v.wholeNumber(
      16,
      200_000,
    )({
      default: 16_384,
      example: '16384',
      desc: 'How many HTTP connections may be open at once. At the limit the one that has been idle for longest gives way.',
    }),
    otherwise: '16384',
  },
  HTTP_CONNECTIONS_PER_ADDRESS: {
    section: 'Limits',
    spec: v.wholeNumber(
      1,
      200_000,
    )({
      default: 2048,
      example: '2048',
      desc: 'How many of them one address may have. More, where thousands of machines share one address.',
    }),
    otherwise: '2048',
  },
  EVENT_LISTENERS: {
    section: 'Limits',
    spec: v.wholeNumber(
      1,
      10_000,
    )({
      default: 64,
      example: '64',
      desc: 'How many pages may follow events at once; a quarter of them from one address.',
    }),
    otherwise: '64',
  },
} as const;
