/** Policy refused a mail: a Refusal with words of its own. */
import { Refusal } from '../base/refusal.ts';

export class JudgedRefusal extends Refusal {
  override readonly name = 'Refusal';
  /** For the sender, without codes. */
  readonly reply: string;
  /** The sender is asked to try again. */
  readonly temporary: boolean;

  constructor(judgement: { readonly reply: string; readonly temporary: boolean }) {
    super('notAllowed', judgement.reply);
    this.reply = judgement.reply;
    this.temporary = judgement.temporary;
  }
}
