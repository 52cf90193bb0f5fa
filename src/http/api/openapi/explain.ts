import { list, object, oneOf, type Schemas, string } from './schema.ts';

export const explainSchemas: Schemas = {
  Explanation: object({
    request: list(string),
    'reply?': list(string),
    'bytes?': { ...string, pattern: '^([0-9a-f]{2})+$', description: 'The answer on the wire, in hex.' },
    'destination?': string,
    because: list(string),
  }),
  Script: object({ name: string, url: string, made: oneOf('generated', 'edited'), text: string }),
};
