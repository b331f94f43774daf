/** One at a time for each name: guesses at one login do not run side by side, and parallel connections of one mailer verify once. */
import { Refusal } from '../../base/refusal.ts';

/** Logins of one name that wait for each other. */
const waitingMax = 64;

interface Line {
  last: Promise<unknown>;
  length: number;
}

export class Turns {
  readonly #lines = new Map<string, Line>();

  async run<R>(name: string, work: () => Promise<R>): Promise<R> {
    const line = this.#lines.get(name) ?? { last: Promise.resolve(), length: 0 };
    if (line.length >= waitingMax) throw new Refusal('rateLimited', `too many logins at once for ${name}`);
    this.#lines.set(name, line);
    line.length += 1;
    const mine = line.last.then(work);
    line.last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(name);
    }
  }
}
