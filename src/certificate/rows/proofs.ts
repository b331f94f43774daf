/** What authorities will come to look for, in the store: they may meet any node and any thread. */
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';

export interface Proof {
  /** `http`: by token; `tls`: by host name. */
  readonly kind: 'http' | 'tls';
  readonly subject: string;
  readonly answer: string;
  /** After this it is as good as gone, should nobody have cleared it up. */
  readonly untilMs: number;
}

export const keepProof = operation(
  'certificate.keepProof',
  function* ({ kind, subject, answer, untilMs }: Proof): Transaction<void> {
    yield* rows(
      `insert into certificate_proof (kind, subject, answer, until_at) values (?, ?, ?, ?)
        on conflict (kind, subject) do update set answer = excluded.answer, until_at = excluded.until_at`,
      kind,
      subject,
      answer,
      untilMs,
    );
  },
  { essential: true },
);

export const dropProof = operation(
  'certificate.dropProof',
  function* ({ kind, subject }: Pick<Proof, 'kind' | 'subject'>): Transaction<void> {
    yield* rows('delete from certificate_proof where kind = ? and subject = ?', kind, subject);
  },
  { essential: true },
);

export function* findProof(
  kind: Proof['kind'],
  subject: string,
  nowMs: number,
): Transaction<string | undefined> {
  const found = yield* maybe<{ answer: string }>(
    'select answer from certificate_proof where kind = ? and subject = ? and until_at > ?',
    kind,
    subject,
    nowMs,
  );
  return found?.answer;
}
