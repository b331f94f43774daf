/**
 * The command line talks to the running server over its control socket: the same admin API as over HTTP, allowed to whoever may open the socket.
 */
import { existsSync } from 'node:fs';
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { CommandFailure, exitCodes } from './failure.ts';

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly at: string; readonly detail: string }[];
}

/** What to call the fields of a request, where the command line has other words for them: `{ targets: '--to' }`. */
export type FieldNames = Readonly<Record<string, string>>;

/** What the server said was wrong, each problem beside what it is about. */
export class ControlError extends CommandFailure {
  override readonly name = 'ControlError';
  readonly problem: Problem;
  readonly status: number;

  constructor(problem: Problem, status: number, names: FieldNames = {}) {
    super(problemText(problem, status, names), status === 404 ? exitCodes.notFound : exitCodes.failed);
    this.problem = problem;
    this.status = status;
  }
}

interface CallOptions {
  readonly body?: unknown;
  readonly names?: FieldNames;
}

export class Control {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  get<T>(path: string): Promise<T> {
    return this.call('GET', path);
  }

  /** Resolves with the decoded answer, which the caller knows the shape of; rejects with ControlError. */
  async call<T>(method: string, path: string, { body, names }: CallOptions = {}): Promise<T> {
    return this.#answer<T>(await this.#send(method, path, body), names ?? {});
  }

  async #answer<T>(response: IncomingMessage, names: FieldNames): Promise<T> {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const value: unknown = text === '' ? undefined : (JSON.parse(text) as unknown);
    const status = response.statusCode ?? 500;
    if (status >= 400) throw new ControlError(value ?? {}, status, names);
    return value as T;
  }

  /** What is no JSON. */
  async text(path: string): Promise<Buffer> {
    const response = await this.#send('GET', path, undefined);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const status = response.statusCode ?? 500;
    if (status >= 400) throw new ControlError(JSON.parse(bytes.toString()) as Problem, status);
    return bytes;
  }

  /** Octets there, JSON back. */
  async octets<T>(method: string, path: string, pieces: readonly Uint8Array[]): Promise<T> {
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    const headers = { 'content-type': 'application/octet-stream', 'content-length': size };
    const response = await this.#request(method, path, { headers, pieces });
    return this.#answer<T>(response, {});
  }

  /** Octets back, as they come. */
  async stream(path: string): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.#send('GET', path, undefined);
    if (response.statusCode !== 200) await this.#answer(response, {});
    return response;
  }

  /** All items of a list, page by page; at most `max`. */
  async list<T>(path: string, query: Readonly<Record<string, string>>, max: number): Promise<Listed<T>> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const limit = String(Math.min(pageItems, max - items.length));
      const asked = new URLSearchParams({ ...query, limit, ...(cursor === undefined ? {} : { cursor }) });
      const page = await this.get<{ items: T[]; next?: string | null }>(`${path}?${asked.toString()}`);
      items.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && items.length < max);
    return { items, more: cursor !== undefined };
  }

  /** Server-sent events, as they come, until the caller stops or the server ends. */
  async *events(path: string): AsyncGenerator<unknown, void, void> {
    const response = await this.#send('GET', path, undefined);
    if (response.statusCode !== 200) throw new ControlError({}, response.statusCode ?? 500);
    let rest = '';
    response.setEncoding('utf8');
    for await (const chunk of response) {
      const parts = (rest + (chunk as string)).split('\n\n');
      rest = parts.pop()!;
      for (const part of parts) {
        const data = part.split('\n').filter((line) => line.startsWith('data:'));
        if (data.length > 0) yield JSON.parse(data.map((line) => line.slice(5).trim()).join('\n')) as unknown;
      }
    }
  }

  #send(method: string, path: string, body: unknown): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers =
      text === undefined ? {} : { 'content-type': 'application/json', 'content-length': text.length };
    return this.#request(method, path, { headers, pieces: text === undefined ? [] : [text] });
  }

  #request(
    method: string,
    path: string,
    { headers, pieces }: { readonly headers: OutgoingHttpHeaders; readonly pieces: readonly Uint8Array[] },
  ): Promise<IncomingMessage> {
    if (!existsSync(this.#socket))
      throw noServer(
        `no server is running on this data folder (${this.#socket} is not there); start one with "hikyaku serve"`,
      );
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: this.#socket, method, path, headers }, resolve);
      sent.on('error', (error: NodeJS.ErrnoException) => reject(noServer(connectText(error, this.#socket))));
      for (const piece of pieces) sent.write(piece);
      sent.end();
    });
  }
}

export interface Listed<T> {
  readonly items: readonly T[];
  /** There are more than were asked for. */
  readonly more: boolean;
}

const pageItems = 500;

const noServer = (text: string): CommandFailure => new CommandFailure(text, exitCodes.noServer);

function connectText(error: NodeJS.ErrnoException, socket: string): string {
  if (error.code === 'ECONNREFUSED') return `the server is not running (nobody answers at ${socket})`;
  if (error.code === 'EACCES')
    return `only the user that runs the server may talk to it (${socket}): use sudo, or become that user`;
  return error.message;
}

function problemText({ title, detail, errors = [] }: Problem, status: number, names: FieldNames): string {
  if (errors.length === 0) return detail ?? title ?? `the server answered ${status}`;
  return errors.map((one) => `${fieldName(one.at, names)}: ${one.detail}`).join('\n');
}

/** `targets.1` as `--to (number 2)`: lists are entered as several words. */
function fieldName(at: string, names: FieldNames): string {
  const match = /^(.*?)(?:\.(\d+))?$/.exec(at)!;
  const name = names[match[1]!] ?? match[1]!;
  return match[2] === undefined ? name : `${name} (number ${Number(match[2]) + 1})`;
}
