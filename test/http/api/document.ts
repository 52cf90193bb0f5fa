import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { openapi } from '../../../src/http/api/openapi/document.ts';

interface Described {
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

const paths = openapi.paths as unknown as Readonly<Record<string, Readonly<Record<string, Described>>>>;

/** Every call of the document, as "get /api/machines/{mac}". */
export const OPERATIONS = Object.entries(paths).flatMap(([path, item]) =>
  Object.keys(item).map((method) => ({
    method,
    path,
    statuses: Object.keys(item[method]!.responses).map(Number),
  })),
);

const ajv = new Ajv2020({ strict: true, allErrors: true });

/** Refs of the document as refs within one schema. */
function standing(schema: object): object {
  const whole = { ...schema, $defs: openapi.components.schemas };
  return JSON.parse(JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')) as object;
}

function matches(schema: object, value: unknown, what: string): void {
  const validate = ajv.compile(standing(schema));
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`);
}

/** The template that the path fits. */
export function templateOf(path: string): string {
  const bare = path.split('?')[0]!;
  const found = Object.keys(paths).find((template) =>
    new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(bare),
  );
  assert.ok(found, `${path} is in the document`);
  return found;
}

/** Holds an answer against the document: its status, its type and its body, member by member. */
export async function conforms(method: string, path: string, response: Response): Promise<void> {
  const template = templateOf(path);
  const what = `${method} ${path} (${response.status})`;
  const described = paths[template]![method.toLowerCase()]?.responses[response.status];
  assert.ok(described, `${what} is a status that the document has`);
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const content = described.content[type];
  assert.ok(content, `${what} is ${type}, which the document does not have`);
  if (type === 'application/json') matches(content.schema, await response.json(), what);
  else await response.body?.cancel();
}

/** Holds a body against {error, remedy}. */
export function isFailure(body: unknown, what: string): void {
  matches(openapi.components.schemas.Failure!, body, what);
}
