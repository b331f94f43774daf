/**
 * How much our own users may send, and who may not for now.
 *
 * A limit counts recipients elsewhere, a day's worth of which may go at once; what is above it is accepted and goes when its turn comes, by itself. Only who would have to wait
 * longer than `delayMaxMs` is told to come again later: nothing is lost, and nobody has to release anything (docs/decisions/0021). Limits hold for
 * an account, for each app password or API key, and for an organisation, over all threads and nodes (sending/pace-rows.ts).
 */
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/refusal.ts';
import type { Store } from '../store/store.ts';
import {
  dropOrgSending,
  dropSending,
  limitedOrgs,
  limitsOf,
  pausesOf,
  pauseSending,
  resumeSending,
  type SendingPause,
  sendingPauseTopic,
  setSendingLimit,
} from './sending/limit-rows.ts';
import {
  dayMs,
  drained,
  giveBackSending,
  type Level,
  levelsOf,
  type Pace,
  reserveSending,
  type Reserved,
} from './sending/pace-rows.ts';

import { forgiveSending } from './sending/profile-rows.ts';

export type { SendingPause } from './sending/limit-rows.ts';

/** Recipients a day; 0: no limit. */
export interface SendingLimits {
  readonly account: number;
  readonly credential: number;
  readonly org: number;
}

export interface SendingOptions extends SendingLimits {
  /** How long a mail may have to wait for its turn. */
  readonly delayMaxMs: number;
}

export interface Sender {
  readonly account: string;
  readonly org: string;
  /** As in `Principal`. */
  readonly credential: string;
  /** It is a program: the limit for a person's account is not for it. */
  readonly application?: unknown;
}

export interface PutOff {
  readonly untilMs: number;
  readonly limit: keyof SendingLimits;
  readonly perDay: number;
}

/** A limit and how far it is used. */
export interface SendingUse {
  readonly limit: keyof SendingLimits;
  /** Which app password or API key; `''` for the others. */
  readonly credential: string;
  readonly perDay: number;
  /** Recipients of the last day, as far as the limit goes; above `perDay`, the rest waits. */
  readonly used: number;
  /** When what is sent now would go. */
  readonly nextAtMs: number;
}

/** What was read is believed so long. A pause is also heard of by a hint. */
const keptMs = 2000;
const keptMax = 10_000;

interface Kept<T> {
  readonly value: Promise<T>;
  readonly untilMs: number;
}

export class Sending implements Disposable {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #options: SendingOptions;
  readonly #limits = new Map<string, Kept<ReadonlyMap<string, number>>>();
  readonly #pauses = new Map<string, Kept<readonly SendingPause[]>>();
  readonly #hints: Disposable;

  constructor({
    store,
    clock,
    options,
  }: { readonly store: Store; readonly clock: Clock; readonly options: SendingOptions }) {
    this.#store = store;
    this.#clock = clock;
    this.#options = options;
    this.#hints = store.onHint(sendingPauseTopic, (account) => void this.#pauses.delete(account));
  }

  [Symbol.dispose](): void {
    this.#hints[Symbol.dispose]();
  }

  /** Refusal `sendingPaused`. */
  async admit({ account, credential }: Sender): Promise<void> {
    const pauses = await this.#kept(this.#pauses, account, () => this.pauses(account));
    const pause = pauses.find((each) => each.credential === '' || each.credential === credential);
    if (pause) throw new Refusal('sendingPaused', `${account} with ${credential}: ${pause.why}`);
  }

  /** Takes room for a mail to so many elsewhere. Undefined: it may go at once. Refusal `sendingLimit`. */
  async reserve(sender: Sender, recipients: number): Promise<PutOff | undefined> {
    if (recipients === 0) return undefined;
    const paces = await this.#paces(sender);
    const common = { recipients, nowMs: this.#clock.nowMs(), delayMaxMs: this.#options.delayMaxMs };
    const ofAccount = { ...common, scope: `account/${sender.account}`, paces: paces.account };
    const first = paces.account.length === 0 ? undefined : await this.#store.write(reserveSending, ofAccount);
    if (paces.org.length === 0) return putOff(first);
    try {
      const ofOrg = { ...common, scope: `org/${sender.org}`, paces: paces.org };
      return later(putOff(first), putOff(await this.#store.write(reserveSending, ofOrg)));
    } catch (error) {
      if (first) await this.#store.write(giveBackSending, ofAccount);
      throw error;
    }
  }

  async #paces(sender: Sender): Promise<{ readonly account: Pace[]; readonly org: Pace[] }> {
    const { account, org, credential } = sender;
    const own = await this.#kept(this.#limits, org, () => this.#store.read(() => limitsOf(org)));
    const perDay = (kind: keyof SendingLimits, id?: string): number =>
      (id === undefined ? undefined : own.get(`${kind}/${id}`)) ?? own.get(kind) ?? this.#options[kind];
    const some = (subject: string, limit: number): Pace[] => (limit > 0 ? [{ subject, perDay: limit }] : []);
    const key = credential.includes(':')
      ? some(`credential/${credential}`, perDay('credential', `${account}/${credential}`))
      : [];
    return {
      account: [...(sender.application ? [] : some('account', perDay('account', account))), ...key],
      org: some('org', perDay('org')),
    };
  }

  /** Limits of an account with the credentials that were used, or of an organisation, as far as they are used. */
  async uses(of: Sender | { readonly org: string }): Promise<readonly SendingUse[]> {
    const isAccount = 'account' in of;
    const scope = isAccount ? `account/${of.account}` : `org/${of.org}`;
    const levels = await this.#store.read(() => levelsOf(scope));
    if (!isAccount) {
      const { org } = await this.#paces({ ...of, account: '', credential: '' });
      return org.map((pace) => this.#use(pace, levels.get(pace.subject)));
    }
    const used = [...levels.keys()].flatMap((subject) => /^credential\/(.*)$/.exec(subject)?.[1] ?? []);
    const paces = new Map<string, Pace>();
    for (const credential of ['', ...used])
      for (const pace of (await this.#paces({ ...of, credential })).account) paces.set(pace.subject, pace);
    return [...paces.values()].map((pace) => this.#use(pace, levels.get(pace.subject)));
  }

  #use({ subject, perDay }: Pace, stored: Level | undefined): SendingUse {
    const now = this.#clock.nowMs();
    const used = drained(stored, perDay, now);
    const [limit = '', ...credential] = subject.split('/');
    return {
      limit: limit as keyof SendingLimits,
      credential: credential.join('/'),
      perDay,
      used: Math.round(used),
      nextAtMs: now + Math.max(0, Math.ceil(((used - perDay) * dayMs) / perDay)),
    };
  }

  /** `account`, `credential`: of one when `id` is given, else of each of the organisation. null: as the server has it. */
  async setLimit(org: string, kind: keyof SendingLimits, perDay: number | null, id = ''): Promise<void> {
    await this.#store.write(setSendingLimit, { org, subject: id === '' ? kind : `${kind}/${id}`, perDay });
    this.#limits.delete(org);
  }

  /** Limits that the organisation has otherwise than the server, by kind, or kind and id. */
  ownLimits(org: string): Promise<ReadonlyMap<string, number>> {
    return this.#store.read(() => limitsOf(org));
  }

  pauses(account: string): Promise<readonly SendingPause[]> {
    return this.#store.read(() => pausesOf(account));
  }

  /** Gives whether it was not paused before. */
  pause(pause: SendingPause): Promise<boolean> {
    return this.#store.write(pauseSending, pause);
  }

  /**
   * What was sent until now is usual from now on. Gives how many logins of the account can send again; what whoever runs the server has paused stays so
   * unless it is he who asks.
   */
  async resume(account: string, operator: boolean): Promise<number> {
    await this.#store.write(forgiveSending, { account });
    return this.#store.write(resumeSending, { account, operator });
  }

  async #kept<T>(kept: Map<string, Kept<T>>, key: string, read: () => Promise<T>): Promise<T> {
    const now = this.#clock.monotonicMs();
    const known = kept.get(key);
    if (known && known.untilMs > now) return known.value;
    if (kept.size >= keptMax) kept.clear();
    const value = read();
    kept.set(key, { value, untilMs: now + keptMs });
    value.catch(() => kept.delete(key));
    return value;
  }
}

/** Tables that an account that is gone leaves no row in. */
export const emptiedTables: readonly string[] = ['sending_pause', 'sending_profile'];

export const dropSendingOf = (
  store: Store,
  account: { readonly account: string; readonly org: string },
): Promise<void> => store.write(dropSending, account);

/** Limits, and levels of them, of organisations that are gone. */
export async function dropSendingOfGoneOrgs(
  store: Pick<Store, 'write' | 'scan'>,
  isThere: (org: string) => Promise<boolean>,
): Promise<void> {
  for (const org of await store.scan(limitedOrgs, undefined))
    if (!(await isThere(org))) await store.write(dropOrgSending, { org });
}

function putOff(reserved: Reserved | undefined): PutOff | undefined {
  if (reserved?.by === undefined) return undefined;
  const { subject, perDay } = reserved.by;
  return { untilMs: reserved.atMs, limit: subject.split('/', 1)[0] as keyof SendingLimits, perDay };
}

const later = (a: PutOff | undefined, b: PutOff | undefined): PutOff | undefined =>
  a === undefined || (b !== undefined && b.untilMs > a.untilMs) ? b : a;
