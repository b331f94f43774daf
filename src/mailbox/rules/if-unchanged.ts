/**
 * What a client of JMAP knew when it asked for a change (RFC 8620, 5.3: ifInState), held against what is there in the transaction of the change itself.
 *
 * All types have one version, so what decides is whether anything of the type in question has changed since: a mailbox that was renamed does not stand in the
 * way of who changes emails.
 */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import type { Transaction } from '../../store/transaction.ts';
import { accountChanges } from '../changes/account-changes.ts';
import { parseState } from '../changes/since.ts';
import type { MailboxNumber } from '../ids.ts';
import { readHead } from '../view/load.ts';

export interface Unchanged {
  readonly of: 'emails' | 'threads' | 'mailboxes';
  /** As the client got it. */
  readonly state: string;
  /** Mailboxes whose mail it may read; undefined: all. */
  readonly readable: readonly MailboxNumber[] | undefined;
}

/** Versions that are looked through; who knows no more than what was before them has missed something, one must suppose. */
const versionsMax = 1000;

export const isUnchanged = operation(
  'mailbox.isUnchanged',
  function* ({ account, known }: { account: AccountId; known: Unchanged }): Transaction<boolean> {
    const since = parseState(known.state);
    const version = (yield* readHead(account))?.version ?? 0;
    // In the middle of a version: the rest of it is not known.
    if (since === undefined || since.upTo !== Infinity || since.version > version) return false;
    if (since.version === version) return true;
    if (version - since.version > versionsMax) return false;
    const changes = yield* accountChanges.body({ account, since, readable: known.readable });
    return changes !== undefined && changes[known.of].length === 0;
  },
);

/** Refusal: `conflict` at `state`. */
export function* mustBeUnchanged(account: AccountId, known: Unchanged | undefined): Transaction<void> {
  if (known !== undefined && !(yield* isUnchanged.body({ account, known })))
    throw new Refusal('conflict', 'something has changed meanwhile', { at: 'state' });
}
