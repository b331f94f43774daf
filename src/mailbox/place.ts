/**
 * Placing a message into a mailbox: what delivery does for each local recipient.
 *
 * Idempotent by key, so that the queue may try again whenever it does not know how a placement ended: quota, uid, modseq, row, change, events and the memory of
 * the key are one commit (RFC 9051, 2.3.1.1; RFC 7162, 3.1).
 */
import type { AccountId, EmailId, MailboxId, ModSeq, Uid } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { MailEvent } from '../events/event.ts';
import { record } from '../events/record.ts';
import type { StoredBody } from '../store/body.ts';
import { operation } from '../store/operation.ts';
import { maybe, rows, type Transaction } from '../store/transaction.ts';
import type { EmailFacts } from './email-facts.ts';
import { emailId, inboxNumber, mailboxId, mailboxNumber, type MailboxNumber } from './ids.ts';
import type { Role } from './mailbox.ts';
import { canonicalName } from './name.ts';
import { addEmails } from './rules/add.ts';
import { ensureStore } from './rules/head.ts';
import { createPath, ensureRole } from './rules/tree.ts';

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
  /** The account's quota as the directory has it, 0 for none; taken over when it has changed. Absent: what was set last holds. */
  readonly quotaBytes?: number;
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

/** How long a key is remembered: longer than any message stays in the queue. */
export const placementKeptMs = 30 * 24 * 60 * 60 * 1000;

/** Throws Refusal `mailboxFull` (quota), `mailboxNotFound` (id or name), `limitReached` (keywords, mailboxes). */
export const place = operation('mailbox.place', placing);

/** Several placements of one account in one transaction: all or none. */
export const placeAll = operation(
  'mailbox.placeAll',
  function* (placements: readonly Placement[]): Transaction<readonly Placed[]> {
    const placed: Placed[] = [];
    for (const placement of placements) placed.push(yield* placing(placement));
    return placed;
  },
);

function* placing(placement: Placement): Transaction<Placed> {
  const { account, key } = placement;
  const before = yield* maybe<{ mailbox: number; uid: number; modseq: number; email: number }>(
    'select mailbox, uid, modseq, email from placement where key = ? and account = ?',
    key,
    account,
  );
  if (before !== undefined) return placedAt(before, true);
  const mailbox = yield* targetOf(placement);
  const added = yield* addEmails(
    { account, mailbox, nowMs: placement.receivedAtMs, quotaBytes: placement.quotaBytes },
    [
      {
        flags: { system: placement.flags, keywords: placement.keywords },
        receivedAtMs: placement.receivedAtMs,
        body: placement.body,
        email: placement.email,
      },
    ],
  );
  const at = { mailbox, uid: added.firstUid, modseq: added.version, email: added.firstEmail };
  yield* rows(
    'insert into placement (account, key, mailbox, uid, modseq, email, at) values (?, ?, ?, ?, ?, ?, ?)',
    account,
    key,
    at.mailbox,
    at.uid,
    at.modseq,
    at.email,
    placement.receivedAtMs,
  );
  yield* record(placement.events.map((event) => filledIn(event, added.name, added.firstUid)));
  return placedAt(at, false);
}

function placedAt(
  at: { mailbox: number; uid: number; modseq: number; email: number },
  duplicate: boolean,
): Placed {
  return {
    mailbox: mailboxId(at.mailbox),
    uid: at.uid as Uid,
    modseq: at.modseq as ModSeq,
    emailId: emailId(at.email),
    duplicate,
  };
}

function* targetOf({ account, mailbox, receivedAtMs }: Placement): Transaction<MailboxNumber> {
  if ('id' in mailbox) {
    const number = mailboxNumber(mailbox.id);
    if (number === undefined) throw new Refusal('mailboxNotFound', mailbox.id);
    return number;
  }
  if ('role' in mailbox) {
    if (mailbox.role === 'inbox') return inboxNumber;
    yield* ensureStore(account, receivedAtMs);
    return yield* ensureRole(account, mailbox.role);
  }
  yield* ensureStore(account, receivedAtMs);
  return yield* named(account, mailbox.name, mailbox.create === true);
}

function* named(account: AccountId, given: string, create: boolean): Transaction<MailboxNumber> {
  const name = canonicalName(given);
  const found = yield* maybe<{ id: number }>(
    'select id from mailbox where account = ? and name = ?',
    account,
    name,
  );
  if (found !== undefined) return found.id;
  if (!create) throw new Refusal('mailboxNotFound', name);
  return yield* createPath(account, { name, role: '', subscribed: 1 });
}

function filledIn(event: MailEvent, mailbox: string, uid: number): MailEvent {
  return event.is === 'stored' ? { ...event, data: { ...event.data, mailbox, uid } } : event;
}
