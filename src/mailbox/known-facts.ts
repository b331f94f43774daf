/** Sort facts of the emails of one account, and the order of their texts: texts are compared once, and after that their ranks are. */
import { compareCasemapped } from '../proto/mime/unicode-casemap.ts';
import type { EmailNumber } from './ids.ts';
import type { SortFacts } from './sort-facts.ts';

export type SortText = 'subject' | 'from' | 'to' | 'cc' | 'displayFrom' | 'displayTo';

export class KnownFacts {
  readonly #facts = new Map<EmailNumber, SortFacts>();
  /** Until facts are added. */
  readonly #ranks = new Map<SortText, ReadonlyMap<string, number>>();

  get size(): number {
    return this.#facts.size;
  }

  has(email: EmailNumber): boolean {
    return this.#facts.has(email);
  }

  /** Undefined for an email that is gone. */
  get(email: EmailNumber): SortFacts | undefined {
    return this.#facts.get(email);
  }

  set(email: EmailNumber, facts: SortFacts): void {
    this.#facts.set(email, facts);
    this.#ranks.clear();
  }

  /** For each text that is known, its place in the order of i;unicode-casemap. Equal texts have one place. */
  ranks(of: SortText): ReadonlyMap<string, number> {
    let ranks = this.#ranks.get(of);
    if (ranks === undefined) {
      const texts = new Set<string>();
      for (const facts of this.#facts.values()) texts.add(facts[of]);
      ranks = new Map(inOrder([...texts]).map((text, rank) => [text, rank]));
      this.#ranks.set(of, ranks);
    }
    return ranks;
  }
}

const surrogate = /[\ud800-\udfff]/;

/** Without surrogates the order of JavaScript's strings is that of code points, and comes much faster. */
function inOrder(texts: string[]): string[] {
  return texts.some((text) => surrogate.test(text)) ? texts.sort(compareCasemapped) : texts.sort();
}
