/**
 * Who else names an address of ours: aliases, groups and forwards among their targets, accounts that send their mail on, catch-alls. They follow
 * when the address becomes another, and let go of it when it goes, so that nothing is left that leads nowhere.
 */
import { batch, maybe, rows, type Statement, type Transaction } from '../../store/transaction.ts';
import { forgetPlaces } from './brake.ts';

/** Addresses that are told in the audit log; a popular one may be in thousands of groups. */
const toldMax = 100;
/** Rounds of aliases that go because all they led to has gone. */
const roundsMax = 20;

const ofOrg = `exists (select 1 from address where address.domain = address_target.domain
  and address.local = address_target.local and address.org = ?)`;

export function* renameMentions(org: string, from: string, to: string): Transaction<void> {
  // A list that names both already keeps one.
  yield* rows(
    `delete from address_target where target = ? and ${ofOrg} and exists (select 1 from address_target as other
     where other.domain = address_target.domain and other.local = address_target.local and other.target = ?)`,
    from,
    org,
    to,
  );
  yield* rows(`update address_target set target = ? where target = ? and ${ofOrg}`, to, from, org);
  yield* rows(
    `update account_forward set target = ? where target = ? and account in (select id from directory_account where org = ?)`,
    to,
    from,
    org,
  );
  yield* rows('update domain set catch_all = ? where catch_all = ? and org = ?', to, from, org);
}

export interface Dropped {
  /** Groups that lost a member, and aliases and forwards that lead elsewhere too. */
  readonly left: readonly string[];
  /** Aliases and forwards that led nowhere else: they went as well. */
  readonly removed: readonly string[];
  /** Accounts that no longer send their mail there. */
  readonly forwards: readonly string[];
  /** Domains that have no catch-all any more. */
  readonly catchAlls: readonly string[];
}

interface RouteRow {
  readonly domain: string;
  readonly local: string;
  readonly kind: string;
  readonly others: number;
}

export function* dropMentions(org: string, gone: string): Transaction<Dropped> {
  const left: string[] = [];
  const removed: string[] = [];
  const forwards: string[] = [];
  const catchAlls: string[] = [];
  let round = [gone];
  for (let i = 0; round.length > 0 && i < roundsMax; i++) {
    const next: string[] = [];
    for (const address of round) {
      for (const route of yield* routesTo(org, address)) {
        const name = `${route.local}@${route.domain}`;
        const empty = route.others === 0 && route.kind !== 'group';
        (empty ? next : left).push(name);
        yield* batch(lettingGo(route, address, empty));
      }
      forwards.push(...(yield* stopForwards(org, address)));
      catchAlls.push(...(yield* clearCatchAlls(org, address)));
      // Whoever gets the address next is somebody else.
      yield* rows('delete from send_as where org = ? and address = ?', org, address);
      yield* forgetPlaces(address);
    }
    removed.push(...next);
    round = next;
  }
  const told = (names: readonly string[]): readonly string[] => [...new Set(names)].sort().slice(0, toldMax);
  return {
    left: told(left),
    removed: told(removed),
    forwards: told(forwards),
    catchAlls: told(catchAlls),
  };
}

function routesTo(org: string, target: string): Transaction<readonly RouteRow[]> {
  return rows<RouteRow>(
    `select a.domain as domain, a.local as local, a.kind as kind, (select count(*) from address_target as other
     where other.domain = a.domain and other.local = a.local and other.target <> ?) as others
     from address_target as t join address as a on a.domain = t.domain and a.local = t.local where t.target = ? and a.org = ?`,
    target,
    target,
    org,
  );
}

function lettingGo({ domain, local }: RouteRow, target: string, empty: boolean): Statement[] {
  const statements = [
    {
      sql: 'delete from address_target where domain = ? and local = ? and target = ?',
      params: [domain, local, target],
    },
  ];
  if (empty)
    statements.push({ sql: 'delete from address where domain = ? and local = ?', params: [domain, local] });
  return statements;
}

/** Mail of an account that has nowhere to go on to stays in its mailbox. */
function* stopForwards(org: string, target: string): Transaction<readonly string[]> {
  const found = yield* rows<{ id: string; name: string }>(
    `select id, name from directory_account where org = ? and id in (select account from account_forward where target = ?)`,
    org,
    target,
  );
  for (const { id } of found) {
    yield* rows('delete from account_forward where account = ? and target = ?', id, target);
    yield* rows('update directory_account set version = version + 1 where org = ? and id = ?', org, id);
  }
  return found.map(({ name }) => name);
}

function* clearCatchAlls(org: string, target: string): Transaction<readonly string[]> {
  const found = yield* rows<{ name: string }>(
    "update domain set catch_all = '' where org = ? and catch_all = ? returning name",
    org,
    target,
  );
  return found.map(({ name }) => name);
}

/** Targets as the rows of our own addresses are spelled, each once: so that they are found when one of those changes. Others stay as they are. */
export function* canonicalTargets(targets: readonly string[]): Transaction<readonly string[]> {
  const sensitive = new Map<string, boolean>();
  const spelled: string[] = [];
  for (const target of targets) {
    const at = target.lastIndexOf('@');
    const domain = target.slice(at + 1);
    let isSensitive = sensitive.get(domain);
    if (isSensitive === undefined) {
      const found = yield* maybe<{ case_sensitive: number }>(
        'select case_sensitive from domain where name = ?',
        domain,
      );
      isSensitive = found === undefined || found.case_sensitive === 1;
      sensitive.set(domain, isSensitive);
    }
    spelled.push(isSensitive ? target : target.toLowerCase().normalize('NFC'));
  }
  return [...new Set(spelled)];
}
