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
import type { MessageId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Directory } from '../directory/directory.ts';
import type { MailEvent } from '../events/event.ts';
import type { MailParams, RcptParams } from '../proto/smtp/params.ts';
import type { Mailbox } from '../proto/smtp/path.ts';
import type { Submission } from '../queue/message.ts';
import type { Bodies } from '../store/body.ts';
import type { Judge } from './judge.ts';
import type { IntakeOptions } from './options.ts';
import type { SessionInfo } from './session-info.ts';

export interface IntakeParts {
  readonly directory: Pick<Directory, 'resolve' | 'maySendAs' | 'rewrite'>;
  readonly bodies: Pick<Bodies, 'writer'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly options: IntakeOptions;
  /** Resolves when the message is durable: `Queue.accept`. */
  readonly accept: (submission: Submission, events: readonly MailEvent[]) => Promise<void>;
  /** Takes events of refused mail, as a best effort: nothing waits for them. */
  readonly refused?: (event: MailEvent<'refused'>) => void;
  /** Whether an account can take no more, if that is cheap to know: refused at RCPT with 452 4.2.2. */
  readonly isFull?: (account: string) => boolean;
  readonly judge?: Judge;
}

export interface Envelope {
  /** null: the null reverse-path. */
  readonly sender: Mailbox | null;
  readonly params: MailParams;
  /** `''` unless the message belongs to a campaign. */
  readonly campaign?: string;
  readonly stream?: 'transactional' | 'bulk';
}

export interface Accepted {
  readonly id: MessageId;
}

export interface MailTransaction extends Disposable {
  readonly id: MessageId;
  /** Recipients accepted so far, as the client named them. */
  readonly recipientCount: number;
  recipient(to: Mailbox, params: RcptParams): Promise<void>;
  /** Takes text of the message. The bytes may be reused by the caller once this returned and its promise, if any, resolved. Never throws. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** Ends the text. A refusal that `write` met is thrown here. */
  finish(): Promise<Accepted>;
  /** Forgets all. Also what `using` does. */
  abort(): void;
}

export class Intake {
  constructor(parts: IntakeParts) {
    void parts;
  }

  begin(session: SessionInfo, envelope: Envelope): Promise<MailTransaction> {
    throw new Error(`not yet: ${session.via} ${envelope.sender?.local}`);
  }
}
