/**
 * Posts to a web server that somebody else named: the name is resolved once, every address is held against the guard, and the connection goes to the address
 * that was looked at, so that no answer of DNS in between can lead elsewhere. Redirects are answers like any other. Of an answer no more than its beginning is read.
 * Connections are kept for a while, by address and name.
 */
import {
  Agent as PlainAgent,
  request as plainRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { DialGuard } from './dialer.ts';
import type { Resolver } from './resolver.ts';

export interface WebPosterParts {
  readonly resolver: Pick<Resolver, 'a' | 'aaaa'>;
  readonly clock: Clock;
  /** Which addresses may be reached, those that stand in a URL themselves too. */
  readonly guard: DialGuard;
  /** PEM certificates trusted instead of the system's roots. */
  readonly ca?: readonly string[];
}

export interface WebPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** From the first question to DNS to the last byte. */
  readonly timeoutMs: number;
  /** Bytes of the answer that are read; what is longer is cut, and its connection closed. */
  readonly answerMaxBytes: number;
}

export type WebAnswer =
  | {
      readonly is: 'answer';
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
      readonly ip: string;
    }
  | {
      readonly is: 'failure';
      readonly reason: 'dns' | 'notAllowed' | 'connect' | 'certificate' | 'timeout' | 'broken';
      readonly code: string;
    };

const keptMs = 15_000;
const socketsMax = 64;
const addressesMax = 3;

export class WebPoster implements Disposable {
  readonly #parts: WebPosterParts;
  readonly #agents = {
    'http:': new PlainAgent({ keepAlive: true, timeout: keptMs, maxSockets: socketsMax }),
    'https:': new SecureAgent({ keepAlive: true, timeout: keptMs, maxSockets: socketsMax }),
  };

  constructor(parts: WebPosterParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async post(asked: WebPost): Promise<WebAnswer> {
    const over = new AbortController();
    using _ = this.#parts.clock.after(asked.timeoutMs, () => over.abort());
    const addresses = await this.#addresses(asked.url);
    if (!Array.isArray(addresses)) return addresses as WebAnswer;
    let last: WebAnswer = { is: 'failure', reason: 'connect', code: 'no address' };
    for (const ip of addresses.slice(0, addressesMax)) {
      if (over.signal.aborted) return { is: 'failure', reason: 'timeout', code: 'ETIMEDOUT' };
      last = await this.#once(ip, asked, over.signal);
      if (last.is === 'answer' || last.reason !== 'connect') return last;
    }
    return last;
  }

  async #addresses({ hostname }: URL): Promise<readonly string[] | WebAnswer> {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const found = isIP(host) !== 0 ? [host] : await this.#resolved(host);
    if (!Array.isArray(found)) return found;
    const allowed = found.filter(this.#parts.guard);
    if (allowed.length > 0) return allowed;
    if (found.length > 0) return { is: 'failure', reason: 'notAllowed', code: 'address not allowed' };
    return { is: 'failure', reason: 'dns', code: 'no address' };
  }

  async #resolved(host: string): Promise<readonly string[] | WebAnswer> {
    const { resolver } = this.#parts;
    const answers = await Promise.all([resolver.a(host), resolver.aaaa(host)]);
    const found = answers.flatMap((answer) => (answer.is === 'records' ? answer.records : []));
    const failed = answers.find((answer) => answer.is === 'failure');
    if (found.length > 0 || failed?.is !== 'failure') return found;
    return { is: 'failure', reason: 'dns', code: failed.reason };
  }

  async #once(ip: string, asked: WebPost, signal: AbortSignal): Promise<WebAnswer> {
    const first = await this.#send(ip, asked, signal);
    // A kept connection that the server has closed meanwhile says nothing of the server.
    return first === 'stale' ? this.#again(ip, asked, signal) : first;
  }

  async #again(ip: string, asked: WebPost, signal: AbortSignal): Promise<WebAnswer> {
    const second = await this.#send(ip, asked, signal);
    return second === 'stale' ? { is: 'failure', reason: 'broken', code: 'ECONNRESET' } : second;
  }

  #send(
    ip: string,
    { url, headers, body, answerMaxBytes }: WebPost,
    signal: AbortSignal,
  ): Promise<WebAnswer | 'stale'> {
    const secure = url.protocol === 'https:';
    const { ca } = this.#parts;
    const options: RequestOptions & { servername?: string; ca?: string[]; minVersion?: 'TLSv1.2' } = {
      host: ip,
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method: 'POST',
      headers: {
        host: url.host,
        'user-agent': 'Hikyaku',
        'content-length': String(Buffer.byteLength(body)),
        ...headers,
      },
      agent: this.#agents[secure ? 'https:' : 'http:'],
      signal,
      ...(secure && {
        servername: isIP(url.hostname) === 0 ? url.hostname : '',
        minVersion: 'TLSv1.2' as const,
        ...(ca && { ca: [...ca] }),
      }),
    };
    return new Promise((resolve) => {
      const sent = (secure ? secureRequest : plainRequest)(options, (response) => {
        beginning(response, answerMaxBytes).then(
          (read) =>
            resolve({
              is: 'answer',
              status: response.statusCode ?? 0,
              headers: textHeaders(response),
              body: read,
              ip,
            }),
          (error: unknown) => resolve(failureOf(error, true, signal)),
        );
      });
      let connected = false;
      sent.on('socket', (socket) => {
        if (!socket.connecting) connected = true;
        else socket.once(secure ? 'secureConnect' : 'connect', () => (connected = true));
      });
      sent.on('error', (error) => {
        if (sent.reusedSocket && !signal.aborted) resolve('stale');
        else resolve(failureOf(error, connected, signal));
      });
      sent.end(body);
    });
  }

  [Symbol.dispose](): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

async function beginning(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size > maxBytes) {
      response.destroy();
      break;
    }
  }
  return Buffer.concat(pieces).subarray(0, maxBytes);
}

const textHeaders = (response: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));

const certificateFault = /^CERT_|_CERT|_SIGNATURE$|ALTNAME|^HOSTNAME|^UNABLE_TO_|^INVALID_CA|^PATH_LENGTH/;

function failureOf(error: unknown, connected: boolean, signal: AbortSignal): WebAnswer {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (signal.aborted) return { is: 'failure', reason: 'timeout', code: 'ETIMEDOUT' };
  if (certificateFault.test(code)) return { is: 'failure', reason: 'certificate', code };
  return { is: 'failure', reason: connected ? 'broken' : 'connect', code: code || message };
}
