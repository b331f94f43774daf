/**
 * A client of ACME certificate authorities (RFC 8555): account, order, proof of the names, certificate. How a name is proved (http-01, dns-01,
 * tls-alpn-01) is the solver's business; when to ask again is the caller's.
 */
import { sleep, type Clock } from '../base/clock.ts';
import { AccountKey, externalBinding } from './acme/jws.ts';
import { makeRequest } from './acme/requests.ts';
import { httpsRequest, type HttpsAnswer, type HttpsParts } from './https-request.ts';
import type { Certificate } from './tls-contexts.ts';

export { challengeCertificate, renewalId } from './acme/requests.ts';

/** `type` is the last part of the problem's URN ("rateLimited"), or `network`. `retryAfterMs`: what the authority asks for. */
export class AcmeError extends Error {
  override readonly name = 'AcmeError';
  readonly type: string;
  readonly retryAfterMs: number;

  constructor(type: string, detail: string, retryAfterMs = 0) {
    super(`${type}: ${detail}`);
    this.type = type;
    this.retryAfterMs = retryAfterMs;
  }
}

export type ChallengeType = 'http-01' | 'dns-01' | 'tls-alpn-01';

/** Proves to the authority that a name is ours, and clears up afterwards. */
export interface Solver {
  readonly type: ChallengeType;
  prepare(challenge: Challenge): Promise<void>;
  remove(challenge: Challenge): Promise<void>;
}

export interface Challenge {
  /** Without the `*.` of a wildcard. */
  readonly name: string;
  readonly token: string;
  readonly keyAuthorization: string;
}

export interface AcmeAccount {
  /** Its URL at the authority; `''`: not made yet. */
  readonly url: string;
  /** PEM. */
  readonly key: string;
}

export interface AcmeOptions {
  /** URL of the authority's directory. */
  readonly directory: string;
  readonly contact: string;
  /** An account that the authority knows otherwise: its id, and the key in base64url. */
  readonly external?: { readonly id: string; readonly key: string };
}

/** Of the certificate that the new one takes the place of. */
export interface Before {
  /** Its id (RFC 9773, 5). */
  readonly replaces?: string;
  /** Its key (PEM), to be kept; without it the new one has a key of its own. */
  readonly key?: string;
}

interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly renewalInfo?: string;
  readonly meta?: { readonly termsOfService?: string };
}

interface Order {
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate?: string;
  readonly error?: Problem;
}

interface Authorization {
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  readonly identifier: { readonly value: string };
  readonly challenges: readonly {
    readonly type: string;
    readonly url: string;
    readonly token?: string;
    readonly error?: Problem;
  }[];
}

interface Problem {
  readonly type?: string;
  readonly detail?: string;
  readonly subproblems?: readonly Problem[];
}

interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const requestTimeoutMs = 30_000;
const answerMaxBytes = 256 * 1024;
/** RFC 8555, 6.5: a nonce may have grown old; a new one comes with the refusal. */
const noncesMax = 5;
/** How long the authority may take to look at a proof, or to issue. */
const patienceMs = 180_000;
const pollFirstMs = 500;
const pollMaxMs = 10_000;

export class AcmeClient {
  readonly #https: HttpsParts;
  readonly #clock: Clock;
  readonly #options: AcmeOptions;
  readonly #key: AccountKey;
  #kid: string;
  #directory: Promise<Directory> | undefined;
  #nonce: string | undefined;

  constructor(https: HttpsParts, options: AcmeOptions, account: AcmeAccount) {
    this.#https = https;
    this.#clock = https.clock;
    this.#options = options;
    this.#key = new AccountKey(account.key);
    this.#kid = account.url;
  }

  static makeAccount(): AcmeAccount {
    return { url: '', key: AccountKey.make() };
  }

  /** The URL of our account, made at the first call: that agrees to the authority's terms of service. */
  async account(): Promise<string> {
    if (this.#kid !== '') return this.#kid;
    const { newAccount } = await this.#known();
    const { contact, external } = this.#options;
    const { headers } = await this.#post(newAccount, {
      termsOfServiceAgreed: true,
      ...(contact === '' ? {} : { contact: [`mailto:${contact}`] }),
      ...(external
        ? { externalAccountBinding: externalBinding(this.#key, newAccount, external.id, external.key) }
        : {}),
    });
    this.#kid = headers['location'] ?? '';
    if (this.#kid === '') throw new AcmeError('malformed', 'the authority did not say where our account is');
    return this.#kid;
  }

  async issue(names: readonly string[], solver: Solver, before: Before = {}): Promise<Certificate> {
    const { replaces } = before;
    await this.account();
    const { newOrder } = await this.#known();
    const identifiers = names.map((value) => ({ type: 'dns', value }));
    const made = await this.#post(newOrder, { identifiers, ...(replaces ? { replaces } : {}) });
    const url = made.headers['location'] ?? '';
    for (const authorization of json<Order>(made).authorizations) await this.#prove(authorization, solver);
    await this.#settled(url, 'ready');
    const { csr, key } = await makeRequest(names, before.key);
    const { finalize } = await this.#get<Order>(url);
    await this.#post(finalize, { csr });
    const { certificate } = await this.#settled(url, 'valid');
    if (certificate === undefined) throw new AcmeError('malformed', 'a finished order without a certificate');
    const { body } = await this.#post(certificate, undefined);
    return { chain: body.toString('latin1'), key };
  }

  /** When the authority would like the certificate to be renewed, and when to ask again; undefined when it does not tell. */
  async renewalWindow(
    id: string,
  ): Promise<{ startMs: number; endMs: number; askAgainMs: number } | undefined> {
    const { renewalInfo } = await this.#known();
    if (renewalInfo === undefined) return undefined;
    const answer = await this.#send('GET', `${renewalInfo.replace(/\/$/, '')}/${id}`);
    if (answer.status !== 200) return undefined;
    const { suggestedWindow } = json<{ suggestedWindow?: { start?: string; end?: string } }>(answer);
    const startMs = Date.parse(suggestedWindow?.start ?? '');
    const endMs = Date.parse(suggestedWindow?.end ?? '');
    if (!(startMs <= endMs)) return undefined;
    return { startMs, endMs, askAgainMs: retryAfter(answer.headers, this.#clock) };
  }

  async #prove(url: string, solver: Solver): Promise<void> {
    const { status, identifier, challenges } = await this.#get<Authorization>(url);
    if (status === 'valid') return;
    const chosen = challenges.find(({ type }) => type === solver.type);
    if (chosen?.token === undefined)
      throw new AcmeError('unsupported', `${identifier.value} cannot be proved by ${solver.type}`);
    const { token } = chosen;
    const challenge = { name: identifier.value, token, keyAuthorization: this.#key.keyAuthorization(token) };
    try {
      await solver.prepare(challenge);
      await this.#post(chosen.url, {});
      const end = await this.#poll<Authorization>(url, (one) => one.status !== 'pending');
      if (end.status === 'valid') return;
      const problem = end.challenges.find(({ type }) => type === solver.type)?.error;
      throw problemError(problem, `${identifier.value} was not proved (${end.status})`);
    } finally {
      await solver.remove(challenge);
    }
  }

  async #settled(url: string, wanted: 'ready' | 'valid'): Promise<Order> {
    const order = await this.#poll<Order>(
      url,
      ({ status }) => status === 'invalid' || status === 'valid' || status === wanted,
    );
    if (order.status === 'invalid') throw problemError(order.error, 'the order failed');
    return order;
  }

  async #poll<T>(url: string, over: (value: T) => boolean): Promise<T> {
    const untilMs = this.#clock.monotonicMs() + patienceMs;
    for (let waitMs = pollFirstMs; ; waitMs = Math.min(waitMs * 2, pollMaxMs)) {
      const answer = await this.#post(url, undefined);
      const value = json<T>(answer);
      if (over(value)) return value;
      if (this.#clock.monotonicMs() > untilMs) throw new AcmeError('timeout', 'the authority takes too long');
      await sleep(
        this.#clock,
        Math.min(Math.max(waitMs, retryAfter(answer.headers, this.#clock)), pollMaxMs),
      );
    }
  }

  async #get<T>(url: string): Promise<T> {
    return json<T>(await this.#post(url, undefined));
  }

  #known(): Promise<Directory> {
    this.#directory ??= this.#send('GET', this.#options.directory).then((answer) => {
      if (answer.status !== 200)
        throw new AcmeError('network', `the directory answers HTTP ${answer.status}`);
      return json<Directory>(answer);
    });
    this.#directory.catch(() => (this.#directory = undefined));
    return this.#directory;
  }

  async #post(url: string, payload: unknown): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      const nonce = this.#nonce ?? (await this.#freshNonce());
      this.#nonce = undefined;
      const answer = await this.#send('POST', url, this.#key.request(url, nonce, this.#kid, payload));
      if (answer.status < 400) return answer;
      const problem = problemOf(answer);
      if (typeOf(problem) === 'badNonce' && tries < noncesMax) continue;
      throw problemError(problem, `HTTP ${answer.status}`, retryAfter(answer.headers, this.#clock));
    }
  }

  async #freshNonce(): Promise<string> {
    const { newNonce } = await this.#known();
    await this.#send('HEAD', newNonce);
    const nonce = this.#nonce;
    if (nonce === undefined) throw new AcmeError('malformed', 'the authority gave no nonce');
    return nonce;
  }

  async #send(method: string, url: string, body?: string): Promise<Extract<HttpsAnswer, { is: 'answer' }>> {
    const { protocol, hostname, port, pathname, search } = new URL(url);
    if (protocol !== 'https:') throw new AcmeError('malformed', `not an https address: ${url}`);
    const answer = await httpsRequest(this.#https, {
      host: hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path: pathname + search,
      method,
      ...(body === undefined ? {} : { body, headers: jsonHeaders(body) }),
      answerMaxBytes,
      timeoutMs: requestTimeoutMs,
    });
    if (answer.is === 'failure')
      throw new AcmeError('network', `${hostname}: ${answer.reason} (${answer.code})`);
    this.#nonce = answer.headers['replay-nonce'] ?? this.#nonce;
    return answer;
  }
}

const jsonHeaders = (body: string): Record<string, string> => ({
  'content-type': 'application/jose+json',
  'content-length': String(Buffer.byteLength(body)),
});

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what the authority says is believed to have its shape
function json<T>({ body }: Pick<Answer, 'body'>): T {
  try {
    return JSON.parse(body.toString('utf8')) as T;
  } catch {
    throw new AcmeError('malformed', 'the authority answers something that is no JSON');
  }
}

function problemOf({ body }: Answer): Problem {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

const typeOf = ({ type = '' }: Problem): string => type.slice(type.lastIndexOf(':') + 1);

function problemError(problem: Problem | undefined, fallback: string, retryAfterMs = 0): AcmeError {
  const details = [problem?.detail, ...(problem?.subproblems ?? []).map((sub) => sub.detail)];
  const text = details.filter((detail) => detail !== undefined).join('; ');
  return new AcmeError(typeOf(problem ?? {}) || 'refused', text === '' ? fallback : text, retryAfterMs);
}

/** Seconds or a date (RFC 9110, 10.2.3); 0 without one. */
function retryAfter(headers: Readonly<Record<string, string>>, clock: Clock): number {
  const text = headers['retry-after'] ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - clock.nowMs();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
