/**
 * Looks our sources up in block lists, and leaves those that are listed out for the providers that use the list, until the list has forgotten them.
 *
 * Which list a provider uses is what is known of it in public; most other servers ask Spamhaus. A list that does not answer, or refuses to, changes
 * nothing.
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { addressKind } from '../net/address-block.ts';
import type { Resolver } from '../net/resolver.ts';
import type { SourceOption } from '../shaping/options.ts';
import { providerNames } from '../shaping/provider-list.ts';
import type { Shaper } from '../shaping/shaper.ts';
import { askBlockList } from './doctor/block-lists.ts';

const firstAfterMs = 10_000;
const againMs = 30 * 60_000;

/** Lists by a part of their names, with the providers that use them; `''` is every other server. */
const usedBy: readonly (readonly [list: RegExp, providers: readonly string[]])[] = [
  [/barracuda/, ['barracuda', '']],
  [/spamcop/, ['cisco', '']],
  [/spamhaus/, everybodyBut(['google', 'docomo', 'au', 'softbank', 'rakuten', 'yahoo-japan'])],
];

function everybodyBut(providers: readonly string[]): readonly string[] {
  return ['', ...providerNames].filter((name) => !providers.includes(name));
}

export const usersOf = (list: string): readonly string[] =>
  usedBy.find(([pattern]) => pattern.test(list))?.[1] ?? [''];

export interface SourceWatchParts {
  readonly shaper: Pick<Shaper, 'options' | 'setPulled'>;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly log: Log;
  /** Addresses that are looked at; those of the Internet unless told. */
  readonly isPublic?: (ip: string) => boolean;
}

export class SourceWatch implements Disposable {
  readonly #parts: SourceWatchParts;
  /** Source and list, of those that are listed. */
  readonly #listed = new Set<string>();
  #timer: Timer;
  #ended = false;

  constructor(parts: SourceWatchParts) {
    this.#parts = parts;
    this.#timer = parts.clock.after(firstAfterMs, () => this.#run());
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    this.#timer[Symbol.dispose]();
  }

  /** One round over all sources and lists. */
  async look(): Promise<void> {
    const { sources } = this.#parts.shaper.options;
    for (const source of sources) await this.#lookAt(source);
  }

  async #lookAt(source: SourceOption): Promise<void> {
    const { shaper, resolver, isPublic = (ip) => addressKind(ip) === 'global' } = this.#parts;
    const { blockLists } = shaper.options;
    const addresses = source.addresses.filter(isPublic);
    for (const list of blockLists) {
      const verdicts = await Promise.all(addresses.map((ip) => askBlockList(list, ip, resolver)));
      const listed = verdicts.find(({ is }) => is === 'listed');
      if (listed === undefined && verdicts.some(({ is }) => is === 'unknown')) continue;
      this.#note(source.name, list, listed?.why);
    }
    const lists = blockLists.filter((list) => this.#listed.has(`${source.name} ${list}`));
    for (const provider of ['', ...providerNames])
      shaper.setPulled(
        source.name,
        provider,
        lists.filter((list) => usersOf(list).includes(provider)).length,
      );
  }

  #note(source: string, list: string, why: string | undefined): void {
    const key = `${source} ${list}`;
    if (this.#listed.has(key) === (why !== undefined)) return;
    if (why === undefined) {
      this.#listed.delete(key);
      this.#parts.log.info({ source, list }, 'a block list has forgotten a source: it is used again');
    } else {
      this.#listed.add(key);
      this.#parts.log.warn(
        { source, list, why },
        'a block list names a source: it is left out where the list is used',
      );
    }
  }

  #run(): void {
    void this.look()
      .catch((error: unknown) => this.#parts.log.warn({ error }, 'block lists could not be asked'))
      .then(() => {
        if (!this.#ended) this.#timer = this.#parts.clock.after(againMs, () => this.#run());
      });
  }
}
