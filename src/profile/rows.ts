/** Records and their change log. A write changes several records in one commit, under one version. */
import type { AccountId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { type History, historyOf } from '../store/history.ts';
import { operation } from '../store/operation.ts';
import { hint, maybe, row, rows, type Transaction } from '../store/transaction.ts';

/** Hints: records of this account have changed. */
export const profileTopic = 'profile';

export type ProfileType =
  | 'Identity'
  | 'EmailSubmission'
  | 'VacationResponse'
  | 'PushSubscription'
  | 'ShareNotification'
  | 'SieveScript'
  | 'Labels';

/** Records of one type in one account. */
export const recordsMax: Readonly<Record<ProfileType, number>> = {
  Identity: 200,
  EmailSubmission: 10_000,
  VacationResponse: 1,
  PushSubscription: 50,
  ShareNotification: 2000,
  SieveScript: 200,
  Labels: 1,
};
/** Octets of one record as JSON. */
export const recordMaxBytes = 512 * 1024;
const changesKept = 5000;

export type ProfileWrite =
  | { readonly is: 'create'; readonly data: string }
  /** `seen`: the data that the change was made from; `conflict` when it is another by now. */
  | { readonly is: 'update'; readonly id: number; readonly data: string; readonly seen?: string }
  | { readonly is: 'destroy'; readonly id: number };

export interface ProfileRecord {
  readonly id: number;
  readonly data: string;
}

interface Written {
  readonly account: AccountId;
  readonly type: ProfileType;
  readonly writes: readonly ProfileWrite[];
  /** That the type must be at: `conflict` at `state` otherwise. */
  readonly ifVersion?: number | undefined;
}

/** Gives the ids of what was created, in order. Refusal: `notFound`, `conflict`, `limitReached`, `messageTooLarge`. */
export const writeRecords = operation(
  'profile.write',
  function* ({ account, type, writes, ifVersion }: Written): Transaction<readonly number[]> {
    yield* rows(
      'insert into profile_head (account, type, version, change_floor, id_next) values (?, ?, 0, 0, 1) on conflict do nothing',
      account,
      type,
    );
    const created = writes.filter(({ is }) => is === 'create').length;
    const head = yield* row<{ version: number; next: number; floor: number }>(
      `update profile_head set version = version + 1, id_next = id_next + ? where account = ? and type = ?
        returning version, id_next as next, change_floor as floor`,
      created,
      account,
      type,
    );
    if (ifVersion !== undefined && ifVersion !== head.version - 1)
      throw new Refusal('conflict', 'something has changed meanwhile', { at: 'state' });
    const first = head.next - created;
    const ids: number[] = [];
    for (const write of writes) {
      const id = write.is === 'create' ? first + ids.length : write.id;
      if (write.is === 'create') ids.push(id);
      yield* apply({ account, type }, id, write);
      yield* rows(
        `insert into profile_change (account, type, version, id, kind) values (?, ?, ?, ?, ?)
          on conflict (account, type, version, id) do update set kind = excluded.kind`,
        account,
        type,
        head.version,
        id,
        write.is,
      );
    }
    if (created > 0) yield* checkCount(account, type);
    if (head.version - head.floor > 2 * changesKept) yield* trim(account, type, head.version - changesKept);
    yield* hint(profileTopic, account);
    return ids;
  },
);

function* apply(
  { account, type }: Pick<Written, 'account' | 'type'>,
  id: number,
  write: ProfileWrite,
): Transaction<void> {
  if (write.is === 'destroy') {
    const gone = yield* rows(
      'delete from profile_record where account = ? and type = ? and id = ? returning id',
      account,
      type,
      id,
    );
    if (gone.length === 0) throw new Refusal('notFound', `${type} ${id}`);
    return;
  }
  if (Buffer.byteLength(write.data) > recordMaxBytes)
    throw new Refusal('messageTooLarge', `a record above ${recordMaxBytes} octets`);
  if (write.is === 'create') {
    yield* rows(
      'insert into profile_record (account, type, id, data) values (?, ?, ?, ?)',
      account,
      type,
      id,
      write.data,
    );
    return;
  }
  const before = yield* maybe<{ data: string }>(
    'select data from profile_record where account = ? and type = ? and id = ?',
    account,
    type,
    id,
  );
  if (before === undefined) throw new Refusal('notFound', `${type} ${id}`);
  if (write.seen !== undefined && write.seen !== before.data)
    throw new Refusal('conflict', 'it has changed meanwhile');
  yield* rows(
    'update profile_record set data = ? where account = ? and type = ? and id = ?',
    write.data,
    account,
    type,
    id,
  );
}

function* checkCount(account: AccountId, type: ProfileType): Transaction<void> {
  const { count } = yield* row<{ count: number }>(
    'select count(*) as count from profile_record where account = ? and type = ?',
    account,
    type,
  );
  if (count > recordsMax[type]) throw new Refusal('limitReached', `more than ${recordsMax[type]} of ${type}`);
}

function* trim(account: AccountId, type: ProfileType, floor: number): Transaction<void> {
  yield* rows(
    'delete from profile_change where account = ? and type = ? and version <= ?',
    account,
    type,
    floor,
  );
  yield* rows(
    'update profile_head set change_floor = ? where account = ? and type = ?',
    floor,
    account,
    type,
  );
}

export function* readVersion(account: AccountId, type: ProfileType): Transaction<number> {
  const head = yield* maybe<{ version: number }>(
    'select version from profile_head where account = ? and type = ?',
    account,
    type,
  );
  return head?.version ?? 0;
}

/** By type, those that have any. */
export function* readVersions(account: AccountId): Transaction<ReadonlyMap<string, number>> {
  const found = yield* rows<{ type: string; version: number }>(
    'select type, version from profile_head where account = ?',
    account,
  );
  return new Map(found.map(({ type, version }) => [type, version]));
}

export const readRecords = (account: AccountId, type: ProfileType): Transaction<readonly ProfileRecord[]> =>
  rows<{ id: number; data: string }>(
    'select id, data from profile_record where account = ? and type = ? order by id',
    account,
    type,
  );

/** All records of a type, of all accounts: for what has to be done for each. */
export const allRecords = operation('profile.all', function* ({ type }: { type: ProfileType }): Transaction<
  readonly (ProfileRecord & { account: AccountId })[]
> {
  return yield* rows<{ account: AccountId; id: number; data: string }>(
    'select account, id, data from profile_record where type = ? order by account, id',
    type,
  );
});

/** Undefined: the version is unknown or too old. Each record is told once (RFC 8620, 5.2). */
export function* changesSince(
  account: AccountId,
  type: ProfileType,
  { since, max }: { readonly since: number; readonly max: number },
): Transaction<History | undefined> {
  const head = yield* maybe<{ version: number; change_floor: number }>(
    'select version, change_floor from profile_head where account = ? and type = ?',
    account,
    type,
  );
  const now = head?.version ?? 0;
  if (since > now || since < (head?.change_floor ?? 0)) return undefined;
  const lines = yield* rows<{ version: number; id: number; kind: ProfileWrite['is'] }>(
    'select version, id, kind from profile_change where account = ? and type = ? and version > ? order by version, id',
    account,
    type,
    since,
  );
  return historyOf(lines, { since, now, max });
}

/** Tables that an account that is gone leaves no row in. */
export const emptiedTables: readonly string[] = ['profile_record', 'profile_change', 'profile_head'];

export const dropProfile = operation(
  'profile.drop',
  function* ({ account }: { account: AccountId }): Transaction<void> {
    for (const table of emptiedTables) yield* rows(`delete from ${table} where account = ?`, account);
  },
  { essential: true },
);
