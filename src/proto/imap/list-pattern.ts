/**
 * LIST patterns (RFC 3501, 6.3.8): "*" matches anything, "%" anything but the delimiter.
 *
 * Matching keeps at most two places to go back to, the last "*" and the last "%" after it, and counts its steps: a hostile pattern over many names runs out of its
 * budget instead of holding up the thread.
 */
import { CommandError } from './scanner.ts';

/** Steps that one LIST may take in all. 1,000 names of 100 characters need some 100,000 for an ordinary pattern. */
const stepsMax = 5_000_000;

export class ListMatcher {
  readonly #patterns: readonly string[];
  #steps = 0;

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map(simplified);
  }

  matches(name: string): boolean {
    return this.#patterns.some((pattern) => this.#match(pattern, name));
  }

  /** The parts of a path above `name` that match and lie above what matches itself: for LSUB with "%". */
  superiors(name: string): string[] {
    const found: string[] = [];
    for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
      const superior = name.slice(0, slash);
      if (this.matches(superior)) found.push(superior);
    }
    return found;
  }

  #match(pattern: string, name: string): boolean {
    let p = 0;
    let n = 0;
    let star = -1;
    let starName = 0;
    let percent = -1;
    let percentName = 0;
    while (n < name.length) {
      if (++this.#steps > stepsMax) throw new CommandError('Pattern is too complex', 'NO', 'LIMIT');
      const char = pattern[p];
      if (char === '*') {
        star = p++;
        starName = n;
        percent = -1;
      } else if (char === '%') {
        percent = p++;
        percentName = n;
      } else if (char === name[n]) {
        p++;
        n++;
      } else if (percent >= 0 && name[percentName] !== '/') {
        n = ++percentName;
        p = percent + 1;
      } else if (star >= 0) {
        n = ++starName;
        p = star + 1;
        percent = -1;
      } else return false;
    }
    while (pattern[p] === '*' || pattern[p] === '%') p++;
    return p === pattern.length;
  }
}

/** Runs of wildcards say no more than their strongest. */
const simplified = (pattern: string): string =>
  pattern.replace(/[*%]{2,}/g, (run) => (run.includes('*') ? '*' : '%'));
