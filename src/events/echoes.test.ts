import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailEvent } from './event.ts';
import { withoutEchoes } from './journey.ts';
import type { LedgerEvent } from './ledger.ts';

const event = (is: MailEvent['is'], org: string, recipient: string, data: object): LedgerEvent =>
  ({ seq: 1, is, atMs: 5, message: 'm', org, recipient, data }) as unknown as LedgerEvent;

test('whoever sees both organisations of a message is told each thing once', () => {
  const answer = { phase: 'dot', host: '', reply: '452 4.2.2' };
  const events = [
    event('accepted', 'a', '', { via: 'submission' }),
    event('accepted', 'b', '', { via: 'local' }),
    event('redirected', 'a', 'x@b', { to: [], why: 'alias' }),
    event('redirected', 'b', 'x@b', { to: ['y@b'], why: 'alias' }),
    event('deferred', 'a', 'y@b', answer),
    event('deferred', 'b', 'y@b', answer),
    event('stored', 'b', 'y@b', { mailbox: 'INBOX' }),
  ];
  assert.deepEqual(
    withoutEchoes(events).map(({ is, org }) => `${is} ${org}`),
    ['accepted a', 'redirected b', 'deferred a', 'stored b'],
  );
  assert.equal(withoutEchoes(events.slice(1, 2)).length, 1, 'alone it is the only beginning there is');
});
