/** Programs that send for an organisation, as rows: what their credentials bound them to, and the organisation's streams. */
import type { CredentialId, OrgId } from '../../base/ids.ts';
import { rows, type Transaction } from '../../store/transaction.ts';
import type { SendLimits, Stream, Submitter } from '../entities.ts';
import type { StreamKind, UnsubscribeKind } from '../principal.ts';

/** Every organisation has these two, called like their kinds. */
export const givenStreams: readonly StreamKind[] = ['transactional', 'bulk'];

export const limitsOf = (column: string): SendLimits =>
  column === '' ? {} : (JSON.parse(column) as SendLimits);

export function limitsColumn(limits: SendLimits): string {
  return Object.keys(limits).length === 0 ? '' : JSON.stringify(limits);
}

/** Those the organisation has made; the given ones have no row. */
export function* streamsOf(org: string): Transaction<readonly Stream[]> {
  const found = yield* rows<{ name: string; kind: string; unsubscribe: string; created_at: number }>(
    'select name, kind, unsubscribe, created_at from stream where org = ? order by name',
    org,
  );
  return found.map(({ name, kind, unsubscribe, created_at }) => ({
    org: org as OrgId,
    name,
    kind: kind as StreamKind,
    unsubscribe: unsubscribe as UnsubscribeKind,
    createdAtMs: created_at,
  }));
}

interface SubmitterRow {
  readonly id: string;
  readonly org: string;
  readonly kind: string;
  readonly value: string;
  readonly name: string;
  readonly limits: string;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number;
}

const columns = 'id, org, kind, value, name, limits, created_by, created_at, expires_at';

function toSubmitter(row: SubmitterRow): Submitter {
  return {
    id: row.id as CredentialId,
    org: row.org as OrgId,
    kind: row.kind as Submitter['kind'],
    value: row.value,
    name: row.name,
    limits: limitsOf(row.limits),
    createdBy: row.created_by,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
  };
}

export function* submittersOf(org: string): Transaction<readonly Submitter[]> {
  const found = yield* rows<SubmitterRow>(`select ${columns} from submitter where org = ? order by id`, org);
  return found.map(toSubmitter);
}

/** Of all organisations: they are few, and are kept in memory. */
export function* allSubmitters(): Transaction<readonly Submitter[]> {
  const found = yield* rows<SubmitterRow>(
    `select ${columns} from submitter order by id limit ?`,
    submittersMax,
  );
  return found.map(toSubmitter);
}

/** Of the whole server. */
export const submittersMax = 10_000;
