/** DKIM keys: made, moved from state to state, and forgotten. Rules that must hold whoever moves them are here. */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { DkimAlgorithm, DkimState } from '../dkim-key.ts';
import { existing, recordChange, type Change } from './change.ts';

export interface NewDkimKey {
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly record: string;
  readonly kept: string;
}

export interface AddDkimKeys {
  readonly change: Change;
  readonly org: string;
  readonly domain: string;
  readonly keys: readonly NewDkimKey[];
  /** Not where the domain has a key of the algorithm in one of these states: two may see at once that one is missing. */
  readonly unless: readonly DkimState[];
}

const keysMax = 50;

/** Adds keys. One without an active one of its kind beside it is active at once, the others are prepared. */
export const addDkimKeys = operation(
  'directory.addDkimKeys',
  function* ({ change, org, domain, keys, unless }: AddDkimKeys): Transaction<readonly string[]> {
    yield* existing('domain', 'select name from domain where name = ? and org = ?', domain, org);
    const there = yield* rows<{ selector: string; algorithm: string; state: DkimState }>(
      'select selector, algorithm, state from dkim_key where domain = ?',
      domain,
    );
    const added: string[] = [];
    for (const key of keys) {
      const same = there.filter(({ algorithm }) => algorithm === key.algorithm);
      if (same.some(({ state }) => unless.includes(state))) continue;
      if (there.some(({ selector }) => selector === key.selector))
        throw new Refusal('conflict', `${domain} has a key ${key.selector}`, { at: 'selector' });
      if (there.length + added.length >= keysMax)
        throw new Refusal('limitReached', `at most ${keysMax} keys`);
      const state: DkimState = same.some((one) => one.state === 'active') ? 'prepared' : 'active';
      yield* rows(
        `insert into dkim_key (domain, selector, org, algorithm, state, record, private, created_at, since_at, seen_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
        domain,
        key.selector,
        org,
        key.algorithm,
        state,
        key.record,
        key.kept,
        change.atMs,
        change.atMs,
      );
      added.push(key.selector);
    }
    if (added.length > 0)
      yield* recordChange(change, { org, action: 'dkim.add', subject: domain, detail: { selectors: added } });
    return added;
  },
);

export interface MoveDkimKey {
  readonly change: Change;
  readonly domain: string;
  readonly selector: string;
  readonly to: DkimState;
}

/** From where a key may come to a state. */
const before: Readonly<Record<DkimState, readonly DkimState[]>> = {
  prepared: [],
  published: ['prepared'],
  active: ['prepared', 'published', 'retiring'],
  retiring: ['active', 'published', 'prepared'],
  removed: ['prepared', 'published', 'retiring'],
};

/** Moves a key. One that becomes active has the one that was retire. */
export const moveDkimKey = operation(
  'directory.moveDkimKey',
  function* ({ change, domain, selector, to }: MoveDkimKey): Transaction<void> {
    const key = yield* existing<{ org: string; algorithm: string; state: DkimState }>(
      'key',
      'select org, algorithm, state from dkim_key where domain = ? and selector = ?',
      domain,
      selector,
    );
    if (key.state === to) return;
    if (!before[to].includes(key.state))
      throw new Refusal('conflict', `a key that is ${key.state} cannot become ${to}`);
    const set = 'update dkim_key set state = ?, since_at = ? where domain = ? and';
    if (to === 'active')
      yield* rows(
        `${set} algorithm = ? and state = 'active'`,
        'retiring',
        change.atMs,
        domain,
        key.algorithm,
      );
    yield* rows(`${set} selector = ?`, to, change.atMs, domain, selector);
    // What is not there cannot be stolen.
    if (to === 'removed')
      yield* rows("update dkim_key set private = '' where domain = ? and selector = ?", domain, selector);
    const subject = `${selector}._domainkey.${domain}`;
    yield* recordChange(change, { org: key.org, action: `dkim.${to}`, subject });
  },
);

/** Somebody took the private half along. */
export const noteDkimExport = operation(
  'directory.noteDkimExport',
  function* ({ change, org, subject }: { change: Change; org: string; subject: string }): Transaction<void> {
    yield* recordChange(change, { org, action: 'dkim.export', subject });
  },
);

/** Its record was seen in DNS: the first time counts. */
export const noteDkimSeen = operation(
  'directory.noteDkimSeen',
  function* ({
    change,
    domain,
    selector,
  }: {
    change: Change;
    domain: string;
    selector: string;
  }): Transaction<void> {
    const noted = yield* maybe<{ org: string }>(
      'update dkim_key set seen_at = ? where domain = ? and selector = ? and seen_at = 0 returning org',
      change.atMs,
      domain,
      selector,
    );
    if (noted === undefined) return;
    const subject = `${selector}._domainkey.${domain}`;
    yield* recordChange(change, { org: noted.org, action: 'dkim.seen', subject });
  },
);

/** The private half under another wrapping. */
export const rewrapDkimKey = operation(
  'directory.rewrapDkimKey',
  function* ({
    domain,
    selector,
    kept,
    was,
  }: {
    domain: string;
    selector: string;
    kept: string;
    was: string;
  }): Transaction<void> {
    yield* rows(
      'update dkim_key set private = ? where domain = ? and selector = ? and private = ?',
      kept,
      domain,
      selector,
      was,
    );
  },
);

/** Removed keys that nobody needs to see any more. */
export const forgetDkimKeys = operation(
  'directory.forgetDkimKeys',
  function* ({ beforeMs }: { beforeMs: number }): Transaction<void> {
    const old = yield* maybe(
      "select domain from dkim_key where state = 'removed' and since_at < ? limit 1",
      beforeMs,
    );
    if (old) yield* rows("delete from dkim_key where state = 'removed' and since_at < ?", beforeMs);
  },
  { essential: true },
);
