import { failures, type PathItem, part, query, reads, writes } from './path.ts';
import { count, level, list, oneOf, ref, service } from './schema.ts';

const MAC = part('mac', 'Its hardware address, as 52:54:00:12:34:56.');

export const apiPaths: Readonly<Record<string, PathItem>> = {
  '/api/appliance': reads({ id: 'appliance', summary: 'What is served, and how.', answer: ref('Appliance') }),
  '/api/health': reads({ id: 'health', summary: 'How the three services are.', answer: ref('Health') }),
  '/api/machines': reads({
    id: 'machines',
    summary: 'Every machine that is known, with its newest try to boot.',
    answer: list(ref('MachineSummary')),
    fails: [503],
  }),
  '/api/machines/{mac}': reads({
    id: 'machine',
    summary: 'A machine with all of its tries, the newest first.',
    parameters: [MAC],
    answer: ref('Machine'),
    fails: [404, 503],
  }),
  '/api/machines/{mac}/packets': reads({
    id: 'packets',
    summary: 'Its DHCP packets in words, the oldest first.',
    parameters: [
      MAC,
      query('attempt', 'Of this try.'),
      query('from', 'Not before, in milliseconds since 1970.', count),
      query('to', 'Not after, in milliseconds since 1970.', count),
    ],
    answer: list(ref('PacketInWords')),
    fails: [404, 503],
  }),
  '/api/machines/{mac}/script': reads({
    id: 'script',
    summary: 'The boot script that it would be given now.',
    description: 'infrakit.ipxe; for a machine that boots by Secure Boot, grub/grub.cfg.',
    parameters: [MAC],
    answer: ref('Script'),
  }),
  '/api/log': reads({
    id: 'log',
    summary: 'The log of all services, the newest last.',
    parameters: [
      query('mac', 'Of this machine.'),
      query('service', 'Of this service.', service),
      query('level', 'Of this level and graver ones.', level),
      query('before', 'Before that moment, in milliseconds since 1970.', count),
      query('limit', 'No more lines than this; 200 where it is left out.', {
        ...count,
        minimum: 1,
        maximum: 1000,
      }),
    ],
    answer: list(ref('LogLine')),
    fails: [503],
  }),
  '/api/leases': reads({
    id: 'leases',
    summary: 'The pools, and who has which address.',
    answer: ref('Leases'),
    fails: [503],
  }),
  '/api/leases/{address}/release': writes({
    id: 'release',
    summary: 'Frees an address.',
    description:
      'A lease ends as if its machine had released it; a declined address may be given out again. It is on disk before this is answered. ' +
      'A machine that still uses the address does not hear of it until it renews: free only those of machines that are gone.',
    parameters: [part('address', 'The IPv4 address.')],
    answer: ref('Released'),
    fails: [404, 409, 503],
  }),
  '/api/images': reads({
    id: 'images',
    summary: 'What is in images/, and what machines boot by it.',
    answer: ref('Images'),
  }),
  '/api/explain': reads({
    id: 'explain',
    summary:
      'What dhcp would answer a machine now, and what it would load, step by step and why, without doing it.',
    description: 'Either mac or packet is needed; with packet, only port and from count besides.',
    parameters: [
      query('mac', 'Its hardware address.'),
      query(
        'firmware',
        'What asks; pxe where it is left out.',
        oneOf('pxe', 'http', 'ipxe', 'raspberry-pi', 'other'),
      ),
      query('architecture', 'The number of option 93, as 7 for UEFI x64.', { ...count, maximum: 65535 }),
      query('hostName', 'Option 12.'),
      query('relay', 'The address of the relay that it comes through.'),
      query('port', 'The port that is asked: 67, or 4011 for what a boot server is asked.', {
        type: 'integer',
        enum: [67, 4011],
      }),
      query('packet', 'One DHCP message in hex, to be answered as it is.'),
      query('from', 'Where the packet comes from, as 10.0.0.5:68.'),
    ],
    answer: ref('BootChain'),
    fails: [503],
  }),
  '/api/openapi.json': reads({ id: 'openapi', summary: 'This document.', answer: { type: 'object' } }),
};

const text = { schema: { type: 'string' } };

/** Beside the API, under the same rules. */
export const otherPaths: Readonly<Record<string, PathItem>> = {
  '/events': {
    get: {
      operationId: 'events',
      summary: 'What changes, as server-sent events.',
      description:
        'hello ({version}) after each connecting: load anew what is shown. machine: a MachineSummary. log: a list of LogLine. health: Health. ' +
        'leases, images: {}, load them anew.',
      responses: {
        200: { description: 'It stays open.', content: { 'text/event-stream': text } },
        ...failures([400, 403, 503]),
      },
    },
  },
  '/metrics': {
    get: {
      operationId: 'metrics',
      summary: 'Counters for Prometheus.',
      responses: {
        200: { description: 'In the text format of Prometheus.', content: { 'text/plain': text } },
        ...failures([400, 403]),
      },
    },
  },
};
