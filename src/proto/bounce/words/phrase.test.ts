import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Phrasebook } from './phrase.ts';
import { phrasebook } from './phrasebook.ts';
import { tokensOf } from './tokens.ts';

const book = (phrases: string): Phrasebook => new Phrasebook([{ reason: 'spam', strength: 'sure', phrases }]);
const says = (phrase: string, text: string): boolean => book(phrase).read(text).length === 1;

test('words are those of the text without case, accents, numbers and contractions', () => {
  assert.deepEqual(tokensOf('550 5.1.1 User doesn’t exist'), ['user', 'does', 'not', 'exist']);
  assert.deepEqual(tokensOf('Boîte pleine'), ['boite', 'pleine']);
  assert.deepEqual(tokensOf('<bob@there.example>... unknown'), ['@', 'unknown']);
  assert.deepEqual(tokensOf('User unknown.Please check'), ['user', 'unknown', 'please', 'check']);
  assert.deepEqual(tokensOf('容量超過'), ['容', '量', '超', '過']);
});

test('names of hosts and links say nothing by their parts', () => {
  assert.deepEqual(tokensOf('mx.spam.example.com said'), ['/mx', '/spam', '/example', '/com', '/.', 'said']);
  assert.deepEqual(tokensOf('see https://x.example/?p=NoSuchUser'), [
    'see',
    '/x',
    '/example',
    '/p',
    '/nosuchuser',
  ]);
});

test('a phrase is its words in order, with classes, choices, what may be absent, beginnings and gaps', () => {
  assert.ok(says('user unknown', 'The user unknown here'));
  assert.ok(!says('user unknown', 'unknown user'));
  assert.ok(says('no such $mailbox', 'No such mailbox!'));
  assert.ok(says('is|was full', 'it was full'));
  assert.ok(says('over the? quota', 'over quota') && says('over the? quota', 'over the quota'));
  assert.ok(says('konto unbekannt*', 'Konto unbekanntes'));
  assert.ok(says('quota .. exceeded', 'quota of this nice mailbox was exceeded'));
  assert.ok(!says('quota .. exceeded', `quota ${'and so on '.repeat(4)}exceeded`));
  assert.ok(says('user unknown', 'user <a@b.example> unknown'), 'whom it was for may stand between');
});

test('a phrase begins with a word that must be there', () => {
  assert.throws(() => book('.. full'), /begins with a word/);
  assert.throws(() => book('the? full'), /begins with a word/);
  assert.throws(() => book('$nothing full'), /no class/);
});

test('a text costs its first words and no more', () => {
  const repeated = 'the mailbox of the user no such user is '.repeat(100_000);
  const short = repeated.slice(0, 40 * 200);
  assert.deepEqual(phrasebook.read(repeated), phrasebook.read(short));
});
