import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUnsubscribeToken, unsubscribeToken } from './unsubscribe-token.ts';

const about = {
  org: 'org1',
  scope: 'topic:春の便り',
  message: '01k8'.padEnd(20, '0'),
  address: 'bób@there.test',
};

test('what a link says is read again, and only by the key that wrote it', () => {
  const token = unsubscribeToken(about, 'key');
  assert.match(token, /^[\w-]+\.[\w-]{16}$/);
  assert.deepEqual(readUnsubscribeToken(token, 'key'), about);
  assert.equal(readUnsubscribeToken(token, 'other'), undefined);
});

test('a token that was changed anywhere is none', () => {
  const token = unsubscribeToken(about, 'key');
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === 'A' ? 'B' : 'A';
    const changed = token.slice(0, at) + other + token.slice(at + 1);
    assert.equal(readUnsubscribeToken(changed, 'key'), undefined, `at ${at}`);
  }
  for (const odd of ['', '.', 'a.b', 'x'.repeat(5000), `${token}.x`])
    assert.equal(readUnsubscribeToken(odd, 'key'), undefined);
});
