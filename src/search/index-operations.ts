/**
 * Writing the index of an account. Whoever indexes is alone with it.
 *
 * The watermark is the highest number of an email that is in a segment, or was gone when its turn came: mail above it is found by reading. A segment comes into being in one
 * transaction with its watermark, and with the end of those it takes the place of; its pieces are written before, and those of the others removed after that.
 */
import type { AccountId } from '../base/ids.ts';
import type { AnyOperation } from '../store/operation.ts';
import { operation } from '../store/operation.ts';
import { batch, maybe, row, rows, type Transaction } from '../store/transaction.ts';

export interface IndexHead {
  readonly watermark: number;
  readonly segment_next: number;
}

export interface SegmentRow {
  readonly id: number;
  /** Of this segment alone, whatever store it is in: what is kept of it in memory is kept by this. */
  readonly stamp: string;
  readonly first: number;
  readonly last: number;
  readonly documents: number;
  /** Of the texts that are in it, in UTF-8. */
  readonly text_bytes: number;
  /** That it takes itself. */
  readonly bytes: number;
}

/** Undefined when there is nothing of this account yet. */
export function* indexHead(account: AccountId): Transaction<IndexHead | undefined> {
  return yield* maybe<IndexHead>(
    'select watermark, segment_next from search.account where account = ?',
    account,
  );
}

/** In the order of their emails. */
export function* segmentsOf(account: AccountId): Transaction<readonly SegmentRow[]> {
  return yield* rows<SegmentRow>(
    'select id, stamp, first, last, documents, text_bytes, bytes from search.segment where account = ? order by first',
    account,
  );
}

interface NewPiece {
  readonly kind: string;
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** The number of a new segment, given out once. */
export const beginSegment = operation(
  'search.beginSegment',
  function* ({ account }: { account: AccountId }): Transaction<number> {
    const { id } = yield* row<{ id: number }>(
      `insert into search.account (account, watermark, segment_next) values (?, 0, 2)
       on conflict (account) do update set segment_next = account.segment_next + 1 returning segment_next - 1 as id`,
      account,
    );
    return id;
  },
);

export const putPieces = operation(
  'search.putPieces',
  function* (args: { account: AccountId; segment: number; pieces: readonly NewPiece[] }): Transaction<void> {
    const sql = 'insert into search.piece (account, segment, kind, number, data) values (?, ?, ?, ?, ?)';
    const { account, segment } = args;
    yield* batch(
      args.pieces.map(({ kind, number, bytes }) => ({
        sql,
        params: [account, segment, kind, number, bytes],
      })),
    );
  },
);

export interface NewSegment extends Omit<SegmentRow, 'id'> {
  readonly account: AccountId;
  readonly id: number;
  readonly heading: Uint8Array;
  /** Segments whose place it takes. */
  readonly replaces: readonly number[];
  readonly watermark: number;
}

/** The pieces are there. `id` 0 stands for none: only the watermark rises. */
export const endSegment = operation('search.endSegment', function* (args: NewSegment): Transaction<void> {
  const { account, id, replaces, watermark } = args;
  for (const each of replaces)
    yield* rows('delete from search.segment where account = ? and id = ?', account, each);
  if (args.documents > 0)
    yield* rows(
      `insert into search.segment (account, id, stamp, first, last, documents, text_bytes, bytes, heading) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      account,
      id,
      args.stamp,
      args.first,
      args.last,
      args.documents,
      args.text_bytes,
      args.bytes,
      args.heading,
    );
  yield* rows(
    `insert into search.account (account, watermark, segment_next) values (?, ?, 1)
       on conflict (account) do update set watermark = excluded.watermark where excluded.watermark > account.watermark`,
    account,
    watermark,
  );
});

const piecesAtOnce = 2000;

/** Removes pieces of no segment, some at a time. Gives whether there may be more. */
export const sweepPieces = operation(
  'search.sweepPieces',
  function* ({ account }: { account: AccountId }): Transaction<boolean> {
    const gone = yield* rows<{ segment: number; kind: string; number: number }>(
      `select segment, kind, number from search.piece p where account = ?
        and not exists (select 1 from search.segment s where s.account = p.account and s.id = p.segment) limit ?`,
      account,
      piecesAtOnce,
    );
    const sql = 'delete from search.piece where account = ? and segment = ? and kind = ? and number = ?';
    yield* batch(
      gone.map(({ segment, kind, number }) => ({ sql, params: [account, segment, kind, number] })),
    );
    return gone.length === piecesAtOnce;
  },
);

/** Forgets what is indexed; numbers of segments go on. The pieces are for `sweepPieces`. Texts of attachments stay, unless `attachments` says that they go too. */
export const emptyIndex = operation(
  'search.emptyIndex',
  function* (args: { account: AccountId; attachments: boolean }): Transaction<void> {
    const { account, attachments } = args;
    yield* rows('delete from search.segment where account = ?', account);
    if (attachments) yield* rows('delete from search.attachment where account = ?', account);
    yield* rows('update search.account set watermark = 0 where account = ?', account);
  },
);

/** The last trace of an account that is gone, once it is emptied. */
export const forgetIndex = operation(
  'search.forgetIndex',
  function* ({ account }: { account: AccountId }): Transaction<void> {
    yield* rows('delete from search.account where account = ?', account);
  },
);

/** Nodes that share a store take turns: gives whether `owner` may write the index until `forMs` from now. Only where `now_ms()` is (PostgreSQL). */
export const takeIndexLease = operation(
  'search.takeLease',
  function* ({ owner, forMs }: { owner: string; forMs: number }): Transaction<boolean> {
    const taken = yield* rows(
      `insert into search.lease (name, owner, until) values ('indexer', ?, now_ms() + ?)
       on conflict (name) do update set owner = excluded.owner, until = excluded.until
       where lease.owner = excluded.owner or lease.until < now_ms() returning owner`,
      owner,
      forMs,
    );
    return taken.length > 0;
  },
);

/** Texts of the attachments of emails: an entry, perhaps an empty one, for each email that has attachments with text. */
export const putAttachments = operation(
  'search.putAttachments',
  function* (args: {
    account: AccountId;
    texts: readonly { email: number; bytes: Uint8Array }[];
  }): Transaction<void> {
    const sql =
      'insert into search.attachment (account, email, texts) values (?, ?, ?) on conflict (account, email) do update set texts = excluded.texts';
    yield* batch(args.texts.map(({ email, bytes }) => ({ sql, params: [args.account, email, bytes] })));
  },
);

export const dropAttachments = operation(
  'search.dropAttachments',
  function* (args: { account: AccountId; emails: readonly number[] }): Transaction<void> {
    const sql = 'delete from search.attachment where account = ? and email = ?';
    yield* batch(args.emails.map((email) => ({ sql, params: [args.account, email] })));
  },
);

/** Accounts that have something here, a page at a time. */
export const indexedAccounts = operation(
  'search.indexedAccounts',
  function* ({ after, limit }: { after: string; limit: number }): Transaction<readonly AccountId[]> {
    const found = yield* rows<{ account: AccountId }>(
      'select account from search.account where account > ? order by account limit ?',
      after,
      limit,
    );
    return found.map(({ account }) => account);
  },
);

/** Accounts whose index was emptied, some of them: a rebuild was asked for. */
export const emptiedAccounts = operation('search.emptiedAccounts', function* (): Transaction<
  readonly AccountId[]
> {
  const found = yield* rows<{ account: AccountId }>(
    'select account from search.account where watermark = 0 limit 1000',
  );
  return found.map(({ account }) => account);
});

export const operations: readonly AnyOperation[] = [
  beginSegment,
  dropAttachments,
  emptiedAccounts,
  emptyIndex,
  endSegment,
  forgetIndex,
  indexedAccounts,
  putAttachments,
  putPieces,
  sweepPieces,
  takeIndexLease,
];
