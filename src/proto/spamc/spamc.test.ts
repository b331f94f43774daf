import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isPong, parseSpamd, spamcHead, SpamcError } from './spamc.ts';

const answer = (text: string): ReturnType<typeof parseSpamd> => parseSpamd(Buffer.from(text));

test('the head of a request names the user, without what would end the line', () => {
  assert.equal(
    spamcHead({ command: 'SYMBOLS', user: 'alice@here.test' }),
    'SYMBOLS SPAMC/1.5\r\nUser: alice@here.test\r\n\r\n',
  );
  assert.equal(spamcHead({ command: 'SYMBOLS', user: 'a\r\nb c' }), 'SYMBOLS SPAMC/1.5\r\nUser: abc\r\n\r\n');
  assert.equal(spamcHead({ command: 'PING', user: '' }), 'PING SPAMC/1.5\r\n\r\n');
  assert(isPong(Buffer.from('SPAMD/1.5 0 PONG\r\n')));
});

test('score, threshold and rules are read', () => {
  assert.deepEqual(
    answer(
      'SPAMD/1.1 0 EX_OK\r\nContent-length: 36\r\nSpam: True ; 1000.0 / 5.0\r\n\r\nGTUBE,NO_RECEIVED,\r\nNO_RELAYS\r\n',
    ),
    { isSpam: true, score: 1000, threshold: 5, symbols: ['GTUBE', 'NO_RECEIVED', 'NO_RELAYS'] },
  );
  assert.deepEqual(answer('SPAMD/1.5 0 EX_OK\r\nSpam: False ; -1.9 / 5.0\r\n\r\n'), {
    isSpam: false,
    score: -1.9,
    threshold: 5,
    symbols: [],
  });
});

test('what is no answer is an error', () => {
  for (const text of [
    '',
    'SPAMD/1.0 76 Bad header line: (x)\r\n\r\n',
    'SPAMD/1.5 0 EX_OK\r\n\r\n',
    'SPAMD/1.5 0 EX_OK\r\nSpam: True ; 6.0 / 5.0\r\n',
    'SPAMD/1.5 0 EX_OK\r\nSpam: True ; 1e9 / 5.0\r\n\r\n',
    'SPAMD/1.5 0 EX_OK\r\nSpam: True ; 99999999 / 5.0\r\n\r\n',
    'HTTP/1.1 200 OK\r\n\r\n',
  ])
    assert.throws(() => answer(text), SpamcError, text);
});

test('whatever a daemon says is an answer or a SpamcError', () => {
  const words = fc.constantFrom(
    'SPAMD/1.5 ',
    '0 ',
    'EX_OK',
    '\r\n',
    'Spam: ',
    'True ; ',
    '5.0',
    ' / ',
    '-',
    'A,B',
    '\0',
  );
  const texts = fc.array(fc.oneof(words, fc.string({ maxLength: 9 })), { maxLength: 20 });
  fc.assert(
    fc.property(texts, (parts) => {
      try {
        const { score, symbols } = parseSpamd(Buffer.from(parts.join('')));
        assert(Number.isFinite(score) && symbols.every((name) => /^\w{1,100}$/.test(name)));
      } catch (error) {
        assert(error instanceof SpamcError);
      }
    }),
  );
});
