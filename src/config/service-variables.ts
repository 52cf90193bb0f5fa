import * as v from './validators.ts';

/** Variables of the services themselves: ports, logs, journal, page, folders. See variables.ts. */
export const serviceVariables = {
  HTTP_PORT: {
    section: 'Services',
    spec: v.wholeNumber(1, 65_535)({ default: 80, example: '80', desc: 'TCP port of the http service.' }),
    otherwise: '80',
  },
  HTTP_WORKERS: {
    section: 'Services',
    spec: v.wholeNumber(
      1,
      64,
    )({
      default: undefined,
      example: '2',
      desc: 'How many threads send files and scripts by HTTP. Each takes some 13 MB; the memory for files is divided among them.',
    }),
    otherwise: 'half of the processors, from 1 to 4',
  },
  TFTP_PORTS: {
    section: 'Services',
    spec: v.oneOf(
      'one',
      'each',
    )({
      default: 'one',
      example: 'one',
      desc: 'one: every transfer answers from port 69; each: every transfer from a port of its own.',
    }),
    otherwise: 'one',
  },
  DATAGRAMS: {
    section: 'Services',
    spec: v.oneOf(
      'auto',
      'batch',
      'plain',
    )({
      default: 'auto',
      example: 'auto',
      desc: 'batch: dhcp and tftp receive and send many datagrams in one system call; plain: one in each, which is slower. auto: batch where the system lets them.',
    }),
    otherwise: 'auto',
  },
  ROUTER_ADVERTISEMENTS: {
    section: 'Services',
    spec: v.oneOf(
      'auto',
      'on',
      'off',
    )({
      default: 'auto',
      example: 'auto',
      desc: 'Answer IPv6 router solicitations with an empty advertisement, which saves older iPXE 13 s a stage. auto: on the own bridge alone.',
    }),
    otherwise: 'auto',
  },
  LOG_LEVEL: {
    section: 'Services',
    spec: v.oneOf(
      'error',
      'warn',
      'info',
      'debug',
    )({ default: 'info', example: 'info', desc: 'error, warn, info or debug.' }),
    otherwise: 'info',
  },
  LOG_FORMAT: {
    section: 'Services',
    spec: v.oneOf(
      'text',
      'json',
    )({ default: 'text', example: 'text', desc: 'text for people, json for machines.' }),
    otherwise: 'text',
  },
  JOURNAL: {
    section: 'Page and journal',
    spec: v.oneOf(
      'on',
      'off',
    )({
      default: 'on',
      example: 'on',
      desc: 'Keep what happens to each machine, for the page, the API and diagnoses. off: they know nothing.',
    }),
    otherwise: 'on',
  },
  JOURNAL_DAYS: {
    section: 'Page and journal',
    spec: v.wholeNumber(
      1,
      3650,
    )({ default: 14, example: '14', desc: 'How many days the journal reaches back.' }),
    otherwise: '14',
  },
  JOURNAL_SIZE: {
    section: 'Page and journal',
    spec: v.wholeNumber(
      1,
      100_000,
    )({
      default: 64,
      example: '64',
      desc: "How many megabytes each service's journal may take in STATE_DIR.",
    }),
    otherwise: '64',
  },
  API_TOKEN: {
    section: 'Page and journal',
    secret: true,
    spec: v.token({
      default: undefined,
      example: 'some-16-or-more-letters-and-digits',
      desc: 'Lets calls that change something come from elsewhere than the served network, with Authorization: Bearer.',
    }),
    otherwise: 'none: only from the served network',
  },
  IMAGES_DIR: {
    section: 'Paths',
    spec: v.directory({
      default: 'images',
      example: './images',
      desc: 'Folder with kernels, initrds and loaders.',
    }),
    otherwise: './images',
  },
  STATE_DIR: {
    section: 'Paths',
    spec: v.directory({
      default: 'state',
      example: './state',
      desc: 'Folder for leases and journal; a named volume under Docker.',
    }),
    otherwise: './state, under Docker a volume',
  },
} as const;
