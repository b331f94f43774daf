import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import type { Clock } from '../../base/clock.ts';
import { Refusal } from '../../base/refusal.ts';
import { contract, migrations, operations, type Item } from '../contract-operations.ts';
import { operationsByName } from '../core/operations.ts';
import { openSqlite, type SqliteOptions } from '../open-sqlite.ts';
import type { StoreHealth } from '../store.ts';
import { row, rows } from '../transaction.ts';
import type { Answer } from './commit.ts';
import { openWriter, pragma } from './connection.ts';
import { die } from './faults-operations.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { Reader } from './reader.ts';

const item = (id: string, bytes = 10): Item => ({ owner: 'o', id, n: 1, data: new Uint8Array(bytes) });
const add = (id: string, bytes?: number) => ({ name: 'contract.add', args: item(id, bytes) });
const remove = (id: string) => ({ name: 'contract.remove', args: { owner: 'o', id } });

/** What a test made, undone in reverse. */
function cleanup(context: TestContext): DisposableStack {
  const stack = new DisposableStack();
  context.after(() => stack.dispose());
  return stack;
}

function temporary(made: DisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-faults-'));
  made.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A clock whose time and timers move only by `advance`. */
function manualClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  const timers = new Set<{ atMs: number; run: () => void }>();
  return {
    nowMs: () => now,
    monotonicMs: () => now,
    after(delayMs, run) {
      const timer = { atMs: now + delayMs, run };
      timers.add(timer);
      return { restart: () => (timer.atMs = now + delayMs), [Symbol.dispose]: () => timers.delete(timer) };
    },
    advance(ms) {
      now += ms;
      for (const timer of [...timers].filter(({ atMs }) => atMs <= now)) {
        timers.delete(timer);
        timer.run();
      }
    },
  };
}

interface Lab {
  readonly engine: Engine;
  readonly clock: ReturnType<typeof manualClock>;
  readonly states: StoreHealth['state'][];
  run(...calls: { name: string; args: unknown }[]): Answer[];
  ids(): string[];
}

function openLab(made: DisposableStack, folder: string, space: Partial<EngineOptions['space']> = {}): Lab {
  const clock = manualClock();
  const states: StoreHealth['state'][] = [];
  const engine = new Engine({
    folder,
    durable: true,
    operations: operationsByName(operations),
    migrations,
    space: { freeMinBytes: 0, freeMinShare: 0.05, ballastBytes: 0, ...space },
    clock,
    onState: ({ state }) => states.push(state),
  });
  made.use(engine);
  const ids = (): string[] => {
    using reader = new Reader(folder);
    return reader.run(rows<{ id: string }>('select id from item order by id')).map(({ id }) => id);
  };
  return { engine, clock, states, ids, run: (...calls) => engine.run(calls, new Map()) };
}

/** The reasons of refusals; `done` for what was done. */
const outcomes = (answers: readonly Answer[]): string[] =>
  answers.map((answer) => {
    if (answer.is === 'done') return 'done';
    return answer.error instanceof Refusal ? answer.error.reason : String(answer.error);
  });

/** Puts another file behind this process's descriptors of `path`, so that what SQLite does with them fails. */
function replaceDescriptors(path: string, other: string): number {
  let count = 0;
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`) !== path) continue;
    } catch {
      continue;
    }
    closeSync(fd);
    // The lowest free number is given out first: this one, or one below it; then fill up to it.
    while (openSync(other, 'r') < fd);
    count += 1;
  }
  return count;
}

test('when the device fails the connection is never used again, and a new one goes on by itself with all that was acknowledged', (context) => {
  const made = cleanup(context);
  const folder = temporary(made);
  const lab = openLab(made, folder);
  assert.deepEqual(outcomes(lab.run(add('a'), add('b'))), ['done', 'done']);
  assert.equal(replaceDescriptors(join(folder, 'mail.db-wal'), '/dev/null'), 1);
  assert.deepEqual(outcomes(lab.run(add('c'), add('d'))), ['storageBusy', 'storageBusy']);
  assert.equal(lab.engine.health().state, 'failed');
  assert.deepEqual(outcomes(lab.run(add('e'))), ['storageBusy']);
  lab.clock.advance(600);
  assert.deepEqual(lab.states, ['failed', 'ok']);
  assert.deepEqual(outcomes(lab.run(add('f'))), ['done']);
  const ids = lab.ids();
  for (const id of ['a', 'b', 'f']) assert(ids.includes(id));
  assert(!ids.includes('e'));
});

test('a reopened database that is damaged stays closed until an operator comes', (context) => {
  const made = cleanup(context);
  const folder = temporary(made);
  const lab = openLab(made, folder);
  for (let i = 0; i < 200; i++) lab.run(add(`i${i}`, 3000));
  replaceDescriptors(join(folder, 'mail.db-wal'), '/dev/null');
  lab.run(add('x'));
  const path = join(folder, 'mail.db');
  rmSync(`${path}-wal`);
  rmSync(`${path}-shm`, { force: true });
  truncateSync(path, 8192);
  writeFileSync(path, 'not a database at all, whatever its name says'.repeat(400));
  lab.clock.advance(600);
  assert.deepEqual(lab.states, ['failed', 'damaged']);
  assert.deepEqual(outcomes(lab.run(add('y'))), ['storageBusy']);
});

test('damage that only a look at every page shows keeps a reopened database closed', (context) => {
  const made = cleanup(context);
  const folder = temporary(made);
  const lab = openLab(made, folder);
  for (let i = 0; i < 200; i++) lab.run(add(`i${i}`, 3000));
  const path = join(folder, 'mail.db');
  {
    using db = new DatabaseSync(path);
    db.exec('pragma wal_checkpoint(truncate)');
  }
  replaceDescriptors(`${path}-wal`, '/dev/null');
  lab.run(add('x'));
  const file = openSync(path, 'r+');
  made.defer(() => closeSync(file));
  // In the middle of the rows: nothing that opening reads.
  writeSync(file, Buffer.alloc(100_000, 0xff), 0, 100_000, 300_000);
  lab.clock.advance(600);
  assert.deepEqual(lab.states, ['failed', 'damaged']);
  assert.deepEqual(outcomes(lab.run(add('y'))), ['storageBusy']);
});

test('below the watermark new mail is refused, essential operations go on, in one group and in order', (context) => {
  const made = cleanup(context);
  const folder = temporary(made);
  const lab = openLab(made, folder);
  lab.run(add('a'), add('b'));
  const low = openLab(made, folder, { freeMinBytes: Number.MAX_SAFE_INTEGER, freeMinShare: 1 });
  assert.equal(low.engine.health().state, 'full');
  assert.deepEqual(outcomes(low.run(add('c'), remove('a'), add('d'), remove('b'))), [
    'storageFull',
    'done',
    'storageFull',
    'done',
  ]);
  assert.deepEqual(low.ids(), []);
});

const cannotMount =
  process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0
    ? false
    : 'mounting a small disk needs root';

test('on a full disk what is essential still commits, and all goes on when there is room again', {
  skip: cannotMount,
}, (context) => {
  const made = cleanup(context);
  const folder = temporary(made);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', folder]);
  if (mounted.status !== 0) return context.skip('mounting a small disk is not allowed here');
  made.defer(() => spawnSync('umount', [folder]));
  const lab = openLab(made, folder, { freeMinShare: 0, ballastBytes: 16 * 2 ** 20 });
  assert.deepEqual(outcomes(lab.run(add('a', 5000), add('b', 5000))), ['done', 'done']);
  assert(readdirSync(folder).includes('ballast'));
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, 'filler'), new Uint8Array(bavail * bsize));
  assert.deepEqual(outcomes(lab.run(add('c', 200_000), remove('a'))), ['storageFull', 'done']);
  assert.equal(lab.engine.health().state, 'full');
  assert.deepEqual(outcomes(lab.run(add('d', 200_000), remove('b'))), ['storageFull', 'done']);
  rmSync(join(folder, 'filler'));
  lab.clock.advance(1100);
  assert.deepEqual(outcomes(lab.run(add('e', 200_000))), ['done']);
  assert.equal(lab.engine.health().state, 'ok');
  assert.deepEqual(lab.ids(), ['e']);
  assert(readdirSync(folder).includes('ballast'));
});

const options = (folder: string): SqliteOptions => ({
  folder,
  migrations,
  operations: new URL('./faults-operations.ts', import.meta.url).href,
  space: { ballastBytes: 0 },
  durable: false,
});

test('both databases of a durable writer sync each commit', (context) => {
  const made = cleanup(context);
  using db = openWriter({ folder: temporary(made), durable: true });
  for (const schema of ['main', 'events']) {
    assert.equal(pragma(db, `${schema}.journal_mode`), 'wal');
    assert.equal(pragma(db, `${schema}.synchronous`), 2, 'FULL');
  }
});

test('a folder belongs to one process at a time', async (context) => {
  const made = cleanup(context);
  const folder = temporary(made);
  {
    await using _ = await openSqlite(options(folder));
    await assert.rejects(openSqlite(options(folder)), /another Hikyaku/);
  }
  await using host = await openSqlite(options(folder));
  await host.store.write(contract.add, item('a'));
});

test('a writer thread that dies is started again; what it had not answered is refused', async (context) => {
  await using host = await openSqlite(options(temporary(cleanup(context))));
  await host.store.write(contract.add, item('a'));
  const results = await Promise.allSettled([
    host.store.write(contract.add, item('b')),
    host.store.write(die, undefined),
    host.store.write(contract.add, item('c')),
  ]);
  for (const result of results) {
    assert(result.status === 'rejected' && (result.reason as Refusal).reason === 'storageBusy');
  }
  // Until the death is noticed and the next thread is there, writes are refused at once rather than kept waiting.
  for (let refused = true; refused; ) {
    refused = await host.store.write(contract.add, item('d')).then(
      () => false,
      (error: unknown) => (error as Refusal).reason === 'storageBusy',
    );
  }
  assert.deepEqual(await host.store.read(() => row('select version from head')), { version: 2 });
});

test('a store that cannot be opened says why and leaves nothing running', async (context) => {
  const made = cleanup(context);
  const folder = temporary(made);
  writeFileSync(join(folder, 'mail.db'), 'x'.repeat(10_000));
  await assert.rejects(openSqlite(options(folder)), /not a database/);
  const missing = { ...options(temporary(cleanup(context))), operations: 'file:///no/such/module.ts' };
  await assert.rejects(openSqlite(missing), /no\/such\/module/);
});

test('operations that are under way when the store closes are still answered', async (context) => {
  const host = await openSqlite(options(temporary(cleanup(context))));
  const written = Promise.all(
    Array.from({ length: 50 }, (_, i) => host.store.write(contract.add, item(`${i}`))),
  );
  await host[Symbol.asyncDispose]();
  assert.equal((await written).length, 50);
  await assert.rejects(host.store.write(contract.add, item('late')), { reason: 'shuttingDown' });
});
