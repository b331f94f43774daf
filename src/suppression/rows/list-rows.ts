/** The list itself: who is on it for a mailing, pages of it, entries put and taken away. */
import { operation } from '../../store/operation.ts';
import { batch, maybe, row, rows, type Statement, type Transaction } from '../../store/transaction.ts';
import type { Cause, Scope, Suppression } from '../entry.ts';

interface SuppressionRow {
  readonly org: string;
  readonly address: string;
  readonly scope: string;
  readonly cause: string;
  readonly reason: string;
  readonly phase: string;
  readonly reply: string;
  readonly message: string;
  readonly by_whom: string;
  readonly at: number;
  readonly until_at: number;
}

const fields = 'org, address, scope, cause, reason, phase, reply, message, by_whom, at, until_at';
/** What is over counts no more, though its row may still be there. */
const holds = '(until_at = 0 or until_at > ?)';

export const entryOf = (found: SuppressionRow): Suppression => ({
  org: found.org,
  address: found.address,
  scope: found.scope as Scope,
  cause: found.cause as Cause,
  reason: found.reason,
  phase: found.phase,
  reply: found.reply,
  message: found.message,
  by: found.by_whom,
  atMs: found.at,
  untilMs: found.until_at,
});

/** The entry that keeps mail of this organisation and these scopes from an address; the server's own come first. */
export function* entryFor(
  {
    org,
    scopes,
    address,
  }: { readonly org: string; readonly scopes: readonly Scope[]; readonly address: string },
  nowMs: number,
): Transaction<Suppression | undefined> {
  for (const one of org === '' ? [''] : ['', org]) {
    const found = yield* rows<SuppressionRow>(
      `select ${fields} from suppression where org = ? and address = ? and ${holds} order by scope`,
      one,
      address,
      nowMs,
    );
    const hit = found.find(({ scope }) => (scopes as readonly string[]).includes(scope));
    if (hit) return entryOf(hit);
  }
  return undefined;
}

export interface ListQuery {
  readonly org: string;
  readonly nowMs: number;
  readonly limit: number;
  /** Behind this address and scope. */
  readonly after?: readonly [address: string, scope: string];
  readonly cause?: string;
  readonly scope?: string;
  /** A part of the address. */
  readonly contains?: string;
}

/** A page, by address. */
export function* page(query: ListQuery): Transaction<readonly Suppression[]> {
  const { org, nowMs, limit, after = ['', ''], cause = '', scope = '', contains = '' } = query;
  const found = yield* rows<SuppressionRow>(
    `select ${fields} from suppression where org = ? and ${holds} and (address > ? or (address = ? and scope > ?))
      and (? = '' or cause = ?) and (? = '' or scope = ?) and (? = '' or address like ? escape '!') order by address, scope limit ?`,
    org,
    nowMs,
    after[0],
    after[0],
    after[1],
    cause,
    cause,
    scope,
    scope,
    contains,
    `%${contains.replace(/[!%_]/g, '!$&')}%`,
    limit,
  );
  return found.map(entryOf);
}

/** Sooner or later than what is there: an entry of a person stays, one of a bounce does not take its place. */
const upsert = `insert into suppression (${fields}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (org, address, scope) do update set cause = excluded.cause, reason = excluded.reason, phase = excluded.phase, reply = excluded.reply,
    message = excluded.message, by_whom = excluded.by_whom, at = excluded.at, until_at = excluded.until_at
  where excluded.cause <> 'hard' or suppression.cause = 'hard' or (suppression.until_at <> 0 and suppression.until_at <= excluded.at)`;

export const putStatement = (e: Suppression): Statement => ({
  sql: upsert,
  params: [
    e.org,
    e.address,
    e.scope,
    e.cause,
    e.reason,
    e.phase,
    e.reply,
    e.message,
    e.by,
    e.atMs,
    e.untilMs,
  ],
});

export const putEntries = operation(
  'suppression.put',
  function* (entries: readonly Suppression[]): Transaction<number> {
    yield* batch(entries.map(putStatement));
    return entries.length;
  },
);

export interface Release {
  readonly org: string;
  readonly addresses: readonly string[];
  /** Absent: all scopes. */
  readonly scope?: Scope;
}

/** Takes addresses from the list and forgets their errors. Gives how many entries there were. */
export const releaseEntries = operation(
  'suppression.release',
  function* ({ org, addresses, scope }: Release): Transaction<number> {
    let count = 0;
    for (const address of addresses) {
      const gone = yield* rows(
        `delete from suppression where org = ? and address = ? and (? = '' or scope = ?) returning address`,
        org,
        address,
        scope ?? '',
        scope ?? '',
      );
      count += gone.length;
      yield* rows('delete from suppression_strike where org = ? and address = ?', org, address);
    }
    return count;
  },
);

export interface BulkRelease {
  readonly org: string;
  readonly cause: string;
  readonly reason: string;
  readonly domain: string;
  readonly beforeMs: number;
  readonly max: number;
}

/** Takes all of a kind from the list, some at a time. Gives how many. */
export const releaseSome = operation(
  'suppression.releaseSome',
  function* ({ org, cause, reason, domain, beforeMs, max }: BulkRelease): Transaction<number> {
    const found = yield* rows<{ address: string; scope: string }>(
      `select address, scope from suppression where org = ? and (? = '' or cause = ?) and (? = '' or reason = ?)
        and (? = '' or address like ? escape '!') and (? = 0 or at < ?) order by address, scope limit ?`,
      org,
      cause,
      cause,
      reason,
      reason,
      domain,
      `%@${domain.replace(/[!%_]/g, '!$&')}`,
      beforeMs,
      beforeMs,
      max,
    );
    yield* batch(
      found.flatMap(({ address, scope }) => [
        {
          sql: 'delete from suppression where org = ? and address = ? and scope = ?',
          params: [org, address, scope],
        },
        { sql: 'delete from suppression_strike where org = ? and address = ?', params: [org, address] },
      ]),
    );
    return found.length;
  },
);

/** Removes some of what is over, and errors that nothing has followed for long; gives how much. */
export const tidySuppressions = operation(
  'suppression.tidy',
  function* ({
    nowMs,
    strikesBefore,
    max,
  }: {
    readonly nowMs: number;
    readonly strikesBefore: number;
    readonly max: number;
  }): Transaction<number> {
    const over = yield* rows(
      `delete from suppression where (org, address, scope) in
        (select org, address, scope from suppression where until_at <> 0 and until_at <= ? limit ?) returning address`,
      nowMs,
      max,
    );
    const old = yield* rows(
      `delete from suppression_strike where (org, address) in
        (select org, address from suppression_strike where at < ? limit ?) returning address`,
      strikesBefore,
      max,
    );
    return over.length + old.length;
  },
);

export function* countOf(org: string, nowMs: number): Transaction<number> {
  const found = yield* row<{ count: number }>(
    `select count(*) as count from suppression where org = ? and ${holds}`,
    org,
    nowMs,
  );
  return found.count;
}

export function* policyText(org: string): Transaction<string | undefined> {
  const found = yield* maybe<{ policy: string }>('select policy from suppression_policy where org = ?', org);
  return found?.policy;
}

export const putPolicy = operation(
  'suppression.putPolicy',
  function* ({ org, policy }: { readonly org: string; readonly policy: string }): Transaction<void> {
    yield* rows('delete from suppression_policy where org = ?', org);
    if (policy !== '{}')
      yield* rows('insert into suppression_policy (org, policy) values (?, ?)', org, policy);
  },
);
