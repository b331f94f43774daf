import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseRspamd, RspamdError } from './answer.ts';

test('action, score and symbols are read, the weightiest symbol first', () => {
  const answer = parseRspamd(
    JSON.stringify({
      is_skipped: false,
      score: 15.2,
      required_score: 15,
      action: 'reject',
      symbols: { A: { name: 'A', score: 0.1 }, GTUBE: { name: 'GTUBE', score: 15 }, OK: { score: -2 } },
      messages: { smtp_message: 'Gtube pattern\r\n250 ok' },
    }),
  );
  assert.deepEqual(answer, {
    action: 'reject',
    score: 15.2,
    required: 15,
    symbols: [
      { name: 'GTUBE', score: 15 },
      { name: 'OK', score: -2 },
      { name: 'A', score: 0.1 },
    ],
    smtpMessage: 'Gtube pattern?250 ok',
  });
});

test('what is no answer is an error', () => {
  for (const text of [
    '',
    '[]',
    'null',
    '{"error":"invalid command"}',
    '{"action":"explode","score":1,"required_score":2}',
    '{"action":"reject","score":"1","required_score":2}',
    '{"action":"reject","score":1e300,"required_score":2}',
    '{"action":"reject","score":1,"required_score":2,"symbols":[]}',
    '{"action":"reject","score":1,"required_score":2,"symbols":{"A":1}}',
  ])
    assert.throws(() => parseRspamd(text), RspamdError, text);
});

test('whatever a daemon says is an answer or a RspamdError', () => {
  const shape = fc.record(
    {
      action: fc.oneof(fc.constantFrom('reject', 'no action'), fc.anything()),
      score: fc.oneof(fc.double(), fc.anything()),
      required_score: fc.oneof(fc.double(), fc.anything()),
      symbols: fc.oneof(fc.dictionary(fc.string(), fc.record({ score: fc.double() })), fc.anything()),
      messages: fc.anything(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(shape, fc.anything(), fc.string()), (given) => {
      try {
        const { symbols, smtpMessage } = parseRspamd(typeof given === 'string' ? given : (json(given) ?? ''));
        assert(
          symbols.every(({ name }) => /^[\w.-]{0,100}$/.test(name)) && /^[ -~]{0,300}$/.test(smtpMessage),
        );
      } catch (error) {
        assert(error instanceof RspamdError);
      }
    }),
  );
});

function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
