/**
 * One HTTP request to a service that the operator has named (rspamd), with a body that is sent while it comes in. No TLS: such services are on this
 * machine or the next one. Connections are kept and used again where the service lets them.
 */
import { Agent, request as startRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Clock } from '../base/clock.ts';
import type { ServiceAddress } from './service-dial.ts';

export interface ServiceRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly answerMaxBytes: number;
  /** How long nothing may move. */
  readonly timeoutMs: number;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const keptMax = 16;

export class ServiceHttp implements Disposable {
  readonly #address: ServiceAddress;
  readonly #clock: Clock;
  readonly #agent: Agent;

  constructor(address: ServiceAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
    this.#agent = new Agent({ keepAlive: true, maxFreeSockets: keptMax });
  }

  /** Sends the head at once. */
  start(asked: ServiceRequest): RunningRequest {
    const where =
      this.#address.is === 'unix'
        ? { socketPath: this.#address.path }
        : { host: this.#address.host, port: this.#address.port };
    const request = startRequest({
      ...where,
      method: asked.method,
      path: asked.path,
      headers: { ...asked.headers } as Record<string, string | string[]>,
      agent: this.#agent,
    });
    return new RunningRequest(request, asked, this.#clock);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

export class RunningRequest {
  readonly #request: ClientRequest;
  readonly #answer: Promise<ServiceAnswer>;

  constructor(request: ClientRequest, asked: ServiceRequest, clock: Clock) {
    this.#request = request;
    const { promise, resolve, reject } = Promise.withResolvers<ServiceAnswer>();
    this.#answer = promise;
    // Told by `finish`; until then nobody listens.
    promise.catch(() => undefined);
    const timer = clock.after(asked.timeoutMs, () =>
      request.destroy(new Error(`no answer in ${asked.timeoutMs} ms`)),
    );
    request.on('drain', () => timer.restart());
    request.on('error', reject);
    request.on('response', (response) => {
      timer.restart();
      read(response, asked.answerMaxBytes).then(resolve, reject);
    });
    request.on('close', () => timer[Symbol.dispose]());
  }

  /** The bytes are copied. A promise when the service does not keep up. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    const request = this.#request;
    if (request.destroyed || request.write(Buffer.from(bytes))) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        request.off('drain', done).off('close', done);
        resolve();
      };
      request.once('drain', done).once('close', done);
    });
  }

  finish(): Promise<ServiceAnswer> {
    this.#request.end();
    return this.#answer;
  }

  abort(): void {
    this.#request.destroy();
  }
}

async function read(response: IncomingMessage, maxBytes: number): Promise<ServiceAnswer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) {
      response.destroy();
      throw new Error(`an answer of more than ${maxBytes} bytes`);
    }
    pieces.push(piece);
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(pieces) };
}
