/** Public keys of DKIM and ARC by name: DNS is asked through the resolver's cache, and what a record holds is read once. */
import { keyName, keyOf, type NoKey, type PublicKey } from '../proto/dkim/key-record.ts';
import type { TxtLookup } from '../proto/dns/lookup.ts';

/** Keys kept: of the few senders that most mail comes from. */
const keptMax = 2000;
/** The longest key that counts has a third of it. What is longer is read each time. */
const keptChars = 4096;

export class PublicKeys {
  readonly #dns: TxtLookup;
  readonly #read = new Map<string, PublicKey | NoKey>();

  constructor(dns: TxtLookup) {
    this.#dns = dns;
  }

  async keyOf(selector: string, domain: string): Promise<PublicKey | NoKey> {
    const found = await this.#dns.txt(keyName(selector, domain));
    if (found.is !== 'records') return keyOf(found);
    const text = found.records.join('\n');
    const known = this.#read.get(text);
    if (known) return known;
    const key = keyOf(found);
    if (text.length > keptChars) return key;
    if (this.#read.size >= keptMax) this.#read.delete(this.#read.keys().next().value!);
    this.#read.set(text, key);
    return key;
  }
}
