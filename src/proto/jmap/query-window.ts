/** Which piece of the results a /query gives (RFC 8620, 5.5). */
import { booleanOf, integerOf, optionalString, unsignedOf } from './arguments.ts';
import { invalidArguments, MethodError } from './method-error.ts';
import { type Arguments, isId } from './request.ts';

/** Ids of one answer. */
export const queryMax = 5000;

export interface QueryWindow {
  readonly position: number;
  readonly anchor: string | undefined;
  readonly anchorOffset: number;
  readonly limit: number;
  /** More was asked for than is given, or nothing was said: the answer tells the limit. */
  readonly limited: boolean;
  readonly calculateTotal: boolean;
}

export function readWindow(args: Arguments): QueryWindow {
  const anchor = optionalString(args, 'anchor');
  if (anchor !== undefined && !isId(anchor)) throw invalidArguments('anchor is an Id');
  const limit = unsignedOf(args, 'limit');
  return {
    position: integerOf(args, 'position') ?? 0,
    anchor,
    anchorOffset: integerOf(args, 'anchorOffset') ?? 0,
    limit: Math.min(limit ?? queryMax, queryMax),
    limited: limit !== undefined && limit > queryMax,
    calculateTotal: booleanOf(args, 'calculateTotal'),
  };
}

/** The results as the window shows them. `indexOf` gives -1 for an anchor that is not among them. */
export function windowed<T>(
  window: QueryWindow,
  results: ArrayLike<T>,
  indexOf: (anchor: string) => number,
): { readonly position: number; readonly ids: readonly T[] } {
  const position = startOf(window, results.length, indexOf);
  const ids = Array.prototype.slice.call(results, position, position + window.limit) as T[];
  return { position, ids };
}

function startOf(window: QueryWindow, total: number, indexOf: (anchor: string) => number): number {
  if (window.anchor === undefined)
    return window.position < 0 ? Math.max(0, total + window.position) : window.position;
  const index = indexOf(window.anchor);
  if (index === -1) throw new MethodError('anchorNotFound');
  return Math.max(0, index + window.anchorOffset);
}

/** The answer to a /query, but for its account. */
export function queryAnswer(
  window: QueryWindow,
  of: {
    readonly state: string;
    readonly total: number;
    readonly position: number;
    readonly ids: readonly string[];
    readonly canCalculateChanges: boolean;
  },
): Record<string, unknown> {
  const { state, total, position, ids, canCalculateChanges } = of;
  const cut = window.limited || (ids.length === queryMax && position + ids.length < total);
  return {
    queryState: state,
    canCalculateChanges,
    position,
    ids,
    ...(window.calculateTotal ? { total } : {}),
    ...(cut ? { limit: queryMax } : {}),
  };
}
