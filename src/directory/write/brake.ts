/**
 * The count of failed logins, by account name and by address block. Kept in the store, so that all threads and nodes count together and a
 * restart forgives nothing; a row is written only by a failure, and read only by a login that is not answered from a cache.
 */
import { operation } from '../../store/operation.ts';
import { row, rows, type Transaction } from '../../store/transaction.ts';

/** Failures older than this, with none since, are forgotten. */
const failureMemoryMs = 60 * 60_000;

export interface BrakeRule {
  /** `name:<login>`, `from:<address block>` or `place:<address block> <login>`. */
  readonly subject: string;
  /** The failure with which the first lock comes. */
  readonly lockAt: number;
  readonly firstLockMs: number;
  readonly lockMaxMs: number;
}

export interface Brake {
  readonly failures: number;
  readonly untilMs: number;
}

/** Counts one failure for each subject and locks those that had too many, longer each time. */
export const countFailure = operation(
  'directory.countFailure',
  function* ({ rules, atMs }: { rules: readonly BrakeRule[]; atMs: number }): Transaction<readonly Brake[]> {
    yield* rows('delete from login_failure where last_at < ? and until_at < ?', atMs - failureMemoryMs, atMs);
    const brakes: Brake[] = [];
    for (const rule of rules) {
      const { failures } = yield* row<{ failures: number }>(
        `insert into login_failure (subject, failures, last_at, until_at) values (?, 1, ?, 0)
         on conflict (subject) do update set failures = login_failure.failures + 1, last_at = excluded.last_at returning failures`,
        rule.subject,
        atMs,
      );
      const untilMs = failures < rule.lockAt ? 0 : atMs + lockMs(rule, failures - rule.lockAt);
      if (untilMs > 0)
        yield* rows('update login_failure set until_at = ? where subject = ?', untilMs, rule.subject);
      brakes.push({ failures, untilMs });
    }
    return brakes;
  },
  { essential: true },
);

function lockMs({ firstLockMs, lockMaxMs }: BrakeRule, beyond: number): number {
  return Math.min(lockMaxMs, firstLockMs * 2 ** Math.min(beyond, 30));
}

export const forgetFailures = operation(
  'directory.forgetFailures',
  function* ({ subjects }: { subjects: readonly string[] }): Transaction<void> {
    for (const subject of subjects) yield* rows('delete from login_failure where subject = ?', subject);
  },
);

export interface PlaceNoted {
  readonly name: string;
  readonly block: string;
  readonly atMs: number;
  /** Places not used since then are forgotten. */
  readonly forgetBefore: number;
}

/** A name has logged in from a block of addresses. */
export const notePlace = operation('directory.notePlace', function* (place: PlaceNoted): Transaction<void> {
  yield* rows('delete from login_place where last_at < ?', place.forgetBefore);
  yield* rows(
    `insert into login_place (name, block, last_at) values (?, ?, ?)
     on conflict (name, block) do update set last_at = excluded.last_at`,
    place.name,
    place.block,
    place.atMs,
  );
});

/** The name is given up: whoever has it next logs in from elsewhere. */
export function* forgetPlaces(name: string): Transaction<void> {
  yield* rows('delete from login_place where name = ?', name);
}
