/** Changing flags: a message whose flags do not really change keeps its modseq (RFC 7162, 3.1.3). */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { batch, hint, maybe, type Statement, type Transaction } from '../../store/transaction.ts';
import {
  deleted,
  type Flags,
  joinKeywords,
  keywordsMax,
  seen,
  spellKeywords,
  splitKeywords,
} from '../flags.ts';
import type { MailboxNumber } from '../ids.ts';
import { rememberKeywords } from './add.ts';
import { bump, logged } from './head.ts';
import { noteVotes, type Voted, voteOfFlags } from './junk-vote.ts';
import { type FlagRow, membershipFlags } from './uid-rows.ts';

export interface StoreFlags {
  readonly account: AccountId;
  readonly mailbox: MailboxNumber;
  /** Ascending; at most `chunkMax` (mailboxes.ts). Those that do not exist are passed over. */
  readonly uids: readonly number[];
  readonly how: 'add' | 'remove' | 'replace';
  readonly flags: Flags;
  /** -1 when not asked for. */
  readonly unchangedSince: number;
  /** A filter does it: what the mail is was not said by its owner. */
  readonly byFilter?: boolean;
}

export interface FlagsResult {
  /** Of the change, or 0 when there was none. */
  readonly modseq: number;
  readonly changed: readonly number[];
  readonly failed: readonly number[];
}

interface NewFlags {
  readonly row: FlagRow;
  readonly flags: number;
  readonly keywords: string;
}

export const storeFlags = operation(
  'mailbox.storeFlags',
  function* (args: StoreFlags): Transaction<FlagsResult> {
    const { account, mailbox, unchangedSince } = args;
    const box = yield* maybe<{ keywords: string }>(
      'select keywords from mailbox where account = ? and id = ?',
      account,
      mailbox,
    );
    if (box === undefined) throw new Refusal('mailboxNotFound', `${account} has no mailbox ${mailbox}`);
    const keywords = spellKeywords(args.flags.keywords, splitKeywords(box.keywords));
    const wanted = { ...args, flags: { system: args.flags.system, keywords } };
    const found = yield* membershipFlags(account, mailbox, args.uids);
    const failed: number[] = [];
    const changes: NewFlags[] = [];
    for (const row of found) {
      if (unchangedSince >= 0 && row.modseq > unchangedSince) failed.push(row.uid);
      else {
        const next = changedFlags(row, wanted);
        if (next.flags !== row.flags || next.keywords !== row.keywords) changes.push(next);
      }
    }
    if (changes.length === 0) return { modseq: 0, changed: [], failed };
    const version = yield* bump(account);
    if (args.how !== 'remove') yield* rememberKeywords(account, mailbox, box.keywords, keywords);
    yield* batch(statementsFor(args, version, changes));
    if (args.byFilter !== true) yield* noteVotes(account, version, votesOf(changes));
    yield* hint('account', account);
    return { modseq: version, changed: changes.map(({ row }) => row.uid), failed };
  },
  { essential: true },
);

function votesOf(changes: readonly NewFlags[]): Voted[] {
  return changes.flatMap((change) => {
    const says = voteOfFlags(change.row, change);
    return says === undefined ? [] : [{ email: change.row.email, says }];
  });
}

function changedFlags(row: FlagRow, { how, flags }: StoreFlags): NewFlags {
  if (how === 'replace') return { row, flags: flags.system, keywords: joinKeywords(flags.keywords) };
  const system = how === 'add' ? row.flags | flags.system : row.flags & ~flags.system;
  if (flags.keywords.length === 0) return { row, flags: system, keywords: row.keywords };
  const has = new Map(splitKeywords(row.keywords).map((keyword) => [keyword.toLowerCase(), keyword]));
  for (const keyword of flags.keywords) {
    if (how === 'add') has.set(keyword.toLowerCase(), keyword);
    else has.delete(keyword.toLowerCase());
  }
  if (has.size > keywordsMax) throw new Refusal('limitReached', `more than ${keywordsMax} keywords`);
  const sorted = [...has].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, keyword]) => keyword);
  return { row, flags: system, keywords: joinKeywords(sorted) };
}

function statementsFor(
  { account, mailbox }: StoreFlags,
  version: number,
  changes: readonly NewFlags[],
): Statement[] {
  let unseen = 0;
  let marked = 0;
  for (const { row, flags } of changes) {
    unseen += (row.flags & seen) - (flags & seen);
    marked += ((flags & deleted) - (row.flags & deleted)) / deleted;
  }
  return [
    ...runsOf(changes).map(({ flags, keywords, from, to }) => ({
      sql: 'update membership set flags = ?, keywords = ?, modseq = ? where account = ? and mailbox = ? and uid >= ? and uid <= ?',
      params: [flags, keywords, version, account, mailbox, from, to],
    })),
    {
      sql: 'update mailbox set unseen = unseen + ?, deleted = deleted + ?, modseq = ? where account = ? and id = ?',
      params: [unseen, marked, version, account, mailbox],
    },
    logged(account, version, 0, {
      kind: 'flags',
      mailbox,
      uids: changes.map(({ row }) => row.uid),
      emails: changes.map(({ row }) => row.email),
      // For JMAP a message with \Deleted is not there: its thread changes with it. Which it is, its row tells.
      ...(changes.some(({ row, flags }) => ((row.flags ^ flags) & deleted) !== 0) ? { threads: [0] } : {}),
    }),
  ];
}

/** Neighbours, by uid without a gap, that get the same flags: one statement changes them all. */
interface Run {
  readonly flags: number;
  readonly keywords: string;
  readonly from: number;
  to: number;
}

function runsOf(changes: readonly NewFlags[]): Run[] {
  const runs: Run[] = [];
  let last: Run | undefined;
  for (const { row, flags, keywords } of changes) {
    if (last?.to === row.uid - 1 && last.flags === flags && last.keywords === keywords) last.to = row.uid;
    else runs.push((last = { flags, keywords, from: row.uid, to: row.uid }));
  }
  return runs;
}
