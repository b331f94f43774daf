/**
 * The one door in. Everything that becomes a message on its way comes through here: SMTP, submission, LMTP, the send API,
 * notices of our own.
 *
 *   using mail = await intake.begin(session, { sender, params });   // Refusal: sender not allowed, …
 *   await mail.recipient(to, params);                               // Refusal: unknown, full, relay denied, …
 *   mail.write(chunk);  …                                           // CRLF text without dot stuffing
 *   const { id } = await mail.finish();                             // Refusal; on success the message is durable
 *
 * A transaction that is not finished leaves nothing behind.
 */
import type { Clock } from '../base/clock.ts';
import type { AccountId, MessageId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import { Refusal } from '../base/refusal.ts';
import type { Directory } from '../directory/directory.ts';
import type { Principal, UnsubscribeKind } from '../directory/principal.ts';
import type { EventData, MailEvent, MailLabels, SmtpPhase } from '../events/event.ts';
import type { TextFlags } from '../proto/smtp/dot-stuffing.ts';
import type { MailParams, RcptParams } from '../proto/smtp/params.ts';
import { joinAddress, type Mailbox } from '../proto/smtp/path.ts';
import type { CheckedMail } from '../policy/check.ts';
import type { MailInspection } from '../policy/inspector.ts';
import type { StartSigning } from '../policy/signer.ts';
import type { Milters } from '../policy/milters.ts';
import type { OnceKey, Submission } from '../queue/message.ts';
import type { Bodies } from '../store/body.ts';
import { Mail, type Sender } from './mail.ts';
import type { IntakeOptions } from './options.ts';
import type { Unsent } from './program-mail.ts';
import type { SessionInfo } from './session-info.ts';

export interface IntakeParts {
  readonly directory: Pick<Directory, 'resolve' | 'maySendAs' | 'rewrite' | 'account'> &
    Partial<Pick<Directory, 'complaintAddress'>>;
  readonly bodies: Pick<Bodies, 'writer'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly options: IntakeOptions;
  /** Resolves when the message is durable: `Queue.accept`. */
  readonly accept: (submission: Submission, events: readonly MailEvent[]) => Promise<Kept | undefined>;
  /** Takes events of refused mail, as a best effort: nothing waits for them. */
  readonly refused?: (event: MailEvent<'refused'>) => void;
  /** Whether an account has no room for so many bytes more, if that is cheap to know: refused at RCPT with 452 4.2.2. */
  readonly isFull?: IsFull;
  /** Absent: our own users send as much as they like. */
  readonly sending?: SendingRules;
  /** Why an address gets no mail of this kind (suppression); undefined: it does. Absent: all do. */
  readonly suppressed?: (
    mailing: { readonly org: string; readonly stream: 'transactional' | 'bulk'; readonly topic: string },
    address: string,
  ) => Promise<string | undefined>;
  /** Links by which a reader wants no more; absent: none are put into mail. */
  readonly unsubscribeLinks?: (about: {
    readonly message: string;
    /** The envelope's. */
    readonly sender: string;
    readonly org: string;
    /** As entries of the suppression list have it. */
    readonly scope: string;
    readonly address: string;
  }) => Promise<{ readonly url: string; readonly mailto: string | undefined }>;
  /** Why nothing can be stored now: mail is refused before its body is sent. Costs nothing to ask. */
  readonly storageProblem?: () => 'storageFull' | 'storageBusy' | undefined;
  /** Asked about mail from outside; absent: it is taken as it comes. */
  readonly examine?: (mail: CheckedMail) => MailInspection;
  /** It is asked about mail of our own users as well. */
  readonly examinesOwn?: boolean;
  /** Filters of others, which hear of mail as it comes in and may change it. */
  readonly milters?: Pick<Milters, 'begin'>;
  /** Asked about each recipient of mail from outside before its text is sent; absent: all are let in. */
  readonly door?: Door;
  /** Signs mail of our own users and networks; absent: it goes unsigned. */
  readonly sign?: {
    /** Whether there is anything to sign with. Costs nothing to ask. */
    readonly active: boolean;
    /** Who signs mail with this header; undefined: nobody. */
    for(header: Buffer): Promise<StartSigning | undefined>;
  };
}

export interface Door {
  /** Undefined: come in. */
  admit(at: {
    readonly ip: string;
    readonly sender: string;
    readonly recipient: string;
    readonly org: string;
  }): Promise<{ readonly reply: string; readonly temporary: boolean } | undefined>;
}

/** Bounds on what our own users send. */
export interface SendingRules {
  /** Refusal: this login may not send now. */
  admit(sender: Principal): Promise<void>;
  /** Takes room for a mail to so many recipients elsewhere. Undefined: it may go at once. Refusal: not within a reasonable time. */
  reserve(sender: Principal, recipients: number): Promise<EventData['putOff'] | undefined>;
}

export type IsFull = (account: AccountId, sizeBytes: number) => boolean | Promise<boolean>;

export interface Envelope {
  /** null: the null reverse-path. */
  readonly sender: Mailbox | null;
  readonly params: MailParams;
  /** `''` unless the message belongs to a campaign. */
  readonly campaign?: string;
  readonly stream?: 'transactional' | 'bulk';
  readonly labels?: MailLabels;
  /** What this server puts into it; absent: as its stream has it. */
  readonly unsubscribe?: UnsubscribeKind;
  /** How long it may wait, when that is less than usual. */
  readonly lifetimeMs?: number;
  /** Given once the id is known: the answer may name it. */
  readonly once?: (id: MessageId) => OnceKey;
}

/** What was kept for an idempotency key. */
export interface Kept {
  readonly digest: string;
  readonly message: string;
  readonly answer: string;
}

export interface Accepted {
  readonly id: MessageId;
  /** The key was used before for the same: what was answered then. No other mail was made. */
  readonly repeated?: string;
}

export interface MailTransaction extends Disposable {
  readonly id: MessageId;
  /** Recipients accepted so far, as the client named them. */
  readonly recipientCount: number;
  recipient(to: Mailbox, params: RcptParams): Promise<void>;
  /** Recipients that were refused because they are on the suppression list: the mail goes to the others. */
  readonly unsent: readonly Unsent[];
  /** The flags of a reader that sees every octet before `write` does, to spare a second search. Call before the first `write`. */
  readBy(flags: TextFlags): void;
  /** Takes text of the message. The bytes may be reused by the caller once this returned and its promise, if any, resolved. Never throws. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** What `write` met and `finish` will throw; undefined while all is well. */
  readonly refusal: unknown;
  /** Ends the text. A refusal that `write` met is thrown here. */
  finish(): Promise<Accepted>;
  /** Forgets all. Also what `using` does. */
  abort(): void;
}

/** What is told of mail that was refused while its sender was connected. */
export interface Refused {
  readonly sender: string;
  /** `''` when the refusal is not about one recipient. */
  readonly recipient: string;
  readonly phase: SmtpPhase;
  /** The whole reply line. */
  readonly reply: string;
  /** A `Reason`, or a word of the protocol server's. */
  readonly reason: string;
  readonly message?: MessageId;
  /** What the filters found of it. */
  readonly judged?: EventData['judged'];
}

export class Intake {
  readonly options: IntakeOptions;
  readonly #parts: IntakeParts;
  readonly #accepted: Counter<'via'>;
  readonly #bytes: Counter;

  constructor(parts: IntakeParts) {
    this.options = parts.options;
    this.#accepted = parts.metrics.counter('hikyaku_intake_accepted_total', 'Messages accepted.', ['via']);
    this.#bytes = parts.metrics.counter(
      'hikyaku_intake_accepted_bytes_total',
      'Octets of messages accepted.',
    );
    this.#parts = { ...parts, accept: (submission, events) => this.#accept(parts, submission, events) };
  }

  /** Begins a mail. Refusal: `senderNotAllowed`, `messageTooLarge`, `storageFull`, `storageBusy`. */
  async begin(session: SessionInfo, envelope: Envelope): Promise<MailTransaction> {
    const { directory, options } = this.#parts;
    const { principal } = session;
    const { sender, params } = envelope;
    if ((params.sizeBytes ?? 0) > options.messageMaxBytes) {
      throw new Refusal('messageTooLarge', `${params.sizeBytes} bytes announced`);
    }
    const problem = this.#parts.storageProblem?.();
    if (problem !== undefined) throw new Refusal(problem, 'before the body');
    if (principal === undefined) {
      return this.#begun(session, envelope, {
        address: joinAddress(sender),
        language: guessedLanguage(sender, options.language),
      });
    }
    await this.#parts.sending?.admit(principal);
    const asked = joinAddress(sender);
    if (!(await directory.maySendAs(principal, asked))) {
      throw new Refusal('senderNotAllowed', `${principal.address} as ${asked}`);
    }
    const address = asked === '' ? '' : await directory.rewrite(asked, 'out', 'envelope');
    const account = await directory.account(principal.account);
    return this.#begun(session, envelope, { address, language: account?.language ?? options.language });
  }

  async #begun(session: SessionInfo, envelope: Envelope, sender: Sender): Promise<Mail> {
    const mail = new Mail(this.#parts, session, envelope, sender);
    try {
      if (this.#parts.milters) await mail.begin();
      return mail;
    } catch (error) {
      mail.abort();
      throw error;
    }
  }

  /** Writes a refusal into the event ledger, as a best effort. */
  tellRefused(session: SessionInfo, refused: Refused): void {
    const { via, ip, helo, principal } = session;
    const { sender, recipient, phase, reply, reason, message = '', judged } = refused;
    this.#parts.refused?.({
      is: 'refused',
      atMs: this.#parts.clock.nowMs(),
      message,
      org: principal?.org ?? '',
      recipient,
      data: { via, peer: ip, helo, sender, phase, reply, reason, ...(judged && { judged }) },
    });
  }

  async #accept(
    parts: IntakeParts,
    submission: Submission,
    events: readonly MailEvent[],
  ): Promise<Kept | undefined> {
    const before = await parts.accept(submission, events);
    if (before) return before;
    const told = events[0];
    if (told?.is === 'accepted') this.#accepted.add(1, { via: told.data.via });
    this.#bytes.add(submission.message.sizeBytes);
    return undefined;
  }
}

/** Of a stranger we know nothing but the address. */
function guessedLanguage(sender: Mailbox | null, otherwise: 'en' | 'ja'): 'en' | 'ja' {
  return sender !== null && /\.jp$/i.test(sender.domain) ? 'ja' : otherwise;
}
