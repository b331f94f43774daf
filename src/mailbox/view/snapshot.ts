/**
 * Snapshots: the columns of a large mailbox as one blob, so that opening it reads one row instead of one for each message.
 *
 * A snapshot is only a shortcut: what it holds was true at `version`, the change log brings it up to now, and where that is too much or the log too
 * short, the rows are read. Losing one costs time, never truth. They are written after a load that had none, and when one has fallen behind.
 */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';
import { type ColumnData, columnTypes, emptyColumns } from './columns.ts';

export interface SnapshotKey {
  readonly account: AccountId;
  readonly mailbox: MailboxNumber;
}

export interface Snapshot {
  readonly version: number;
  readonly uidNext: number;
  readonly modseq: number;
  readonly data: Uint8Array;
}

/** First in every snapshot: another form, or another order of bytes, is not read. */
const form = 0x48_4b_4d_01;
const headerBytes = 12;

export const saveSnapshot = operation(
  'mailbox.saveSnapshot',
  function* ({
    account,
    mailbox,
    version,
    uidNext,
    modseq,
    data,
  }: SnapshotKey & Snapshot): Transaction<void> {
    const there = yield* maybe('select id from mailbox where account = ? and id = ?', account, mailbox);
    if (there === undefined) return;
    yield* rows(
      `insert into mailbox_snapshot (account, mailbox, version, uid_next, modseq, data) values (?, ?, ?, ?, ?, ?)
        on conflict (account, mailbox) do update set version = excluded.version, uid_next = excluded.uid_next,
        modseq = excluded.modseq, data = excluded.data`,
      account,
      mailbox,
      version,
      uidNext,
      modseq,
      data,
    );
  },
);

export function* readSnapshot({ account, mailbox }: SnapshotKey): Transaction<Snapshot | undefined> {
  return yield* maybe<Snapshot & Record<string, never>>(
    `select version, uid_next as "uidNext", modseq, data from mailbox_snapshot where account = ? and mailbox = ?`,
    account,
    mailbox,
  );
}

export function encodeColumns(data: ColumnData): Uint8Array {
  const lists = Buffer.from(JSON.stringify(data.keywordLists));
  const perMessage = columnTypes.reduce((sum, [, type]) => sum + type.BYTES_PER_ELEMENT, 0);
  const blob = Buffer.alloc(headerBytes + lists.length + data.count * perMessage);
  new Uint32Array(blob.buffer, blob.byteOffset, 3).set([form, data.count, lists.length]);
  let at = headerBytes + lists.copy(blob, headerBytes);
  for (const [name] of columnTypes) {
    const column = data[name].subarray(0, data.count);
    at += Buffer.from(column.buffer, column.byteOffset, column.byteLength).copy(blob, at);
  }
  return blob;
}

/** Undefined when it is not a snapshot of this form. */
export function decodeColumns(blob: Uint8Array): ColumnData | undefined {
  if (blob.length < headerBytes) return undefined;
  const header = new Uint32Array(blob.slice(0, headerBytes).buffer);
  const [found, count, listBytes] = [header[0]!, header[1]!, header[2]!];
  if (found !== form) return undefined;
  let at = headerBytes + listBytes;
  const lists = Buffer.from(blob.buffer, blob.byteOffset + headerBytes, listBytes);
  const data = { ...emptyColumns(count), count, keywordLists: JSON.parse(lists.toString()) as string[] };
  for (const [name] of columnTypes) {
    const column = data[name];
    if (at + column.byteLength > blob.length) return undefined;
    new Uint8Array(column.buffer).set(blob.subarray(at, at + column.byteLength));
    at += column.byteLength;
  }
  return data;
}
