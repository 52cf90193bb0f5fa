/** A JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export type Schema = { readonly [keyword: string]: unknown };

/** Schemas of one subject, by the names that {@link ref} refers to. */
export type Schemas = Readonly<Record<string, Schema>>;

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** An object with these members and no others; a name with a question mark behind it may be absent. */
export function object(members: Readonly<Record<string, Schema>>, description?: string): Schema {
  const entries = Object.entries(members).map(([name, schema]) => [name.replace(/\?$/, ''), schema] as const);
  return {
    type: 'object',
    ...(description ? { description } : {}),
    properties: Object.fromEntries(entries),
    required: Object.keys(members).filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}

export const list = (items: Schema): Schema => ({ type: 'array', items });
export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
export const described = (description: string, schema: Schema): Schema => ({ ...schema, description });

export const string: Schema = { type: 'string' };
export const boolean: Schema = { type: 'boolean' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const number: Schema = { type: 'number', minimum: 0 };
export const time: Schema = { type: 'number', description: 'Milliseconds since 1970.' };
export const bytes: Schema = { type: 'integer', minimum: 0, description: 'Bytes.' };
export const address: Schema = {
  type: 'string',
  pattern: '^\\d{1,3}(\\.\\d{1,3}){3}$',
  description: 'An IPv4 address.',
};
export const mac: Schema = {
  type: 'string',
  pattern: '^([0-9a-f]{2}(:[0-9a-f]{2})*)?$',
  description: '52:54:00:12:34:56; a client identifier where there is no hardware address.',
};
export const service: Schema = oneOf('dhcp', 'tftp', 'http');
export const level: Schema = oneOf('error', 'warn', 'info', 'debug');
