/** Administration of DKIM keys. */
import { Refusal } from '../../base/refusal.ts';
import { keyName } from '../../proto/dkim/key-record.ts';
import { keyRecordText } from '../../proto/dkim/signing-key.ts';
import type { Actor } from '../actor.ts';
import {
  dkimAlgorithms,
  dkimStates,
  selectorShape,
  type DkimAlgorithm,
  type DkimKey,
  type DkimState,
  type DomainRef,
} from '../dkim-key.ts';
import { dkimKeysOf, keptKeyOf } from '../read/dkim-key.ts';
import type { KeyBox } from '../key-box.ts';
import { newKey, newSelector, readKey } from '../signing/new-key.ts';
import {
  addDkimKeys,
  moveDkimKey,
  noteDkimExport,
  noteDkimSeen,
  type AddDkimKeys,
  type NewDkimKey,
} from '../write/dkim-key.ts';
import { existing } from '../write/change.ts';
import { checkedDomain, type Office } from './office.ts';

export interface ImportedKey {
  readonly selector: string;
  /** PEM. */
  readonly privateKey: string;
}

export class DkimKeys {
  readonly #office: Office;
  readonly #box: KeyBox;

  constructor(office: Office, box: KeyBox) {
    this.#office = office;
    this.#box = box;
  }

  /** The newest first. */
  async list({ org, domain }: DomainRef): Promise<readonly DkimKey[]> {
    const name = checkedDomain(domain, 'domain');
    return this.#office.store.read(function* () {
      yield* existing('domain', 'select name from domain where name = ? and org = ?', name, org);
      return yield* dkimKeysOf(name);
    });
  }

  /** Makes the keys that a domain has none of yet. Gives all its keys. */
  async ensure(actor: Actor, ref: DomainRef): Promise<readonly DkimKey[]> {
    const there = await this.list(ref);
    const unless = dkimStates.filter((state) => state !== 'removed');
    const missing = lacking(dkimAlgorithms, there, unless);
    if (missing.length === 0) return there;
    await this.#add(actor, ref, { keys: await this.#make(ref, missing, there), unless });
    return this.list(ref);
  }

  /** A new key beside each active one: it takes over when its record is in DNS. Keys that are prepared already count. */
  async rotate(
    actor: Actor,
    ref: DomainRef,
    algorithms: readonly DkimAlgorithm[],
  ): Promise<readonly DkimKey[]> {
    const there = await this.list(ref);
    const unless = ['prepared', 'published'] as const;
    const wanted = lacking(algorithms, there, unless);
    if (wanted.length > 0)
      await this.#add(actor, ref, { keys: await this.#make(ref, wanted, there), unless });
    return this.list(ref);
  }

  async import(actor: Actor, ref: DomainRef, { selector, privateKey }: ImportedKey): Promise<DkimKey> {
    const name = selector.trim().toLowerCase();
    if (!selectorShape.test(name) || name.length > 63)
      throw new Refusal('invalid', 'is not a selector', { at: 'selector' });
    const { key, algorithm } = readKey(privateKey);
    const kept = this.#box.put(key, keyName(name, checkedDomain(ref.domain, 'domain')));
    const keys = [{ selector: name, algorithm, record: keyRecordText(key), kept }];
    await this.#add(actor, ref, { keys, unless: [] });
    return this.#get(ref, name);
  }

  /** The private key in PEM, for another server. */
  async export(actor: Actor, ref: DomainRef, selector: string): Promise<string> {
    const { domain, state, org } = await this.#get(ref, selector);
    const kept = await this.#office.store.read(() => keptKeyOf(domain, selector));
    if (kept === undefined || kept === '')
      throw new Refusal('conflict', `the key is ${state}: its private half is gone`);
    const name = keyName(selector, domain);
    const key = this.#box.take(kept, name).export({ format: 'pem', type: 'pkcs8' });
    await this.#office.write(noteDkimExport, { change: this.#office.change(actor), org, subject: name });
    return key;
  }

  async move(
    actor: Actor,
    ref: DomainRef,
    { selector, to }: { selector: string; to: DkimState },
  ): Promise<DkimKey> {
    const { domain } = await this.#get(ref, selector);
    await this.#office.write(moveDkimKey, { change: this.#office.change(actor), domain, selector, to });
    return this.#get(ref, selector);
  }

  /** The record of a key was seen in DNS: the first time counts. */
  async noteSeen(actor: Actor, { domain }: DomainRef, selector: string): Promise<void> {
    const change = this.#office.change(actor);
    await this.#office.write(noteDkimSeen, { change, domain, selector });
  }

  async #get(ref: DomainRef, selector: string): Promise<DkimKey> {
    const found = (await this.list(ref)).find((key) => key.selector === selector);
    if (!found) throw new Refusal('notFound', 'no such key');
    return found;
  }

  async #make(
    { domain }: DomainRef,
    algorithms: readonly DkimAlgorithm[],
    there: readonly DkimKey[],
  ): Promise<readonly NewDkimKey[]> {
    const name = checkedDomain(domain, 'domain');
    const taken = new Set(there.map(({ selector }) => selector));
    return Promise.all(
      algorithms.map(async (algorithm) => {
        const selector = newSelector(algorithm, this.#office.clock.nowMs(), taken);
        const key = await newKey(algorithm);
        return {
          selector,
          algorithm,
          record: keyRecordText(key),
          kept: this.#box.put(key, keyName(selector, name)),
        };
      }),
    );
  }

  async #add(
    actor: Actor,
    { org, domain }: DomainRef,
    added: Pick<AddDkimKeys, 'keys' | 'unless'>,
  ): Promise<void> {
    const change = this.#office.change(actor);
    const name = checkedDomain(domain, 'domain');
    await this.#office.write(addDkimKeys, { change, org, domain: name, ...added });
  }
}

/** Those of the algorithms that the domain has no key of in any of these states. */
const lacking = (
  algorithms: readonly DkimAlgorithm[],
  there: readonly DkimKey[],
  states: readonly DkimState[],
): readonly DkimAlgorithm[] =>
  algorithms.filter(
    (algorithm) => !there.some((key) => key.algorithm === algorithm && states.includes(key.state)),
  );
