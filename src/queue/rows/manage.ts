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
import { checkSweep, noteSweep, type SweepStep } from './sweep.ts';

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

/** An entry to act on. */
export interface PickedRow extends EntryKey {
  readonly address: string;
}

export interface Found<R> {
  readonly rows: readonly R[];
  /** Everything up to here has been looked through; undefined: to the end. */
  readonly upTo: EntryKey | undefined;
}

/** Entries looked through in one read, whether the filter picks them or not: some milliseconds. */
const lookMax = 5000;

const shown = `select e.destination, e.lane, e.due, e.message, e.idx, e.address, e.tries, e.flags, e.dsn, e.last, m.data, m.sender, m.org
  from queue_entry e join queue_message m on m.shard = e.shard and m.id = e.message`;
const picked = 'select e.destination, e.lane, e.due, e.message, e.idx, e.address from queue_entry e';
const withSender = 'join queue_message m on m.shard = e.shard and m.id = e.message';
const key = 'e.destination, e.lane, e.due, e.message, e.idx';
const order = `order by ${key} limit ?`;

/** Entries that the filter picks, in the order of the key, with their messages. */
export const find = operation(
  'queue.find',
  (args: FindArgs): Transaction<Found<FoundRow>> => look<FoundRow>(args, shown),
);

/** The same, with no more than is needed to act on them. */
export const pick = operation(
  'queue.pick',
  (args: FindArgs): Transaction<Found<PickedRow>> =>
    look<PickedRow>(args, args.filter.sender === undefined ? picked : `${picked} ${withSender}`),
);

/** Goes through at most `lookMax` entries. */
function* look<R extends EntryKey>(
  { shard, filter, after, max }: FindArgs,
  select: string,
): Transaction<Found<R>> {
  const conditions = new Conditions();
  conditions.add('e.shard = ?', shard);
  if (filter.message !== undefined) {
    const places = yield* lanesOf(shard, filter.message);
    if (!places) return { rows: [], upTo: undefined };
    const { lane, destinations } = places;
    conditions.add(`e.destination in (${destinations.map(() => '?').join(', ')})`, ...destinations);
    conditions.add('e.lane = ? and e.message = ?', lane, filter.message);
  }
  if (filter.destination !== undefined) conditions.add('e.destination = ?', filter.destination);
  if (after) conditions.add(`(${key}) > (?, ?, ?, ?, ?)`, ...keyParams(after));
  const upTo = filter.message === undefined ? yield* endOfLook(conditions) : undefined;
  if (upTo) conditions.add(`(${key}) <= (?, ?, ?, ?, ?)`, ...keyParams(upTo));
  conditions.add(`(e.flags & ${entryFlags.quarantined}) = 0`);
  addConditions(filter, (condition, ...values) => conditions.add(condition, ...values));
  const found = yield* rows<R>(`${select} where ${conditions.text} ${order}`, ...conditions.params, max);
  const last = found.length === max ? found.at(-1) : undefined;
  return { rows: found, upTo: last ? keyOf(last) : upTo };
}

function* endOfLook(conditions: Conditions): Transaction<EntryKey | undefined> {
  return yield* maybe<EntryKey>(
    `select ${key} from queue_entry e where ${conditions.text} order by ${key} limit 1 offset ${lookMax}`,
    ...conditions.params,
  );
}

class Conditions {
  readonly #where: string[] = [];
  readonly params: Param[] = [];

  add(condition: string, ...values: Param[]): void {
    this.#where.push(condition);
    this.params.push(...values);
  }

  get text(): string {
    return this.#where.join(' and ');
  }
}

function addConditions(filter: QueueFilter, add: (condition: string, ...values: Param[]) => void): void {
  if (filter.sender?.startsWith('@'))
    add(`lower(m.sender) like ? escape '\\'`, `%${likeText(filter.sender)}`);
  else if (filter.sender !== undefined) add('lower(m.sender) = ?', filter.sender.toLowerCase());
  if (filter.recipient?.startsWith('@'))
    add(`lower(e.address) like ? escape '\\'`, `%${likeText(filter.recipient)}`);
  else if (filter.recipient !== undefined) add('lower(e.address) = ?', filter.recipient.toLowerCase());
  // A lane is of one organisation (rows/lane.ts).
  if (filter.org !== undefined) add('substr(e.lane, 2, ?) = ?', filter.org.length + 1, `${filter.org}/`);
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
  /** The sweep that this is a piece of. */
  readonly sweep?: SweepStep;
}

const byKey =
  'shard = ? and destination = ? and lane = ? and due = ? and message = ? and idx = ? returning message';
const held = entryFlags.held;
const free = entryFlags.delayTold | entryFlags.siteDown;

/** Acts on the entries that are still where they were found; gives their number. */
export const manage = operation(
  'queue.manage',
  function* (args: ManageArgs): Transaction<number> {
    const { shard, action, keys, sweep } = args;
    if (sweep) yield* checkSweep(shard, sweep);
    const answers = yield* batch(keys.map((key) => statementFor(args, key)));
    const touched = keys.filter((_, i) => answers[i]!.length > 0);
    if (action === 'delete') yield* closeEntries(shard, countByMessage(touched));
    yield* record(args.events.filter((_, i) => answers[i]!.length > 0));
    if (sweep) yield* noteSweep(shard, sweep, touched.length);
    // What is held or gone must leave its owner's memory; what is due now only has to be found.
    const topic = action === 'hold' || action === 'delete' ? queueChanged : queueAdded;
    // Whoever does a sweep owns the shard and knows.
    if (touched.length > 0 && !sweep) yield* hint(topic, String(shard));
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

const keyParams = (given: EntryKey): Param[] => [
  given.destination,
  given.lane,
  given.due,
  given.message,
  given.idx,
];

/** The key alone of whatever has one. */
export const keyOf = ({ destination, lane, due, message, idx }: EntryKey): EntryKey => ({
  destination,
  lane,
  due,
  message,
  idx,
});

function countByMessage(keys: readonly EntryKey[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { message } of keys) counts.set(message, (counts.get(message) ?? 0) + 1);
  return counts;
}
