/**
 * What this thread has read of the directory lately. Emptied by the store's hints; as a hint may be lost, the directory's version is
 * looked at once a second as well. An answer that was being read while the cache was emptied is given but not kept.
 */
import type { Clock } from '../../base/clock.ts';
import type { Store } from '../../store/store.ts';
import { row, type Transaction } from '../../store/transaction.ts';
import { directoryTopic } from '../topic.ts';

/** How long a change may go unseen when its hint was lost. */
const checkEveryMs = 1000;
/**
 * Answers in each of two generations: some 5 MB of addresses in all. When the young one is full it becomes the old one, and what nobody asked for
 * since is forgotten with the one before. (Taking the oldest out of one full map costs a walk over all that was taken out before.)
 */
const answersMax = 10_000;

export class ReadCache implements Disposable {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #listening: Disposable;
  #young = new Map<string, unknown>();
  #old = new Map<string, unknown>();
  #generation = 0;
  #version = 0;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#listening = store.onHint(directoryTopic, () => this.forget());
  }

  /** The answer of `body`, from memory if it is known. `key` names the question and all that it depends on. */
  async get<T>(key: string, body: () => Transaction<T>): Promise<T> {
    if (this.#clock.monotonicMs() - this.#checkedAtMs >= checkEveryMs) await this.#check();
    const known = this.#young.get(key) ?? this.#known(key);
    if (known !== undefined) return known === nothing ? (undefined as T) : (known as T);
    const generation = this.#generation;
    const answer = await this.#store.read(body);
    if (generation === this.#generation) this.#keep(key, answer === undefined ? nothing : answer);
    return answer;
  }

  /** Forgets everything: after a change of our own, and on hints. */
  forget(): void {
    this.#generation += 1;
    this.#young.clear();
    this.#old.clear();
  }

  /** From the old generation, which makes it young again. */
  #known(key: string): unknown {
    const known = this.#old.get(key);
    if (known !== undefined) this.#keep(key, known);
    return known;
  }

  #keep(key: string, answer: unknown): void {
    if (this.#young.size >= answersMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, answer);
  }

  async #check(): Promise<void> {
    this.#checking ??= this.#readVersion().finally(() => {
      this.#checking = undefined;
    });
    await this.#checking;
  }

  async #readVersion(): Promise<void> {
    const startedMs = this.#clock.monotonicMs();
    const { version } = await this.#store.read(() =>
      row<{ version: number }>('select version from directory_head where id = 1'),
    );
    if (version !== this.#version) this.forget();
    this.#version = version;
    this.#checkedAtMs = startedMs;
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}

/** Stands for an answer of undefined. */
const nothing = Symbol('nothing');
