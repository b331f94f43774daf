/**
 * Lessons in the store, for both engines. A mail has one lesson in a scope: called otherwise, the lesson changes sides; called nothing, it goes. So whatever is repeated
 * changes nothing, and what is taken back leaves no trace.
 *
 * Bounded: of each label a scope keeps its newest lessons. What was learned thus follows what mail is like now.
 */
import { operation } from '../../store/operation.ts';
import { batch, maybe, rows, type Transaction } from '../../store/transaction.ts';
import { Tally, type Label, type PackedTally } from './tally.ts';
import { unpackHashes } from './token-hash.ts';

export interface Lesson {
  readonly scope: string;
  /** By which the mail is known in this scope. */
  readonly mail: string;
  /** `nothing`: whatever was learned of it is forgotten. */
  readonly label: Label | 'nothing';
  readonly atMs: number;
  /** Hashes of its tokens, packed. */
  readonly tokens: Uint8Array;
  /** Lessons of one label that the scope keeps. */
  readonly max: number;
}

export interface ScopeHead {
  readonly version: number;
  readonly spam: number;
  readonly ham: number;
}

const noHead: ScopeHead = { version: 0, spam: 0, ham: 0 };

/** Gives whether anything has changed. */
export const learn = operation('policy.learn', function* (lesson: Lesson): Transaction<boolean> {
  const { scope, mail, label, atMs, tokens, max } = lesson;
  const before = yield* maybe<{ label: Label }>(
    'select label from classifier_lesson where scope = ? and mail = ?',
    scope,
    mail,
  );
  if ((before?.label ?? 'nothing') === label) return false;
  if (label === 'nothing') {
    yield* rows('delete from classifier_lesson where scope = ? and mail = ?', scope, mail);
  } else {
    yield* rows(
      `insert into classifier_lesson (scope, mail, label, at, tokens) values (?, ?, ?, ?, ?)
        on conflict (scope, mail) do update set label = excluded.label, at = excluded.at, tokens = excluded.tokens`,
      scope,
      mail,
      label,
      atMs,
      tokens,
    );
  }
  yield* recount(scope, max);
  return true;
});

/** The head as the rows are, and no more of them than may be. */
function* recount(scope: string, max: number): Transaction<void> {
  const count = function* (): Transaction<Record<Label, number>> {
    const found = yield* rows<{ label: Label; mails: number }>(
      'select label, count(*) as mails from classifier_lesson where scope = ? group by label',
      scope,
    );
    const of = (label: Label): number => found.find((each) => each.label === label)?.mails ?? 0;
    return { spam: of('spam'), ham: of('ham') };
  };
  const counted = yield* count();
  const over = (['spam', 'ham'] as const).filter((label) => counted[label] > max);
  yield* batch(
    over.map((label) => ({
      sql: `delete from classifier_lesson where scope = ? and mail in
        (select mail from classifier_lesson where scope = ? and label = ? order by at, mail limit ?)`,
      params: [scope, scope, label, counted[label] - max],
    })),
  );
  const kept = { spam: Math.min(max, counted.spam), ham: Math.min(max, counted.ham) };
  yield* rows(
    `insert into classifier_head (scope, version, spam, ham) values (?, 1, ?, ?)
      on conflict (scope) do update set version = classifier_head.version + 1, spam = excluded.spam, ham = excluded.ham`,
    scope,
    kept.spam,
    kept.ham,
  );
}

export function* headOf(scope: string): Transaction<ScopeHead> {
  const found = yield* maybe<ScopeHead>(
    'select version, spam, ham from classifier_head where scope = ?',
    scope,
  );
  return found ?? noHead;
}

export interface ForgetLessons {
  readonly scope: string;
  /** Only of mails whose key begins so; `''`: all. */
  readonly of: string;
  readonly max: number;
}

/** Gives how many were forgotten. */
export const forgetLessons = operation(
  'policy.forgetLessons',
  function* ({ scope, of, max }: ForgetLessons): Transaction<number> {
    const gone = yield* rows(
      // Not a range: what is between two texts depends on the collation of the database.
      'delete from classifier_lesson where scope = ? and substr(mail, 1, ?) = ? returning mail',
      scope,
      of.length,
      of,
    );
    if (gone.length > 0) yield* recount(scope, max);
    return gone.length;
  },
  { essential: true },
);

/** Of an account or organisation that is gone: also its head. */
export const dropScope = operation(
  'policy.dropScope',
  function* (scope: string): Transaction<void> {
    yield* rows('delete from classifier_lesson where scope = ?', scope);
    yield* rows('delete from classifier_head where scope = ?', scope);
  },
  { essential: true },
);

/** Organisations that have learned something. */
export const learnedOrgs = operation('policy.learnedOrgs', function* (): Transaction<readonly string[]> {
  const found = yield* rows<{ org: string }>(
    "select substr(scope, 5) as org from classifier_head where substr(scope, 1, 4) = 'org/'",
  );
  return found.map(({ org }) => org);
});

/** Lessons from before a time, for `learn` to forget them. */
export const oldLessons = operation(
  'policy.oldLessons',
  function* (args: {
    readonly beforeMs: number;
    readonly limit: number;
  }): Transaction<readonly { scope: string; mail: string }[]> {
    return yield* rows<{ scope: string; mail: string }>(
      'select scope, mail from classifier_lesson where at < ? limit ?',
      args.beforeMs,
      args.limit,
    );
  },
);

const readAtOnce = 200;

/** All that a scope has learned, added up: on the thread for reads that may be long. */
export const tallyOf = operation('policy.tallyOf', function* (scope: string): Transaction<PackedTally> {
  const tally = new Tally();
  for (let from = ''; ; ) {
    const found = yield* rows<{ mail: string; label: Label; tokens: Uint8Array }>(
      'select mail, label, tokens from classifier_lesson where scope = ? and mail > ? order by mail limit ?',
      scope,
      from,
      readAtOnce,
    );
    for (const { label, tokens } of found) tally.add(label, unpackHashes(tokens));
    if (found.length < readAtOnce) return tally.pack();
    from = found.at(-1)!.mail;
  }
});
