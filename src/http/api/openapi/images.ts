import { boolean, bytes, list, object, oneOf, ref, type Schemas, string, time } from './schema.ts';

export const imageSchemas: Schemas = {
  Images: object({
    choice: { oneOf: [ref('Ready'), ref('NotReady')] },
    files: list(ref('ImageFile')),
    unreadable: list(object({ name: string, why: string })),
  }),
  Ready: object(
    {
      ready: { const: true },
      kernel: string,
      initrds: list(string),
      cmdline: string,
      summary: string,
      notes: list(string),
    },
    'What machines boot.',
  ),
  NotReady: object({ ready: { const: false }, reason: string, remedy: string }, 'Why machines cannot boot.'),
  ImageFile: object({
    name: string,
    kind: oneOf('kernel', 'initrd', 'efi', 'nbp', 'other'),
    what: string,
    'version?': string,
    'architecture?': string,
    size: bytes,
    modified: time,
    roles: list(string),
    packaged: { ...boolean, description: 'Not in images/: it comes with the appliance, and stands in.' },
  }),
};
