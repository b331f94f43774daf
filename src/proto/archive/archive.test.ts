import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { contentKind } from './content-type.ts';
import { nameFacts, shownName } from './file-name.ts';
import { rarDirectory } from './rar-directory.ts';
import { unpackLzma } from './lzma.ts';
import { sevenZipDirectory } from './seven-zip-directory.ts';
import { rar4Of, rar5Of, tarOf, zipOf } from './testing.ts';
import { untar } from './tar.ts';
import { BombError, unpackStream, unzip, type Packed } from './unpack.ts';
import { ArchiveError, zipDirectory } from './zip-directory.ts';

const budget = (bytes = 1_000_000, files = 1000) => ({ bytes, files });
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

async function all(packed: AsyncIterable<Packed> | Iterable<Packed>): Promise<string[]> {
  const found: string[] = [];
  for await (const one of packed) {
    const detail =
      one.is === 'file' ? one.bytes.toString('latin1', 0, 20) : one.is === 'unread' ? one.why : '';
    found.push(`${one.is} ${one.name} ${detail}`.trim());
  }
  return found;
}

test('files are told by what they begin with', () => {
  const program = Buffer.alloc(200);
  program.write('MZ');
  program.writeUInt32LE(128, 0x3c);
  program.write('PE', 128);
  const disc = Buffer.alloc(0x8010);
  disc.write('CD001', 0x8001);
  const kinds: readonly [Buffer, string | undefined][] = [
    [program, 'windowsProgram'],
    [
      latin1('MZ is how this text begins, which is long enough to be one of those, but it is none at all'),
      'text',
    ],
    [latin1('\x7fELF\x02\x01'), 'elfProgram'],
    [latin1('L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0Fxx'), 'shortcut'],
    [disc, 'diskImage'],
    [zipOf([]), 'zip'],
    [rar5Of(['a']), 'rar'],
    [rar4Of(['a']), 'rar'],
    [latin1("7z\xbc\xaf'\x1c\0\x04"), '7z'],
    [gzipSync('x'), 'gzip'],
    [zstdCompressSync('x'), 'zstd'],
    [tarOf({ a: 'x' }), 'tar'],
    [latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0'), 'ole'],
    [latin1('\xef\xbb\xbf%PDF-1.7\n'), 'pdf'],
    [latin1('!!-lh5-'), 'lha'],
    [latin1('\x89PNG\r\n\x1a\n'), 'image'],
    [latin1('#!/bin/sh\n'), 'script'],
    [latin1('  <!DOCTYPE html><html>'), 'html'],
    [latin1('Hello\r\n'), 'text'],
    [Buffer.from('\ufeffこんにちは', 'utf16le'), 'text'],
    [latin1('\0\x01\x02\x03'), undefined],
    [Buffer.alloc(0), undefined],
  ];
  for (const [bytes, kind] of kinds) assert.equal(contentKind(bytes), kind, bytes.toString('latin1', 0, 20));
});

test('names tell what runs, and how they deceive', () => {
  const facts = (name: string): unknown[] => {
    const { extension, runs, image, macros, deceives } = nameFacts(name);
    return [extension, runs && 'runs', image && 'image', macros && 'macros', deceives].filter(Boolean);
  };
  assert.deepEqual(facts('invoice.pdf'), ['pdf']);
  assert.deepEqual(facts('notes.txt.zip'), ['zip']);
  assert.deepEqual(facts('archive.tar.gz'), ['gz']);
  assert.deepEqual(facts('setup.EXE'), ['exe', 'runs']);
  assert.deepEqual(facts('a/b/run.js. . '), ['js', 'runs']);
  assert.deepEqual(facts('ｅｖｉｌ．ｅｘｅ'), ['exe', 'runs']);
  assert.deepEqual(facts('invoice.pdf.exe'), ['exe', 'runs', 'doubleExtension']);
  assert.deepEqual(facts('請求書.pdf.lnk'), ['lnk', 'runs', 'doubleExtension']);
  assert.deepEqual(facts('invoice_\u202efdp.exe'), ['exe', 'runs', 'direction']);
  assert.deepEqual(facts('invoice_\u202eexe.pdf'), ['pdf', 'direction']);
  assert.deepEqual(facts(`a.pdf${' '.repeat(30)}.exe`), ['exe', 'runs', 'gap']);
  assert.deepEqual(facts('a.e\u200bxe'), ['exe', 'runs', 'invisible']);
  assert.deepEqual(facts('\u{1f468}\u200d\u{1f469}.jpg'), ['jpg']);
  assert.deepEqual(facts('\u05d7\u05e9\u05d1\u05d5\u05df\u200f.pdf'), ['pdf']);
  assert.deepEqual(facts('disc.iso'), ['iso', 'image']);
  assert.deepEqual(facts('sheet.xlsm'), ['xlsm', 'macros']);
  assert.deepEqual(facts('noextension'), []);
  assert.deepEqual(facts('.'), []);
  assert.deepEqual(facts(`a${' .'.repeat(500_000)}x.exe`), ['exe', 'runs'], 'read in linear time');
  assert.equal(shownName('a\r\nb\u202ec\ud800'), 'a\ufffd\ufffdb\ufffdc\ufffd');
});

test('a ZIP file is listed by its end: with a comment, with bytes in front, with names in Shift_JIS', () => {
  const entries = [
    { name: 'a/b.txt', bytes: 'x' },
    { name: Buffer.from('90bf8b818f912e786c73', 'hex'), bytes: 'y', encrypted: true },
  ];
  for (const zip of [
    zipOf(entries),
    zipOf(entries, { comment: 'PK\x05\x06 is not the end' }),
    zipOf(entries, { before: 'MZ a program that unpacks itself' }),
  ])
    assert.deepEqual(
      zipDirectory(zip).map(({ name, encrypted }) => [name, encrypted]),
      [
        ['a/b.txt', false],
        ['請求書.xls', true],
      ],
    );
  const long = zipOf([{ name: 'big', bytes: Buffer.alloc(5000, 1), stored: true }, ...entries]);
  assert.equal(zipDirectory(long.subarray(4000), 4000).length, 3, 'the end of the file is enough');
  for (const broken of [Buffer.from('PK\x03\x04'), long.subarray(0, -30), long.subarray(-22)])
    assert.throws(() => zipDirectory(broken), ArchiveError);
});

test('what is in a ZIP file comes out; what cannot is listed', async () => {
  const zip = zipOf([
    { name: 'folder/', bytes: '' },
    { name: 'a.txt', bytes: 'deflated' },
    { name: 'b.txt', bytes: 'stored', stored: true },
    { name: 'c.txt', bytes: 'secret', encrypted: true },
    { name: 'd.txt', bytes: 'x', method: 14 },
    { name: 'e.png', bytes: 'x' },
    { name: 'f.txt', bytes: Buffer.alloc(3000) },
  ]);
  assert.deepEqual(await all(unzip(zip, budget(2000), (name) => !name.endsWith('.png'))), [
    'file a.txt deflated',
    'file b.txt stored',
    'encrypted c.txt',
    'unread d.txt method',
    'listed e.png',
    'unread f.txt tooLarge',
  ]);
  const shifted = zipOf([{ name: 'a.txt', bytes: 'found' }], { before: 'xxxx' });
  assert.deepEqual(await all(unzip(shifted, budget(), () => true)), ['file a.txt found']);
  await assert.rejects(all(unzip(zip, budget(1000, 3), () => true)), ArchiveError);
});

test('bombs are told, whatever they claim of themselves, and cost little', async () => {
  const zeros = Buffer.alloc(20_000_000);
  const honest = zipOf([{ name: 'zeros', bytes: zeros }]);
  await assert.rejects(all(unzip(honest, budget(1e9), () => true)), BombError);
  const lying = zipOf([{ name: 'zeros', bytes: zeros, claims: 10 }]);
  await assert.rejects(all(unzip(lying, budget(1e9), () => true)), BombError);
  await assert.rejects(unpackStream('gzip', 'a.gz', gzipSync(zeros), budget(1e9)), BombError);
  // Blocks of nothing, which many files share: nothing comes out, however often they are read.
  const empty = Buffer.concat([
    Buffer.alloc(5 * 1000, Buffer.from('000000ffff', 'hex')),
    Buffer.from([3, 0]),
  ]);
  const shared = zipOf([{ name: 'a', bytes: empty, stored: true, method: 8, claims: 0 }]);
  const at = shared.lastIndexOf('PK\x01\x02');
  const end = shared.lastIndexOf('PK\x05\x06');
  const entry = shared.subarray(at, end);
  const tail = Buffer.from(shared.subarray(end));
  tail.writeUInt32LE(3 * entry.length, 12);
  const thrice = Buffer.concat([shared.subarray(0, at), entry, entry, entry, tail]);
  assert.deepEqual(await all(unzip(shared, budget(), () => true)), ['file a']);
  await assert.rejects(all(unzip(thrice, budget(), () => true)), BombError);
  const left = budget(1_000_000);
  assert.deepEqual(await unpackStream('gzip', 'a.gz', gzipSync(zeros), left), {
    is: 'unread',
    name: 'a',
    why: 'tooLarge',
  });
});

test('gzip, Zstandard and tar', async () => {
  const tar = tarOf({ 'a.txt': 'one', 'b/c.txt': 'two' });
  assert.deepEqual(await all(untar(tar, budget())), ['file a.txt one', 'file b/c.txt two']);
  const packed = await unpackStream('gzip', 'x.tgz', gzipSync(tar), budget());
  assert.equal(packed.name, 'x.tar');
  assert(packed.is === 'file' && packed.bytes.equals(tar));
  const zstd = await unpackStream('zstd', 'x.txt.zst', zstdCompressSync('hello'), budget());
  assert.deepEqual(await all([zstd]), ['file x.txt hello']);
  assert.throws(() => [...untar(Buffer.alloc(1024, 0x41), budget())], ArchiveError);
});

test('names in RAR files of both versions, and what is encrypted', () => {
  for (const make of [rar4Of, rar5Of]) {
    assert.deepEqual(rarDirectory(make(['a.exe', 'b'])), {
      hidden: false,
      entries: [
        { name: 'a.exe', encrypted: false },
        { name: 'b', encrypted: false },
      ],
    });
    const locked = rarDirectory(make(['a'], { encrypted: true }));
    assert(!locked.hidden && locked.entries[0]!.encrypted);
    assert(rarDirectory(make(['a'], { hidden: true })).hidden);
  }
});

/** Made by 7-Zip: a folder and two files; one that is encrypted; one whose list is encrypted, too. */
const sevenZips = {
  plain: Buffer.from(
    'N3q8ryccAAQ3HEzrhAAAAAAAAAAhAAAAAAAAAFqsfwcBAA1kYXRhCmFsZXJ0KDEpCgAAAIEzB64PzxYxDAfIQ39Bsf' +
      'r931/lO9ZHLvWAB4GyejSskXhLmC8iuDntJg48qRxFlyMUwHlEMVT7BS+7QV1/LLVMvzOcv5lelLgvpZou3wp07FMe' +
      'sdAuGBRHhJBwmbXGve2yBr/OlZUV/1sshJ2gAAAXBhIBCXIABwsBAAEjAwEBBV0AEAAADICCCgFMW7nFAAA=',
    'base64',
  ),
  locked: Buffer.from(
    'N3q8ryccAAQpaPIQEAAAAAAAAABqAAAAAAAAAP4FB1mCpMHbFCwBvIomk9jgLbYtAQQGAAEJEAAHCwEAAiQG8QcBEl' +
      'MPaqVTiwKHHZq/rP6SdO7NHyEhAQABAAwNCQAICgG5w99dAAAFARkBABEPAHIAdQBuAC4AagBzAAAAGQQAAAAAFAoB' +
      'ANOnqvUpfN0BFQYBACCApIEAAA==',
    'base64',
  ),
  hidden: Buffer.from(
    'N3q8ryccAAQpEoVwgAAAAAAAAAAuAAAAAAAAAOWACtOT5d76zjM4DrlDk3YoxZH5WJ1QwM9bJZ2QnFoKtGxFgi25Cp' +
      'V40QPANKuqua5E+pQPFIVAW7JhUOuNGS/OvvlWDkSVxRKc5IScq9bxOrPi3KjM6OBdnhXqUJ9487lpQLBtCtMvDl1C' +
      'WNupGPLhjX3EJQ90gWvKqAOQ/lBzJ/G37hcGEAEJcAAHCwEAASQG8QcBElMP3cuL252Zuf5yk63tC7sb5QxqCgEE/6' +
      'CdAAA=',
    'base64',
  ),
};

test('names in 7z files, whose list is packed with LZMA, and what is encrypted', () => {
  assert.deepEqual(sevenZipDirectory(sevenZips.plain), {
    hidden: false,
    names: ['d', 'd/資料.txt', 'run.js'],
    encrypted: false,
  });
  assert.deepEqual(sevenZipDirectory(sevenZips.locked), {
    hidden: false,
    names: ['run.js'],
    encrypted: true,
  });
  assert.deepEqual(sevenZipDirectory(sevenZips.hidden), { hidden: true });
  for (const cut of [10, 40, 100, 190])
    assert.throws(() => sevenZipDirectory(sevenZips.plain.subarray(0, cut)), ArchiveError);
});

/** A 7z file whose list is not packed. */
function sevenZipWith(list: Buffer): Buffer {
  const start = Buffer.alloc(32);
  start.write("7z\xbc\xaf'\x1c\0\x04", 'latin1');
  start.writeUInt32LE(list.length, 20);
  return Buffer.concat([start, list]);
}

test('a 7z file that tells of more than there can be, or of the same again and again, costs little', () => {
  const folders = 40_000;
  const number = (value: number): number[] => [0xe0, value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff];
  const times = (count: number, ...bytes: number[]): Buffer =>
    Buffer.alloc(count * bytes.length, Buffer.from(bytes));
  const unpacked = Buffer.concat([
    Buffer.from([0x01, 0x04, 0x07, 0x0b, ...number(folders), 0]),
    // One coder with a method of one octet, which is of the size 1.
    times(folders, 1, 1, 0),
    Buffer.from([0x0c]),
    times(folders, 1),
    Buffer.from([0x00, 0x08]),
  ]);
  const sums = Buffer.concat([
    Buffer.from([0x0d]),
    times(folders, ...number(100_000)),
    Buffer.from([0x0a, 1]),
  ]);
  assert.throws(() => sevenZipDirectory(sevenZipWith(Buffer.concat([unpacked, sums]))), /too many files/);
  const sizes = times(1_000_000, 0x09);
  assert.throws(() => sevenZipDirectory(sevenZipWith(Buffer.concat([unpacked, sizes]))), /twice/);
});

test('whatever bytes there are, nothing but an ArchiveError, a BombError or a RangeError comes of them', async () => {
  const seeds = [
    zipOf([
      { name: 'a', bytes: 'hello' },
      { name: 'b', bytes: 'x', encrypted: true },
    ]),
    rar4Of(['a', 'b']),
    rar5Of(['a', 'b'], { encrypted: true }),
    tarOf({ a: 'x' }),
    gzipSync('hello'),
    ...Object.values(sevenZips),
  ];
  const damaged = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 6 }),
      fc.nat(2000),
    )
    .map(([seed, changes, length]) => {
      const bytes = Buffer.from(seed);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes.subarray(0, Math.max(1, length % (bytes.length + 1)));
    });
  const anything = fc.oneof(
    damaged,
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  const ways = [
    (bytes: Buffer) => all(unzip(bytes, budget(), () => true)),
    async (bytes: Buffer) => rarDirectory(bytes),
    async (bytes: Buffer) => sevenZipDirectory(bytes),
    async (bytes: Buffer) => unpackLzma(bytes, bytes.subarray(5), 5000),
    async (bytes: Buffer) => [...untar(bytes, budget())],
    (bytes: Buffer) => unpackStream('gzip', 'a', bytes, budget()),
    async (bytes: Buffer) => contentKind(bytes),
  ];
  await fc.assert(
    fc.asyncProperty(anything, async (bytes) => {
      for (const way of ways) {
        await way(bytes).catch((error: unknown) =>
          assert(
            error instanceof ArchiveError || error instanceof BombError || error instanceof RangeError,
            String((error as Error).stack),
          ),
        );
      }
    }),
    { numRuns: 500 },
  );
});
