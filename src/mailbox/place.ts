/** Placing a message into a mailbox: what delivery does for each local recipient. Idempotent by key. */
import type { AccountId, EmailId, MailboxId, ModSeq, Uid } from '../base/ids.ts';
import type { MailEvent } from '../events/event.ts';
import type { StoredBody } from '../store/body.ts';
import { operation } from '../store/operation.ts';
import type { Transaction } from '../store/transaction.ts';
import type { EmailFacts } from './email-facts.ts';
import type { Role } from './mailbox.ts';

/** Where to. A role that the account lacks is created; a name is created only with `create` (Sieve fileinto :create). */
export type Target =
  | { readonly role: Role }
  | { readonly id: MailboxId }
  | { readonly name: string; readonly create?: boolean };

export interface Placement {
  readonly account: AccountId;
  readonly mailbox: Target;
  /** `<MessageId>/<recipient index>`: placing the same key again, within `placementKeptMs`, gives the first result and changes nothing. */
  readonly key: string;
  /** Sum of bits of flags.ts; a delivery has none as a rule. */
  readonly flags: number;
  readonly keywords: readonly string[];
  readonly receivedAtMs: number;
  readonly body: StoredBody;
  readonly email: EmailFacts;
  /** Recorded in the same commit. In an event that `is: 'stored'`, mailbox and uid are filled in here. */
  readonly events: readonly MailEvent[];
}

export interface Placed {
  readonly mailbox: MailboxId;
  readonly uid: Uid;
  readonly modseq: ModSeq;
  readonly emailId: EmailId;
  /** True when the key had been placed before. */
  readonly duplicate: boolean;
}

/** Throws Refusal `mailboxFull` (quota), `mailboxNotFound` (id or name), `limitReached` (keywords, mailboxes). */
export const place = operation('mailbox.place', function* (placement: Placement): Transaction<Placed> {
  throw new Error(`not landed yet: ${placement.key}`);
});

/** Several placements of one account in one transaction: all or none. */
export const placeAll = operation(
  'mailbox.placeAll',
  function* (placements: readonly Placement[]): Transaction<readonly Placed[]> {
    throw new Error(`not landed yet: ${placements.length}`);
  },
);
