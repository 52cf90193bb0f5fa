import { bytes, count, described, list, object, oneOf, type Schemas, string } from './schema.ts';

const state = oneOf('ok', 'warn', 'fail', 'unknown');
const hex = (description: string) => ({ ...string, pattern: '^([0-9a-f]{2})+$', description });

export const explainSchemas: Schemas = {
  BootChain: object({
    mode: oneOf('server', 'proxy'),
    state,
    verdict: described('What it would boot, or where it would stop and why.', string),
    'remedy?': string,
    links: list({
      oneOf: [{ $ref: '#/components/schemas/Exchange' }, { $ref: '#/components/schemas/FileLink' }],
    }),
  }),
  Exchange: object(
    {
      kind: oneOf('exchange'),
      state,
      stage: oneOf('firmware', 'ipxe'),
      who: string,
      firmware: oneOf('pxe', 'http', 'ipxe', 'raspberry-pi', 'other'),
      'architecture?': count,
      message: string,
      port: { type: 'integer', enum: [67, 4011] },
      request: list(string),
      requestBytes: hex('The request on the wire.'),
      'answer?': string,
      'reply?': list(string),
      'bytes?': hex('The answer on the wire.'),
      'destination?': string,
      because: list(string),
      'plan?': described('What it shall load next; its members depend on its kind.', { type: 'object' }),
      'trouble?': string,
    },
    'A message of the machine, and its answer.',
  ),
  FileLink: object(
    {
      kind: oneOf('file'),
      stage: oneOf('loader', 'script', 'kernel', 'initrd'),
      state,
      name: string,
      url: string,
      'size?': bytes,
      'what?': string,
      because: list(string),
      'remedy?': string,
      'text?': described('Of a script.', string),
    },
    'A file that the machine would load.',
  ),
  Script: object({ name: string, url: string, made: oneOf('generated', 'edited'), text: string }),
};
