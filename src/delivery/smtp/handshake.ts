/**
 * From a new connection to one that can carry mail: greeting, EHLO (HELO for servers that do not know it), STARTTLS, AUTH.
 *
 * Opportunistic TLS (RFC 7435) never stops mail: a server whose STARTTLS fails is remembered by the caller and tried again in the clear. What was
 * learnt before TLS is forgotten (RFC 3207, 4.2), and bytes that came before it end the connection (CVE-2011-0411).
 */
import type { Clock } from '../../base/clock.ts';
import type { SmtpPhase, TlsInfo, TlsProblem } from '../../events/event.ts';
import type { Connection } from '../../net/connection.ts';
import type { TlsSession } from '../../net/tls-session.ts';
import { TlsError } from '../../net/tls-upgrade.ts';
import { verifyDane, type DaneProblem } from '../../proto/dane/verify.ts';
import { startClient } from '../../proto/sasl/client.ts';
import { SaslError } from '../../proto/sasl/client-mechanism.ts';
import { Extensions, parseExtensions } from '../../proto/smtp/extensions.ts';
import { replyText, type Reply } from '../../proto/smtp/reply.ts';
import { certificateProblem, type Demand } from '../tls/demand.ts';
import type { DeliveryTimeouts } from '../options.ts';
import { Wire, type Lost } from './wire.ts';

export interface HandshakeOptions {
  readonly clock: Clock;
  readonly timeouts: DeliveryTimeouts;
  readonly hostname: string;
  readonly host: string;
  readonly lmtp: boolean;
  readonly demand: Demand;
  /** STARTTLS of this host is known to fail. */
  readonly tlsBroken: boolean;
  readonly auth?: { readonly username: string; readonly password: string };
  readonly caCertificates?: readonly string[];
  /** Given the wire at once, so that its deadlines are watched from the start. */
  readonly onWire: (wire: Wire) => void;
}

export interface Shaken {
  readonly wire: Wire;
  readonly extensions: Extensions;
}

/** What encryption had to do with a failure. */
export interface TlsTrouble {
  readonly problem: TlsProblem;
  readonly why: string;
}

/** The connection is of no use. `code` is 0 when the server said nothing; `reply` is what is kept. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
  readonly phase: SmtpPhase;
  readonly code: number;
  readonly reply: string;
  /** Undefined: encryption had no part in it. Otherwise the host works without, perhaps. */
  readonly trouble: TlsTrouble | undefined;
  constructor(phase: SmtpPhase, code: number, reply: string, trouble?: TlsTrouble) {
    super(`${phase}: ${reply}`);
    this.phase = phase;
    this.code = code;
    this.reply = reply;
    this.trouble = trouble;
  }
}

export async function shakeHands(connection: Connection, options: HandshakeOptions): Promise<Shaken> {
  const hand = new Handshake(connection, options);
  try {
    return await hand.run();
  } catch (error) {
    connection.destroy('handshake failed');
    throw error;
  }
}

class Handshake {
  readonly #options: HandshakeOptions;
  readonly #wire: Wire;
  #answer: PromiseWithResolvers<Reply> | undefined;
  #phase: SmtpPhase = 'banner';
  /** A reply nobody asked for: the greeting that came early, or noise. */
  #early: Reply | undefined;

  constructor(connection: Connection, options: HandshakeOptions) {
    this.#options = options;
    this.#wire = new Wire(connection, options.clock, options.timeouts);
    this.#wire.onReply = (reply) => this.#heard(reply);
    this.#wire.onLost = (lost) => this.#lost(lost);
    options.onWire(this.#wire);
  }

  async run(): Promise<Shaken> {
    const { demand, tlsBroken } = this.#options;
    const { encrypt } = demand;
    if (encrypt === 'implicit') await this.#startTls(true);
    const banner = await this.#reply(this.#options.timeouts.greetingMs);
    if (banner.code !== 220) throw this.#refused(banner);
    let extensions = await this.#hello();
    if (encrypt === 'always' || encrypt === 'offered') {
      const offered = extensions.has('STARTTLS');
      if (offered && (encrypt === 'always' || !tlsBroken)) {
        await this.#askForTls();
        extensions = await this.#hello();
      } else if (encrypt === 'always' && !demand.requireTls) throw notOffered(demand);
    }
    if (demand.requireTls && !(this.#wire.tls && extensions.has('REQUIRETLS')))
      throw noRequireTls(this.#wire.tls);
    if (this.#options.auth) await this.#authenticate(extensions, this.#options.auth);
    this.#wire.expectNothing();
    return { wire: this.#wire, extensions };
  }

  async #hello(): Promise<Extensions> {
    this.#phase = 'ehlo';
    const { lmtp, hostname } = this.#options;
    const reply = await this.#ask(`${lmtp ? 'LHLO' : 'EHLO'} ${hostname}`);
    if (reply.code === 250) return parseExtensions(reply);
    // A server of before 1995, or one in front of it (RFC 5321, 3.2).
    if (lmtp || reply.code < 500 || this.#wire.tls) throw this.#refused(reply);
    const older = await this.#ask(`HELO ${hostname}`);
    if (older.code !== 250) throw this.#refused(older);
    return Extensions.none;
  }

  async #askForTls(): Promise<void> {
    this.#phase = 'tls';
    const reply = await this.#ask('STARTTLS');
    if (reply.code !== 220) throw new HandshakeError('tls', reply.code, replyText(reply), refusedTls(reply));
    if (!this.#wire.betweenReplies || this.#early) throw injected();
    await this.#startTls(false);
  }

  async #startTls(implicit: boolean): Promise<void> {
    this.#phase = 'tls';
    const { host, demand, caCertificates } = this.#options;
    const { proof } = demand;
    this.#wire.expectWithin(this.#options.timeouts.greetingMs);
    let session: TlsSession;
    try {
      const started = await this.#wire.connection.startTls({
        is: 'client',
        servername: proof.is === 'dane' ? proof.base : host,
        names: proof.is === 'pkix' ? proof.names : [host],
        ...(caCertificates ? { ca: caCertificates } : {}),
      });
      if (started.discardedBytes > 0 && !implicit) throw injected();
      ({ session } = started);
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      throw failedTls(error.code, demand, { problem: 'validation-failure', why: error.code });
    }
    this.#wire.tls = this.#prove(session);
    this.#wire.certificate = session.unverifiedReason;
  }

  /** What the server showed of itself, or an error when that is not what must be. */
  #prove(session: TlsSession): TlsInfo {
    const { demand, clock } = this.#options;
    const { version, cipher, verified, unverifiedReason } = session;
    const { proof } = demand;
    if (proof.is === 'pkix' && !verified)
      throw failedTls(unverifiedReason, demand, {
        problem: certificateProblem(unverifiedReason),
        why: unverifiedReason,
      });
    if (proof.is !== 'dane')
      return { version, cipher, verified, ...(verified ? {} : { unverified: unverifiedReason }) };
    const { records, names } = proof;
    const verdict = verifyDane({ records, chain: session.peerChain(), names, nowMs: clock.nowMs() });
    if (verdict.is === 'matched') return { version, cipher, verified: true, byDane: true };
    throw failedTls(verdict.detail, demand, { problem: daneProblems[verdict.problem], why: verdict.detail });
  }

  /** Never over plaintext or to a server that has not proved its name (the mechanisms may hand over the password). */
  async #authenticate(extensions: Extensions, auth: NonNullable<HandshakeOptions['auth']>): Promise<void> {
    this.#phase = 'auth';
    if (!this.#wire.tls || (!this.#wire.tls.verified && this.#options.demand.encrypt !== 'always')) {
      throw new HandshakeError('auth', 0, '451 4.7.0 Not logging in: the connection is not proved safe');
    }
    const mechanism = startClient(extensions.mechanisms, auth);
    if (!mechanism) throw new HandshakeError('auth', 0, '451 4.7.0 The server offers no login that we know');
    const initial = mechanism.initial();
    const first = initial === undefined ? '' : ` ${initial.length === 0 ? '=' : base64(initial)}`;
    let reply = await this.#ask(`AUTH ${mechanism.name}${first}`);
    try {
      while (reply.code === 334) {
        const challenge = Buffer.from(reply.lines[0]?.trim() ?? '', 'base64');
        reply = await this.#ask(base64(await mechanism.step(challenge)));
      }
    } catch (error) {
      if (!(error instanceof SaslError)) throw error;
      throw new HandshakeError('auth', 0, `451 4.7.0 Login failed: ${error.message}`);
    }
    if (reply.code !== 235) throw this.#refused(reply);
    if (!mechanism.finished())
      throw new HandshakeError('auth', 0, '451 4.7.0 The server did not prove that it knows us');
  }

  #ask(line: string): Promise<Reply> {
    this.#wire.write(`${line}\r\n`);
    return this.#reply(this.#options.timeouts.commandMs);
  }

  #reply(withinMs: number): Promise<Reply> {
    this.#wire.expectWithin(withinMs);
    const early = this.#early;
    this.#early = undefined;
    if (early) return Promise.resolve(early);
    this.#answer = Promise.withResolvers<Reply>();
    const { promise } = this.#answer;
    if (this.#wire.lost) this.#lost({ is: 'closed', detail: 'the server closed the connection' });
    return promise;
  }

  #heard(reply: Reply): void {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer) answer.resolve(reply);
    else this.#early = reply;
  }

  #lost(lost: Lost): void {
    this.#answer?.reject(new HandshakeError(this.#phase, 0, `451 4.4.2 ${lost.detail}`));
  }

  #refused(reply: Reply): HandshakeError {
    return new HandshakeError(this.#phase, reply.code, replyText(reply));
  }
}

/** RFC 8460, 4.3.2.1: a certificate that no record speaks of is a failure to validate; the rest has names of its own. */
const daneProblems: Readonly<Record<DaneProblem, TlsProblem>> = {
  mismatch: 'validation-failure',
  name: 'certificate-host-mismatch',
  expired: 'certificate-expired',
  chain: 'certificate-not-trusted',
};

const asked = ({ by }: Demand): string => (by === '' ? '' : ` (asked for by ${by})`);

function notOffered(demand: Demand): HandshakeError {
  const who = demand.by === '' ? 'this route' : demand.by;
  const trouble = { problem: 'starttls-not-supported', why: '' } as const;
  return new HandshakeError('tls', 0, `451 4.7.4 The server offers no TLS, and ${who} asks for it`, trouble);
}

/** RFC 8689, 4.2.1: not to be sent there, now or later. */
function noRequireTls(tls: TlsInfo | null): HandshakeError {
  const reply = '550 5.7.30 The server does not support REQUIRETLS, which the sender asks for';
  const problem = tls === null ? 'starttls-not-supported' : 'validation-failure';
  return new HandshakeError('ehlo', 0, reply, { problem, why: 'REQUIRETLS is not offered' });
}

const failedTls = (what: string, demand: Demand, trouble: TlsTrouble): HandshakeError =>
  new HandshakeError('tls', 0, `451 4.7.5 TLS failed: ${what}${asked(demand)}`, trouble);

const refusedTls = (reply: Reply): TlsTrouble => ({
  problem: 'starttls-not-supported',
  why: replyText(reply),
});

const injected = (): HandshakeError =>
  new HandshakeError('tls', 0, '451 4.7.0 Bytes came before TLS: perhaps an attack', {
    problem: 'validation-failure',
    why: 'bytes came before TLS',
  });

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
