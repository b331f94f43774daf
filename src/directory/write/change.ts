/** What every administrative change does besides its own rows: an audit record, a new version of the directory, and a hint for the caches. */
import { Refusal } from '../../base/refusal.ts';
import { directoryTopic } from '../topic.ts';
import { batch, hint, maybe, type Transaction } from '../../store/transaction.ts';

/** Who changes, from where, and when: made outside, for transactions are pure. */
export interface Change {
  readonly id: string;
  readonly atMs: number;
  readonly by: string;
  readonly ip: string;
}

export interface Deed {
  readonly org: string;
  readonly action: string;
  readonly subject: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Secrets have no place in `detail`: it is read by every administrator. */
export function* recordChange(
  change: Change,
  { org, action, subject, detail = {} }: Deed,
): Transaction<void> {
  yield* batch([
    {
      sql: 'insert into audit (org, at, id, actor, ip, action, subject, detail) values (?, ?, ?, ?, ?, ?, ?, ?)',
      params: [org, change.atMs, change.id, change.by, change.ip, action, subject, JSON.stringify(detail)],
    },
    { sql: 'update directory_head set version = version + 1 where id = 1', params: [] },
  ]);
  yield* hint(directoryTopic, org);
}

/** The row, or Refusal: what is not in the organisation does not exist for it. */
export function* existing<T>(what: string, sql: string, ...params: (string | number)[]): Transaction<T> {
  const found = yield* maybe<T>(sql, ...params);
  if (found === undefined) throw new Refusal('notFound', `no such ${what}`);
  return found;
}

export interface DomainFacts {
  readonly alias_of: string;
  readonly legacy_local: number;
  readonly case_sensitive: number;
}

/** The facts of a domain of the organisation. Another organisation's domain is unknown here. */
export function* ownDomain(org: string, domain: string, at: string): Transaction<DomainFacts> {
  const found = yield* maybe<DomainFacts>(
    'select alias_of, legacy_local, case_sensitive from domain where name = ? and org = ?',
    domain,
    org,
  );
  if (!found) throw new Refusal('invalid', `${domain} is not a domain of this organisation`, { at });
  return found;
}
