/** Calls of the server's API: JSON both ways, problems (RFC 9457) as errors, and the header that proves to be our own page. */
import type { Problem } from '../../../src/httpd/admin-api/contract.ts';

export const adminBase = '/api/v1/admin';

/** What the server refused, in its own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(status: number, problem: Problem | undefined) {
    super(problem?.detail ?? problem?.title ?? `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.problem = problem;
  }

  /** `notAllowed`, `conflict`, …: the last part of the problem's type. */
  get reason(): string {
    return this.problem?.type.split(':').at(-1) ?? '';
  }

  /** What is said of one field. */
  at(field: string): string | undefined {
    return this.problem?.errors?.find((each) => each.at === field)?.detail;
  }
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface CallOptions {
  readonly query?: Query | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Told when the server says that nobody is signed in. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(run: () => void): void {
  onSignedOut = run;
}

export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const { query, body, headers, signal } = options;
  const response = await fetch(path + queryText(query), {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      'x-hikyaku-page': '1',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  if (!response.ok) {
    const problem = await problemOf(response);
    if (response.status === 401 && path !== '/api/v1/session') onSignedOut();
    throw new ApiError(response.status, problem);
  }
  if (response.status === 204) return undefined as T;
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return (isJson ? await response.json() : await response.text()) as T;
}

async function problemOf(response: Response): Promise<Problem | undefined> {
  try {
    return (await response.json()) as Problem;
  } catch {
    return undefined;
  }
}

export function queryText(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') params.set(name, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

export const admin = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) =>
    call<T>('GET', adminBase + path, { query, signal }),
  post: <T>(path: string, body: unknown = {}) => call<T>('POST', adminBase + path, { body }),
  put: <T>(path: string, body: unknown) => call<T>('PUT', adminBase + path, { body }),
  patch: <T>(path: string, body: unknown, headers?: Readonly<Record<string, string>>) =>
    call<T>('PATCH', adminBase + path, { body, ...(headers && { headers }) }),
  delete: <T = void>(path: string, query?: Query) => call<T>('DELETE', adminBase + path, { query }),
};

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next?: string;
}
