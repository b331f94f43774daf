/**
 * The scripts that a delivery runs, compiled, from memory: one lookup for an account without any.
 *
 * One per thread. Emptied by the store's hints; as a hint may be lost, the head is looked at once a second as well. Bounded by the number of accounts and by
 * the octets of sources; who was not asked for lately is forgotten first.
 */
import type { Clock } from '../base/clock.ts';
import type { AccountId, OrgId } from '../base/ids.ts';
import { compileScript } from '../proto/sieve/compile.ts';
import type { Program } from '../proto/sieve/program.ts';
import type { Store } from '../store/store.ts';
import { findScript, headVersion, scriptTopic, staged } from './rows/scripts.ts';
import { ownerKey, type ScriptOwner, type Stage, type StoredScript } from './script.ts';

/** How long a change may go unseen when its hint was lost. */
const checkEveryMs = 1000;
/** Owners in each of two generations: when the young one is full it becomes the old one. */
const ownersMax = 10_000;
/** Octets of sources in a generation. Programs take some ten times as much. */
const sourcesMaxBytes = 4 * 1024 * 1024;

/** A script to run. */
export interface RunnableScript {
  readonly owner: string;
  readonly name: string;
  readonly stage: Stage;
  /** Undefined: it cannot be compiled any more, as when a capability is gone. */
  readonly program: Program | undefined;
}

export interface Recipient {
  readonly account: AccountId;
  readonly org: OrgId;
  /** As A-labels. */
  readonly domain: string;
}

const none: readonly RunnableScript[] = [];
/** Scripts that others include, kept compiled. */
const includedMax = 1000;
type Included = Program | 'invalid' | 'missing';

export class ScriptLibrary implements Disposable {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #listening: Disposable;
  #young = new Map<string, readonly RunnableScript[]>();
  #old = new Map<string, readonly RunnableScript[]>();
  #youngBytes = 0;
  readonly #included = new Map<string, Included>();
  #generation = 0;
  #version = 0;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
    this.#listening = store.onHint(scriptTopic, () => this.forget());
  }

  /**
   * In the order in which they run: before the person's script those of the server, the organisation, the domain; after it the same the other way round.
   */
  async for({ account, org, domain }: Recipient): Promise<readonly RunnableScript[]> {
    if (this.#clock.monotonicMs() - this.#checkedAtMs >= checkEveryMs) await this.#check();
    const key = `${account} ${domain}`;
    return this.#recall(key) ?? (await this.#load(key, ownersOf(account, org, domain)));
  }

  /** A script that another includes (RFC 6609): the account's own, or the nearest of its domain, organisation and server. */
  async included(
    { account, org, domain }: Recipient,
    where: 'personal' | 'global',
    name: string,
  ): Promise<Program | 'invalid' | undefined> {
    const [server, ofOrg, ofDomain, own] = ownersOf(account, org, domain) as [string, string, string, string];
    for (const owner of where === 'personal' ? [own] : [ofDomain, ofOrg, server]) {
      const found = await this.#includedOf(owner, name);
      if (found !== 'missing') return found;
    }
    return undefined;
  }

  async #includedOf(owner: string, name: string): Promise<Included> {
    const key = `${owner} ${name}`;
    const known = this.#included.get(key);
    if (known !== undefined) return known;
    const generation = this.#generation;
    const found = await this.#store.read(() => findScript({ owner, name }));
    const included = found === undefined ? 'missing' : (programOf(found) ?? 'invalid');
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

  #recall(key: string): readonly RunnableScript[] | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.#keep(key, old);
    return old;
  }

  async #load(key: string, owners: readonly string[]): Promise<readonly RunnableScript[]> {
    const generation = this.#generation;
    const found = await this.#store.read(function* () {
      const each: { owner: string; scripts: readonly StoredScript[] }[] = [];
      for (const owner of owners) each.push({ owner, scripts: yield* staged(owner) });
      return each;
    });
    const scripts = inOrder(
      found.flatMap(({ owner, scripts: of }) => of.map((script) => runnable(owner, script))),
    );
    if (generation === this.#generation) this.#keep(key, scripts);
    return scripts;
  }

  #keep(key: string, scripts: readonly RunnableScript[]): void {
    if (this.#young.size >= ownersMax || this.#youngBytes > sourcesMaxBytes) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(key, scripts);
    for (const { program } of scripts) this.#youngBytes += program?.sizeBytes ?? 0;
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

const runnable = (owner: string, script: StoredScript): RunnableScript => ({
  owner,
  name: script.name,
  stage: script.stage,
  program: programOf(script),
});

function programOf({ source }: StoredScript): Program | undefined {
  const compiled = compileScript(source);
  return compiled.is === 'program' ? compiled.program : undefined;
}
