/** Filters and comparators (RFC 8620, 5.5), whose conditions and properties each type reads itself. */
import { booleanOf } from './arguments.ts';
import { collations } from './limits.ts';
import { invalidArguments, MethodError } from './method-error.ts';
import { isObject } from './pointer.ts';
import type { Arguments } from './request.ts';

/** Levels of operators, and conditions in all. */
export const filterDepthMax = 20;
export const filterConditionsMax = 500;
/** Comparators of one query. */
export const comparatorsMax = 20;

export type Filter<C> =
  | { readonly operator: 'AND' | 'OR' | 'NOT'; readonly conditions: readonly Filter<C>[] }
  | { readonly condition: C };

/** Undefined for null. */
export function readFilter<C>(
  value: unknown,
  readCondition: (condition: Arguments) => C,
): Filter<C> | undefined {
  if (value === undefined || value === null) return undefined;
  const budget = { left: filterConditionsMax };
  const read = (node: unknown, depth: number): Filter<C> => {
    if (!isObject(node)) throw invalidArguments('a filter is an object');
    if (--budget.left < 0 || depth > filterDepthMax)
      throw new MethodError('unsupportedFilter', 'the filter is too large');
    if (!('operator' in node)) return { condition: readCondition(node) };
    const { operator, conditions } = node;
    if (operator !== 'AND' && operator !== 'OR' && operator !== 'NOT')
      throw invalidArguments('an operator is AND, OR or NOT');
    if (!Array.isArray(conditions)) throw invalidArguments('conditions is an array');
    return { operator, conditions: conditions.map((each) => read(each, depth + 1)) };
  };
  return read(value, 0);
}

export const mapFilter = <A, B>(filter: Filter<A>, of: (condition: A) => B): Filter<B> =>
  'condition' in filter
    ? { condition: of(filter.condition) }
    : { ...filter, conditions: filter.conditions.map((each) => mapFilter(each, of)) };

/** NOT: none of its conditions holds. */
export function holds<C>(filter: Filter<C>, test: (condition: C) => boolean): boolean {
  if ('condition' in filter) return test(filter.condition);
  const { operator, conditions } = filter;
  if (operator === 'AND') return conditions.every((each) => holds(each, test));
  const any = conditions.some((each) => holds(each, test));
  return operator === 'OR' ? any : !any;
}

export interface Comparator {
  readonly property: string;
  readonly isAscending: boolean;
  /** As it came: types have properties of their own. */
  readonly given: Arguments;
}

export function readSort(value: unknown, properties: readonly string[]): readonly Comparator[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidArguments('sort is an array of Comparators');
  if (value.length > comparatorsMax) throw new MethodError('unsupportedSort', 'too many comparators');
  return value.map((given: unknown) => {
    if (!isObject(given) || typeof given['property'] !== 'string')
      throw invalidArguments('a Comparator has a property');
    const { property, collation } = given;
    if (!properties.includes(property)) throw new MethodError('unsupportedSort', `not by ${property}`);
    if (collation !== undefined && collation !== null && !collations.some((known) => known === collation))
      throw new MethodError('unsupportedSort', 'a collation that is not known');
    return { property, isAscending: booleanOf(given, 'isAscending', true), given };
  });
}
