/** Rows of files that are handed out, and the rules that hold for them in one commit each. */
import type { AccountId, OrgId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { StoredBody } from '../store/body.ts';
import { operation } from '../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../store/transaction.ts';
import { parcelsMax, unfinishedKeptMs, wrongMax, wrongWithinMs } from './options.ts';

export interface ParcelRow {
  readonly account: AccountId;
  readonly id: string;
  readonly org: OrgId;
  readonly name: string;
  readonly size: number;
  /** 1: all of it is there. */
  readonly ready: number;
  readonly created: number;
  readonly expires: number;
  /** Its hash; empty: none is asked for. */
  readonly password: string;
  readonly downloads: number;
  /** 0: as often as one likes. */
  readonly downloads_max: number;
}

const columns = 'account, id, org, name, size, ready, created, expires, password, downloads, downloads_max';

interface NewParcel extends Pick<ParcelRow, 'account' | 'id' | 'org' | 'name' | 'size' | 'expires'> {
  readonly nowMs: number;
  readonly accountMaxBytes: number;
}

/** Refusal: limitReached, when the account hands out as much as it may. */
export const createParcel = operation('parcel.create', function* (given: NewParcel): Transaction<void> {
  const { account, id, org, name, size, expires, nowMs, accountMaxBytes } = given;
  const { count, total } = yield* row<{ count: number; total: number | null }>(
    'select count(*) as count, sum(size) as total from parcel where account = ? and expires > ?',
    account,
    nowMs,
  );
  if (count >= parcelsMax) throw new Refusal('limitReached', `more than ${parcelsMax} files handed out`);
  if ((total ?? 0) + size > accountMaxBytes)
    throw new Refusal('limitReached', `more than ${accountMaxBytes} octets handed out`);
  yield* rows(
    `insert into parcel (account, id, org, name, size, ready, created, expires, password, downloads, downloads_max, wrong, wrong_from)
      values (?, ?, ?, ?, ?, 0, ?, ?, '', 0, 0, 0, 0)`,
    account,
    id,
    org,
    name,
    size,
    nowMs,
    expires,
  );
});

interface NewPiece {
  readonly account: AccountId;
  readonly id: string;
  readonly number: number;
  readonly sizeBytes: number;
  readonly body: StoredBody;
}

/** A piece that comes again takes the place of itself. Refusal: notFound, conflict (it is finished, or would be larger than was said). */
export const putPiece = operation('parcel.putPiece', function* (piece: NewPiece): Transaction<void> {
  const { account, id, number, sizeBytes, body } = piece;
  const parcel = yield* found(account, id);
  if (parcel.ready === 1) throw new Refusal('conflict', 'the file is finished');
  const { total } = yield* row<{ total: number | null }>(
    'select sum(size) as total from parcel_piece where account = ? and parcel = ? and number <> ?',
    account,
    id,
    number,
  );
  if ((total ?? 0) + sizeBytes > parcel.size) throw new Refusal('conflict', 'more than was said');
  yield* rows(
    `insert into parcel_piece (account, parcel, number, size, body_file, body) values (?, ?, ?, ?, ?, ?)
      on conflict (account, parcel, number) do update set size = excluded.size, body_file = excluded.body_file, body = excluded.body`,
    account,
    id,
    number,
    sizeBytes,
    body.is === 'file' ? body.name : null,
    body.is === 'inline' ? body.bytes : null,
  );
});

/** From now on the link leads to it. Refusal: notFound, conflict (pieces are missing). */
export const finishParcel = operation(
  'parcel.finish',
  function* ({ account, id }: Pick<ParcelRow, 'account' | 'id'>): Transaction<void> {
    const parcel = yield* found(account, id);
    const { count, total, last } = yield* row<{ count: number; total: number | null; last: number | null }>(
      'select count(*) as count, sum(size) as total, max(number) as last from parcel_piece where account = ? and parcel = ?',
      account,
      id,
    );
    if ((total ?? 0) !== parcel.size || (last ?? -1) + 1 !== count)
      throw new Refusal('conflict', 'pieces are missing');
    yield* rows('update parcel set ready = 1 where account = ? and id = ?', account, id);
  },
);

interface ParcelChange extends Pick<ParcelRow, 'account' | 'id'> {
  readonly expires?: number;
  readonly password?: string;
  readonly downloadsMax?: number;
}

/** A new password begins with no wrong guesses. Refusal: notFound. */
export const changeParcel = operation('parcel.change', function* (change: ParcelChange): Transaction<void> {
  const { account, id, expires, password, downloadsMax } = change;
  const now = yield* found(account, id);
  yield* rows(
    'update parcel set expires = ?, password = ?, downloads_max = ?, wrong = 0 where account = ? and id = ?',
    expires ?? now.expires,
    password ?? now.password,
    downloadsMax ?? now.downloads_max,
    account,
    id,
  );
});

/** Counts a download that begins. Gives false when it may not: it has ended, or was fetched as often as it may be. */
export const takeParcel = operation(
  'parcel.take',
  function* (given: { account: AccountId; id: string; nowMs: number }): Transaction<boolean> {
    const taken = yield* rows(
      `update parcel set downloads = downloads + 1
        where account = ? and id = ? and ready = 1 and expires > ? and (downloads_max = 0 or downloads < downloads_max) returning id`,
      given.account,
      given.id,
      given.nowMs,
    );
    return taken.length === 1;
  },
);

/** Before a password is looked at: a guess is counted, whether it is right or not. Refusal: rateLimited, notFound. */
export const noteGuess = operation(
  'parcel.noteGuess',
  function* (given: { account: AccountId; id: string; nowMs: number }): Transaction<void> {
    const { account, id, nowMs } = given;
    const state = yield* maybe<{ wrong: number; wrong_from: number }>(
      'select wrong, wrong_from from parcel where account = ? and id = ?',
      account,
      id,
    );
    if (state === undefined) throw new Refusal('notFound', 'no such file');
    const isNew = state.wrong_from < nowMs - wrongWithinMs;
    const wrong = (isNew ? 0 : state.wrong) + 1;
    if (wrong > wrongMax) throw new Refusal('rateLimited', 'too many wrong passwords of this file');
    yield* rows(
      'update parcel set wrong = ?, wrong_from = ? where account = ? and id = ?',
      wrong,
      isNew ? nowMs : state.wrong_from,
      account,
      id,
    );
  },
);

export const forgetGuesses = operation(
  'parcel.forgetGuesses',
  function* ({ account, id }: Pick<ParcelRow, 'account' | 'id'>): Transaction<void> {
    yield* rows('update parcel set wrong = 0 where account = ? and id = ?', account, id);
  },
);

/** Refusal: notFound. */
export const dropParcel = operation(
  'parcel.drop',
  function* ({ account, id }: Pick<ParcelRow, 'account' | 'id'>): Transaction<void> {
    yield* found(account, id);
    yield* dropRows(account, id);
  },
);

function* dropRows(account: string, id: string): Transaction<void> {
  yield* rows('delete from parcel_piece where account = ? and parcel = ?', account, id);
  yield* rows('delete from parcel where account = ? and id = ?', account, id);
}

/** Those whose time is over, and those that were never finished. Gives whether there may be more. */
export const forgetParcels = operation(
  'parcel.forget',
  function* ({ nowMs, limit }: { nowMs: number; limit: number }): Transaction<boolean> {
    const over = yield* rows<{ account: string; id: string }>(
      'select account, id from parcel where expires <= ? or (ready = 0 and created < ?) limit ?',
      nowMs,
      nowMs - unfinishedKeptMs,
      limit,
    );
    for (const { account, id } of over) yield* dropRows(account, id);
    return over.length === limit;
  },
  { essential: true },
);

export const dropParcelsOf = operation(
  'parcel.dropOf',
  function* ({ account }: { account: AccountId }): Transaction<void> {
    yield* rows('delete from parcel_piece where account = ?', account);
    yield* rows('delete from parcel where account = ?', account);
  },
  { essential: true },
);

export function* readParcel(account: string, id: string): Transaction<ParcelRow | undefined> {
  return yield* maybe<ParcelRow>(`select ${columns} from parcel where account = ? and id = ?`, account, id);
}

export const readParcels = (account: AccountId): Transaction<readonly ParcelRow[]> =>
  rows<ParcelRow>(`select ${columns} from parcel where account = ? order by created desc, id`, account);

export interface PieceRow {
  readonly size: number;
  readonly file: string | null;
  readonly body: Uint8Array | null;
}

export function* readPiece(account: string, id: string, number: number): Transaction<PieceRow | undefined> {
  return yield* maybe<PieceRow>(
    'select size, body_file as file, body from parcel_piece where account = ? and parcel = ? and number = ?',
    account,
    id,
    number,
  );
}

function* found(account: string, id: string): Transaction<ParcelRow> {
  const parcel = yield* readParcel(account, id);
  if (parcel === undefined) throw new Refusal('notFound', 'no such file');
  return parcel;
}
