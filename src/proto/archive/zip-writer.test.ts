import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unzip } from './unpack.ts';
import { zipDirectory } from './zip-directory.ts';
import { ending, zipOf, type ZipFile } from './zip-writer.ts';

const atMs = Date.UTC(2026, 2, 2, 9, 30, 10);

async function written(files: readonly ZipFile[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const given = async function* () {
    yield* files;
  };
  for await (const chunk of zipOf(given())) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('what is written is read again, with names in Japanese, large sizes and nothing at all', async () => {
  const many = Array.from({ length: 50 }, (_, i) => Buffer.from(`line ${i}\n`.repeat(1000)));
  const zip = await written([
    { name: '受信箱/a.mbox', atMs, maxBytes: 10, content: [Buffer.from('one'), Buffer.from(' two')] },
    { name: 'large', atMs, maxBytes: 2 ** 33, content: many },
    { name: 'empty', atMs, maxBytes: 0, content: [] },
  ]);
  assert.deepEqual(
    zipDirectory(zip).map(({ name }) => name),
    ['受信箱/a.mbox', 'large', 'empty'],
  );
  const found = new Map<string, string>();
  for await (const one of unzip(zip, { bytes: 10_000_000, files: 10 }, () => true))
    if (one.is === 'file') found.set(one.name, one.bytes.toString());
  assert.equal(found.get('受信箱/a.mbox'), 'one two');
  assert.equal(found.get('large'), Buffer.concat(many).toString());
  assert.equal(found.get('empty'), '');
});

test('what does not fit into the usual ending stands in the larger one before it', () => {
  const small = ending(3, 100, 1000);
  assert.deepEqual([small.length, small.readUInt16LE(10), small.readUInt32LE(16)], [22, 3, 1000]);
  const large = ending(65_536, 100, 2 ** 33);
  assert.equal(large.readUInt32LE(0), 0x0606_4b50);
  assert.equal(large.readBigUInt64LE(32), 65_536n);
  assert.equal(large.readBigUInt64LE(48), 2n ** 33n);
  assert.equal(large.readBigUInt64LE(56 + 8), 2n ** 33n + 100n);
});

test('content that fails fails the archive', async () => {
  const content = (async function* () {
    yield Buffer.from('x');
    throw new Error('gone');
  })();
  await assert.rejects(written([{ name: 'a', atMs, maxBytes: 9, content }]), /gone/);
});
