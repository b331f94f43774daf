/** Lists of keywords that emails have, each once and in lower case; they are only added to, so that maps of one account share them. */
export class KeywordLists {
  readonly #lists: ReadonlySet<string>[] = [new Set()];
  readonly #numbers = new Map<string, number>([['', 0]]);

  list(number: number): ReadonlySet<string> {
    return this.#lists[number]!;
  }

  numberOf(keywords: readonly string[]): number {
    const lower = [...new Set(keywords.map((keyword) => keyword.toLowerCase()))].sort();
    const key = lower.join(' ');
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#lists.length;
      this.#lists.push(new Set(lower));
      this.#numbers.set(key, number);
    }
    return number;
  }

  get size(): number {
    return this.#lists.length;
  }
}
