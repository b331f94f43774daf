/**
 * Brakes on guessing: per login name and per block of addresses (IPv4 /32, IPv6 /64).
 *
 * After a few failures each further one is answered more slowly; after more the name is locked for minutes, the block likewise. Names are
 * counted whether they exist or not, so that a lock tells nothing. A success forgives the name, not the block. Counts are in the store
 * (write/brake.ts); two guesses that race for the last free try may both be let through, no more than run at once.
 */
import type { Clock } from '../../base/clock.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Store } from '../../store/store.ts';
import { rows, type Transaction } from '../../store/transaction.ts';
import { countFailure, forgetFailures, type BrakeRule } from '../write/brake.ts';

const minuteMs = 60_000;

/** A name: locked at the tenth failure for a minute, then longer, up to a quarter of an hour. */
const nameRule = { lockAt: 10, firstLockMs: minuteMs, lockMaxMs: 15 * minuteMs };
/** A block may hold a whole office behind one address. */
const blockRule = { lockAt: 50, firstLockMs: 5 * minuteMs, lockMaxMs: 60 * minuteMs };
/** The answer to the first failure is not held back; then from a quarter of a second, doubling. */
const firstDelayMs = 250;
const delayMaxMs = 8000;

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

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Refuses an attempt while its name or block is locked. Gives whether the name has failures to forgive. */
  async check({ name, ip }: Attempt): Promise<{ readonly nameFailed: boolean }> {
    const found = await this.#store.read(() => read(subjectOfName(name), subjectOfBlock(ip)));
    const now = this.#clock.nowMs();
    for (const { subject, until_at: until } of found) {
      if (until <= now) continue;
      if (subject.startsWith('from:'))
        throw new Refusal('rateLimited', `${subject} is locked until ${until}`);
      throw new Refusal('accountLocked', `${subject} is locked until ${until}`);
    }
    return { nameFailed: found.some(({ subject }) => subject.startsWith('name:')) };
  }

  /** Counts a failure and gives for how many milliseconds its answer is to be held back. */
  async failed({ name, ip }: Attempt): Promise<number> {
    const rules: BrakeRule[] = [{ subject: subjectOfBlock(ip), ...blockRule }];
    if (name !== '') rules.push({ subject: subjectOfName(name), ...nameRule });
    const brakes = await this.#store.write(countFailure, { rules, atMs: this.#clock.nowMs() });
    const { failures } = brakes.at(-1)!;
    return failures > 1 ? Math.min(delayMaxMs, firstDelayMs * 2 ** Math.min(failures - 2, 20)) : 0;
  }

  async forgive(name: string): Promise<void> {
    await this.#store.write(forgetFailures, { subject: subjectOfName(name) });
  }
}

function read(name: string, block: string): Transaction<readonly FailureRow[]> {
  return rows<FailureRow>(
    'select subject, failures, last_at, until_at from login_failure where subject = ? or subject = ?',
    name,
    block,
  );
}

const subjectOfName = (name: string): string => `name:${name}`;
const subjectOfBlock = (ip: string): string => `from:${addressBlock(ip)}`;

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
