/** What is in memory: entries that are ready or in hand, the messages they belong to, and the bodies there is room for. */
import type { EntryId } from '../../base/ids.ts';
import type { StoredBody } from '../../store/body.ts';
import type { AttemptRecipient } from '../attempt.ts';
import type { Notify, QueuedMessage, Through } from '../message.ts';
import type { EntryKey } from '../rows/entry-row.ts';
import type { Lane } from './lane.ts';

/** Room for bodies between acceptance and delivery. A body that finds none is read again from the store. */
export class BodyMemory {
  readonly #maxBytes: number;
  #usedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.#maxBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}

/** A message with entries in memory. */
export class LiveMessage {
  readonly message: QueuedMessage;
  /** It never had more than one entry. */
  readonly only: boolean;
  readonly #memory: BodyMemory;
  #body: StoredBody | undefined;
  #live = 0;

  constructor(message: QueuedMessage, only: boolean, memory: BodyMemory) {
    this.message = message;
    this.only = only;
    this.#memory = memory;
  }

  get body(): StoredBody | undefined {
    return this.#body;
  }

  /** Keeps the body if there is room. A file costs only its name. */
  keep(body: StoredBody): void {
    if (this.#body || (body.is === 'inline' && !this.#memory.take(body.bytes.length))) return;
    this.#body = body;
  }

  enter(): void {
    this.#live += 1;
  }

  /** The last entry that leaves takes the body with it. */
  leave(): void {
    this.#live -= 1;
    if (this.#live > 0 || !this.#body) return;
    if (this.#body.is === 'inline') this.#memory.giveBack(this.#body.bytes.length);
    this.#body = undefined;
  }
}

export interface EntryFacts {
  readonly id: EntryId;
  readonly address: string;
  readonly orcpt: string;
  readonly notify: readonly Notify[];
  readonly through?: Through;
  readonly copies?: number;
  readonly idx: number;
  readonly due: number;
  /** Tries made before. */
  readonly tries: number;
  readonly flags: number;
}

export class Entry implements AttemptRecipient {
  readonly id: EntryId;
  readonly address: string;
  readonly orcpt: string;
  readonly notify: readonly Notify[];
  readonly through?: Through;
  readonly copies?: number;
  readonly idx: number;
  readonly due: number;
  readonly try: number;
  readonly flags: number;
  readonly lane: Lane;
  readonly live: LiveMessage;

  constructor(facts: EntryFacts, lane: Lane, live: LiveMessage) {
    this.id = facts.id;
    this.address = facts.address;
    this.orcpt = facts.orcpt;
    this.notify = facts.notify;
    if (facts.through) this.through = facts.through;
    if (facts.copies !== undefined) this.copies = facts.copies;
    this.idx = facts.idx;
    this.due = facts.due;
    this.try = facts.tries + 1;
    this.flags = facts.flags;
    this.lane = lane;
    this.live = live;
  }

  get destination(): string {
    return this.lane.destination;
  }

  get key(): EntryKey {
    return {
      destination: this.lane.destination,
      lane: this.lane.lane,
      due: this.due,
      message: this.live.message.id,
      idx: this.idx,
    };
  }
}
