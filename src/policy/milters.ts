/**
 * Milters: filters of others that hear of a mail as it comes in, over the milter protocol, as with Sendmail and Postfix. They may turn it away at each
 * step, and change it when it is whole.
 *
 *   const run = milters.begin(mail);            // undefined: none is meant for such mail
 *   await run.sender(address, params);          // a refusal, or undefined
 *   await run.recipient(address, params);       // the same, for this recipient
 *   const outcome = await run.text(draft);      // findings for the verdict, and the changes
 *
 * They are asked in the order of the settings, and each sees what those before it have changed, also at the end. One that fails is left out for the rest of the mail,
 * and treated as its policy says. Nobody throws mail away: what a milter would discard is quarantined.
 */
import type { Log } from '../base/log.ts';
import { dialService, type ServiceDialer } from '../net/service-dial.ts';
import { ServiceLink } from '../net/service-link.ts';
import type { Bodies } from '../store/body.ts';
import type { Finding } from './check.ts';
import type { Changed, MilterOptions, MilterRefusal } from './milter-options.ts';
import { Draft, type BodySource } from './milter/draft.ts';
import { MilterConversation } from './milter/conversation.ts';
import { KeptConversations } from './milter/kept-conversations.ts';
import type { MacroValues } from './milter/macro-values.ts';
import { MilterTurn, type TextChanges } from './milter/turn.ts';
import { Spool } from './milter/spool.ts';
import type { Failure } from './verdict.ts';

export interface MiltersParts {
  readonly milters: readonly MilterOptions[];
  readonly dialer: ServiceDialer;
  /** Where a new body is kept while it comes. */
  readonly bodies: Pick<Bodies, 'writer'>;
  readonly log: Log;
  readonly hostName: string;
  readonly messageMaxBytes: number;
}

/** A mail that is about to come. */
export interface MilterMail {
  readonly id: string;
  readonly direction: 'in' | 'out';
  /** `mx`, `submission`: the daemon's name. */
  readonly via: string;
  readonly ip: string;
  readonly localIp: string;
  readonly helo: string;
  readonly tls: { readonly version: string; readonly cipher: string } | null;
  /** Who has logged in, or `''`. */
  readonly login: string;
}

export interface MilterOutcome {
  /** One of them takes the message not, or not now. */
  readonly refusal: MilterRefusal | undefined;
  readonly findings: readonly Finding[];
  readonly failures: readonly Failure[];
  /** Undefined: the text stays as it came. */
  readonly text: RevisedText | undefined;
  /** A new envelope sender. */
  readonly sender: string | undefined;
  readonly added: readonly string[];
  readonly deleted: readonly string[];
  /** Which milter has changed what. */
  readonly changed: readonly { readonly by: string; readonly what: readonly Changed[] }[];
}

export interface RevisedText {
  /** Whole lines that go in front of our own Received field. */
  readonly top: Buffer;
  /** Whole lines behind it, without the blank line. */
  readonly header: Buffer;
  /** From behind the blank line on. To be read before `dispose`. */
  readonly body: BodySource;
}

export class Milters {
  readonly #parts: MiltersParts;
  readonly #kept: ReadonlyMap<MilterOptions, KeptConversations>;

  constructor(parts: MiltersParts) {
    this.#parts = parts;
    const keeping = parts.milters.filter(({ keepsConnections }) => keepsConnections);
    this.#kept = new Map(keeping.map((options) => [options, new KeptConversations(parts.dialer.clock)]));
  }

  begin(mail: MilterMail): MilterRun | undefined {
    const meant = this.#parts.milters.filter(
      ({ direction }) => direction === 'both' || direction === mail.direction,
    );
    const { dialer, log } = this.#parts;
    const turns = meant.map(
      (options) => new MilterTurn({ dialer, options, log, kept: this.#kept.get(options) }),
    );
    return turns.length === 0 ? undefined : new MilterRun(this.#parts, turns, mail);
  }
}

export class MilterRun implements Disposable {
  readonly #parts: MiltersParts;
  readonly #mail: MilterMail;
  readonly #turns: readonly MilterTurn[];
  readonly #spools: Spool[] = [];

  constructor(parts: MiltersParts, turns: readonly MilterTurn[], mail: MilterMail) {
    this.#parts = parts;
    this.#mail = mail;
    this.#turns = turns;
  }

  async sender(address: string, params: readonly string[]): Promise<MilterRefusal | undefined> {
    const { ip, helo } = this.#mail;
    const values = { ...this.#session(), ...mailValues(address) };
    return this.#each((turn) => turn.begin({ ip, helo, address, params }, values));
  }

  async recipient(address: string, params: readonly string[]): Promise<MilterRefusal | undefined> {
    const values = { ...this.#session(), ...recipientValues(address) };
    return this.#each((turn) => turn.recipient(address, params, values));
  }

  /** `header` and `body` as they will be stored, without what we put on top. */
  async text(header: Buffer, body: BodySource): Promise<MilterOutcome> {
    const draft = new Draft(header, body);
    const done: TextChanges = { sender: undefined, added: [], deleted: [] };
    const findings: Finding[] = [];
    const changed: { by: string; what: readonly Changed[] }[] = [];
    let refusal: MilterRefusal | undefined;
    for (const turn of this.#turns) {
      const spool = new Spool(this.#parts.bodies, this.#parts.messageMaxBytes);
      this.#spools.push(spool);
      const told = await turn.text(draft, this.#session(), spool, done);
      if (told.changed.includes('body')) draft.body = () => spool.read();
      if (told.changed.length > 0) changed.push({ by: turn.name, what: told.changed });
      findings.push(...told.findings);
      refusal = told.refusal;
      if (refusal) break;
    }
    const isRevised = changed.some(({ what }) => what.includes('header') || what.includes('body'));
    return {
      refusal,
      findings,
      failures: this.#turns.flatMap(({ failure }) => failure ?? []),
      text: isRevised ? { ...draft.header(), body: draft.body } : undefined,
      sender: done.sender,
      added: done.added,
      deleted: done.deleted,
      changed,
    };
  }

  [Symbol.dispose](): void {
    for (const turn of this.#turns) turn[Symbol.dispose]();
    for (const spool of this.#spools) spool[Symbol.dispose]();
  }

  async #each(
    ask: (turn: MilterTurn) => Promise<MilterRefusal | undefined>,
  ): Promise<MilterRefusal | undefined> {
    for (const turn of this.#turns) {
      const refusal = await ask(turn);
      if (refusal) return refusal;
    }
    return undefined;
  }

  #session(): MacroValues {
    const { id, via, ip, localIp, tls, login } = this.#mail;
    const { hostName } = this.#parts;
    const name = `[${ip}]`;
    return {
      j: hostName,
      v: 'Hikyaku',
      _: name,
      i: id,
      daemon_name: via,
      daemon_addr: localIp,
      if_addr: localIp,
      client_addr: ip,
      client_name: 'unknown',
      client_ptr: 'unknown',
      tls_version: tls?.version ?? '',
      cipher: tls?.cipher ?? '',
      auth_authen: login,
      auth_type: login === '' ? '' : 'PLAIN',
    };
  }
}

const host = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

const mailValues = (address: string): MacroValues => ({
  mail_addr: address,
  mail_host: host(address),
  mail_mailer: 'smtp',
});

const recipientValues = (address: string): MacroValues => ({
  rcpt_addr: address,
  rcpt_host: host(address),
  rcpt_mailer: 'smtp',
});

/** The version that a milter speaks, once it answers. */
export async function greetMilter(dialer: ServiceDialer, options: MilterOptions): Promise<number> {
  const { address, timeouts } = options;
  const connection = await dialService(dialer, address, { timeoutMs: timeouts.commandMs });
  using conversation = new MilterConversation(new ServiceLink(connection, dialer.clock), timeouts);
  return (await conversation.greet()).version;
}
