/** `RETURN (…)` of SEARCH and SORT (RFC 4731; RFC 5182; RFC 5267; RFC 6203; RFC 9394), and PARTIAL, which FETCH has too. */
import type { Places, Returning, SearchReturn } from './command.ts';
import { CommandError, type Scanner } from './scanner.ts';
import { numberMax } from './sequence-set.ts';

const options: readonly SearchReturn[] = [
  'MIN',
  'MAX',
  'ALL',
  'COUNT',
  'SAVE',
  'PARTIAL',
  'UPDATE',
  'CONTEXT',
  'RELEVANCY',
];

/** Behind the word RETURN. */
export function returning(s: Scanner, command: 'SEARCH' | 'SORT'): Returning {
  const give = new Set<SearchReturn>();
  let partial: Places | undefined;
  s.space();
  s.list(() => {
    const name = s.word('return option');
    const option = options.find((known) => known === name);
    if (option === undefined || (option === 'SAVE' && command === 'SORT'))
      throw new CommandError('Unknown return option');
    if (option === 'PARTIAL') {
      if (partial !== undefined) throw new CommandError('PARTIAL can be asked for once');
      s.space();
      partial = places(s);
    }
    give.add(option);
  });
  if (give.has('PARTIAL') && give.has('ALL')) throw new CommandError('PARTIAL and ALL exclude each other');
  if (give.size === 0) give.add('ALL');
  return { give, partial };
}

/** `1:500`, or `-1:-100` from the end. */
export function places(s: Scanner): Places {
  const fromEnd = s.take('-');
  const first = place(s);
  s.expect(':');
  if (s.take('-') !== fromEnd) throw new CommandError('Invalid partial range');
  const second = place(s);
  return { from: Math.min(first, second), to: Math.max(first, second), fromEnd };
}

function place(s: Scanner): number {
  const value = s.number('place');
  if (value < 1 || value > numberMax) throw new CommandError('Place is out of range');
  return value;
}
