/** The standard methods /query and /queryChanges (RFC 8620, 5.5 and 5.6) over lists that are made anew each time. */
import { limits } from '../../proto/jmap/limits.ts';
import { invalidArguments, MethodError } from '../../proto/jmap/method-error.ts';
import { isObject } from '../../proto/jmap/pointer.ts';
import type { Arguments } from '../../proto/jmap/request.ts';
import type { Method } from './method.ts';
import { type Call, callOf, type Properties } from './records.ts';

/** Conditions within each other; more are refused. */
const filterNodesMax = 200;
const comparatorsMax = 10;

export type Filter<C> =
  | { readonly is: 'and' | 'or' | 'not'; readonly of: readonly Filter<C>[] }
  | { readonly is: 'condition'; readonly condition: C };

export interface Comparator {
  readonly property: string;
  readonly isAscending: boolean;
}

export interface SearchType {
  /** All ids that fit, in order. Throws MethodError `unsupportedFilter`. */
  readonly find: (
    call: Call,
    query: { readonly filter: Filter<Properties> | undefined; readonly sort: readonly Comparator[] },
  ) => Promise<readonly string[]>;
  readonly state: (call: Call) => Promise<string>;
  /** Properties that may be sorted by. */
  readonly sortable: readonly string[];
}

export function queryMethod(type: SearchType): Method {
  return async (args, context) => {
    const call = await callOf(args, context);
    const query = { filter: filterOf(args), sort: sortOf(args, type.sortable) };
    const window = windowOf(args);
    const queryState = await type.state(call);
    const all = await type.find(call, query);
    const position = start(all, window);
    const limit = Math.min(window.limit ?? limits.maxObjectsInGet, limits.maxObjectsInGet);
    const isCut = window.limit === undefined || window.limit > limits.maxObjectsInGet;
    return {
      accountId: call.account.id,
      queryState,
      canCalculateChanges: false,
      position,
      ids: all.slice(position, position + limit),
      ...(window.calculateTotal && { total: all.length }),
      ...(isCut && all.length - position > limit && { limit }),
    };
  };
}

/** Where nothing has changed, that is told; else the client asks anew (RFC 8620, 5.6). */
export function queryChangesMethod(type: SearchType): Method {
  return async (args, context) => {
    const call = await callOf(args, context);
    const { sinceQueryState, calculateTotal = false } = args;
    if (typeof sinceQueryState !== 'string') throw invalidArguments('sinceQueryState is a String');
    const query = { filter: filterOf(args), sort: sortOf(args, type.sortable) };
    const now = await type.state(call);
    if (now !== sinceQueryState) throw new MethodError('cannotCalculateChanges');
    const total = calculateTotal === true ? (await type.find(call, query)).length : undefined;
    return {
      accountId: call.account.id,
      oldQueryState: sinceQueryState,
      newQueryState: now,
      ...(total !== undefined && { total }),
      removed: [],
      added: [],
    };
  };
}

function filterOf({ filter = null }: Arguments): Filter<Properties> | undefined {
  if (filter === null) return undefined;
  const budget = { left: filterNodesMax };
  return node(filter, budget);
}

function node(value: unknown, budget: { left: number }): Filter<Properties> {
  if (!isObject(value)) throw invalidArguments('a filter is an object');
  if ((budget.left -= 1) < 0) throw new MethodError('unsupportedFilter', 'too many conditions');
  const { operator, conditions } = value;
  if (operator === undefined) return { is: 'condition', condition: value };
  if (operator !== 'AND' && operator !== 'OR' && operator !== 'NOT')
    throw invalidArguments('an operator is AND, OR or NOT');
  if (!Array.isArray(conditions)) throw invalidArguments('conditions is a list');
  const is = operator.toLowerCase() as 'and' | 'or' | 'not';
  return { is, of: conditions.map((each) => node(each, budget)) };
}

function sortOf({ sort = null }: Arguments, sortable: readonly string[]): readonly Comparator[] {
  if (sort === null) return [];
  if (!Array.isArray(sort) || !sort.every(isObject)) throw invalidArguments('sort is a list of Comparators');
  if (sort.length > comparatorsMax) throw new MethodError('unsupportedSort');
  return sort.map(({ property, isAscending = true }) => {
    if (typeof property !== 'string' || typeof isAscending !== 'boolean')
      throw invalidArguments('a Comparator has a property');
    if (!sortable.includes(property)) throw new MethodError('unsupportedSort', property);
    return { property, isAscending };
  });
}

interface Window {
  readonly position: number;
  readonly anchor: string | undefined;
  readonly anchorOffset: number;
  readonly limit: number | undefined;
  readonly calculateTotal: boolean;
}

function windowOf(args: Arguments): Window {
  const { anchor = null, calculateTotal = false } = args;
  if (anchor !== null && typeof anchor !== 'string') throw invalidArguments('anchor is an Id');
  if (typeof calculateTotal !== 'boolean') throw invalidArguments('calculateTotal is a Boolean');
  const limit = numberOf(args, 'limit');
  if (limit !== undefined && limit < 0) throw invalidArguments('limit is not below 0');
  return {
    position: numberOf(args, 'position') ?? 0,
    anchor: anchor ?? undefined,
    anchorOffset: numberOf(args, 'anchorOffset') ?? 0,
    limit,
    calculateTotal,
  };
}

function numberOf(args: Arguments, name: string): number | undefined {
  const value = args[name] ?? null;
  if (value === null) return undefined;
  if (!Number.isSafeInteger(value)) throw invalidArguments(`${name} is a number`);
  return value as number;
}

function start(all: readonly string[], { anchor, anchorOffset, position }: Window): number {
  if (anchor !== undefined) {
    const at = all.indexOf(anchor);
    if (at === -1) throw new MethodError('anchorNotFound');
    return Math.max(0, at + anchorOffset);
  }
  return position < 0 ? Math.max(0, all.length + position) : position;
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
