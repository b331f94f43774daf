/**
 * How large an expression becomes when its counted repetitions are written out, told before that is done: `((a{30}){30}){30}` is small to read and large to run.
 *
 * Counts what stands there; never less than what comes of it.
 */

/** A group that is open: what it holds so far, and the last item of that, which a repetition repeats. */
interface Group {
  sum: number;
  last: number;
}

/** In characters, classes and operators; infinite for what is not counted (`\Q…\E`). */
export function regexSize(source: string): number {
  const open: Group[] = [{ sum: 0, last: 0 }];
  for (const { 0: item } of source.matchAll(items)) {
    if (item === '\\Q') return Infinity;
    const group = open.at(-1)!;
    if (item === '(') open.push({ sum: 0, last: 0 });
    else if (item === ')') close(open);
    else if (item.startsWith('{') && item.length > 1) repeat(group, item);
    else if (operators.has(item)) group.sum += 1;
    else add(group, 1);
  }
  while (open.length > 1) close(open);
  return open[0]!.sum;
}

/** Escapes, classes (with `[:alpha:]`, and `]` first), repetitions, and single characters. */
const items = /\\[\s\S]|\[\^?\]?(?:\[:\^?\w*:\]|\\[\s\S]|[^\]\\])*\]|\{\d*,?\d*\}|[\s\S]/g;
const operators = new Set(['*', '+', '?', '|']);
/** Beginning and end of a group. */
const groupItems = 2;

function add(group: Group, size: number): void {
  group.last = size;
  group.sum += size;
}

function close(open: Group[]): void {
  if (open.length === 1) return;
  const { sum } = open.pop()!;
  add(open.at(-1)!, sum + groupItems);
}

function repeat(group: Group, counts: string): void {
  const times = Math.max(1, ...counts.slice(1, -1).split(',').map(Number));
  // Each copy that may be left out has an item for that.
  const size = group.last * times + (counts.includes(',') ? times : 0);
  group.sum += size - group.last;
  group.last = size;
}
