/** Mailbox/query and Mailbox/queryChanges (RFC 8621, 2.3 and 2.4). */
import { mailboxId } from '../../../mailbox/ids.ts';
import { compareCasemapped, casemap } from '../../../proto/mime/unicode-casemap.ts';
import { booleanOf, requiredString, unsignedOf } from '../../../proto/jmap/arguments.ts';
import { type Comparator, holds, readFilter, readSort } from '../../../proto/jmap/filter.ts';
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import { queryAnswer, readWindow, windowed } from '../../../proto/jmap/query-window.ts';
import { type Arguments, isId } from '../../../proto/jmap/request.ts';
import type { HttpParts } from '../../parts.ts';
import type { Context, Method } from '../method.ts';
import { levelOf, parentOf, placesByName } from './mailbox-json.ts';
import { type Place, type Reach, reachOf, resolvedId, visible } from './reach.ts';
import { subscribedIn } from './subscription.ts';

type Condition = (row: Row) => boolean;

interface Row {
  readonly place: Place;
  readonly name: string;
  readonly parent: Row | undefined;
  readonly subscribed: boolean;
}

const sortable = ['name', 'sortOrder', 'parentId'];

export const mailboxQuery =
  (parts: Pick<HttpParts, 'mailboxes'>): Method =>
  async (args, context) => {
    const window = readWindow(args);
    const { ids, state, account } = await results(parts, args, context);
    const { position, ids: shown } = windowed(window, ids, (anchor) => ids.indexOf(anchor));
    const of = { state, total: ids.length, position, ids: shown, canCalculateChanges: true };
    return { accountId: account, ...queryAnswer(window, of) };
  };

/** Whatever changed may have been among the old results: it is taken out, and told anew where it is now (RFC 8620, 5.6). */
export const mailboxQueryChanges =
  (parts: Pick<HttpParts, 'mailboxes'>): Method =>
  async (args, context) => {
    const since = requiredString(args, 'sinceQueryState');
    const maxChanges = unsignedOf(args, 'maxChanges');
    const calculateTotal = booleanOf(args, 'calculateTotal');
    const { ids, state, account, reach } = await results(parts, args, context);
    const changes = await parts.mailboxes.mail.changes(reach.account.id, since, visible(reach));
    if (changes === undefined) throw new MethodError('cannotCalculateChanges');
    // Counters are neither filtered nor sorted by.
    const touched = changes.mailboxes.filter(({ countsOnly }) => countsOnly !== true);
    const removed = touched.filter(({ is }) => is !== 'created').map(({ number }) => mailboxId(number));
    const changed = new Set<string>(touched.map(({ number }) => mailboxId(number)));
    const added = ids.flatMap((id, index) => (changed.has(id) ? [{ id, index }] : []));
    if (maxChanges !== undefined && removed.length + added.length > maxChanges)
      throw new MethodError('tooManyChanges');
    return {
      accountId: account,
      oldQueryState: since,
      newQueryState: state,
      ...(calculateTotal ? { total: ids.length } : {}),
      removed,
      added,
    };
  };

async function results(
  parts: Pick<HttpParts, 'mailboxes'>,
  args: Arguments,
  context: Context,
): Promise<{ ids: readonly string[]; state: string; account: string; reach: Reach }> {
  const account = await context.account(args);
  const state = String(await parts.mailboxes.mail.version(account.id));
  const reach = await reachOf(parts, args, context);
  const filter = readFilter(args['filter'], (given) => readCondition(given, context));
  const sort = readSort(args['sort'], sortable);
  const asTree = { sort: booleanOf(args, 'sortAsTree'), filter: booleanOf(args, 'filterAsTree') };
  const rows = rowsOf(reach, await subscribedIn(parts, context.user.account, reach));
  const fits = (row: Row): boolean => filter === undefined || holds(filter, (condition) => condition(row));
  const found = rows.filter((row) => fits(row) && (!asTree.filter || lineOf(row).every(fits)));
  const compare = comparing(sort);
  const sorted = asTree.sort ? inTree(found, rows, compare) : found.sort(compare);
  return { ids: sorted.map(({ place }) => place.info.id), state, account: account.id, reach };
}

function rowsOf(reach: Reach, subscribed: ReadonlySet<string> | undefined): Row[] {
  const byName = placesByName(reach);
  const rows = new Map<Place, Row>();
  const rowOf = (place: Place): Row => {
    const known = rows.get(place);
    if (known !== undefined) return known;
    const above = parentOf(place, byName);
    const row = {
      place,
      name: levelOf(place.info.name),
      parent: above && rowOf(above),
      subscribed: subscribed?.has(place.info.id) ?? place.info.subscribed,
    };
    rows.set(place, row);
    return row;
  };
  return [...reach.places.values()].map(rowOf);
}

/** Superiors of a mailbox. */
function lineOf(row: Row): Row[] {
  const line: Row[] = [];
  for (let at = row.parent; at !== undefined; at = at.parent) line.push(at);
  return line;
}

function readCondition(given: Arguments, context: Context): Condition {
  const tests = Object.entries(given).map(([name, value]): Condition => {
    switch (name) {
      case 'parentId': {
        if (value === null) return ({ parent }) => parent === undefined;
        const id = typeof value === 'string' ? resolvedId(context, value) : undefined;
        if (typeof value !== 'string' || (id !== undefined && !isId(id)))
          throw invalidArguments('parentId is an Id');
        return ({ parent }) => parent?.place.info.id === id && id !== undefined;
      }
      case 'name': {
        if (typeof value !== 'string') throw invalidArguments('name is a String');
        return (row) => casemap(row.name).includes(casemap(value));
      }
      case 'role': {
        if (value !== null && typeof value !== 'string') throw invalidArguments('role is a String');
        return ({ place }) => (place.info.role ?? null) === value;
      }
      case 'hasAnyRole': {
        if (typeof value !== 'boolean') throw invalidArguments('hasAnyRole is a Boolean');
        return ({ place }) => (place.info.role !== undefined) === value;
      }
      case 'isSubscribed': {
        if (typeof value !== 'boolean') throw invalidArguments('isSubscribed is a Boolean');
        return ({ subscribed }) => subscribed === value;
      }
      default:
        throw new MethodError('unsupportedFilter', `not by ${name}`);
    }
  });
  return (row) => tests.every((test) => test(row));
}

function comparing(sort: readonly Comparator[]): (a: Row, b: Row) => number {
  return (a, b) => {
    for (const { property, isAscending } of sort) {
      const difference = differenceOf(property, a, b);
      if (difference !== 0) return isAscending ? difference : -difference;
    }
    return a.place.number - b.place.number;
  };
}

function differenceOf(property: string, a: Row, b: Row): number {
  if (property === 'sortOrder') return a.place.info.sortOrder - b.place.info.sortOrder;
  if (property === 'name') return compareCasemapped(casemap(a.name), casemap(b.name));
  return (a.parent?.place.number ?? 0) - (b.parent?.place.number ?? 0);
}

/** Each mailbox behind its parent, siblings in their order (RFC 8621, 2.3). */
function inTree(found: readonly Row[], all: readonly Row[], compare: (a: Row, b: Row) => number): Row[] {
  const wanted = new Set(found);
  const children = Map.groupBy(all, ({ parent }) => parent);
  const sorted: Row[] = [];
  const visit = (parent: Row | undefined): void => {
    for (const row of [...(children.get(parent) ?? [])].sort(compare)) {
      if (wanted.has(row)) sorted.push(row);
      visit(row);
    }
  };
  visit(undefined);
  return sorted;
}
