/**
 * The seam for opinions on a message: SPF, DKIM, DMARC, reputation, filters. Asked once per message, when its header is known and before
 * anything is made durable.
 */
import type { MessageId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { SessionInfo } from './session-info.ts';

export interface JudgeFacts {
  readonly message: MessageId;
  readonly session: SessionInfo;
  /** As in `QueuedMessage.sender`. */
  readonly sender: string;
  /** As the client named them. */
  readonly recipients: readonly string[];
  /** The header as it came, its blank line left out. */
  readonly header: Buffer;
}

export type Judgement =
  | { readonly is: 'accept' }
  /** `reply` is a line for the sender, without codes. `temporary` asks it to try again. */
  | { readonly is: 'refuse'; readonly reply: string; readonly temporary: boolean }
  /** Accepted, with these header fields put on top (whole fields, each with CRLF at its end). */
  | { readonly is: 'tag'; readonly fields: string };

export type Judge = (facts: JudgeFacts) => Judgement | Promise<Judgement>;

const accepted: Judgement = { is: 'accept' };
export const acceptAll: Judge = () => accepted;

/** The judge refused: a Refusal with words of its own. */
export class JudgedRefusal extends Refusal {
  override readonly name = 'Refusal';
  readonly reply: string;
  readonly temporary: boolean;

  constructor(judgement: Extract<Judgement, { is: 'refuse' }>) {
    super('notAllowed', judgement.reply);
    this.reply = judgement.reply;
    this.temporary = judgement.temporary;
  }
}
