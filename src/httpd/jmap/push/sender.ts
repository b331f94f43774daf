/**
 * Sends push messages to where clients have asked for (RFC 8620, 7.2): encrypted when there are keys (RFC 8291), with proof of who sends (RFC 8292), only to
 * public addresses by HTTPS.
 *
 * One thread of a node does this. What is about to be told is written into the subscription first, if nobody else has: so several nodes tell it once. A push
 * may be lost; the next change is told all the same.
 */
import type { Clock } from '../../../base/clock.ts';
import type { AccountId } from '../../../base/ids.ts';
import type { Log } from '../../../base/log.ts';
import { Refusal } from '../../../base/refusal.ts';
import { type HttpsParts, httpsRequest } from '../../../net/https-request.ts';
import { parseAddress } from '../../../net/address-block.ts';
import type { Kept, Profiles } from '../../../profile/profiles.ts';
import { encryptPush, plainMaxBytes } from '../../../proto/webpush/encrypt.ts';
import { vapidAuthorization } from '../../../proto/webpush/vapid.ts';
import { newSalt, type SubscriptionValue, subscriptionType } from './subscription.ts';
import { idOf } from '../kept-records.ts';
import { type StateParts, type TypeStates, typeStates } from './type-states.ts';

export interface PushTarget extends HttpsParts {
  readonly clock: Clock;
  readonly log: Log;
  /** PEM of the key of this server. */
  readonly vapidKey: () => Promise<string>;
  /** `mailto:` of whoever runs this server. */
  readonly contact: string;
}

const withinMs = 15_000;
/** Pushes of one subscription follow each other no faster: a service that is asked more often refuses. */
const betweenMs = 1000;
/** A service that refuses for so long has forgotten the subscription. */
const failuresMax = 20;
const answerMaxBytes = 64 * 1024;
/** How long a service keeps what it cannot deliver. */
const ttlSeconds = 24 * 3600;

/** What a service answered: `gone` when it knows the subscription no more. */
export type Pushed = 'done' | 'gone' | 'failed';

export async function push(
  target: PushTarget,
  { url, keys }: Pick<SubscriptionValue, 'url' | 'keys'>,
  message: object,
): Promise<Pushed> {
  const place = placeOf(target, url);
  if (place === undefined) return 'gone';
  const text = Buffer.from(JSON.stringify(message));
  if (keys !== null && text.length > plainMaxBytes) return 'failed';
  const { clock, vapidKey, contact } = target;
  const answer = await httpsRequest(target, {
    host: place.hostname.replace(/^\[|\]$/g, ''),
    path: place.pathname + place.search,
    ...(place.port !== '' && { port: Number(place.port) }),
    method: 'POST',
    headers: {
      ttl: String(ttlSeconds),
      urgency: 'normal',
      authorization: vapidAuthorization({
        privatePem: await vapidKey(),
        origin: place.origin,
        subject: contact,
        nowMs: clock.nowMs(),
      }),
      ...(keys === null
        ? { 'content-type': 'application/json' }
        : { 'content-type': 'application/octet-stream', 'content-encoding': 'aes128gcm' }),
    },
    body: keys === null ? text : encryptPush(text, keys, newSalt()),
    answerMaxBytes,
    timeoutMs: withinMs,
  });
  if (answer.is === 'failure') return 'failed';
  if (answer.status >= 200 && answer.status < 300) return 'done';
  return answer.status === 404 || answer.status === 410 ? 'gone' : 'failed';
}

/** Undefined: nothing is sent there. */
export function placeOf({ guard }: Pick<PushTarget, 'guard'>, url: string): URL | undefined {
  const place = URL.canParse(url) ? new URL(url) : undefined;
  if (place === undefined || place.protocol !== 'https:') return undefined;
  if (place.username !== '' || place.password !== '') return undefined;
  const host = place.hostname.replace(/^\[|\]$/g, '');
  if (parseAddress(host) !== undefined && guard !== undefined && !guard(host)) return undefined;
  return place;
}

export interface PushSenderParts extends StateParts {
  readonly profiles: Profiles;
  readonly target: PushTarget;
  /** Accounts that a user sees: its own first. */
  readonly accountsOf: (user: AccountId) => Promise<readonly AccountId[]>;
}

type Subscription = Kept<SubscriptionValue> & { readonly account: AccountId };

export class PushSender implements AsyncDisposable {
  readonly #parts: PushSenderParts;
  readonly #listening = new DisposableStack();
  /** Users with subscriptions, by the accounts that they hear of. */
  #users = new Map<AccountId, Set<AccountId>>();
  /** Users that have something to hear. */
  readonly #waiting = new Set<AccountId>();
  readonly #busy = new Map<AccountId, Promise<void>>();
  readonly #timers = new Map<AccountId, Disposable>();
  #loading: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: PushSenderParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { mailboxes, contacts, profiles, scripts } = this.#parts;
    const note = (account: AccountId): void => this.#note(account);
    this.#listening.use(mailboxes.onAnyChange(note));
    this.#listening.use(contacts.onChange(note));
    this.#listening.use(scripts.onChange(note));
    this.#listening.use(
      profiles.onChange((account) => {
        // Perhaps a subscription came or went.
        if (!this.#users.has(account)) void this.#load();
        note(account);
      }),
    );
    await this.#load();
  }

  #load(): Promise<void> {
    this.#loading ??= this.#read()
      .catch((error: unknown) =>
        this.#parts.target.log.warn({ error }, 'push subscriptions could not be read'),
      )
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }

  async #read(): Promise<void> {
    const all = await this.#parts.profiles.all<SubscriptionValue>('PushSubscription');
    const users = new Map<AccountId, Set<AccountId>>();
    for (const user of new Set(all.map(({ account }) => account)))
      for (const account of await this.#parts.accountsOf(user)) {
        const hearing = users.get(account) ?? new Set();
        hearing.add(user);
        users.set(account, hearing);
      }
    this.#users = users;
  }

  #note(account: AccountId): void {
    for (const user of this.#users.get(account) ?? []) {
      this.#waiting.add(user);
      this.#begin(user);
    }
  }

  #begin(user: AccountId): void {
    if (this.#stopped || this.#busy.has(user) || this.#timers.has(user)) return;
    const work = this.#tell(user)
      .catch((error: unknown) => this.#parts.target.log.warn({ user, error }, 'a push failed'))
      .finally(() => {
        this.#busy.delete(user);
        if (this.#stopped) return;
        this.#timers.set(
          user,
          this.#parts.target.clock.after(betweenMs, () => {
            this.#timers.delete(user);
            if (this.#waiting.has(user)) this.#begin(user);
          }),
        );
      });
    this.#busy.set(user, work);
  }

  async #tell(user: AccountId): Promise<void> {
    this.#waiting.delete(user);
    const { profiles, target } = this.#parts;
    const nowMs = target.clock.nowMs();
    const mine = await profiles.list<SubscriptionValue>(user, 'PushSubscription');
    const live = mine.filter(({ value }) => Date.parse(value.expires) > nowMs);
    const states = new Map<AccountId, TypeStates>();
    for (const account of await this.#parts.accountsOf(user))
      states.set(account, await typeStates(this.#parts, account));
    await Promise.all(
      live
        .filter(({ value }) => value.isVerified)
        .map((each) => this.#tellOne({ ...each, account: user }, states)),
    );
  }

  async #tellOne(subscription: Subscription, states: ReadonlyMap<AccountId, TypeStates>): Promise<void> {
    const { value } = subscription;
    const wanted = (type: string): boolean => value.types === null || value.types.includes(type);
    const changed: Record<string, TypeStates> = {};
    const told: Record<string, TypeStates> = {};
    for (const [account, all] of states) {
      const of = Object.fromEntries(Object.entries(all).filter(([type]) => wanted(type)));
      told[account] = of;
      const before = value.told[account];
      const news = Object.entries(of).filter(([type, state]) => before?.[type] !== state);
      if (news.length > 0) changed[account] = Object.fromEntries(news);
    }
    if (Object.keys(changed).length === 0) return;
    const claimed = await this.#change(subscription, { ...value, told });
    if (claimed === undefined) return;
    const pushed = await push(this.#parts.target, value, { '@type': 'StateChange', changed });
    if (pushed === 'done') {
      if (value.failures > 0) await this.#change(claimed, { ...claimed.value, failures: 0 });
      return;
    }
    const failures = value.failures + 1;
    if (pushed === 'gone' || failures > failuresMax) await this.#drop(subscription);
    // It is told again with the next change.
    else await this.#change(claimed, { ...claimed.value, told: value.told, failures });
  }

  /** Undefined: somebody else has changed it. */
  async #change(
    { account, id, data: seen }: Subscription,
    value: SubscriptionValue,
  ): Promise<Subscription | undefined> {
    const data = JSON.stringify(value);
    try {
      await this.#parts.profiles.write(account, 'PushSubscription', [{ is: 'update', id, data, seen }]);
      return { account, id, data, value };
    } catch (error) {
      if (error instanceof Refusal && ['conflict', 'notFound'].includes(error.reason)) return undefined;
      throw error;
    }
  }

  async #drop({ account, id }: Subscription): Promise<void> {
    await this.#parts.profiles
      .write(account, 'PushSubscription', [{ is: 'destroy', id }])
      .catch((error: unknown) => {
        if (!(error instanceof Refusal) || error.reason !== 'notFound') throw error;
      });
    this.#parts.target.log.info(
      { account, subscription: idOf(subscriptionType, id) },
      'a push service knows a subscription no more',
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#listening.dispose();
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    await Promise.all(this.#busy.values());
  }
}
