/**
 * The scripts of accounts and administrators, as servers and the API see them. What is stored was checked: a script with errors is refused with what is wrong.
 *
 * Refusals: `invalid` (ScriptRefusal, or a name that is none), `limitReached`, `notFound`, `conflict`, `notAllowed` (see rows/scripts.ts).
 */
import type { Clock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Problem } from '../proto/sieve/problem.ts';
import type { Rule } from '../proto/sieve/program.ts';
import { isScriptName } from '../proto/sieve/script-name.ts';
import type { Store } from '../store/store.ts';
import { scriptMaxBytes } from './limits.ts';
import { hitsOf } from './rows/care.ts';
import {
  checkRoom,
  deleteScript,
  findScript,
  listScripts,
  putScript,
  putVacation,
  renameScript,
  scriptTopic,
  stageScript,
} from './rows/scripts.ts';
import {
  type Checked,
  checkSource,
  isLarge,
  ownerKey,
  type ScriptInfo,
  type ScriptOwner,
  ScriptRefusal,
  type Stage,
  type StoredScript,
} from './script.ts';
import type { Workshop } from './workshop.ts';

export interface CountedHits extends Rule {
  readonly count: number;
  /** 0: never. */
  readonly lastAtMs: number;
}

export interface ScriptsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly workshop: Workshop;
}

export class Scripts {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #workshop: Workshop;

  constructor({ store, clock, workshop }: ScriptsParts) {
    this.#store = store;
    this.#clock = clock;
    this.#workshop = workshop;
  }

  /** Warnings of a script that may be stored; otherwise rejects. */
  async check(source: Uint8Array): Promise<readonly Problem[]> {
    return (await this.#checked(source)).warnings;
  }

  /** Errors, or of a script without any its warnings. */
  async problems(source: Uint8Array): Promise<readonly Problem[]> {
    try {
      return await this.check(source);
    } catch (error) {
      if (error instanceof ScriptRefusal) return error.problems;
      throw error;
    }
  }

  list(owner: ScriptOwner): Promise<readonly ScriptInfo[]> {
    return this.#store.read(() => listScripts(ownerKey(owner)));
  }

  async get(owner: ScriptOwner, name: string): Promise<StoredScript> {
    const found = await this.#store.read(() => findScript({ owner: ownerKey(owner), name }));
    if (found === undefined) throw new Refusal('notFound', name, { at: 'name' });
    return found;
  }

  /** Stores, or replaces what has this name. Gives the warnings. */
  async put(owner: ScriptOwner, name: string, source: Uint8Array): Promise<readonly Problem[]> {
    checkName(name);
    const { warnings } = await this.#checked(source);
    const nowMs = this.#clock.nowMs();
    await this.#store.write(putScript, { owner: ownerKey(owner), name, source, nowMs });
    return warnings;
  }

  /** Throws when a script of this size could not be stored (RFC 5804, 2.5). */
  async haveSpace(owner: ScriptOwner, name: string, sizeBytes: number): Promise<void> {
    checkName(name);
    checkSize(sizeBytes);
    await this.#store.read(() => checkRoom({ owner: ownerKey(owner), name }, sizeBytes));
  }

  async remove(owner: ScriptOwner, name: string): Promise<void> {
    await this.#store.write(deleteScript, { owner: ownerKey(owner), name });
  }

  async rename(owner: ScriptOwner, from: string, to: string): Promise<void> {
    checkName(to);
    await this.#store.write(renameScript, { owner: ownerKey(owner), name: from, to });
  }

  /** An empty name: none runs at that stage. */
  async stage(owner: ScriptOwner, name: string, stage: Exclude<Stage, ''>): Promise<void> {
    if ((stage === 'active') !== (owner.is === 'account'))
      throw new Refusal('notAllowed', `${owner.is} has no ${stage} script`, { at: 'stage' });
    await this.#store.write(stageScript, { owner: ownerKey(owner), name, stage });
  }

  /** What answers while the account's owner is away, before the own script; undefined: nothing does. */
  async setVacation(account: AccountId, source: Uint8Array | undefined): Promise<void> {
    if (source !== undefined) await this.#checked(source);
    const owner = ownerKey({ is: 'account', id: account });
    await this.#store.write(putVacation, { owner, source, nowMs: this.#clock.nowMs() });
  }

  /** Calls back when scripts of an account changed, from whichever thread. */
  onChange(listener: (account: AccountId) => void): Disposable {
    return this.#store.onHint(scriptTopic, (owner) => {
      if (owner.startsWith('account:')) listener(owner.slice('account:'.length) as AccountId);
    });
  }

  /** Every rule of a script with how often it fired since the script was stored. */
  async hits(owner: ScriptOwner, name: string): Promise<readonly CountedHits[]> {
    const { source } = await this.get(owner, name);
    const { rules } = await this.#checked(source);
    const counted = await this.#store.scan(hitsOf, { owner: ownerKey(owner), script: name });
    return rules.map((rule) => {
      const { count = 0, lastAtMs = 0 } = counted.find(({ line }) => line === rule.line) ?? {};
      return { ...rule, count, lastAtMs };
    });
  }

  async #checked(source: Uint8Array): Promise<Extract<Checked, { is: 'sound' }>> {
    checkSize(source.length);
    const checked = isLarge(source) ? await this.#workshop.check(source) : checkSource(source);
    if (checked.is === 'unsound') throw new ScriptRefusal(checked.problems);
    return checked;
  }
}

function checkName(name: string): void {
  if (!isScriptName(name))
    throw new Refusal('invalid', `not a name of a script: ${JSON.stringify(name)}`, { at: 'name' });
}

function checkSize(sizeBytes: number): void {
  if (sizeBytes > scriptMaxBytes)
    throw new Refusal('limitReached', `a script above ${scriptMaxBytes} octets`, { at: 'size' });
}
