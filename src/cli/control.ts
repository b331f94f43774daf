/**
 * The command line talks to the running server over its control socket: the same admin API as over HTTP, allowed to whoever may open the socket.
 */
import { request, type IncomingMessage } from 'node:http';
import { existsSync } from 'node:fs';

export class ControlError extends Error {
  override readonly name = 'ControlError';
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly at: string; readonly detail: string }[];
}

export class Control {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  get(path: string): Promise<unknown> {
    return this.call('GET', path);
  }

  /** Resolves with the decoded answer; rejects with what the server said was wrong, one line for each field. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#send(method, path, body);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const value: unknown = text === '' ? undefined : (JSON.parse(text) as unknown);
    if ((response.statusCode ?? 500) >= 400)
      throw new ControlError(problemText(value as Problem, response.statusCode!));
    return value;
  }

  /** Server-sent events, as they come, until the caller stops or the server ends. */
  async *events(path: string): AsyncGenerator<unknown, void, void> {
    const response = await this.#send('GET', path, undefined);
    if (response.statusCode !== 200) throw new ControlError(`the server answered ${response.statusCode}`);
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
    if (!existsSync(this.#socket)) {
      throw new ControlError(
        `no server is running on this data folder (${this.#socket} is not there); start one with "hikyaku serve"`,
      );
    }
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: this.#socket, method, path, headers }, resolve);
      sent.on('error', (error: NodeJS.ErrnoException) =>
        reject(new ControlError(error.code === 'ECONNREFUSED' ? 'the server is not running' : error.message)),
      );
      sent.end(text);
    });
  }
}

function problemText(problem: Problem, status: number): string {
  const first = problem.detail ?? problem.title ?? `the server answered ${status}`;
  return [first, ...(problem.errors ?? []).map((one) => `  ${one.at}: ${one.detail}`)].join('\n');
}
