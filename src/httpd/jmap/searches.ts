/** The standard methods /query and /queryChanges (RFC 8620, 5.5 and 5.6) over lists that are made anew each time. */
import { booleanOf, optionalString, requiredString, unsignedOf } from '../../proto/jmap/arguments.ts';
import {
  type Comparator,
  type Filter,
  holds,
  mapFilter,
  readFilter,
  readSort,
} from '../../proto/jmap/filter.ts';
import { MethodError } from '../../proto/jmap/method-error.ts';
import { queryAnswer, readWindow, windowed } from '../../proto/jmap/query-window.ts';
import type { Arguments } from '../../proto/jmap/request.ts';
import type { Method } from './method.ts';
import { type Call, callOf, type RecordChanges, type TellChanges } from './records.ts';

/** A filter whose conditions are as they came. */
export type GivenFilter = Filter<Arguments>;

export interface Query {
  readonly filter: GivenFilter | undefined;
  readonly sort: readonly Comparator[];
}

export interface SearchType {
  /** All ids that fit, in order. Throws MethodError `unsupportedFilter`. */
  readonly find: (call: Call, query: Query) => Promise<readonly string[]>;
  readonly state: (call: Call) => Promise<string>;
  /** Properties that may be sorted by. */
  readonly sortable: readonly string[];
  /** What became of records since a state; absent: there is no history of them. */
  readonly changes?: TellChanges;
}

export function queryMethod(type: SearchType): Method {
  return async (args, context) => {
    const call = await callOf(args, context);
    const query = queryOf(args, type);
    const window = readWindow(args);
    const state = await type.state(call);
    const all = await type.find(call, query);
    const { position, ids } = windowed(window, all, (anchor) => all.indexOf(anchor));
    const canCalculateChanges = type.changes !== undefined;
    return {
      accountId: call.account.id,
      ...queryAnswer(window, { state, total: all.length, position, ids, canCalculateChanges }),
    };
  };
}

/** Whatever changed may have been among the old results: it is taken out, and told anew where it is now (RFC 8620, 5.6). */
export function queryChangesMethod(type: SearchType): Method {
  return async (args, context) => {
    const call = await callOf(args, context);
    const since = requiredString(args, 'sinceQueryState');
    const maxChanges = unsignedOf(args, 'maxChanges');
    const calculateTotal = booleanOf(args, 'calculateTotal');
    // What is sorted by may change: all is told, however far it stands (`upToId`).
    optionalString(args, 'upToId');
    const query = queryOf(args, type);
    const state = await type.state(call);
    const all = await type.find(call, query);
    const { created, updated, destroyed } = await changesSince(type, call, { since, state });
    const removed = [...updated, ...destroyed];
    const touched = new Set([...created, ...updated]);
    const added = all.flatMap((id, index) => (touched.has(id) ? [{ id, index }] : []));
    if (maxChanges !== undefined && removed.length + added.length > maxChanges)
      throw new MethodError('tooManyChanges');
    return {
      accountId: call.account.id,
      oldQueryState: since,
      newQueryState: state,
      ...(calculateTotal && { total: all.length }),
      removed,
      added,
    };
  };
}

const nothing = { created: [], updated: [], destroyed: [] };

async function changesSince(
  { changes }: SearchType,
  call: Call,
  { since, state }: { readonly since: string; readonly state: string },
): Promise<Pick<RecordChanges, 'created' | 'updated' | 'destroyed'>> {
  if (since === state) return nothing;
  const found = await changes?.(call, since, Number.MAX_SAFE_INTEGER);
  if (found === undefined || found.hasMoreChanges) throw new MethodError('cannotCalculateChanges');
  return found;
}

const queryOf = (args: Arguments, { sortable }: SearchType): Query => ({
  filter: readFilter(args['filter'], (condition) => condition),
  sort: readSort(args['sort'], sortable),
});

/** Whether a record fits; `test` reads one property of a condition. */
export function matching<T>(
  filter: GivenFilter | undefined,
  test: (name: string, value: unknown) => (record: T) => boolean,
): (record: T) => boolean {
  if (filter === undefined) return () => true;
  // Read once, so that what is not supported is told where there are no records too.
  const read = mapFilter(filter, (condition) =>
    Object.entries(condition).map(([name, value]) => test(name, value)),
  );
  return (record) => holds(read, (tests) => tests.every((fits) => fits(record)));
}

/** Orders by each comparator in turn; `valueOf` gives what a record is compared by. */
export function sorted<T>(
  items: readonly T[],
  sort: readonly Comparator[],
  valueOf: (item: T, property: string) => string | number,
): readonly T[] {
  if (sort.length === 0) return items;
  return items.toSorted((a, b) => {
    for (const { property, isAscending } of sort) {
      const [x, y] = [valueOf(a, property), valueOf(b, property)];
      if (x !== y) return x < y === isAscending ? -1 : 1;
    }
    return 0;
  });
}
