/** Changes of scripts. Each counts the head up and tells the owner. */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { hint, maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import { scriptsMax, totalMaxBytes } from '../limits.ts';
import type { ScriptInfo, Stage, StoredScript } from '../script.ts';

/**
 * The script that answers while somebody is away. It is no script of theirs: nobody sees, changes or includes it by this name, which no script can be given.
 */
export const vacationName = '\tvacation';

/** Hints: the scripts of this owner have changed. */
export const scriptTopic = 'sieve.scripts';

interface Named {
  readonly owner: string;
  readonly name: string;
}

function* changed(owner: string): Transaction<void> {
  yield* rows('update sieve_head set version = version + 1 where id = 1');
  yield* hint(scriptTopic, owner);
}

export const headVersion = function* (): Transaction<number> {
  return (yield* row<{ version: number }>('select version from sieve_head where id = 1')).version;
};

export function* listScripts(owner: string): Transaction<readonly ScriptInfo[]> {
  const found = yield* rows<{ name: string; stage: string; size: number; changed: number }>(
    'select name, stage, size, changed from sieve_script where owner = ? and name <> ? order by name',
    owner,
    vacationName,
  );
  return found.map((each) => ({
    name: each.name,
    stage: each.stage as Stage,
    sizeBytes: each.size,
    changedAtMs: each.changed,
  }));
}

export function* findScript({ owner, name }: Named): Transaction<StoredScript | undefined> {
  return stored(
    yield* maybe<ScriptRow>(
      'select name, stage, size, changed, source from sieve_script where owner = ? and name = ?',
      owner,
      name,
    ),
  );
}

/** The scripts of an owner that run by themselves. */
export function* staged(owner: string): Transaction<readonly StoredScript[]> {
  const found = yield* rows<ScriptRow>(
    "select name, stage, size, changed, source from sieve_script where owner = ? and stage <> ''",
    owner,
  );
  return found.map((each) => stored(each)!);
}

interface ScriptRow {
  readonly name: string;
  readonly stage: string;
  readonly size: number;
  readonly changed: number;
  readonly source: Uint8Array;
}

const stored = (found: ScriptRow | undefined): StoredScript | undefined =>
  found && {
    name: found.name,
    stage: found.stage as Stage,
    sizeBytes: found.size,
    changedAtMs: found.changed,
    source: found.source,
  };

/** Throws Refusal `limitReached` when a script of this size would not fit. */
export function* checkRoom({ owner, name }: Named, sizeBytes: number): Transaction<void> {
  const { count, size } = yield* row<{ count: number; size: number | null }>(
    'select count(*) as count, sum(size) as size from sieve_script where owner = ? and name not in (?, ?)',
    owner,
    name,
    vacationName,
  );
  if (count >= scriptsMax)
    throw new Refusal('limitReached', `more than ${scriptsMax} scripts`, { at: 'scripts' });
  if ((size ?? 0) + sizeBytes > totalMaxBytes)
    throw new Refusal('limitReached', `scripts above ${totalMaxBytes} octets`, { at: 'total' });
}

interface Put extends Named {
  readonly source: Uint8Array;
  readonly nowMs: number;
}

/** Without a source it is taken away. */
export const putVacation = operation(
  'sieve.putVacation',
  function* (args: { owner: string; source: Uint8Array | undefined; nowMs: number }): Transaction<void> {
    const { owner, source, nowMs } = args;
    if (source === undefined)
      yield* rows('delete from sieve_script where owner = ? and name = ?', owner, vacationName);
    else
      yield* rows(
        `insert into sieve_script (owner, name, stage, size, changed, source) values (?, ?, 'before', ?, ?, ?)
          on conflict (owner, name) do update set size = excluded.size, changed = excluded.changed, source = excluded.source`,
        owner,
        vacationName,
        source.length,
        nowMs,
        source,
      );
    yield* changed(owner);
  },
);

/** Replaces a script of this name, which keeps its stage; rules are counted anew. */
export const putScript = operation('sieve.put', function* (args: Put): Transaction<void> {
  const { owner, name, source, nowMs } = args;
  yield* checkRoom(args, source.length);
  yield* rows(
    `insert into sieve_script (owner, name, stage, size, changed, source) values (?, ?, '', ?, ?, ?)
      on conflict (owner, name) do update set size = excluded.size, changed = excluded.changed, source = excluded.source`,
    owner,
    name,
    source.length,
    nowMs,
    source,
  );
  yield* rows('delete from sieve_hit where owner = ? and script = ?', owner, name);
  yield* changed(owner);
});

/** Refusal: `notFound`; `notAllowed` for one that runs (RFC 5804, 2.10: ACTIVE). */
export const deleteScript = operation('sieve.delete', function* (args: Named): Transaction<void> {
  const { owner, name } = args;
  const found = yield* stageOf(args);
  if (found !== '') throw new Refusal('notAllowed', `${name} is ${found}`, { at: 'active' });
  yield* rows('delete from sieve_script where owner = ? and name = ?', owner, name);
  yield* rows('delete from sieve_hit where owner = ? and script = ?', owner, name);
  yield* changed(owner);
});

/** Refusal: `notFound`, `conflict` (the new name is taken). */
export const renameScript = operation(
  'sieve.rename',
  function* (args: Named & { readonly to: string }): Transaction<void> {
    const { owner, name, to } = args;
    yield* stageOf(args);
    if (to === name) return;
    const taken = yield* maybe('select name from sieve_script where owner = ? and name = ?', owner, to);
    if (taken !== undefined) throw new Refusal('conflict', to, { at: 'name' });
    yield* rows('update sieve_script set name = ? where owner = ? and name = ?', to, owner, name);
    yield* rows('update sieve_hit set script = ? where owner = ? and script = ?', to, owner, name);
    yield* changed(owner);
  },
);

/** Gives a stage to one script, and takes it from whichever had it. An empty name only takes it. Refusal: `notFound`. */
export const stageScript = operation(
  'sieve.stage',
  function* (args: Named & { readonly stage: Exclude<Stage, ''> }): Transaction<void> {
    const { owner, name, stage } = args;
    if (name !== '') yield* stageOf(args);
    yield* rows("update sieve_script set stage = '' where owner = ? and stage = ?", owner, stage);
    if (name !== '')
      yield* rows('update sieve_script set stage = ? where owner = ? and name = ?', stage, owner, name);
    yield* changed(owner);
  },
);

function* stageOf({ owner, name }: Named): Transaction<Stage> {
  const found = yield* maybe<{ stage: string }>(
    'select stage from sieve_script where owner = ? and name = ?',
    owner,
    name,
  );
  if (found === undefined) throw new Refusal('notFound', name, { at: 'name' });
  return found.stage as Stage;
}

/** All of an owner that is gone. */
export const dropScripts = operation(
  'sieve.drop',
  function* ({ owner }: { readonly owner: string }): Transaction<void> {
    yield* rows('delete from sieve_script where owner = ?', owner);
    yield* rows('delete from sieve_hit where owner = ?', owner);
    yield* changed(owner);
  },
  { essential: true },
);
