/** One message for some recipients on its way over one connection, and what was said to it. */
import type { SmtpPhase } from '../../events/event.ts';
import { replyText, type Reply } from '../../proto/smtp/reply.ts';
import type { Attempt, AttemptRecipient } from '../../queue/attempt.ts';
import type { OutgoingText } from './text.ts';

export interface Said {
  readonly phase: SmtpPhase;
  /** 0: nothing was said; `reply` is our own finding. */
  readonly code: number;
  readonly reply: string;
}

/** Stands for no answer: the recipient was left for a further transaction, as the server takes no more in one. */
export const unnamed: Said = {
  phase: 'rcpt',
  code: 452,
  reply: '452 4.5.3 More recipients than the server takes at once',
};

export class Job {
  readonly attempt: Attempt;
  readonly recipients: readonly AttemptRecipient[];
  readonly text: OutgoingText;
  readonly done: (job: Job) => void;
  /** What each recipient was told last; decided in the end. */
  readonly said: (Said | undefined)[];
  mail: Said | undefined;
  rcptAnswered = 0;
  accepted = 0;
  /** Replies to the final dot: one, or with LMTP one for each recipient that was accepted. */
  dotAnswered = 0;
  /** The whole text has been written: from here on a lost connection leaves us not knowing. */
  dotSent = false;
  /** The lease had passed right before the dot. */
  leaseLost = false;
  /** The server was told by when it is to be delivered. */
  keepsTime = false;
  /** Connections it was lost on before its dot, through no fault of its own. */
  restarts = 0;
  startedMs = 0;
  constructor(
    attempt: Attempt,
    recipients: readonly AttemptRecipient[],
    text: OutgoingText,
    done: (job: Job) => void,
  ) {
    this.attempt = attempt;
    this.recipients = recipients;
    this.text = text;
    this.done = done;
    this.said = recipients.map(() => undefined);
  }

  heard(phase: SmtpPhase, reply: Reply): Said {
    return { phase, code: reply.code, reply: replyText(reply) };
  }

  /** Everyone who has no final answer yet gets this one. */
  settle(said: Said): void {
    for (let i = 0; i < this.said.length; i++) {
      const before = this.said[i];
      const open =
        before === undefined || before === unnamed || (before.code < 300 && before.phase !== 'dot');
      if (open) this.said[i] = said;
    }
  }

  /** Back to the start, for another connection. */
  restart(): void {
    this.said.fill(undefined);
    this.mail = undefined;
    this.rcptAnswered = 0;
    this.accepted = 0;
    this.dotAnswered = 0;
    this.restarts += 1;
  }
}
