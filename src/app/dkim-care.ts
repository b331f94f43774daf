/**
 * Looks after the DKIM keys of all domains: makes what is missing, watches DNS for records of new ones, lets a new key take over when its record has been there for a
 * while, retires the old one and removes it when no mail that it signed can be on its way any more.
 *
 * Soon after each change of the directory, and once an hour; every five minutes while somebody is likely to be publishing the record of a new key. Every step is its own transaction and may be done twice, also by several nodes at once.
 */
import { sleep, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { systemActor } from '../directory/actor.ts';
import type { Administration } from '../directory/administration.ts';
import type { DkimKey } from '../directory/dkim-key.ts';
import {
  dkimKeysInMotion,
  domainsWithoutKeys,
  forgetDkimKeys,
  plainDkimKeys,
  rewrapDkimKey,
} from '../directory/operations.ts';
import { KeyBox } from '../directory/key-box.ts';
import { directoryTopic } from '../directory/topic.ts';
import type { Resolver } from '../net/resolver.ts';
import { keyName } from '../proto/dkim/key-record.ts';
import type { Authorities } from '../records/authorities.ts';
import { parseTagList, squeezed } from '../proto/dkim/tag-list.ts';
import type { Store } from '../store/store.ts';

export interface DkimCareOptions {
  /** Age at which a key gets a successor; 0: never. */
  readonly rotateAfterMs: number;
  /** How long a record must have been seen before its key signs: caches that know of no record must have run out. */
  readonly settleMs: number;
  /** How long a key that signs no more stays in DNS. */
  readonly retireMs: number;
}

export interface DkimCareParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** The name servers of our domains, as they are found now. */
  readonly authorities: () => Pick<Authorities, 'ask'>;
  /** Asked where those cannot be. */
  readonly resolver: Pick<Resolver, 'txt'>;
  readonly administration: Pick<Administration, 'dkim'>;
  readonly keyBox: KeyBox;
  readonly options: DkimCareOptions;
}

const everyMs = 60 * 60_000;
const oftenMs = 5 * 60_000;
/** Keys that wait for DNS no longer than this are looked for often. */
const newForMs = 24 * 60 * 60_000;
/** Changes of the directory come in bunches. */
const soonMs = 500;
const afterFailureMs = 60_000;
const pageItems = 100;
/** Keys that are looked after at one time: name servers of some domains may not answer. */
const atOnce = 10;
/** Removed keys are shown for so long. */
const forgetAfterMs = 90 * 24 * 60 * 60_000;

export class DkimCare implements AsyncDisposable {
  readonly #parts: DkimCareParts;
  readonly #stop = new AbortController();
  readonly #hints: Disposable;
  readonly #done: Promise<void>;
  #wake = new AbortController();
  #asked = false;
  #fullAtMs = Number.NEGATIVE_INFINITY;
  /** Until when moving all keys can wait. */
  #pauseMs = 0;

  constructor(parts: DkimCareParts) {
    this.#parts = parts;
    this.#hints = parts.store.onHint(directoryTopic, () => {
      this.#asked = true;
      // Perhaps a new key.
      this.#pauseMs = Math.min(this.#pauseMs, oftenMs);
      this.#wake.abort();
    });
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      let waitMs = 0;
      try {
        this.#asked = false;
        await this.round();
        waitMs = this.#pauseMs;
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ error }, 'the care of signing keys was not finished');
        waitMs = afterFailureMs;
      }
      if (this.#asked) waitMs = soonMs;
      this.#wake = new AbortController();
      const wake = this.#asked ? signal : AbortSignal.any([signal, this.#wake.signal]);
      await sleep(clock, waitMs, wake).catch(() => {});
      if (!this.#asked || signal.aborted) continue;
      await sleep(clock, soonMs, signal).catch(() => {});
    }
  }

  /** Makes missing keys; when it is time also moves those that are on their way. */
  async round(): Promise<void> {
    const { clock } = this.#parts;
    await this.#makeMissing();
    if (clock.monotonicMs() - this.#fullAtMs < this.#pauseMs) return;
    this.#fullAtMs = clock.monotonicMs();
    await this.moveAll();
  }

  async #makeMissing(): Promise<void> {
    const { store, administration, log } = this.#parts;
    for (;;) {
      const domains = await store.scan(domainsWithoutKeys, { limit: pageItems });
      let made = 0;
      for (const { domain, org } of domains) {
        this.#stop.signal.throwIfAborted();
        try {
          await administration.dkim.ensure(systemActor, { org, domain });
          made += 1;
        } catch (error) {
          // It may have gone meanwhile.
          log.warn({ error, domain }, 'a signing key was not made');
        }
      }
      // Where none can be made, the next page is this one.
      if (domains.length < pageItems || made === 0) return;
    }
  }

  /** Moves every key that is due. */
  async moveAll(): Promise<void> {
    const { store, clock, options } = this.#parts;
    await this.#encryptPlain();
    const nowMs = clock.nowMs();
    const authorities = this.#parts.authorities();
    this.#pauseMs = everyMs;
    const oldBeforeMs = options.rotateAfterMs === 0 ? 0 : nowMs - options.rotateAfterMs;
    for (let after = ''; ; ) {
      const keys = await store.scan(dkimKeysInMotion, { oldBeforeMs, after, limit: pageItems });
      for (let at = 0; at < keys.length; at += atOnce) {
        this.#stop.signal.throwIfAborted();
        if (keys.some((key) => isAwaited(key, nowMs))) this.#pauseMs = oftenMs;
        await Promise.all(keys.slice(at, at + atOnce).map((key) => this.#tryToMove(key, nowMs, authorities)));
      }
      const last = keys.at(-1);
      if (last === undefined || keys.length < pageItems) break;
      after = `${last.domain} ${last.selector}`;
    }
    await store.write(forgetDkimKeys, { beforeMs: nowMs - forgetAfterMs });
  }

  /** One that cannot be moved, as when another node was faster or its domain has gone, keeps no other from it. */
  async #tryToMove(key: DkimKey, nowMs: number, authorities: Pick<Authorities, 'ask'>): Promise<void> {
    try {
      await this.#move(key, nowMs, authorities);
    } catch (error) {
      const { domain, selector } = key;
      this.#parts.log.warn({ error, domain, selector }, 'a signing key was not moved on');
    }
  }

  async #move(key: DkimKey, nowMs: number, authorities: Pick<Authorities, 'ask'>): Promise<void> {
    const { administration, log, options } = this.#parts;
    const { domain, selector, org, state, algorithm } = key;
    const ref = { org, domain };
    const to = async (next: DkimKey['state']): Promise<void> => {
      await administration.dkim.move(systemActor, ref, { selector, to: next });
      log.info({ domain, selector, state: next }, 'a signing key has moved on');
    };
    if (
      key.seenAtMs === 0 &&
      (state === 'prepared' || state === 'active') &&
      (await this.#isPublished(key, authorities))
    ) {
      await administration.dkim.noteSeen(systemActor, ref, selector);
      if (state === 'prepared') await to('published');
    } else if (state === 'published' && nowMs - key.seenAtMs >= options.settleMs) {
      if (await this.#isPublished(key, authorities)) await to('active');
    } else if (state === 'retiring' && nowMs - key.sinceMs >= options.retireMs) await to('removed');
    if (state !== 'active' || options.rotateAfterMs === 0 || nowMs - key.createdAtMs < options.rotateAfterMs)
      return;
    await administration.dkim.rotate(systemActor, ref, [algorithm]);
  }

  /** All name servers of the domain that answer must have it: one that has not would make a part of the world doubt the signature. */
  async #isPublished(
    { domain, selector, record }: DkimKey,
    authorities: Pick<Authorities, 'ask'>,
  ): Promise<boolean> {
    const wanted = publicHalf(record);
    const isThere = (records: readonly string[]): boolean =>
      records.some((text) => publicHalf(text) === wanted);
    const name = keyName(selector, domain);
    const said = (await authorities.ask(name, 'TXT')).flatMap(({ records }) =>
      records === undefined ? [] : [records],
    );
    if (said.length > 0) return said.every(isThere);
    const found = await this.#parts.resolver.txt(name);
    return found.is === 'records' && isThere(found.records);
  }

  /** After a master key was set, what lay in the store before is encrypted too. */
  async #encryptPlain(): Promise<void> {
    const { store, keyBox } = this.#parts;
    if (!keyBox.encrypts) return;
    const plain = new KeyBox('');
    for (;;) {
      const keys = await store.scan(plainDkimKeys, { limit: pageItems });
      for (const { domain, selector, kept: was } of keys) {
        const place = keyName(selector, domain);
        const kept = keyBox.put(plain.take(was, place), place);
        await store.write(rewrapDkimKey, { domain, selector, kept, was });
      }
      if (keys.length < pageItems) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hints[Symbol.dispose]();
    this.#stop.abort();
    await this.#done;
  }
}

/** New, and its record has not been seen. */
const isAwaited = ({ state, seenAtMs, sinceMs }: DkimKey, nowMs: number): boolean =>
  seenAtMs === 0 && (state === 'prepared' || state === 'active') && nowMs - sinceMs < newForMs;

const publicHalf = (record: string): string | undefined => {
  const data = parseTagList(record)?.get('p');
  return data === undefined ? undefined : squeezed(data);
};
