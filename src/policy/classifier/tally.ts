/**
 * How often each token was met in spam and in wanted mail. A hash table in three typed arrays: eight bytes a place, and quick to hand to another thread.
 */
export type Label = 'spam' | 'ham';

/** What crosses threads. */
export interface PackedTally {
  readonly spamMails: number;
  readonly hamMails: number;
  readonly tokens: number;
  readonly keys: Uint32Array<ArrayBuffer>;
  readonly spam: Uint16Array<ArrayBuffer>;
  readonly ham: Uint16Array<ArrayBuffer>;
}

export interface TokenCounts {
  readonly spam: number;
  readonly ham: number;
}

const firstCapacity = 1024;
const countMax = 0xffff;

export class Tally {
  spamMails = 0;
  hamMails = 0;
  #tokens = 0;
  #keys = new Uint32Array(firstCapacity);
  #spam = new Uint16Array(firstCapacity);
  #ham = new Uint16Array(firstCapacity);

  static unpack(packed: PackedTally): Tally {
    const tally = new Tally();
    tally.spamMails = packed.spamMails;
    tally.hamMails = packed.hamMails;
    tally.#tokens = packed.tokens;
    tally.#keys = packed.keys;
    tally.#spam = packed.spam;
    tally.#ham = packed.ham;
    return tally;
  }

  pack(): PackedTally {
    const { spamMails, hamMails } = this;
    return { spamMails, hamMails, tokens: this.#tokens, keys: this.#keys, spam: this.#spam, ham: this.#ham };
  }

  get sizeBytes(): number {
    return this.#keys.byteLength * 2;
  }

  add(label: Label, tokens: Uint32Array): void {
    const counts = label === 'spam' ? 'spam' : 'ham';
    this[`${counts}Mails`] += 1;
    for (const token of tokens) {
      const at = this.#placeFor(token);
      const column = counts === 'spam' ? this.#spam : this.#ham;
      if (column[at]! < countMax) column[at]! += 1;
    }
  }

  /** Both 0 when it was never met. */
  countsOf(token: number): TokenCounts {
    const at = this.#find(token);
    return { spam: this.#spam[at]!, ham: this.#ham[at]! };
  }

  /** Where it is, or the empty place where it would be. */
  #find(token: number): number {
    const mask = this.#keys.length - 1;
    let at = token & mask;
    while (this.#keys[at] !== 0 && this.#keys[at] !== token) at = (at + 1) & mask;
    return at;
  }

  #placeFor(token: number): number {
    const at = this.#find(token);
    if (this.#keys[at] === token) return at;
    if (this.#tokens * 2 >= this.#keys.length) {
      this.#grow();
      return this.#placeFor(token);
    }
    this.#keys[at] = token;
    this.#tokens += 1;
    return at;
  }

  #grow(): void {
    const [keys, spam, ham] = [this.#keys, this.#spam, this.#ham];
    const capacity = keys.length * 2;
    this.#keys = new Uint32Array(capacity);
    this.#spam = new Uint16Array(capacity);
    this.#ham = new Uint16Array(capacity);
    for (const [old, key] of keys.entries()) {
      if (key === 0) continue;
      const at = this.#find(key);
      this.#keys[at] = key;
      this.#spam[at] = spam[old]!;
      this.#ham[at] = ham[old]!;
    }
  }
}
