/** Reading a mailbox from the store: whole, or what changed since. Both see one moment of the account. */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { batch, maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';
import type { ChangeKind } from '../rules/head.ts';
import { decodeNumbers } from '../rules/number-list.ts';
import { type MembershipRow, membershipColumns, membershipRows, rowsFrom } from '../rules/uid-rows.ts';
import { type ColumnData, columnsOfRows } from './columns.ts';
import { decodeColumns, readSnapshot } from './snapshot.ts';

export interface MailboxState {
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly modseq: number;
  readonly unseen: number;
  readonly keywords: string;
}

export interface Loaded extends MailboxState {
  /** Version of the account that was read. */
  readonly version: number;
  readonly columns: ColumnData;
}

const stateOf = `select uid_validity as "uidValidity", uid_next as "uidNext", modseq, unseen, keywords from mailbox where account = ? and id = ?`;

/** The whole mailbox; undefined when there is none. An operation, so that a large one can be read off the protocol threads. */
export const loadColumns = operation(
  'mailbox.loadColumns',
  function* (args: { account: AccountId; mailbox: MailboxNumber }): Transaction<Loaded | undefined> {
    const { account, mailbox } = args;
    const [heads, states, found] = yield* batch([
      { sql: 'select version from account_store where account = ?', params: [account] },
      { sql: stateOf, params: [account, mailbox] },
      {
        sql: `select ${membershipColumns} from membership where account = ? and mailbox = ? order by uid`,
        params: [account, mailbox],
      },
    ]);
    const state = states![0] as unknown as MailboxState | undefined;
    if (state === undefined) return undefined;
    const columns = columnsOfRows(found as unknown as readonly MembershipRow[]);
    return { ...state, version: heads![0]!['version'] as number, columns };
  },
);

export interface Head {
  readonly version: number;
  readonly floor: number;
}

export function* readHead(account: AccountId): Transaction<Head | undefined> {
  return yield* maybe<{ version: number; floor: number }>(
    'select version, change_floor as floor from account_store where account = ?',
    account,
  );
}

/** What a view lacks. `reload` when there is so much, or the log is so short, that loading anew is right. */
export type Catching =
  | { readonly is: 'reload' }
  | { readonly is: 'gone' }
  | {
      readonly is: 'changes';
      readonly state: MailboxState;
      readonly rows: readonly MembershipRow[];
      readonly expunged: ReadonlySet<number>;
    };

/** Lines of the log, and messages, beyond which a view is loaded anew. */
export const catchUpMaxLines = 2000;
export const catchUpMaxMessages = 20_000;

interface Line {
  readonly mailbox: number;
  readonly kind: ChangeKind;
  readonly uids: string;
}

/** The account's log above `since`, for all its views; undefined when it is too long or no longer complete. */
export function* readLines(
  account: AccountId,
  head: Head,
  since: number,
): Transaction<readonly Line[] | undefined> {
  if (since < head.floor) return undefined;
  const lines = yield* rows<Line & Record<string, never>>(
    'select mailbox, kind, uids from change where account = ? and version > ? order by version, seq limit ?',
    account,
    since,
    catchUpMaxLines + 1,
  );
  return lines.length > catchUpMaxLines ? undefined : lines;
}

/** Where a view stands. */
export interface Standing {
  readonly number: MailboxNumber;
  readonly uidNext: number;
  readonly modseq: number;
}

/** What changed in one mailbox, with the rows as they are now. Undefined when nothing did. */
export function* readChanges(
  account: AccountId,
  view: Standing,
  lines: readonly Line[] | undefined,
): Transaction<Catching | undefined> {
  if (lines === undefined) return { is: 'reload' };
  const state = yield* maybe<MailboxState>(stateOf, account, view.number);
  if (state === undefined) return { is: 'gone' };
  if (state.modseq === view.modseq) return undefined;
  const flagged = new Set<number>();
  const expunged = new Set<number>();
  for (const line of lines) {
    if (line.mailbox !== view.number) continue;
    const into = line.kind === 'expunged' ? expunged : flagged;
    for (const uid of decodeNumbers(line.uids)) if (uid < view.uidNext) into.add(uid);
  }
  const count = flagged.size + expunged.size + state.uidNext - view.uidNext;
  if (count > catchUpMaxMessages) return { is: 'reload' };
  const wanted = [...flagged].filter((uid) => !expunged.has(uid)).sort((a, b) => a - b);
  const changed = yield* membershipRows(account, view.number, wanted);
  const added = yield* rowsFrom(account, view.number, view.uidNext);
  return { is: 'changes', state, rows: [...changed, ...added], expunged };
}

/** A view as a snapshot has it, and what is newer. */
export interface Recalled {
  readonly loaded: Loaded;
  readonly version: number;
  readonly catching: Catching | undefined;
}

/** Undefined when there is no snapshot, or it is too far behind. */
export function* recall(account: AccountId, mailbox: MailboxNumber): Transaction<Recalled | undefined> {
  const head = yield* readHead(account);
  const snapshot = yield* readSnapshot({ account, mailbox });
  if (head === undefined || snapshot === undefined || snapshot.version > head.version) return undefined;
  const state = yield* maybe<MailboxState>(stateOf, account, mailbox);
  const columns = decodeColumns(snapshot.data);
  if (state === undefined || columns === undefined) return undefined;
  const { version, uidNext, modseq } = snapshot;
  const lines = yield* readLines(account, head, version);
  const catching = yield* readChanges(account, { number: mailbox, uidNext, modseq }, lines);
  if (catching?.is === 'reload' || catching?.is === 'gone') return undefined;
  return { loaded: { ...state, version, columns }, version: head.version, catching };
}
