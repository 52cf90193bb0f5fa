import { ref, type Schema, string } from './schema.ts';

/** A path of the document: its calls by method, in lower case. */
export type PathItem = Readonly<Record<string, Operation>>;

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly [keyword: string]: unknown;
}

/** An answer that is no success, and when it comes. */
export type FailureStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 500 | 503;

const WHEN: Record<FailureStatus, string> = {
  400: 'Something in the call is wrong: what, and how it would be right.',
  401: 'This caller needs API_TOKEN (Authorization: Bearer), or has sent a wrong one.',
  403: "Called under a name that is not this server's, from a page of another site, or to write without being allowed to.",
  404: 'There is no such thing.',
  405: 'The path has other methods: see Allow.',
  409: 'It cannot be done as things are.',
  413: 'The body is too large.',
  415: 'The body is not application/json.',
  500: 'A fault of the server; its log says more.',
  503: 'Who would know does not answer at the moment.',
};

/** The guard's and the server's own, which every call may meet. */
const ALWAYS: readonly FailureStatus[] = [400, 403, 500];
/** Those that write, besides. */
const WRITING: readonly FailureStatus[] = [401, 413, 415];

export interface Call {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Schema[];
  readonly answer: Schema;
  readonly fails?: readonly FailureStatus[];
}

/** A call that reads, answered with JSON. */
export function reads({ id, summary, description, parameters, answer, fails = [] }: Call): {
  get: Operation;
} {
  return {
    get: {
      operationId: id,
      summary,
      ...(description ? { description } : {}),
      ...(parameters ? { parameters } : {}),
      responses: { 200: { description: summary, content: json(answer) }, ...failures([...ALWAYS, ...fails]) },
    },
  };
}

/** A call that changes something: from the served network, from the host itself, or with the token. */
export function writes({ id, summary, description, parameters, answer, fails = [] }: Call): {
  post: Operation;
} {
  return {
    post: {
      operationId: id,
      summary,
      ...(description ? { description } : {}),
      ...(parameters ? { parameters } : {}),
      security: [{}, { token: [] }],
      requestBody: { description: 'An empty object.', content: json({ type: 'object' }) },
      responses: {
        200: { description: summary, content: json(answer) },
        ...failures([...ALWAYS, ...WRITING, ...fails]),
      },
    },
  };
}

export function failures(statuses: readonly FailureStatus[]): Record<number, Schema> {
  return Object.fromEntries(
    statuses.map((status) => [status, { description: WHEN[status], content: json(ref('Failure')) }]),
  );
}

export const json = (schema: Schema) => ({ 'application/json': { schema } });

export function query(name: string, description: string, schema: Schema = string, required = false): Schema {
  return { name, in: 'query', description, required, schema };
}

export function part(name: string, description: string, schema: Schema = string): Schema {
  return { name, in: 'path', description, required: true, schema };
}
