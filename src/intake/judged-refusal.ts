/** Policy refused a mail: a Refusal with words of its own. */
import { Refusal } from '../base/refusal.ts';
import type { Judgement } from '../policy/chain.ts';
import type { ReplyStatus } from '../policy/milter-options.ts';

interface TurnedAway {
  readonly reply: string;
  readonly temporary: boolean;
  readonly status?: ReplyStatus;
  readonly judgement?: Judgement;
}

export class JudgedRefusal extends Refusal {
  override readonly name = 'Refusal';
  /** For the sender, without codes. */
  readonly reply: string;
  /** The sender is asked to try again. */
  readonly temporary: boolean;
  /** Where whoever refuses has codes of its own. */
  readonly status: ReplyStatus | undefined;
  /** What the filters found, if it was them. */
  readonly judgement: Judgement | undefined;

  constructor({ reply, temporary, status, judgement }: TurnedAway) {
    super('notAllowed', reply);
    this.reply = reply;
    this.temporary = temporary;
    this.status = status;
    this.judgement = judgement;
  }
}
