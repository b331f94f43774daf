/**
 * The list of suppressed addresses: asked before anything is sent, read and changed by people and programs, and brought up to date from the event ledger.
 *
 * Decided (docs/decisions/): it holds for mail of programs, not for what people write; blocks of ours never come onto it; a person's entry is never replaced by a bounce's.
 */
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/refusal.ts';
import type { Store } from '../store/store.ts';
import { csvHead, csvLine, readAddresses } from './csv.ts';
import {
  causes,
  checkedScope,
  type Mailing,
  reasonMax,
  scopesOf,
  type Scope,
  type Suppression,
  suppressionKey,
} from './entry.ts';
import { checkPolicy, keptUntil, type SuppressionPolicy } from './policy.ts';
import {
  countOf,
  entryFor,
  type ListQuery,
  page,
  policyText,
  putEntries,
  putPolicy,
  releaseEntries,
  releaseSome,
  type BulkRelease,
} from './rows/list-rows.ts';
import { policyOf } from './rows/note-rows.ts';

export interface SuppressionsParts {
  readonly store: Store;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Of the server. */
  readonly policy: SuppressionPolicy;
}

export interface NewEntry {
  readonly address: string;
  readonly scope?: string;
  readonly cause?: string;
  readonly reason?: string;
  /** 0 or absent: for good. */
  readonly untilMs?: number;
}

export interface Imported {
  readonly added: number;
  /** Lines that are no address, or whose words are unknown. At most `wrongMax` are named. */
  readonly wrong: readonly { readonly line: number; readonly why: string }[];
}

/** Entries written in one transaction. */
const batchSize = 500;
const wrongMax = 100;
export const releaseMax = 10_000;

export class Suppressions {
  readonly #parts: SuppressionsParts;

  constructor(parts: SuppressionsParts) {
    this.#parts = parts;
  }

  /** What keeps mail of this kind from the address; undefined: nothing. */
  find(mailing: Mailing, address: string): Promise<Suppression | undefined> {
    const key = suppressionKey(address);
    if (key === undefined) return Promise.resolve(undefined);
    const { store, clock } = this.#parts;
    const wanted = { org: mailing.org, scopes: scopesOf(mailing), address: key };
    return store.read(() => entryFor(wanted, clock.nowMs()));
  }

  list(query: Omit<ListQuery, 'nowMs'>): Promise<readonly Suppression[]> {
    const { store, clock } = this.#parts;
    return store.read(() => page({ ...query, nowMs: clock.nowMs() }));
  }

  count(org: string): Promise<number> {
    const { store, clock } = this.#parts;
    return store.read(() => countOf(org, clock.nowMs()));
  }

  /** Refusal `invalid`. */
  async put(org: string, by: string, entries: readonly NewEntry[]): Promise<number> {
    const made = entries.map((one, i) => this.#entry(org, by, { entry: one, at: `entries.${i}` }));
    return this.#write(made);
  }

  /** Takes in what a file lists; what it cannot read it names. */
  async import(
    org: string,
    by: string,
    file: { readonly bytes: Uint8Array; readonly scope?: string },
  ): Promise<Imported> {
    const wrong: { line: number; why: string }[] = [];
    const made: Suppression[] = [];
    for (const { line, address, cause, reason, scope } of readAddresses(file.bytes)) {
      const entry = { address, cause: known(cause), reason, scope: scope || (file.scope ?? 'org') };
      try {
        made.push(this.#entry(org, by, { entry, at: `line ${line}` }));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (wrong.length < wrongMax) wrong.push({ line, why: error.message });
      }
    }
    return { added: await this.#write(made), wrong };
  }

  /** The list as CSV, in pieces. */
  async *export(org: string): AsyncGenerator<string> {
    yield csvHead;
    let after: readonly [string, string] | undefined;
    for (;;) {
      const items = await this.list({ org, limit: batchSize, ...(after && { after }) });
      if (items.length > 0) yield items.map(csvLine).join('');
      const last = items.at(-1);
      if (last === undefined || items.length < batchSize) return;
      after = [last.address, last.scope];
    }
  }

  /** Gives how many entries there were. */
  async release(org: string, addresses: readonly string[], scope?: Scope): Promise<number> {
    const keys = addresses.map((one) => suppressionKey(one)).filter((one) => one !== undefined);
    let count = 0;
    for (let i = 0; i < keys.length; i += batchSize) {
      const some = keys.slice(i, i + batchSize);
      count += await this.#parts.store.write(releaseEntries, {
        org,
        addresses: some,
        ...(scope && { scope }),
      });
    }
    return count;
  }

  /** Takes all of a kind away, at most `releaseMax` at once. */
  async releaseAll(kind: Omit<BulkRelease, 'max'>): Promise<number> {
    let count = 0;
    while (count < releaseMax) {
      const gone = await this.#parts.store.write(releaseSome, { ...kind, max: batchSize });
      count += gone;
      if (gone < batchSize) break;
    }
    return count;
  }

  /** As it holds for an organisation. */
  policy(org: string): Promise<SuppressionPolicy> {
    return this.#parts.store.read(() => policyOf(org, this.#parts.policy));
  }

  async ownPolicy(org: string): Promise<Partial<SuppressionPolicy>> {
    const text = await this.#parts.store.read(() => policyText(org));
    return text === undefined ? {} : (JSON.parse(text) as Partial<SuppressionPolicy>);
  }

  /** Refusal `invalid`. */
  async setPolicy(org: string, policy: Partial<SuppressionPolicy>): Promise<void> {
    checkPolicy(policy);
    await this.#parts.store.write(putPolicy, { org, policy: JSON.stringify(policy) });
  }

  async #write(entries: readonly Suppression[]): Promise<number> {
    const { store } = this.#parts;
    for (let i = 0; i < entries.length; i += batchSize)
      await store.write(putEntries, entries.slice(i, i + batchSize));
    return entries.length;
  }

  #entry(
    org: string,
    by: string,
    { entry, at }: { readonly entry: NewEntry; readonly at: string },
  ): Suppression {
    const address = suppressionKey(entry.address);
    if (address === undefined)
      throw new Refusal('invalid', `"${entry.address}" is no address`, { at: `${at}.address` });
    const cause = causes.find((one) => one === (entry.cause ?? 'manual'));
    if (cause === undefined)
      throw new Refusal('invalid', `"${entry.cause}" is no cause`, { at: `${at}.cause` });
    const atMs = this.#parts.clock.nowMs();
    const untilMs = entry.untilMs ?? keptUntil(this.#parts.policy, { cause, reason: '', atMs });
    const scope = checkedScope(entry.scope ?? 'org', `${at}.scope`);
    const reason = (entry.reason ?? '').slice(0, reasonMax);
    return { org, address, scope, cause, reason, phase: '', reply: '', message: '', by, atMs, untilMs };
  }
}

/** Lists of other systems call causes as they like. */
function known(cause: string): string {
  if (cause === '') return 'import';
  if (/complain|spam|abuse|苦情/i.test(cause)) return 'complaint';
  if (/unsub|opt.?out|解除|停止/i.test(cause)) return 'unsubscribe';
  if (/bounce|hard|invalid|unknown|エラー|不達/i.test(cause)) return 'hard';
  return causes.find((one) => one === cause) ?? 'import';
}
