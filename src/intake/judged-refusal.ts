/** Policy refused a mail: a Refusal with words of its own. */
import { Refusal } from '../base/refusal.ts';
import type { ReplyStatus } from '../policy/milter-options.ts';

interface Judged {
  readonly reply: string;
  readonly temporary: boolean;
  readonly status?: ReplyStatus;
}

export class JudgedRefusal extends Refusal {
  override readonly name = 'Refusal';
  /** For the sender, without codes. */
  readonly reply: string;
  /** The sender is asked to try again. */
  readonly temporary: boolean;

  /** Where whoever refuses has codes of its own. */
  readonly status: ReplyStatus | undefined;

  constructor(judgement: Judged) {
    super('notAllowed', judgement.reply);
    this.reply = judgement.reply;
    this.temporary = judgement.temporary;
    this.status = judgement.status;
  }
}
