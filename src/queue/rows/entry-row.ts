/** One recipient as a row of `queue_entry`. */
import { newEntryId, type MessageId } from '../../base/ids.ts';
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
  /** JSON `[orcpt, notify…]`, perhaps with `copies` and `[org, address…]` of `through` behind; null when all are the default. */
  readonly dsn: string | null;
  /** JSON of LastAnswer. */
  readonly last: string | null;
}

/**
 * Bits of `flags`. `siteDown`: the last try found nobody at home, so the entry may go as soon as the site answers. `quarantined`: filters keep it back,
 * and it is no business of whoever manages the queue.
 */
export const entryFlags = { held: 1, delayTold: 2, siteDown: 4, quarantined: 8 } as const;

/** Added to the due time of a held entry: about 142,000 years. */
export const heldDue = 2 ** 52;

export function dsnColumn({
  orcpt,
  notify,
  through,
  copies,
}: Pick<QueuedRecipient, 'orcpt' | 'notify' | 'through' | 'copies'>): string | null {
  const items: DsnItem[] = [...notify];
  if (copies !== undefined) items.push(copies);
  if (through !== undefined) items.push([through.org, ...through.addresses]);
  return orcpt === '' && items.length === 0 ? null : JSON.stringify([orcpt, ...items]);
}

export function recipientOf(row: EntryRow): QueuedRecipient {
  const [orcpt, ...rest] = row.dsn === null ? [''] : (JSON.parse(row.dsn) as [string, ...DsnItem[]]);
  const behind = rest.find((item) => Array.isArray(item));
  const through = behind && { org: behind[0]!, addresses: behind.slice(1) };
  const copies = rest.find((item) => typeof item === 'number');
  return {
    id: newEntryId(row.message as MessageId, row.idx),
    address: row.address,
    orcpt,
    notify: rest.filter((item) => typeof item === 'string'),
    destination: row.destination,
    ...(through && { through }),
    ...(copies !== undefined && { copies }),
  };
}

type DsnItem = Notify | number | string[];

export function lastOf(row: { readonly last: string | null }): LastAnswer | undefined {
  return row.last === null ? undefined : (JSON.parse(row.last) as LastAnswer);
}
