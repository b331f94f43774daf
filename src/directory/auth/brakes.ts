/**
 * Brakes on guessing: per login name and per block of addresses (IPv4 /32, IPv6 /64).
 *
 * From where a name has logged in within the last weeks, neither counts: whoever guesses at the name elsewhere, or at other names from the same
 * office, keeps nobody out of his own mail. Guesses from such a *known place* have a brake of their own, for the name from there.
 *
 * After a few failures each further one is answered more slowly; after more the name is locked for minutes, the block likewise. Names are
 * counted whether they exist or not, so that a lock tells nothing. A success forgives the name, not the block. Counts are in the store
 * (write/brake.ts); two guesses that race for the last free try may both be let through, no more than run at once.
 */
import type { Clock } from '../../base/clock.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Store } from '../../store/store.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import { countFailure, forgetFailures, notePlace, type BrakeRule } from '../write/brake.ts';

const minuteMs = 60_000;

/** A name: locked at the tenth failure for a minute, then longer, up to a quarter of an hour. */
const nameRule = { lockAt: 10, firstLockMs: minuteMs, lockMaxMs: 15 * minuteMs };
/** A block may hold a whole office behind one address. */
const blockRule = { lockAt: 50, firstLockMs: 5 * minuteMs, lockMaxMs: 60 * minuteMs };
/** The answer to the first failure is not held back; then from a quarter of a second, doubling. */
const firstDelayMs = 250;
const delayMaxMs = 8000;
/** A place is known for so long after the last login from there. */
const placeKeptMs = 30 * 24 * 60 * minuteMs;
const noteEveryMs = 24 * 60 * minuteMs;
const notedMax = 10_000;

interface FailureRow {
  readonly subject: string;
  readonly failures: number;
  readonly last_at: number;
  readonly until_at: number;
}

export interface Attempt {
  /** The login name in its canonical spelling, or `''`: only the block counts. */
  readonly name: string;
  readonly ip: string;
}

export class Brakes {
  readonly #store: Store;
  readonly #clock: Clock;
  /** When places were noted last by this thread. */
  readonly #noted = new Map<string, number>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Refuses an attempt while its name or block is locked, or, from a known place, the name from there. */
  async check({ name, ip }: Attempt): Promise<Standing> {
    const block = addressBlock(ip);
    const now = this.#clock.nowMs();
    const { failures, known } = await this.#store.read(() => read({ name, block, since: now - placeKeptMs }));
    const counting = known ? [subjectOfPlace(name, block)] : [subjectOfName(name), subjectOfBlock(block)];
    for (const { subject, until_at: until } of failures) {
      if (until <= now || !counting.includes(subject)) continue;
      const reason = subject.startsWith('from:') ? 'rateLimited' : 'accountLocked';
      throw new Refusal(reason, `${subject} is locked until ${until}`);
    }
    return { nameFailed: failures.some(({ subject }) => !subject.startsWith('from:')), known };
  }

  /** Counts a failure and gives for how many milliseconds its answer is to be held back. */
  async failed({ name, ip }: Attempt, { known }: Pick<Standing, 'known'>): Promise<number> {
    const block = addressBlock(ip);
    const rules: BrakeRule[] = [];
    if (known) rules.push({ subject: subjectOfPlace(name, block), ...nameRule });
    else {
      rules.push({ subject: subjectOfBlock(block), ...blockRule });
      if (name !== '') rules.push({ subject: subjectOfName(name), ...nameRule });
    }
    const brakes = await this.#store.write(countFailure, { rules, atMs: this.#clock.nowMs() });
    const { failures } = brakes.at(-1)!;
    return failures > 1 ? Math.min(delayMaxMs, firstDelayMs * 2 ** Math.min(failures - 2, 20)) : 0;
  }

  async forgive({ name, ip }: Attempt): Promise<void> {
    const subjects = [subjectOfName(name), subjectOfPlace(name, addressBlock(ip))];
    await this.#store.write(forgetFailures, { subjects });
  }

  /** The name has logged in from there. Written once a day for each place. */
  async welcome({ name, ip }: Attempt): Promise<void> {
    const atMs = this.#clock.nowMs();
    const block = addressBlock(ip);
    const key = subjectOfPlace(name, block);
    if (atMs - (this.#noted.get(key) ?? -Infinity) < noteEveryMs) return;
    if (this.#noted.size >= notedMax) this.#noted.clear();
    this.#noted.set(key, atMs);
    await this.#store.write(notePlace, { name, block, atMs, forgetBefore: atMs - placeKeptMs });
  }
}

export interface Standing {
  /** There are failures to forgive. */
  readonly nameFailed: boolean;
  /** The name has logged in from there lately. */
  readonly known: boolean;
}

interface Asked {
  readonly name: string;
  readonly block: string;
  readonly since: number;
}

function* read({
  name,
  block,
  since,
}: Asked): Transaction<{ failures: readonly FailureRow[]; known: boolean }> {
  const failures = yield* rows<FailureRow>(
    'select subject, failures, last_at, until_at from login_failure where subject in (?, ?, ?)',
    subjectOfName(name),
    subjectOfBlock(block),
    subjectOfPlace(name, block),
  );
  const place = yield* maybe(
    'select last_at from login_place where name = ? and block = ? and last_at >= ?',
    name,
    block,
    since,
  );
  return { failures, known: place !== undefined };
}

const subjectOfName = (name: string): string => `name:${name}`;
const subjectOfBlock = (block: string): string => `from:${block}`;
const subjectOfPlace = (name: string, block: string): string => `place:${block} ${name}`;

/** The address for IPv4 (also mapped into IPv6), the first 64 bits for IPv6: one customer's network. */
export function addressBlock(ip: string): string {
  const bare = ip.toLowerCase().replace(/%.*$/, '');
  if (!bare.includes(':')) return bare;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  if (mapped) return mapped[1]!;
  const [head = '', tail = ''] = bare.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = bare.includes('::') ? [...left, ...zeros, ...right] : left;
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
