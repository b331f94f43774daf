/** What owners of mailboxes have said about mail (rules/junk-vote.ts) and nobody has learned from yet. */
import type { AccountId } from '../base/ids.ts';
import type { StoredBody } from '../store/body.ts';
import { operation } from '../store/operation.ts';
import { batch, rows, type Transaction } from '../store/transaction.ts';
import { bump } from './rules/head.ts';
import { type JunkVote, noteVotes } from './rules/junk-vote.ts';

export { type JunkVote, junkVoteTopic } from './rules/junk-vote.ts';

export interface OpenVote {
  readonly account: AccountId;
  readonly email: number;
  readonly says: JunkVote;
  /** By which it is closed: a later word about the same mail has another. */
  readonly version: number;
  /** Undefined: the mail is gone. */
  readonly body: StoredBody | undefined;
}

interface VoteRow {
  readonly account: AccountId;
  readonly email: number;
  readonly says: JunkVote;
  readonly version: number;
  readonly size: number | null;
  readonly name: string | null;
  readonly bytes: Uint8Array | null;
}

export const openVotes = operation('mailbox.openVotes', function* (limit: number): Transaction<
  readonly OpenVote[]
> {
  const found = yield* rows<VoteRow>(
    `select v.account, v.email, v.says, v.version, e.size, e.body_file as name, e.body as bytes
        from junk_vote v left join email e on e.account = v.account and e.id = v.email order by v.account, v.email limit ?`,
    limit,
  );
  return found.map(({ account, email, says, version, size, name, bytes }) => ({
    account,
    email,
    says,
    version,
    body: bodyOf(size, name, bytes),
  }));
});

function bodyOf(size: number | null, name: string | null, bytes: Uint8Array | null): StoredBody | undefined {
  if (size === null) return undefined;
  return name === null
    ? { is: 'inline', bytes: bytes ?? new Uint8Array() }
    : { is: 'file', name, sizeBytes: size };
}

export const closeVotes = operation(
  'mailbox.closeVotes',
  function* (votes: readonly Pick<OpenVote, 'account' | 'email' | 'version'>[]): Transaction<void> {
    yield* batch(
      votes.map(({ account, email, version }) => ({
        sql: 'delete from junk_vote where account = ? and email = ? and version = ?',
        params: [account, email, version],
      })),
    );
  },
  { essential: true },
);

export interface VoteForMailbox {
  readonly account: AccountId;
  readonly mailbox: number;
  readonly says: JunkVote;
  /** The newest so many mails of it. */
  readonly limit: number;
}

/** Says the same of what lies in a mailbox. Gives of how many mails. */
export const voteForMailbox = operation(
  'mailbox.voteForMailbox',
  function* ({ account, mailbox, says, limit }: VoteForMailbox): Transaction<number> {
    const found = yield* rows<{ email: number }>(
      'select email from membership where account = ? and mailbox = ? order by uid desc limit ?',
      account,
      mailbox,
      limit,
    );
    if (found.length === 0) return 0;
    const version = yield* bump(account);
    yield* noteVotes(
      account,
      version,
      found.map(({ email }) => ({ email, says })),
    );
    return found.length;
  },
);
