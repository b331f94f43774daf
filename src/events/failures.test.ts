import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldedReply } from './failures.ts';

test('answers that say the same are one cause: ids, addresses and numbers are folded, codes stay', () => {
  const pairs: readonly (readonly [string, string])[] = [
    [
      '550 5.1.1 <bob@x.test>: user unknown (id 4XyZ12ab34)',
      '550 5.1.1 <amy@y.example.jp>: user unknown (id 9QqZ00cd77)',
    ],
    [
      '421-4.7.28 [192.0.2.7      15] unusual rate - gsmtp 41be03b00d2f7-8a1b2c3d',
      '421-4.7.28 [203.0.113.99      15] unusual rate - gsmtp 99fe03b00d2f7-0a9b8c7d',
    ],
    ['554 Blocked, see https://x.test/?ip=192.0.2.1', '554 Blocked, see https://x.test/?ip=198.51.100.2'],
    ['451 from 2001:db8::1:2:3 later', '451 from 2001:db8:0:0:5:6:7:8 later'],
  ];
  for (const [one, other] of pairs) assert.equal(foldedReply(one), foldedReply(other));
  assert.notEqual(foldedReply('550 5.1.1 no'), foldedReply('550 5.1.2 no'));
  assert.equal(foldedReply('550 5.1.1 <bob@x.test> unknown'), '550 5.1.1 <address> unknown');
  assert.equal(foldedReply(''), '');
});
