/** What all of administration shares: changes with an id, writes that empty the cache, lists by pages, and checks of what people enter. */
import type { Clock } from '../../base/clock.ts';
import { newSecret } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { domainToAscii, isLiteral } from '../../proto/smtp/domain.ts';
import type { Operation } from '../../store/operation.ts';
import type { Store } from '../../store/store.ts';
import type { Actor } from '../actor.ts';
import { formatAddress, readNewAddress, type Address } from '../address.ts';
import type { PasswordHasher } from '../auth/hashing.ts';
import type { Page } from '../entities.ts';
import type { PageArgs } from '../read/list.ts';
import type { Change } from '../write/change.ts';

const pageItemsMax = 500;
const pageItemsDefault = 50;
const nameCharsMax = 200;
const cursorCharsMax = 700;
const sequenceMax = 1_000_000;

/** Which page of a list. */
export interface PageQuery {
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
  /** Only what has this in its name. */
  readonly q?: string;
}

export interface OfficeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
  /** Called after each change, so that this thread sees it at once. */
  readonly changed: () => void;
}

export class Office {
  readonly store: Store;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
  readonly #changed: () => void;
  #sequence = 0;

  constructor({ store, clock, hasher, changed }: OfficeParts) {
    this.store = store;
    this.clock = clock;
    this.hasher = hasher;
    this.#changed = changed;
  }

  /** Ids sort by the order of changes within a millisecond, as far as one thread makes them. */
  change({ by, ip }: Actor): Change {
    this.#sequence = (this.#sequence + 1) % sequenceMax;
    const id = String(this.#sequence).padStart(6, '0') + newSecret(6);
    return { id, atMs: this.clock.nowMs(), by, ip };
  }

  async write<A, R>(operation: Operation<A, R>, args: A): Promise<R> {
    const result = await this.store.write(operation, args);
    this.#changed();
    return result;
  }

  /** One page. `keyOf` gives the cursor that stands for an item. */
  async page<T>(
    list: Operation<PageArgs, readonly T[]>,
    scope: string,
    { query, keyOf }: { query: PageQuery; keyOf: (item: T) => string },
  ): Promise<Page<T>> {
    const { limit = pageItemsDefault, cursor = '', q = '' } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > pageItemsMax) {
      throw new Refusal('invalid', `must be 1 to ${pageItemsMax}`, { at: 'limit' });
    }
    if (cursor.length > cursorCharsMax) throw new Refusal('invalid', 'is not a cursor', { at: 'cursor' });
    const after = Buffer.from(cursor, 'base64url').toString();
    const found = await this.store.scan(list, { scope, after, limit: limit + 1, q });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const more = found.length > limit && last !== undefined;
    return { items, next: more ? Buffer.from(keyOf(last)).toString('base64url') : undefined };
  }
}

const controls = /[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/u;

/** A name for people: one line, trimmed. */
export function checkedName(text: string, at: string, { optional = false } = {}): string {
  const name = text.normalize('NFC').trim();
  if (controls.test(name)) throw new Refusal('invalid', 'has control characters', { at });
  if (name === '' && !optional) throw new Refusal('invalid', 'must not be empty', { at });
  if (name.length > nameCharsMax)
    throw new Refusal('invalid', `must have at most ${nameCharsMax} characters`, { at });
  return name;
}

export function checkedDomain(text: string, at: string): string {
  const name = domainToAscii(text.trim().replace(/\.$/, ''));
  if (name === undefined || isLiteral(name)) throw new Refusal('invalid', 'is not a domain', { at });
  if (!name.includes('.') && name !== 'localhost') throw new Refusal('invalid', 'needs a dot', { at });
  return name;
}

export function checkedAddress(text: string, at: string): Address {
  const address = readNewAddress(text.trim());
  if (!address) throw new Refusal('invalid', 'is not an address', { at });
  return address;
}

/** Addresses that mail goes on to, each once, in the spelling of rows. */
export function checkedTargets(targets: readonly string[], at: string, max: number): readonly string[] {
  if (targets.length > max) throw new Refusal('limitReached', `at most ${max} addresses`, { at });
  const read = targets.map((target, i) => formatAddress(checkedAddress(target, `${at}.${i}`)));
  return [...new Set(read)];
}

export function checkedTime(ms: number | undefined, at: string): number {
  if (ms === undefined) return 0;
  if (!Number.isSafeInteger(ms) || ms < 0)
    throw new Refusal('invalid', 'is not a time in milliseconds', { at });
  return ms;
}
