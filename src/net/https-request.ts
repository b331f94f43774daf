/**
 * One HTTPS request to a host that our own resolver finds: for MTA-STS policies and ACME. No redirects, no cookies, no kept connections.
 *
 * Like DNS, answers are values: what failed and why decides what the caller does next. The certificate must be valid for the host by its
 * alternative names (RFC 6125; the common name does not count).
 */
import { request as startRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import type { DialGuard } from './dialer.ts';
import type { Resolver } from './resolver.ts';

export interface HttpsRequest {
  /** A name, or an address that the operator gave. */
  readonly host: string;
  readonly path: string;
  readonly port?: number;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Answers above this are given up. */
  readonly answerMaxBytes: number;
  /** From the first question to DNS to the last byte. */
  readonly timeoutMs: number;
}

export interface HttpsParts {
  readonly resolver: Pick<Resolver, 'a' | 'aaaa'>;
  readonly clock: Clock;
  readonly guard?: DialGuard;
  /** PEM certificates trusted instead of the system's roots. */
  readonly ca?: readonly string[];
}

export type HttpsFault = 'dns' | 'connect' | 'certificate' | 'tls' | 'timeout' | 'tooLarge' | 'broken';

export type HttpsAnswer =
  | {
      readonly is: 'answer';
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
    }
  /** `code` as Node.js or OpenSSL names it, or a word. */
  | { readonly is: 'failure'; readonly reason: HttpsFault; readonly code: string };

type Failure = Extract<HttpsAnswer, { is: 'failure' }>;

/** Addresses of the host that are tried. */
const addressesMax = 4;
const httpsPort = 443;

/** Never rejects. */
export async function httpsRequest(parts: HttpsParts, asked: HttpsRequest): Promise<HttpsAnswer> {
  const over = new AbortController();
  using _ = parts.clock.after(asked.timeoutMs, () => over.abort());
  const addresses = await addressesOf(parts, asked.host);
  if (!Array.isArray(addresses)) return addresses as Failure;
  let last: Failure = { is: 'failure', reason: 'connect', code: 'no address' };
  for (const ip of addresses.slice(0, addressesMax)) {
    if (over.signal.aborted) return { is: 'failure', reason: 'timeout', code: 'ETIMEDOUT' };
    const answer = await askAddress(ip, asked, parts, over.signal);
    if (answer.is === 'answer' || answer.reason !== 'connect') return answer;
    last = answer;
  }
  return last;
}

async function addressesOf(
  { resolver, guard }: HttpsParts,
  host: string,
): Promise<readonly string[] | Failure> {
  if (isIP(host) !== 0) return [host];
  const answers = await Promise.all([resolver.a(host), resolver.aaaa(host)]);
  const found = answers.flatMap((answer) => (answer.is === 'records' ? answer.records : []));
  const allowed = guard === undefined ? found : found.filter(guard);
  if (allowed.length > 0) return allowed;
  const failed = answers.find((answer) => answer.is === 'failure');
  if (failed?.is === 'failure') return { is: 'failure', reason: 'dns', code: failed.reason };
  return { is: 'failure', reason: 'dns', code: found.length > 0 ? 'address not allowed' : 'no address' };
}

function askAddress(
  ip: string,
  asked: HttpsRequest,
  { ca }: HttpsParts,
  signal: AbortSignal,
): Promise<HttpsAnswer> {
  const options: RequestOptions = {
    host: ip,
    port: asked.port ?? httpsPort,
    ...(isIP(asked.host) === 0 ? { servername: asked.host } : {}),
    path: asked.path,
    method: asked.method ?? 'GET',
    headers: { host: hostHeader(asked), 'user-agent': 'Hikyaku', ...asked.headers },
    agent: false,
    minVersion: 'TLSv1.2',
    signal,
    checkServerIdentity: (_host, certificate) =>
      // Without alternative names Node.js would look at the common name.
      checkServerIdentity(asked.host, {
        ...certificate,
        subjectaltname: certificate.subjectaltname ?? 'DNS:',
      }),
    ...(ca === undefined ? {} : { ca: [...ca] }),
  };
  return new Promise((resolve) => {
    const sent = startRequest(options, (response) => {
      read(response, asked.answerMaxBytes).then(resolve, (error: unknown) =>
        resolve(failureOf(error, true, signal)),
      );
    });
    let connected = false;
    sent.on('socket', (socket) => socket.once('secureConnect', () => (connected = true)));
    sent.on('error', (error) => resolve(failureOf(error, connected, signal)));
    sent.end(asked.body);
  });
}

const hostHeader = ({ host, port = httpsPort }: HttpsRequest): string =>
  port === httpsPort ? host : `${host}:${port}`;

async function read(response: IncomingMessage, maxBytes: number): Promise<HttpsAnswer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) {
      response.destroy();
      return { is: 'failure', reason: 'tooLarge', code: `more than ${maxBytes} bytes` };
    }
    pieces.push(piece);
  }
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
  return {
    is: 'answer',
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(pieces),
  };
}

const certificateFault = /^CERT_|_CERT|_SIGNATURE$|ALTNAME|^HOSTNAME|^UNABLE_TO_|^INVALID_CA|^PATH_LENGTH/;

function failureOf(error: unknown, connected: boolean, signal: AbortSignal): Failure {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (signal.aborted) return { is: 'failure', reason: 'timeout', code: 'ETIMEDOUT' };
  if (certificateFault.test(code)) return { is: 'failure', reason: 'certificate', code };
  if (/^ERR_(?:SSL|TLS)|^EPROTO/.test(code)) return { is: 'failure', reason: 'tls', code };
  return { is: 'failure', reason: connected ? 'broken' : 'connect', code: code || message };
}
