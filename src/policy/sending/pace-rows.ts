/**
 * How much was sent, as one number for each limit that drains at the pace of the limit. So a limit is one row, the same for all threads and nodes, and it stands over a
 * restart; a day's allowance may go at once, and what is above it goes when enough has drained.
 */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { batch, rows, type Transaction } from '../../store/transaction.ts';

export const dayMs = 24 * 60 * 60 * 1000;
/** Levels are kept in thousandths of a recipient. */
const fine = 1000;

/** One limit: of whom, and recipients a day. */
export interface Pace {
  readonly subject: string;
  readonly perDay: number;
}

export interface Reservation {
  /** The partition: all limits of one reservation are of one account, or of one organisation. */
  readonly scope: string;
  readonly paces: readonly Pace[];
  readonly recipients: number;
  readonly nowMs: number;
  /** Who would have to wait for longer is refused. */
  readonly delayMaxMs: number;
}

export interface Reserved {
  readonly atMs: number;
  /** The limit that makes it wait the longest; undefined: none does. */
  readonly by: Pace | undefined;
}

/** Takes room for a mail. Throws Refusal `sendingLimit`, and takes none, when it would have to wait too long. */
export const reserveSending = operation(
  'policy.reserveSending',
  function* (args: Reservation): Transaction<Reserved> {
    const { scope, paces, recipients, nowMs, delayMaxMs } = args;
    const stored = yield* levelsOf(scope);
    let atMs = nowMs;
    let by: Pace | undefined;
    const levels = paces.map((pace) => {
      const level = drained(stored.get(pace.subject), pace.perDay, nowMs) + recipients;
      const turnMs = nowMs + Math.ceil(((level - pace.perDay) * dayMs) / pace.perDay);
      if (turnMs > atMs) [atMs, by] = [turnMs, pace];
      return { subject: pace.subject, level };
    });
    if (by && atMs - nowMs > delayMaxMs)
      throw new Refusal('sendingLimit', `${by.subject} of ${scope}: more than ${by.perDay} recipients a day`);
    yield* batch(
      levels.map(({ subject, level }) => ({
        sql: `insert into sending_pace (scope, subject, level, at) values (?, ?, ?, ?)
        on conflict (scope, subject) do update set level = excluded.level, at = excluded.at`,
        params: [scope, subject, Math.round(level * fine), nowMs],
      })),
    );
    return { atMs, by };
  },
);

/** What was taken for a mail that did not come to be. */
export const giveBackSending = operation(
  'policy.giveBackSending',
  function* ({
    scope,
    paces,
    recipients,
  }: Pick<Reservation, 'scope' | 'paces' | 'recipients'>): Transaction<void> {
    yield* batch(
      paces.map(({ subject }) => ({
        sql: 'update sending_pace set level = level - ? where scope = ? and subject = ?',
        params: [recipients * fine, scope, subject],
      })),
    );
  },
);

/** Recipients, at a time. */
export interface Level {
  readonly level: number;
  readonly atMs: number;
}

/** What is left of it by now. */
export const drained = (stored: Level | undefined, perDay: number, nowMs: number): number =>
  stored === undefined ? 0 : Math.max(0, stored.level - (Math.max(0, nowMs - stored.atMs) * perDay) / dayMs);

export function* levelsOf(scope: string): Transaction<ReadonlyMap<string, Level>> {
  const found = yield* rows<{ subject: string; level: number; at: number }>(
    'select subject, level, at from sending_pace where scope = ?',
    scope,
  );
  return new Map(found.map(({ subject, level, at: atMs }) => [subject, { level: level / fine, atMs }]));
}
