/** Notices to the sender (RFC 3464): what the queue asks for, and what it stores with the outcome in one transaction. */
import type { EventData, MailEvent } from '../events/event.ts';
import type { StoredBody } from '../store/body.ts';
import type { Answer } from './attempt.ts';
import type { QueuedMessage, QueuedRecipient, Submission } from './message.ts';

export interface NoticeRequest {
  readonly about: EventData['notified']['about'];
  readonly message: QueuedMessage;
  readonly recipients: readonly NoticedRecipient[];
  readonly body: StoredBody;
  readonly atMs: number;
}

export interface NoticedRecipient {
  readonly recipient: QueuedRecipient;
  readonly answer: Answer;
  /** Why it was given up, in failure notices. */
  readonly why?: EventData['bounced']['why'];
  readonly tries: number;
}

/** A message that follows from an outcome: a notice to the sender, or what a recipient's filter sends. */
export interface Notice {
  readonly submission: Submission;
  /** `accepted` of the notice itself. */
  readonly events: readonly MailEvent[];
}

/** Undefined when there is nobody to tell: null sender, sender unknown. */
export type MakeNotice = (request: NoticeRequest) => Promise<Notice | undefined>;
