import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { testSubmission } from '../testing.ts';
import { messageData, messageOf } from './message-row.ts';

test('a message comes out of its row as it went in, whatever is asked of it', () => {
  const { message } = testSubmission(systemClock, ['a@there.test']);
  for (const asked of [
    {},
    { requireTls: true },
    { tlsOptional: true },
    { smtpUtf8: true, bodyKind: 'binarymime' as const },
    { deliverBy: { atMs: 5, mode: 'notify' as const, trace: true } },
    { junkFor: ['org'] },
    { spam: [['org', 40] as const, ['other', 0] as const] },
    { virus: 1 },
    { junkFor: ['org'], spam: [['org', 100] as const], virus: 5 },
    { deliverBy: { atMs: 5, mode: 'return' as const, trace: false }, junkFor: ['org', 'other'] },
  ]) {
    const given = { ...message, ...asked };
    const { id, sender, org } = given;
    assert.deepEqual(messageOf({ id, sender, org, data: messageData(given) }), given);
  }
});
