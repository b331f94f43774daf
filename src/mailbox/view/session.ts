/** One client's picture of a mailbox. See ../mailbox-session.ts for what it promises. */
import assert from 'node:assert/strict';
import type { ModSeq, Uid } from '../../base/ids.ts';
import type { MailboxSession, Updates } from '../mailbox-session.ts';
import { lowerBound } from './columns.ts';
import type { View } from './view.ts';

const nothing: Updates = {
  expunged: [],
  vanished: [],
  exists: undefined,
  changed: [],
  keywordsChanged: false,
};

/**
 * Invariants: the first `#count` of `#uids` are what the client knows, ascending. Unless expunges are held back, `#uids` is the view's own array.
 */
export class Session implements MailboxSession {
  readonly view: View;
  readonly #release: () => void;
  readonly #watch: Disposable;
  readonly #listeners = new Set<() => void>();
  #uids: Uint32Array;
  #count: number;
  #modseq: number;
  #keywords: readonly string[];
  /** The view has moved since the last sync, or expunges were held back then. */
  #pending = false;
  #called = false;
  #open = true;

  constructor(view: View, release: () => void) {
    this.view = view;
    this.#release = release;
    this.#uids = view.columns.uids;
    this.#count = view.count;
    this.#modseq = view.modseq;
    this.#keywords = view.keywords;
    this.#watch = view.watch(() => this.#moved());
  }

  get gone(): boolean {
    return this.view.gone;
  }
  get count(): number {
    return this.#count;
  }
  get pending(): boolean {
    return this.#pending;
  }
  get modseq(): ModSeq {
    return this.#modseq as ModSeq;
  }

  uidOf(sequence: number): Uid {
    assert(sequence >= 1 && sequence <= this.#count, 'a sequence number is between 1 and the count');
    return this.#uids[sequence - 1]! as Uid;
  }

  sequenceOf(uid: number): number {
    const position = lowerBound(this.#uids, this.#count, uid);
    return position < this.#count && this.#uids[position] === uid ? position + 1 : 0;
  }

  sequenceFrom(uid: number): number {
    return lowerBound(this.#uids, this.#count, uid) + 1;
  }

  sync({ expunge }: { readonly expunge: boolean }): Updates {
    if (!this.#pending) return nothing;
    const { view } = this;
    const changed = this.#changed();
    const keywordsChanged = view.keywords !== this.#keywords;
    const gone = this.#expunged();
    const known = expunge ? this.#count - gone.length : this.#count;
    if (expunge || gone.length === 0) this.#share();
    else this.#extend();
    this.#pending = !expunge && gone.length > 0;
    this.#modseq = Math.max(this.#modseq, view.modseq);
    this.#keywords = view.keywords;
    return {
      expunged: expunge ? gone.map(({ sequence }) => sequence).reverse() : [],
      vanished: expunge ? gone.map(({ uid }) => uid) : [],
      exists: this.#count === known ? undefined : this.#count,
      changed,
      keywordsChanged,
    };
  }

  onPending(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    this.#watch[Symbol.dispose]();
    this.#listeners.clear();
    this.#release();
  }

  /** Known messages that changed since the last sync. New ones are told by EXISTS. */
  #changed(): Uid[] {
    const { view } = this;
    if (view.modseq <= this.#modseq || this.#count === 0) return [];
    const { uids, data, count } = view.columns;
    const last = this.#uids[this.#count - 1]!;
    const changed: Uid[] = [];
    for (let i = 0; i < count && uids[i]! <= last; i++) {
      if (data.modseqs[i]! > this.#modseq) changed.push(uids[i]! as Uid);
    }
    return changed;
  }

  /** Known messages that the view no longer has. */
  #expunged(): { sequence: number; uid: Uid }[] {
    const { uids, count } = this.view.columns;
    if (uids === this.#uids) return [];
    const gone: { sequence: number; uid: Uid }[] = [];
    let there = 0;
    for (let i = 0; i < this.#count; i++) {
      const uid = this.#uids[i]!;
      while (there < count && uids[there]! < uid) there += 1;
      if (there < count && uids[there] === uid) there += 1;
      else gone.push({ sequence: i + 1, uid: uid as Uid });
    }
    return gone;
  }

  #share(): void {
    this.#uids = this.view.columns.uids;
    this.#count = this.view.count;
  }

  /** Adds what is new behind what is known, which keeps its numbers. */
  #extend(): void {
    const { uids, count } = this.view.columns;
    const last = this.#count === 0 ? 0 : this.#uids[this.#count - 1]!;
    const from = lowerBound(uids, count, last + 1);
    if (from === count) return;
    const joined = new Uint32Array(this.#count + count - from);
    joined.set(this.#uids.subarray(0, this.#count));
    joined.set(uids.subarray(from, count), this.#count);
    this.#uids = joined;
    this.#count = joined.length;
  }

  #moved(): void {
    this.#pending = true;
    if (this.#called || this.#listeners.size === 0) return;
    this.#called = true;
    queueMicrotask(() => {
      this.#called = false;
      if (this.#pending) for (const listener of this.#listeners) listener();
    });
  }
}
