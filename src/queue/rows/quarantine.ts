/**
 * Mail that filters keep back: its entries wait in the queue like held ones, and for each organisation a row says what is kept, why and until when.
 *
 * The row and the flag of the entries change in one transaction of one shard: what is released is due exactly once, and what is deleted or
 * released is in no list any more.
 */
import type { MessageId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { MailEvent } from '../../events/event.ts';
import { record } from '../../events/record.ts';
import { operation } from '../../store/operation.ts';
import { batch, hint, maybe, rows, type Param, type Transaction } from '../../store/transaction.ts';
import type { QuarantineFilter } from '../quarantine.ts';
import { queueAdded } from './accept.ts';
import { entryFlags } from './entry-row.ts';
import type { QuarantineData } from './kept-back.ts';
import { messageData, messageOf } from './message-row.ts';
import { closeEntries } from './settle.ts';

export interface QuarantineRow {
  readonly shard: number;
  readonly message: string;
  readonly org: string;
  readonly at: number;
  readonly expires_at: number;
  readonly sender: string;
  readonly subject: string;
  /** JSON of QuarantineData. */
  readonly data: string;
}

const columns = 'shard, message, org, at, expires_at, sender, subject, data';

export interface ListArgs {
  readonly filter: QuarantineFilter;
  readonly after: { readonly at: number; readonly message: string; readonly org: string } | undefined;
  readonly max: number;
}

/** The newest first. */
export const listQuarantined = operation(
  'queue.listQuarantined',
  function* ({ filter, after, max }: ListArgs): Transaction<readonly QuarantineRow[]> {
    const where: string[] = ['at >= 0'];
    const params: Param[] = [];
    const add = (condition: string, ...values: Param[]): void => {
      where.push(condition);
      params.push(...values);
    };
    if (filter.org !== undefined) add('org = ?', filter.org);
    if (filter.message !== undefined) add('message = ?', filter.message);
    if (filter.sender !== undefined) add(`lower(sender) like ? escape '\\'`, likeText(filter.sender));
    if (filter.recipient !== undefined) add(`recipients like ? escape '\\'`, likeText(filter.recipient));
    if (after) add('(at, message, org) < (?, ?, ?)', after.at, after.message, after.org);
    return yield* rows<QuarantineRow>(
      `select ${columns} from queue_quarantine where ${where.join(' and ')} order by at desc, message desc, org desc limit ?`,
      ...params,
      max,
    );
  },
);

const likeText = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;

export const expiredQuarantined = operation(
  'queue.expiredQuarantined',
  function* ({
    nowMs,
    max,
  }: {
    readonly nowMs: number;
    readonly max: number;
  }): Transaction<readonly QuarantineRow[]> {
    return yield* rows<QuarantineRow>(
      `select ${columns} from queue_quarantine where expires_at <= ? order by expires_at limit ?`,
      nowMs,
      max,
    );
  },
);

export interface EndArgs {
  readonly shard: number;
  readonly message: string;
  readonly org: string;
  readonly nowMs: number;
  /** Of mail that is released: how long its delivery may take from now on. */
  readonly lifetimeMs: number;
  readonly action: 'release' | 'delete';
  readonly by: string;
  readonly why: string;
}

const free = entryFlags.delayTold | entryFlags.siteDown;
const byKey =
  'shard = ? and destination = ? and lane = ? and due = ? and message = ? and idx = ? returning message';

/** Releases or deletes; gives the number of recipients. Refusal `notFound`: it is not there any more. */
export const endQuarantine = operation(
  'queue.endQuarantine',
  function* (args: EndArgs): Transaction<number> {
    const { shard, message, org, nowMs, action } = args;
    const found = yield* maybe<QuarantineRow>(
      `delete from queue_quarantine where shard = ? and message = ? and org = ? returning ${columns}`,
      shard,
      message,
      org,
    );
    if (found === undefined) throw new Refusal('notFound', 'no such message is in quarantine');
    const { lane, due, entries } = JSON.parse(found.data) as QuarantineData;
    const keyOf = ([idx, destination]: QuarantineData['entries'][number]): Param[] => [
      shard,
      destination,
      lane,
      due,
      message,
      idx,
    ];
    const touched = yield* batch(
      entries.map((entry) =>
        action === 'release'
          ? {
              sql: `update queue_entry set due = ?, flags = flags & ${free} where ${byKey}`,
              params: [nowMs, ...keyOf(entry)],
            }
          : { sql: `delete from queue_entry where ${byKey}`, params: keyOf(entry) },
      ),
    );
    const ended = entries.filter((_, i) => touched[i]!.length > 0);
    if (action === 'release') yield* lengthen(args);
    else yield* closeEntries(shard, new Map([[message, ended.length]]));
    yield* record(ended.map(([, , address]) => eventOf(args, address)));
    yield* hint(queueAdded, String(shard));
    return ended.length;
  },
  { essential: true },
);

/** The days in quarantine do not count as days on the way: nobody who is not sure to be the sender gets it back. */
function* lengthen({ shard, message: id, nowMs, lifetimeMs }: EndArgs): Transaction<void> {
  const found = yield* maybe<{ sender: string; org: string; data: string }>(
    'select sender, org, data from queue_message where shard = ? and id = ?',
    shard,
    id,
  );
  if (found === undefined) return;
  const message = messageOf({ id, ...found });
  const expiresAtMs = Math.max(message.expiresAtMs, nowMs + lifetimeMs);
  yield* rows(
    'update queue_message set data = ? where shard = ? and id = ?',
    messageData({ ...message, expiresAtMs }),
    shard,
    id,
  );
}

const eventOf = ({ message, org, nowMs, action, by, why }: EndArgs, recipient: string): MailEvent => ({
  is: 'managed',
  atMs: nowMs,
  message: message as MessageId,
  org,
  recipient,
  data: { action: action === 'release' ? 'released' : 'deleted', by, why },
});

/** What nobody was told of yet, the oldest first. */
export function* untoldQuarantined(max: number): Transaction<readonly QuarantineRow[]> {
  return yield* rows<QuarantineRow>(
    `select ${columns} from queue_quarantine where told = 0 order by at limit ?`,
    max,
  );
}

/** True: it is for the caller to tell. */
export const claimQuarantined = operation(
  'queue.claimQuarantined',
  function* ({
    shard,
    message,
    org,
  }: Pick<QuarantineRow, 'shard' | 'message' | 'org'>): Transaction<boolean> {
    const claimed = yield* rows(
      'update queue_quarantine set told = 1 where shard = ? and message = ? and org = ? and told = 0 returning message',
      shard,
      message,
      org,
    );
    return claimed.length > 0;
  },
);
