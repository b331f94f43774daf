import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { inlineBodyMaxBytes, type BodyWriter, type StoredBody } from '../body.ts';
import { backupSqlite, restoreSqlite } from '../backup.ts';
import { checkSqlite } from '../check.ts';
import { operation } from '../operation.ts';
import { backupMarker, sweepBodies } from '../sweep.ts';
import { openTestStore } from '../testing.ts';
import { row, rows } from '../transaction.ts';
import { bodyPath, FileBodies } from './file-bodies.ts';

const root = mkdtempSync(join(tmpdir(), 'hikyaku-bodies-'));
after(() => rmSync(root, { recursive: true, force: true }));
const bodies = new FileBodies(join(root, 'bodies'));
const dayMs = 24 * 60 * 60 * 1000;

/** Bytes that differ everywhere, so that a wrong offset shows. */
const pattern = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 255);

async function write(
  bytes: Uint8Array,
  chunk: number,
  writer: BodyWriter = bodies.writer(),
): Promise<StoredBody> {
  const scratch = new Uint8Array(chunk);
  for (let at = 0; at < bytes.length; at += chunk) {
    const piece = scratch.subarray(0, Math.min(chunk, bytes.length - at));
    piece.set(bytes.subarray(at, at + chunk));
    await writer.write(piece);
    // The writer copied: the caller's buffer may be used again at once.
    piece.fill(0);
  }
  return writer.finish();
}

async function collect(body: StoredBody, offset?: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bodies.stream(body, offset)) {
    assert(piece.length <= 64 * 1024);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

test('what was written can be read before the body is finished, and the body is whole all the same', async () => {
  for (const size of [0, 5000, inlineBodyMaxBytes, inlineBodyMaxBytes + 1, 131_073, 400_000]) {
    const bytes = pattern(size);
    const writer = bodies.writer({ topMaxBytes: 100 });
    for (let at = 0; at < size; at += 30_000) void writer.write(bytes.subarray(at, at + 30_000));
    for (const offset of [0, 1, 70_000]) {
      const pieces: Uint8Array[] = [];
      for await (const piece of writer.written(offset)) pieces.push(Uint8Array.from(piece));
      assert(Buffer.concat(pieces).equals(bytes.subarray(offset)), `${size} from ${offset}`);
    }
    void writer.write(Buffer.from('more'));
    const body = await writer.finish(Buffer.from('top'));
    assert((await collect(body)).equals(Buffer.concat([Buffer.from('top'), bytes, Buffer.from('more')])));
  }
});

test('a body of any size, cut anyhow, is read and streamed back from any offset', async () => {
  const sizes = fc.constantFrom(0, 1, 5000, inlineBodyMaxBytes, inlineBodyMaxBytes + 1, 131_073, 400_000);
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.integer({ min: 1000, max: 200_000 }),
      fc.nat(450_000),
      fc.nat(70_000),
      async (size, chunk, offset, length) => {
        const bytes = pattern(size);
        const body = await write(bytes, chunk);
        assert.equal(body.is, size > inlineBodyMaxBytes ? 'file' : 'inline');
        assert.deepEqual(
          Buffer.from(await bodies.read(body, offset, length)),
          Buffer.from(bytes.subarray(offset, offset + length)),
        );
        assert.deepEqual(await collect(body, offset), Buffer.from(bytes.subarray(offset)));
      },
    ),
    { numRuns: 40 },
  );
});

test('what is put on top at the end comes first, however large the body', async () => {
  const sizes = [0, 100, inlineBodyMaxBytes - 10, inlineBodyMaxBytes, inlineBodyMaxBytes + 1, 400_000];
  for (const size of sizes) {
    for (const topSize of [0, 1, 300, 8192]) {
      const [top, bytes] = [pattern(topSize).reverse(), pattern(size)];
      const writer = bodies.writer({ topMaxBytes: 8192 });
      for (let at = 0; at < size; at += 10_000) await writer.write(bytes.subarray(at, at + 10_000));
      const body = await writer.finish(top);
      const whole = Buffer.concat([top, bytes]);
      assert.equal(writer.sizeBytes, whole.length);
      assert.equal(body.is, whole.length > inlineBodyMaxBytes ? 'file' : 'inline');
      assert.deepEqual(await collect(body), whole);
      assert.deepEqual(await collect(body, topSize), Buffer.from(bytes));
      assert.deepEqual(Buffer.from(await bodies.read(body, 0, 50)), whole.subarray(0, 50));
      if (body.is === 'file') {
        await writer.abort();
        await assert.rejects(bodies.read(body));
      }
    }
  }
  await assert.rejects(bodies.writer({ topMaxBytes: 100 }).finish(pattern(5000)), /no room/);
});

test('a body that nobody waited for while writing is whole all the same', async () => {
  const bytes = pattern(700_000);
  const writer = bodies.writer();
  for (let at = 0; at < bytes.length; at += 10_000) void writer.write(bytes.subarray(at, at + 10_000));
  assert.equal(writer.sizeBytes, bytes.length);
  assert.deepEqual(Buffer.from(await bodies.read(await writer.finish())), Buffer.from(bytes));
});

test('a message of 50 MiB takes constant memory', async () => {
  const piece = pattern(64 * 1024);
  const writer = bodies.writer();
  const expected = createHash('sha256');
  let peak = 0;
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 800; i++) {
    expected.update(piece);
    await writer.write(piece);
    if (i % 50 === 0) peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
  }
  const body = await writer.finish();
  assert(body.is === 'file' && body.sizeBytes === 50 * 2 ** 20);
  const found = createHash('sha256');
  for await (const chunk of bodies.stream(body)) found.update(chunk);
  assert.equal(found.digest('hex'), expected.digest('hex'));
  // Buffers that wait for the collector count too: far below the message is what matters.
  assert(peak < 25 * 2 ** 20, `${peak} bytes`);
});

test('an aborted body leaves no file, before and after it was finished', async () => {
  const folder = join(root, 'aborted');
  const own = new FileBodies(folder);
  const unfinished = own.writer();
  await unfinished.write(pattern(200_000));
  await unfinished.abort();
  await unfinished.abort();
  const finished = own.writer();
  const body = await write(pattern(200_000), 50_000, finished);
  assert(body.is === 'file' && statSync(join(folder, bodyPath(body.name))).size === 200_000);
  await finished.abort();
  assert.equal(statSync(join(folder, bodyPath(body.name)), { throwIfNoEntry: false }), undefined);
  assert.deepEqual(readdirSync(join(folder, 'tmp')), []);
  await own.writer().abort();
});

test('a folder that cannot be written refuses the body and leaves nothing', async () => {
  const file = join(root, 'not-a-folder');
  writeFileSync(file, '');
  const writer = new FileBodies(file).writer();
  await writer.write(pattern(200_000));
  await assert.rejects(writer.finish(), { name: 'Refusal', reason: 'storageBusy' });
});

test('names that are not ours never become paths', async () => {
  for (const name of ['', '../../etc/passwd', 'a'.repeat(31), `${'a'.repeat(31)}/`, 'A'.repeat(32)]) {
    assert.throws(() => bodyPath(name));
    await assert.rejects(bodies.read({ is: 'file', name, sizeBytes: 1 }));
  }
});

const references = [{ table: 'mail', column: 'body_file' }];
const keep = operation('bodies.keep', function* ({ name }: { name: string }) {
  yield* rows('insert into mail (body_file) values (?)', name);
});
const drop = operation('bodies.drop', function* ({ name }: { name: string }) {
  yield* rows('delete from mail where body_file = ?', name);
});
const openMail = (): ReturnType<typeof openTestStore> =>
  openTestStore({
    migrations: [{ part: 'mail', version: 1, statements: ['create table mail (body_file text)'] }],
    operations: [keep, drop],
  });

async function storedFile(
  store: Awaited<ReturnType<typeof openMail>>,
): Promise<{ name: string; path: string }> {
  const writer = store.bodies.writer();
  await writer.write(pattern(inlineBodyMaxBytes + 1));
  const body = await writer.finish();
  assert(body.is === 'file');
  return { name: body.name, path: join(store.folder, 'bodies', bodyPath(body.name)) };
}

test('the sweep removes what is old and unnamed, and nothing else', async () => {
  await using store = await openMail();
  const folder = join(store.folder, 'bodies');
  const nowMs = statSync(store.folder).mtimeMs + 60_000;
  const files = await Promise.all(Array.from({ length: 60 }, () => storedFile(store)));
  for (const { name } of files.slice(0, 55)) await store.write(keep, { name });
  for (const { path } of files.slice(0, 58))
    utimesSync(path, (nowMs - 2 * dayMs) / 1000, (nowMs - 2 * dayMs) / 1000);
  writeFileSync(join(folder, 'tmp', 'left-by-a-crash'), 'x');
  utimesSync(join(folder, 'tmp', 'left-by-a-crash'), 1000, 1000);
  writeFileSync(join(folder, backupMarker), '');
  assert.equal(
    (await sweepBodies({ store, folder, references, nowMs })).removed,
    1,
    'while a backup runs, only leftovers',
  );
  rmSync(join(folder, backupMarker));
  assert.deepEqual(await sweepBodies({ store, folder, references, nowMs }), { removed: 3, kept: 57 });
  await store.write(drop, { name: files[0]!.name });
  assert.deepEqual(await sweepBodies({ store, folder, references, nowMs }), { removed: 1, kept: 56 });
});

test('a backup of a store in use is whole, can be restored into an empty folder, and raises the generation', async () => {
  await using store = await openMail();
  const file = await storedFile(store);
  await store.write(keep, { name: file.name });
  const to = join(root, 'backup');
  const writing = Array.from({ length: 50 }, async () => store.write(keep, { name: file.name }));
  const manifest = await backupSqlite({ folder: store.folder, to, nowMs: 5 });
  await Promise.all(writing);
  assert.deepEqual(manifest, { createdAtMs: 5, generation: 1, bodies: 1 });
  await assert.rejects(backupSqlite({ folder: store.folder, to, nowMs: 5 }), /not empty/);

  const restored = join(root, 'restored');
  assert.equal((await restoreSqlite({ from: to, to: restored, nowMs: 1_000 })).generation, 2);
  for (const folder of [to, restored])
    assert.equal(statSync(folder).mode & 0o777, 0o700, 'for its owner alone');
  await assert.rejects(restoreSqlite({ from: to, to: restored, nowMs: 1_000 }), /not empty/);
  const report = await checkSqlite(restored, references);
  assert.deepEqual(report, {
    damage: [],
    indexDamage: [],
    bodiesNamed: 1,
    bodiesMissing: [],
    bodiesUnnamed: 0,
  });
  await assert.rejects(
    restoreSqlite({ from: root, to: join(root, 'other'), nowMs: 1_000 }),
    /no complete backup/,
  );

  rmSync(join(restored, 'bodies', bodyPath(file.name)));
  assert.deepEqual((await checkSqlite(restored, references)).bodiesMissing, [file.name]);
  writeFileSync(join(restored, 'mail.db'), pattern(20_000));
  assert((await checkSqlite(restored, references)).damage.length > 0);
  assert.deepEqual(await store.read(() => row("select value from store_info where name = 'generation'")), {
    value: 1,
  });
});
