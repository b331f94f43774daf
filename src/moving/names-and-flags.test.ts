import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { canonicalName } from '../mailbox/name.ts';
import { FileNames } from './file-names.ts';
import { flagsFrom, sameFlags } from './flag-words.ts';
import {
  flagsOfLetters,
  folderOfLevels,
  lettersOfFlags,
  levelsOfFolder,
  parseFileName,
} from './maildir/maildir-names.ts';
import { distinct, safeName, withUsualRoles } from './mailbox-names.ts';
import { isUidlFormat, uidlOf } from './uidl-format.ts';
import { fileLevel } from './whole-file.ts';

test('any levels become a name that can be made here', () => {
  const cases: [string[], string][] = [
    [['inbox'], 'INBOX'],
    [['a/b', ' c '], 'a_b/c'],
    [['', 'x'], '_/x'],
    [['か\u3099'], 'が'],
    [['\ud800', 'a\nb'], '\ufffd/a_b'],
  ];
  for (const [levels, name] of cases) assert.equal(safeName(levels), name);
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1, maxLength: 25 }),
      (levels) => {
        const name = safeName(levels);
        // The whole may still be too long; each level is not.
        if (Buffer.byteLength(name) <= 1000) assert.equal(canonicalName(name), name);
      },
    ),
  );
});

test('two mailboxes never become one, and a role is that of one', () => {
  const box = (name: string, role?: 'sent') => ({
    label: name,
    name,
    subscribed: true,
    ...(role && { role }),
  });
  assert.deepEqual(
    distinct([box('a_b'), box('a_b'), box('a_b')]).map(({ name }) => name),
    ['a_b', 'a_b (2)', 'a_b (3)'],
  );
  const roles = withUsualRoles([box('INBOX'), box('Sent'), box('送信済み'), box('Spam'), box('x/Trash')]);
  assert.deepEqual(
    roles.map(({ role }) => role),
    ['inbox', 'sent', undefined, 'junk', undefined],
  );
  const told = withUsualRoles([box('Sent'), box('Gesendet', 'sent')]);
  assert.deepEqual(
    told.map(({ role }) => role),
    [undefined, 'sent'],
  );
});

test('names of Maildir folders go there and back', () => {
  assert.deepEqual(levelsOfFolder('.Sent.2024'), ['Sent', '2024']);
  assert.deepEqual(levelsOfFolder('.&TtVOiw-.R&-D'), ['仕事', 'R&D']);
  assert.deepEqual(levelsOfFolder('.仕事'), ['仕事'], 'UTF-8, as some servers write it');
  const level = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .filter((text) => text.isWellFormed() && !/[\x00-\x1f\x7f]/.test(text));
  fc.assert(
    fc.property(fc.array(level, { minLength: 1, maxLength: 4 }), (levels) => {
      const folder = folderOfLevels(levels);
      assert.match(folder, /^[\x20-\x7e]+$/);
      assert.deepEqual(levelsOfFolder(folder), levels);
    }),
  );
});

test('flags of file names, with keywords by their letters', () => {
  assert.deepEqual(parseFileName('1.a,S=3:2,FSa'), { base: '1.a,S=3', letters: 'FSa' });
  assert.deepEqual(parseFileName('1.a;2,S'), { base: '1.a', letters: 'S' });
  assert.deepEqual(parseFileName('1.a'), { base: '1.a', letters: '' });
  const keywords = ['Work', 'a(b'];
  const flags = flagsOfLetters('FSPaz', keywords);
  assert.deepEqual(flags, { system: ['flagged', 'seen'], keywords: ['$Forwarded', 'Work'] });
  assert.equal(lettersOfFlags(flags, keywords), 'FPSa');
  assert.equal(lettersOfFlags({ system: [], keywords: ['New'] }, keywords), 'c');
  assert.deepEqual(keywords, ['Work', 'a(b', 'New']);
  const full = Array.from({ length: 26 }, (_, i) => `k${i}`);
  assert.equal(
    lettersOfFlags({ system: ['seen'], keywords: ['k27'] }, full),
    'S',
    'there are no more letters',
  );
});

test('what cannot be a keyword here is left out; order and case do not matter', () => {
  const flags = flagsFrom(['\\SEEN', '\\Recent', 'Junk', 'junk', 'a b', 'x'.repeat(256), '日本']);
  assert.deepEqual(flags, { system: ['seen'], keywords: ['junk'] });
  assert(sameFlags(flagsFrom(['a', '\\Seen']), flagsFrom(['\\Seen', 'A'])));
  assert(!sameFlags(flagsFrom(['a']), flagsFrom([])));
});

test('unique ids are those that the old servers make', () => {
  const parts = { uid: 255, uidValidity: 0x5f000001, file: '1.a' };
  assert.equal(uidlOf('dovecot', parts), '000000ff5f000001');
  assert.equal(uidlOf('uw', parts), '5f000001000000ff');
  assert.equal(uidlOf('cyrus', parts), '1593835521.255');
  assert.equal(uidlOf('courier', parts), '1593835521-255');
  assert.equal(uidlOf('UID%u-%f', parts), 'UID255-1.a');
  for (const format of ['dovecot', '%u', '%08Xu.%v']) assert(isUidlFormat(format), format);
  for (const format of ['', 'plain', '%m', '%u%', '%']) assert(!isUidlFormat(format), format);
});

test('a mailbox never leads out of the folder it is written to', () => {
  assert.deepEqual(['..', '.', 'a\0b', '.hidden', 'plain'].map(fileLevel), [
    '_.',
    '_',
    'a_b',
    '_hidden',
    'plain',
  ]);
});

test('two names that a file system cannot tell apart become two files, and the same name the same file', () => {
  const names = new FileNames();
  assert.equal(names.path(['Work', 'Plan'], '.mbox'), 'Work/Plan.mbox');
  assert.equal(names.path(['work', 'Plan'], '.mbox'), 'work (2)/Plan.mbox');
  assert.equal(names.path(['Work', 'PLAN'], '.mbox'), 'Work/PLAN (2).mbox');
  assert.equal(names.path(['Work', 'Plan'], '.mbox'), 'Work/Plan.mbox');
  assert.equal(names.path(['が']), 'が');
  assert.equal(names.path(['か\u3099']), 'か\u3099 (2)');
  assert.equal(names.path(['Work (2)']), 'Work (2) (2)');
});
