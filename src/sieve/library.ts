/**
 * The scripts that a delivery runs, compiled, from memory: one lookup for an account without any.
 *
 * One per thread. The store's hints say whose scripts have changed; as a hint may be lost, the head is looked at once a second as well. Bounded by the number
 * of accounts and by the octets of sources; who was not asked for lately is forgotten first.
 */
import type { Clock } from '../base/clock.ts';
import type { AccountId, OrgId } from '../base/ids.ts';
import type { Program } from '../proto/sieve/program.ts';
import type { Store } from '../store/store.ts';
import { findScript, headVersion, scriptTopic, staged } from './rows/scripts.ts';
import {
  isLarge,
  ownerKey,
  programOf,
  type RunnableScript,
  type ScriptOwner,
  type Stage,
  type StoredScript,
} from './script.ts';

/** How long a change may go unseen when its hint was lost. */
const checkEveryMs = 1000;
/** Accounts in each of two generations: when the young one is full it becomes the old one. */
const accountsMax = 10_000;
/** Octets of sources in a generation. Programs take some ten times as much. */
const sourcesMaxBytes = 4 * 1024 * 1024;

export interface Recipient {
  readonly account: AccountId;
  readonly org: OrgId;
  /** As A-labels. */
  readonly domain: string;
}

/** What `include` finds. One that is large has only its source. */
export type IncludedScript = Program | { readonly source: Uint8Array } | 'invalid' | undefined;

/** What an account's mail runs, by the domain that it came to. */
type ByDomain = Map<string, readonly RunnableScript[]>;

const none: readonly RunnableScript[] = [];
/** Scripts that others include, kept compiled. */
const includedMax = 1000;
const missing = Symbol('missing');
type Kept = Exclude<IncludedScript, undefined> | typeof missing;

export class ScriptLibrary implements Disposable {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #listening: Disposable;
  #young = new Map<string, ByDomain>();
  #old = new Map<string, ByDomain>();
  #youngBytes = 0;
  readonly #included = new Map<string, Kept>();
  #generation = 0;
  /** The head as it must be after the hints that came. */
  #version = 0;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
    this.#listening = store.onHint(scriptTopic, (owner) => this.#changed(owner));
  }

  /**
   * In the order in which they run: before the person's script those of the server, the organisation, the domain; after it the same the other way round.
   */
  async for({ account, org, domain }: Recipient): Promise<readonly RunnableScript[]> {
    if (this.#clock.monotonicMs() - this.#checkedAtMs >= checkEveryMs) await this.#check();
    return this.#recall(account)?.get(domain) ?? this.#load({ account, org, domain });
  }

  /** A script that another includes (RFC 6609): the account's own, or the nearest of its domain, organisation and server. */
  async included(
    { account, org, domain }: Recipient,
    where: 'personal' | 'global',
    name: string,
  ): Promise<IncludedScript> {
    const [server, ofOrg, ofDomain, own] = ownersOf(account, org, domain) as [string, string, string, string];
    for (const owner of where === 'personal' ? [own] : [ofDomain, ofOrg, server]) {
      const found = await this.#includedOf(owner, name);
      if (found !== missing) return found;
    }
    return undefined;
  }

  async #includedOf(owner: string, name: string): Promise<Kept> {
    const key = `${owner} ${name}`;
    const known = this.#included.get(key);
    if (known !== undefined) return known;
    const generation = this.#generation;
    const found = await this.#store.read(() => findScript({ owner, name }));
    const included = keptOf(found);
    if (this.#included.size >= includedMax) this.#included.clear();
    if (generation === this.#generation) this.#included.set(key, included);
    return included;
  }

  forget(): void {
    this.#generation += 1;
    this.#young.clear();
    this.#old.clear();
    this.#included.clear();
    this.#youngBytes = 0;
  }

  #changed(owner: string): void {
    this.#version += 1;
    const [is, account] = owner.split(':', 2);
    if (is !== 'account') return this.forget();
    this.#generation += 1;
    this.#young.delete(account!);
    this.#old.delete(account!);
    this.#included.clear();
  }

  #recall(account: string): ByDomain | undefined {
    const young = this.#young.get(account);
    if (young !== undefined) return young;
    const old = this.#old.get(account);
    if (old !== undefined) this.#keep(account, old);
    return old;
  }

  async #load({ account, org, domain }: Recipient): Promise<readonly RunnableScript[]> {
    const generation = this.#generation;
    const owners = ownersOf(account, org, domain);
    const found = await this.#store.read(function* () {
      const each: { owner: string; scripts: readonly StoredScript[] }[] = [];
      for (const owner of owners) each.push({ owner, scripts: yield* staged(owner) });
      return each;
    });
    const scripts = inOrder(
      found.flatMap(({ owner, scripts: of }) => of.map((script) => runnable(owner, script))),
    );
    if (generation === this.#generation) {
      const known = this.#young.get(account) ?? this.#old.get(account) ?? new Map();
      this.#keep(account, known.set(domain, scripts));
    }
    return scripts;
  }

  #keep(account: string, scripts: ByDomain): void {
    if (this.#young.size >= accountsMax || this.#youngBytes > sourcesMaxBytes) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(account, scripts);
    for (const of of scripts.values()) for (const { source } of of) this.#youngBytes += source.length;
  }

  async #check(): Promise<void> {
    this.#checking ??= this.#readVersion().finally(() => {
      this.#checking = undefined;
    });
    await this.#checking;
  }

  async #readVersion(): Promise<void> {
    const startedMs = this.#clock.monotonicMs();
    const version = await this.#store.read(headVersion);
    if (version !== this.#version) this.forget();
    this.#version = version;
    this.#checkedAtMs = startedMs;
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }
}

/** Outermost first. */
function ownersOf(account: AccountId, org: OrgId, domain: string): readonly string[] {
  const owners: readonly ScriptOwner[] = [
    { is: 'server' },
    { is: 'org', id: org },
    { is: 'domain', org, name: domain },
    { is: 'account', id: account },
  ];
  return owners.map(ownerKey);
}

function inOrder(scripts: readonly RunnableScript[]): readonly RunnableScript[] {
  if (scripts.length === 0) return none;
  const of = (stage: Stage): RunnableScript[] => scripts.filter((each) => each.stage === stage);
  return [...of('before'), ...of('active'), ...of('after').reverse()];
}

const runnable = (owner: string, { name, stage, source }: StoredScript): RunnableScript => ({
  owner,
  name,
  stage,
  source,
  program: isLarge(source) ? 'large' : programOf(source),
});

function keptOf(found: StoredScript | undefined): Kept {
  if (found === undefined) return missing;
  const { source } = found;
  return isLarge(source) ? { source } : (programOf(source) ?? 'invalid');
}
