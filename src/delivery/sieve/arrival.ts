/** A message at the mailbox of one account, about to be stored: what scripts are run over. */
import type { AccountId, OrgId } from '../../base/ids.ts';
import type { Language } from '../../directory/account.ts';
import type { EmailFacts } from '../../mailbox/email-facts.ts';
import type { Placement } from '../../mailbox/place.ts';
import type { Attempt, AttemptRecipient } from '../../queue/attempt.ts';
import type { StoredBody } from '../../store/body.ts';

export interface Arrival {
  readonly attempt: Attempt;
  readonly recipient: AttemptRecipient;
  readonly account: AccountId;
  readonly org: OrgId;
  /** As A-labels. */
  readonly domain: string;
  /** The account's login address, and its name for people. */
  readonly name: string;
  readonly displayName: string;
  readonly language: Language;
  /** With the fields of final delivery on top. */
  readonly body: StoredBody;
  readonly email: EmailFacts;
  /** Of the placement; those of more copies begin with it. */
  readonly key: string;
  /** Where mail goes that no script says anything of. */
  readonly mailbox: Placement['mailbox'];
  readonly quotaBytes: number | undefined;
  readonly nowMs: number;
  /** Milliseconds since the attempt began. */
  readonly elapsedMs: () => number;
}
