import type { Failure } from '../api/shapes.ts';
import { learnTime } from './clock.ts';

/** Calls of the API, each answer with the type that src/http/api/shapes.ts gives it. */

/** The API said no, in its own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly remedy: string;

  constructor(status: number, { error, remedy }: Failure) {
    super(error);
    this.status = status;
    this.remedy = remedy;
  }

  /** Whether a token, or another one, would help. */
  get wantsToken(): boolean {
    return this.status === 401;
  }
}

const TOKEN = 'remoteboot-token';

/** Kept until the tab is closed, and nowhere else. */
export const token = {
  get: () => sessionStorage.getItem(TOKEN) ?? '',
  set: (value: string) => sessionStorage.setItem(TOKEN, value),
  forget: () => sessionStorage.removeItem(TOKEN),
};

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return call<T>(path, { headers: { Accept: 'application/json' }, ...(signal ? { signal } : {}) });
}

/** A write call; the token goes along where there is one. */
export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Content-Type': 'application/json' };
  if (token.get()) headers.Authorization = `Bearer ${token.get()}`;
  return call<T>(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

const UNREACHABLE: Failure = {
  error: 'The server did not answer.',
  remedy: 'Is its http service running, and this device on its network?',
};

async function call<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { cache: 'no-store', ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, UNREACHABLE);
  }
  learnTime(response.headers.get('date'));
  const text = await response.text();
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
  throw new ApiError(response.status, failureIn(text) ?? unexpected(response.status));
}

function failureIn(text: string): Failure | undefined {
  try {
    const { error, remedy } = JSON.parse(text) as Partial<Failure>;
    return error ? { error, remedy: remedy ?? '' } : undefined;
  } catch {
    return undefined;
  }
}

function unexpected(status: number): Failure {
  return { error: `The server answered with status ${status}.`, remedy: 'Its log says why.' };
}
