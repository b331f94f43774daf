import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  complaintLocal,
  isReturnLocal,
  readReturnLocal,
  recipientHash,
  reportLocal,
} from './return-token.ts';

const message = '01k8p7m2n4q6r8s0tvwx';
const key = 'a secret';

test('a return address names its message and recipient, in whatever case it comes back', () => {
  const local = reportLocal(message, 'Bob@There.test', key);
  assert.ok(local.length <= 64, local);
  for (const one of [local, local.toUpperCase(), `"${local}"`]) {
    assert.ok(isReturnLocal(one));
    assert.deepEqual(readReturnLocal(one, key), {
      is: 'report',
      message,
      recipient: recipientHash('bob@there.test', key),
    });
  }
  assert.deepEqual(readReturnLocal(complaintLocal(message, key), key), {
    is: 'complaint',
    message,
    recipient: '',
  });
});

test('what is not by our key is nothing', () => {
  const local = reportLocal(message, 'bob@there.test', key);
  assert.equal(readReturnLocal(local, 'another'), undefined);
  for (let i = 2; i < local.length; i++) {
    const other = local[i] === 'b' ? 'c' : 'b';
    assert.equal(readReturnLocal(local.slice(0, i) + other + local.slice(i + 1), key), undefined, `at ${i}`);
  }
  for (const odd of ['', 'b-', 'bob', 'b-x-y-z', `b-${message}`])
    assert.equal(readReturnLocal(odd, key), undefined);
});
