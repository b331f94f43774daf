/**
 * What the owner of a mailbox says about a mail by what is done with it: junk, or not. Noted in the transaction of the change, for whoever learns from it
 * (`junk-votes.ts`); the last word about a mail counts.
 *
 *   into Junk, or the keyword $Junk      → junk
 *   out of Junk (not into Trash), $NotJunk → wanted
 *   INBOX → a mailbox of one's own or Archive, or \Answered → wanted
 *   $Junk or $NotJunk taken away, without the other → nothing: what was said is taken back
 *
 * Deliveries and filters put mail into Junk too: what they do says nothing here.
 */
import type { AccountId } from '../../base/ids.ts';
import { batch, hint, rows, type Statement, type Transaction } from '../../store/transaction.ts';
import { answered, splitKeywords } from '../flags.ts';
import type { MailboxNumber } from '../ids.ts';

export type JunkVote = 'junk' | 'wanted' | 'nothing';

/** Topic of hints: somebody has said something. The key is the account. */
export const junkVoteTopic = 'mailbox.junkVote';

export function voteOfMove(from: string, to: string, move: boolean): JunkVote | undefined {
  if (from === to) return undefined;
  if (to === 'junk') return 'junk';
  if (from === 'junk') return to === 'trash' ? undefined : 'wanted';
  return move && from === 'inbox' && (to === '' || to === 'archive') ? 'wanted' : undefined;
}

interface FlagsThen {
  readonly flags: number;
  readonly keywords: string;
}

export function voteOfFlags(before: FlagsThen, after: FlagsThen): JunkVote | undefined {
  if (before.keywords !== after.keywords) {
    const was = saidBy(before.keywords);
    const is = saidBy(after.keywords);
    if (is !== was) return is;
  }
  const nowAnswered = (after.flags & answered) !== 0 && (before.flags & answered) === 0;
  return nowAnswered && saidBy(after.keywords) === 'nothing' ? 'wanted' : undefined;
}

/** Both at once: $NotJunk, as nobody sets it by himself for junk (RFC 9051, 2.3.2: a client that finds both should take both away). */
function saidBy(keywords: string): JunkVote {
  if (!keywords.includes('unk')) return 'nothing';
  const all = new Set(splitKeywords(keywords).map((keyword) => keyword.toLowerCase()));
  if (all.has('$notjunk')) return 'wanted';
  return all.has('$junk') ? 'junk' : 'nothing';
}

export interface Voted {
  readonly email: number;
  readonly says: JunkVote;
}

/** `version` of the account's change: a later word about the same mail has a higher one. */
export function* noteVotes(account: AccountId, version: number, votes: readonly Voted[]): Transaction<void> {
  if (votes.length === 0) return;
  yield* batch(
    votes.map(
      ({ email, says }): Statement => ({
        sql: `insert into junk_vote (account, email, says, version) values (?, ?, ?, ?)
          on conflict (account, email) do update set says = excluded.says, version = excluded.version`,
        params: [account, email, says, version],
      }),
    ),
  );
  yield* hint(junkVoteTopic, account);
}

/** The roles of two mailboxes; `''` for one that has none. */
export function* rolesOf(
  account: AccountId,
  from: MailboxNumber,
  to: MailboxNumber,
): Transaction<{ readonly from: string; readonly to: string }> {
  const found = yield* rows<{ id: number; role: string }>(
    'select id, role from mailbox where account = ? and id in (?, ?)',
    account,
    from,
    to,
  );
  const of = (id: number): string => found.find((each) => each.id === id)?.role ?? '';
  return { from: of(from), to: of(to) };
}
