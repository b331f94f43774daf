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
  /** JSON `[orcpt, notify…]`, perhaps with `[org, address…]` of `through` behind; null when all are the default. */
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
}: Pick<QueuedRecipient, 'orcpt' | 'notify' | 'through'>): string | null {
  if (through !== undefined) return JSON.stringify([orcpt, ...notify, [through.org, ...through.addresses]]);
  return orcpt === '' && notify.length === 0 ? null : JSON.stringify([orcpt, ...notify]);
}

export function recipientOf(row: EntryRow): QueuedRecipient {
  const [orcpt, ...rest] = row.dsn === null ? [''] : (JSON.parse(row.dsn) as [string, ...DsnItem[]]);
  const behind = rest.at(-1);
  const through = Array.isArray(behind) ? { org: behind[0]!, addresses: behind.slice(1) } : undefined;
  return {
    id: newEntryId(row.message as MessageId, row.idx),
    address: row.address,
    orcpt,
    notify: (through ? rest.slice(0, -1) : rest) as Notify[],
    destination: row.destination,
    ...(through && { through }),
  };
}

type DsnItem = Notify | string[];

export function lastOf(row: { readonly last: string | null }): LastAnswer | undefined {
  return row.last === null ? undefined : (JSON.parse(row.last) as LastAnswer);
}
