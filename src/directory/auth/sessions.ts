/**
 * Browsers that are signed in. The cookie holds 256 random bits, the store their SHA-256; a session ends by sign-out, by whoever owns the account, by
 * a new password, by the account being disabled, when it is not used for long, and in any case after its longest life.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { newCredentialId, newSecret, type AccountId, type OrgId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Store } from '../../store/store.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { Actor } from '../actor.ts';
import type { Account } from '../account.ts';
import type { ReadCache } from '../read/cache.ts';
import { findAccount } from '../read/login.ts';
import { endSession, endSessions, noteSessionUse, openSession } from '../write/session.ts';

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
/** Of a browser that stays signed in, and of one that does not: without use, and in all. */
const lives = {
  remembered: { idleMs: 14 * dayMs, inAllMs: 60 * dayMs },
  brief: { idleMs: 4 * hourMs, inAllMs: dayMs },
} as const;
const noteEveryMs = 5 * 60_000;
const notedMax = 10_000;
const userAgentMax = 300;
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

export interface SessionFacts {
  readonly id: string;
  readonly account: AccountId;
  readonly org: OrgId;
  readonly userAgent: string;
  readonly ip: string;
  readonly remembered: boolean;
  /** How the person was proved: `password`, `password totp`, `passkey`, … */
  readonly proved: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
  readonly lastUsedIp: string;
  readonly expiresAtMs: number;
}

export interface SessionOpening {
  readonly account: AccountId;
  readonly org: OrgId;
  readonly ip: string;
  readonly userAgent: string;
  readonly remember: boolean;
  readonly proved: string;
}

export interface OpenedSession {
  readonly token: string;
  readonly id: string;
  /** Absent: until the browser is closed. */
  readonly maxAgeSeconds: number | undefined;
}

interface SessionRow {
  readonly account: string;
  readonly id: string;
  readonly org: string;
  readonly user_agent: string;
  readonly ip: string;
  readonly remembered: number;
  readonly proved: string;
  readonly created_at: number;
  readonly last_used_at: number;
  readonly last_used_ip: string;
}

const columns =
  'account, id, org, user_agent, ip, remembered, proved, created_at, last_used_at, last_used_ip';

export interface SessionParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly cache: ReadCache;
}

export class Sessions {
  readonly #parts: SessionParts;
  /** When uses were noted last by this thread. */
  readonly #noted = new Map<string, number>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** A new token each time: one that somebody planted in the browser before is worth nothing after. */
  async open(opening: SessionOpening): Promise<OpenedSession> {
    const { store, clock } = this.#parts;
    const token = newSecret(32);
    const id = newCredentialId(clock);
    const atMs = clock.nowMs();
    const { remember, userAgent, ip, account, org, proved } = opening;
    const change = { id: newSecret(12), atMs, by: `account:${account}`, ip };
    const facts = { id, account, org, ip, proved, remembered: remember, atMs };
    const session = { ...facts, hash: hashToken(token), userAgent: userAgent.slice(0, userAgentMax) };
    await store.write(openSession, { session, change });
    return { token, id, maxAgeSeconds: remember ? lives.remembered.inAllMs / 1000 : undefined };
  }

  /** Whose token this is, if the session lives and the account may log in. */
  async holder(
    token: string,
    ip: string,
  ): Promise<{ readonly session: SessionFacts; readonly account: Account } | undefined> {
    if (!tokenShape.test(token)) return undefined;
    const { cache } = this.#parts;
    const hash = hashToken(token);
    const found = await cache.get(`session ${hash}`, () => byHash(hash));
    const live = found && (this.#isLive(found) ? found : await this.#freshly(hash));
    if (!live) return undefined;
    const account = await cache.get(`account ${live.account}`, () => findAccount(live.account));
    if (!account || account.disabled) return undefined;
    this.#noteUse(live, ip);
    return { session: toFacts(live), account };
  }

  async list(account: AccountId): Promise<readonly SessionFacts[]> {
    const found = await this.#parts.store.read(() =>
      rows<SessionRow>(
        `select ${columns} from web_session where account = ? order by last_used_at desc`,
        account,
      ),
    );
    return found.filter((each) => this.#isLive(each)).map(toFacts);
  }

  /** Refusal: notFound. */
  async end(actor: Actor, { account, org, id }: Pick<SessionFacts, 'account' | 'org' | 'id'>): Promise<void> {
    await this.#parts.store.write(endSession, { change: this.#change(actor), account, org, id });
    this.#parts.cache.forget();
  }

  /** All but the one with this id (`''`: all). Gives how many were ended. */
  async endOthers(
    actor: Actor,
    { account, org, id }: Pick<SessionFacts, 'account' | 'org' | 'id'>,
  ): Promise<number> {
    const change = this.#change(actor);
    const count = await this.#parts.store.write(endSessions, { change, account, org, keep: id });
    this.#parts.cache.forget();
    return count;
  }

  #change({ by, ip }: Actor) {
    return { id: newSecret(12), atMs: this.#parts.clock.nowMs(), by, ip };
  }

  #isLive(row: SessionRow): boolean {
    const now = this.#parts.clock.nowMs();
    const { idleMs, inAllMs } = row.remembered === 1 ? lives.remembered : lives.brief;
    const usedMs = Math.max(row.last_used_at, this.#noted.get(`${row.account} ${row.id}`) ?? 0);
    return now < row.created_at + inAllMs && now < usedMs + idleMs;
  }

  /** What is in memory may not know that another thread has seen it used. */
  async #freshly(hash: string): Promise<SessionRow | undefined> {
    const found = await this.#parts.store.read(() => byHash(hash));
    return found && this.#isLive(found) ? found : undefined;
  }

  #noteUse({ account, id, last_used_at: lastMs }: SessionRow, ip: string): void {
    const { store, clock, log } = this.#parts;
    const key = `${account} ${id}`;
    const atMs = clock.nowMs();
    if (atMs - Math.max(this.#noted.get(key) ?? 0, lastMs) < noteEveryMs) return;
    if (this.#noted.size >= notedMax) this.#noted.clear();
    this.#noted.set(key, atMs);
    store
      .write(noteSessionUse, { account, id, atMs, ip })
      .catch((error: unknown) => log.warn({ error: String(error) }, 'use of a session not noted'));
  }
}

function byHash(hash: string): Transaction<SessionRow | undefined> {
  return maybe<SessionRow>(`select ${columns} from web_session where hash = ?`, hash);
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function toFacts(row: SessionRow): SessionFacts {
  const { inAllMs } = row.remembered === 1 ? lives.remembered : lives.brief;
  return {
    id: row.id,
    account: row.account as AccountId,
    org: row.org as OrgId,
    userAgent: row.user_agent,
    ip: row.ip,
    remembered: row.remembered === 1,
    proved: row.proved,
    createdAtMs: row.created_at,
    lastUsedAtMs: row.last_used_at,
    lastUsedIp: row.last_used_ip,
    expiresAtMs: row.created_at + inAllMs,
  };
}
