/** One recipient as a row of `queue_entry`. */
import { newEntryId, type EntryId, type MessageId } from '../../base/ids.ts';
import type { Notify, QueuedRecipient } from '../message.ts';
import type { LastAnswer } from '../filter.ts';

/** The whole primary key but the shard. */
export interface EntryKey {
  readonly destination: string;
  readonly lane: string;
  readonly due: number;
  readonly message: string;
  readonly idx: number;
}

export interface EntryRow extends EntryKey {
  readonly address: string;
  readonly tries: number;
  readonly flags: number;
  /** JSON `[orcpt, notify…]`, or null when both are the default. */
  readonly dsn: string | null;
  /** JSON of LastAnswer. */
  readonly last: string | null;
}

/** Bits of `flags`. `siteDown`: the last try found nobody at home, so the entry may go as soon as the site answers. */
export const entryFlags = { held: 1, delayTold: 2, siteDown: 4 } as const;

/** Added to the due time of a held entry: about 142,000 years. */
export const heldDue = 2 ** 52;

export function dsnColumn(recipient: Pick<QueuedRecipient, 'orcpt' | 'notify'>): string | null {
  if (recipient.orcpt === '' && recipient.notify.length === 0) return null;
  return JSON.stringify([recipient.orcpt, ...recipient.notify]);
}

/** Its place in the message, from `message-index`. */
export function indexOf(id: EntryId): number {
  return Number(id.slice(id.lastIndexOf('-') + 1));
}

export function recipientOf(row: EntryRow): QueuedRecipient {
  const [orcpt, ...notify] = row.dsn === null ? [''] : (JSON.parse(row.dsn) as [string, ...Notify[]]);
  return {
    id: newEntryId(row.message as MessageId, row.idx),
    address: row.address,
    orcpt,
    notify,
    destination: row.destination,
  };
}

export function lastOf(row: { readonly last: string | null }): LastAnswer | undefined {
  return row.last === null ? undefined : (JSON.parse(row.last) as LastAnswer);
}
