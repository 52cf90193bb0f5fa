import * as v from './validators.ts';

/**
 * Every variable of the appliance, once. `.env.example`, the README's table and compose.yaml are made or checked from this list.
 * `example` is a right value: it is shown in `.env.example` where there is no default, and in error messages.
 */
export const variables = {
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
      desc: 'Subnets behind relays, semicolons between: each its CIDR, then range=, gateway= and dns= where they differ from the usual.',
    }),
    otherwise: 'none: relays of other subnets are not answered',
  },
  KERNEL: {
    section: 'What machines boot',
    spec: v.fileName({ default: undefined, example: 'vmlinuz', desc: 'Kernel, a name inside images/.' }),
    otherwise: 'the one kernel in images/, found by content',
  },
  INITRD: {
    section: 'What machines boot',
    spec: v.fileNames({
      default: undefined,
      example: 'initrd.img',
      desc: 'Initial RAM disks, names inside images/ with commas between, or none.',
    }),
    otherwise: 'the one initrd in images/, found by content',
  },
  CMDLINE: {
    section: 'What machines boot',
    spec: v.cmdline({
      default: '',
      example: "'console=tty0 console=ttyS0'",
      desc: "Kernel command line; quote it with '…'. Machines expand iPXE settings such as ${net0/mac}.",
    }),
    otherwise: 'empty',
  },
  LOADER_BIOS: {
    section: 'First stage',
    spec: v.fileName({
      default: 'undionly.kpxe',
      example: 'undionly.kpxe',
      desc: 'Loader for BIOS machines, a name inside images/.',
    }),
    otherwise: 'undionly.kpxe',
  },
  LOADER_X64: {
    section: 'First stage',
    spec: v.fileName({
      default: 'snponly.efi',
      example: 'snponly.efi',
      desc: 'Loader for UEFI x64 machines, a name inside images/.',
    }),
    otherwise: 'snponly.efi',
  },
  LOADER_ARM64: {
    section: 'First stage',
    spec: v.fileName({
      default: 'snponly-arm64.efi',
      example: 'snponly-arm64.efi',
      desc: 'Loader for UEFI arm64 machines, a name inside images/.',
    }),
    otherwise: 'snponly-arm64.efi',
  },
  LOADER_IA32: {
    section: 'First stage',
    spec: v.fileName({
      default: 'snponly-ia32.efi',
      example: 'snponly-ia32.efi',
      desc: 'Loader for UEFI x86 (32 bit) machines, a name inside images/.',
    }),
    otherwise: 'snponly-ia32.efi',
  },
  LOADER_ARM32: {
    section: 'First stage',
    spec: v.fileName({
      default: 'snponly-arm32.efi',
      example: 'snponly-arm32.efi',
      desc: 'Loader for UEFI arm32 machines, a name inside images/.',
    }),
    otherwise: 'snponly-arm32.efi',
  },
  LOADER_MIRROR: {
    section: 'First stage',
    spec: v.loaderUrl({
      default: 'https://boot.ipxe.org/',
      example: 'https://boot.ipxe.org/',
      desc: 'Where loaders that images/ lacks are fetched from, laid out as there (http, https or tftp).',
    }),
    otherwise: 'https://boot.ipxe.org/',
  },
  LOADER_URL: {
    section: 'First stage',
    spec: v.loaderUrl({
      default: undefined,
      example: 'https://boot.ipxe.org/undionly.kpxe',
      desc: 'Where the BIOS loader is fetched from, if it is elsewhere.',
    }),
    otherwise: 'undionly.kpxe of LOADER_MIRROR',
  },
  LOADER_SHA256: {
    section: 'First stage',
    spec: v.sha256List({
      default: [],
      example: '64 hexadecimal digits, as sha256sum prints',
      desc: 'SHA-256 that fetched loaders must have: one of these, commas between.',
    }),
    otherwise: 'not checked',
  },
  HTTP_PORT: {
    section: 'Services',
    spec: v.wholeNumber(1, 65_535)({ default: 80, example: '80', desc: 'TCP port of the http service.' }),
    otherwise: '80',
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

export type VariableName = keyof typeof variables;
