/**
 * What administrators do: find entries by filter, and hold, release, retry or delete those found.
 *
 * Finding may scan and runs off the protocol threads (`store.scan`); acting goes by whole keys, in chunks, each its own transaction. An entry
 * that has moved between the two is left alone.
 */
import type { MailEvent } from '../../events/event.ts';
import { record } from '../../events/record.ts';
import { operation } from '../../store/operation.ts';
import {
  batch,
  hint,
  maybe,
  rows,
  type Param,
  type Statement,
  type Transaction,
} from '../../store/transaction.ts';
import type { ManageAction, QueueFilter } from '../filter.ts';
import type { MessageId } from '../../base/ids.ts';
import { queueAdded, queueChanged } from './accept.ts';
import { entryFlags, heldDue, type EntryKey, type EntryRow } from './entry-row.ts';
import { readLanes, type Lanes } from './lanes-column.ts';
import { closeEntries } from './settle.ts';

export interface FindArgs {
  readonly shard: number;
  readonly filter: QueueFilter;
  readonly after: EntryKey | undefined;
  readonly max: number;
}

export interface FoundRow extends EntryRow {
  readonly data: string;
  readonly sender: string;
  readonly org: string;
}

const found = `select e.destination, e.lane, e.due, e.message, e.idx, e.address, e.tries, e.flags, e.dsn, e.last, m.data, m.sender, m.org
  from queue_entry e join queue_message m on m.shard = e.shard and m.id = e.message`;
const order = 'order by e.destination, e.lane, e.due, e.message, e.idx limit ?';

/** Entries that the filter picks, in the order of the key. */
export const find = operation('queue.find', function* (args: FindArgs): Transaction<readonly FoundRow[]> {
  const { shard, filter, after, max } = args;
  const where: string[] = ['e.shard = ?', `(e.flags & ${entryFlags.quarantined}) = 0`];
  const params: Param[] = [shard];
  const add = (condition: string, ...values: Param[]): void => {
    where.push(condition);
    params.push(...values);
  };
  if (filter.message !== undefined) {
    const places = yield* lanesOf(shard, filter.message);
    if (!places) return [];
    const { lane, destinations } = places;
    add(`e.destination in (${destinations.map(() => '?').join(', ')})`, ...destinations);
    add('e.lane = ? and e.message = ?', lane, filter.message);
  }
  if (filter.destination !== undefined) add('e.destination = ?', filter.destination);
  if (after) {
    add('(e.destination, e.lane, e.due, e.message, e.idx) > (?, ?, ?, ?, ?)', ...keyParams(after));
  }
  addConditions(filter, add);
  return yield* rows<FoundRow>(`${found} where ${where.join(' and ')} ${order}`, ...params, max);
});

function addConditions(filter: QueueFilter, add: (condition: string, ...values: Param[]) => void): void {
  if (filter.sender?.startsWith('@'))
    add(`lower(m.sender) like ? escape '\\'`, `%${likeText(filter.sender)}`);
  else if (filter.sender !== undefined) add('lower(m.sender) = ?', filter.sender.toLowerCase());
  if (filter.recipient?.startsWith('@'))
    add(`lower(e.address) like ? escape '\\'`, `%${likeText(filter.recipient)}`);
  else if (filter.recipient !== undefined) add('lower(e.address) = ?', filter.recipient.toLowerCase());
  if (filter.org !== undefined) add('m.org = ?', filter.org);
  if (filter.campaign !== undefined) add(`e.lane like ? escape '\\'`, `%/${likeText(filter.campaign)}`);
  if (filter.state === 'held') add('e.due >= ?', heldDue);
  if (filter.state === 'waiting') add('e.due < ?', heldDue);
}

/** For `like`: the text itself, in lower case save for campaigns, whose case SQLite does not look at. */
const likeText = (text: string): string => text.toLowerCase().replace(/[\\%_]/g, '\\$&');

function* lanesOf(shard: number, id: MessageId): Transaction<Lanes | undefined> {
  const message = yield* maybe<{ lanes: string }>(
    'select lanes from queue_message where shard = ? and id = ?',
    shard,
    id,
  );
  return message && readLanes(message.lanes);
}

export interface ManageArgs {
  readonly shard: number;
  readonly action: ManageAction;
  readonly keys: readonly EntryKey[];
  readonly nowMs: number;
  readonly events: readonly MailEvent[];
}

const byKey =
  'shard = ? and destination = ? and lane = ? and due = ? and message = ? and idx = ? returning message';
const held = entryFlags.held;
const free = entryFlags.delayTold | entryFlags.siteDown;

/** Acts on the entries that are still where they were found; gives their number. */
export const manage = operation(
  'queue.manage',
  function* (args: ManageArgs): Transaction<number> {
    const { shard, action, keys } = args;
    const answers = yield* batch(keys.map((key) => statementFor(args, key)));
    const touched = keys.filter((_, i) => answers[i]!.length > 0);
    if (action === 'delete') yield* closeEntries(shard, countByMessage(touched));
    yield* record(args.events.filter((_, i) => answers[i]!.length > 0));
    // What is held or gone must leave its owner's memory; what is due now only has to be found.
    const topic = action === 'hold' || action === 'delete' ? queueChanged : queueAdded;
    if (touched.length > 0) yield* hint(topic, String(shard));
    return touched.length;
  },
  { essential: true },
);

function statementFor({ shard, action, nowMs }: ManageArgs, key: EntryKey): Statement {
  const params = [shard, ...keyParams(key)];
  switch (action) {
    case 'hold':
      return {
        sql: `update queue_entry set due = due + ${heldDue}, flags = flags | ${held} where due < ${heldDue} and ${byKey}`,
        params,
      };
    case 'release':
      return {
        sql: `update queue_entry set due = ?, flags = flags & ${free} where due >= ${heldDue} and ${byKey}`,
        params: [nowMs, ...params],
      };
    case 'retry':
      return {
        // What is due already stays where it is: moving it behind the cursor of whoever pages through would never end.
        sql: `update queue_entry set due = ? where due > ? and due < ${heldDue} and ${byKey}`,
        params: [nowMs, nowMs, ...params],
      };
    default:
      return { sql: `delete from queue_entry where ${byKey}`, params };
  }
}

const keyParams = (key: EntryKey): Param[] => [key.destination, key.lane, key.due, key.message, key.idx];

function countByMessage(keys: readonly EntryKey[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { message } of keys) counts.set(message, (counts.get(message) ?? 0) + 1);
  return counts;
}
