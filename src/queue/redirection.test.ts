import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../base/test-clock.ts';
import { rows } from '../store/transaction.ts';
import type { Attempt, Outcome } from './attempt.ts';
import type { QueuedMessage, QueuedRecipient } from './message.ts';
import type { NoticeRequest } from './notice.ts';
import { all, delivered, openQueueStore, refused, testQueue, testSubmission } from './testing.ts';

interface Case {
  readonly message?: Partial<QueuedMessage>;
  readonly recipient?: Partial<QueuedRecipient>;
  readonly outcome: (attempt: Attempt) => Outcome;
}

/** What the ledger and the sender were told of one recipient, `desk@other.example`. */
async function told({ message, recipient, outcome }: Case) {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const seen: string[] = [];
  const notices: string[] = [];
  const queue = testQueue({
    store,
    clock,
    notice: async (request: NoticeRequest) => {
      notices.push([request.about, ...request.recipients.map((r) => r.recipient.address)].join(' '));
      return undefined;
    },
    deliver: async (attempt) => {
      for (const { address, notify, orcpt, through } of attempt.recipients)
        seen.push([address, orcpt || '-', notify.join() || '-', ...(through?.addresses ?? [])].join(' '));
      const result = all(attempt, outcome(attempt));
      if (attempt.site === 'local') return result;
      const conversation = { recipients: attempt.recipients.map((r) => r.address) };
      return { ...result, conversations: [conversation as never] };
    },
  });
  await queue.start();
  const submission = testSubmission(
    clock,
    ['desk@other.example'],
    { org: 'a', account: 'alice', ...message },
    {
      destination: 'local',
      ...recipient,
    },
  );
  await queue.accept(submission, []);
  await clock.settle(30);
  await queue.stop();
  const found = await store.read(() =>
    rows<{ org: string; kind: string; recipient: string; data: string }>(
      'select org, kind, recipient, data from outbox order by org, seq',
    ),
  );
  const events = found.map(({ org, kind, recipient: to, data }) => {
    const {
      host = '',
      reply = '',
      to: members = [],
      recipients = [],
    } = JSON.parse(data) as Record<string, never>;
    return [org, kind, to, host, reply, ...(members as string[]), ...(recipients as string[])]
      .filter((word) => word !== '')
      .join(' ');
  });
  return { events, seen, notices };
}

const expands =
  (...to: string[]) =>
  (attempt: Attempt): Outcome =>
    attempt.site === 'local'
      ? {
          is: 'redirected',
          org: 'b',
          why: 'alias',
          to: to.map((address) => ({ address, destination: address.slice(address.indexOf('@') + 1) })),
        }
      : delivered;

test('one address in place of another takes all parameters of the notices over (RFC 3461, 5.2.7.1)', async () => {
  const { seen, notices } = await told({
    recipient: { notify: ['success'], orcpt: 'rfc822;desk@other.example' },
    outcome: expands('x@away.example'),
  });
  assert.deepEqual(seen, [
    'desk@other.example rfc822;desk@other.example success',
    'x@away.example rfc822;desk@other.example success desk@other.example',
  ]);
  assert.deepEqual(notices, []);
});

test('several in place of one: success is answered here as expanded, all else is handed on (RFC 3461, 5.2.7.2)', async () => {
  const { seen, notices } = await told({
    recipient: { notify: ['success', 'failure'] },
    outcome: expands('x@away.example', 'y@away.example'),
  });
  assert.deepEqual(seen.slice(1), [
    'x@away.example - failure desk@other.example',
    'y@away.example - failure desk@other.example',
  ]);
  assert.deepEqual(notices, ['expanded desk@other.example']);
  const only = await told({
    recipient: { notify: ['success'] },
    outcome: expands('x@away.example', 'y@away.example'),
  });
  assert.deepEqual(only.seen.slice(1), [
    'x@away.example - never desk@other.example',
    'y@away.example - never desk@other.example',
  ]);
});

test('a forward that keeps a copy has been delivered', async () => {
  const { notices, seen } = await told({
    recipient: { notify: ['success', 'delay'] },
    outcome: (attempt) => {
      const outcome = expands('x@away.example')(attempt);
      return outcome.is === 'redirected' ? { ...outcome, kept: true } : outcome;
    },
  });
  assert.deepEqual(notices, ['success desk@other.example']);
  assert.deepEqual(seen.slice(1), ['x@away.example - delay desk@other.example']);
});

test('what another organisation does with a message is told to it alone; its sender hears how it ends', async () => {
  const { events } = await told({ outcome: expands('x@away.example') });
  assert.deepEqual(events, [
    'a redirected desk@other.example',
    'a delivered desk@other.example 250 2.1.5',
    'b redirected desk@other.example x@away.example',
    'b attempted x@away.example',
    'b delivered x@away.example mx.example 250 2.0.0 OK',
  ]);
  const bounced = await told({
    outcome: (attempt) => (attempt.site === 'local' ? expands('x@away.example')(attempt) : refused),
  });
  assert.deepEqual(
    bounced.events.filter((event) => event.includes('bounced')),
    ['a bounced desk@other.example 550 5.1.1', 'b bounced x@away.example mx.example 550 5.1.1 No such user'],
  );
});

test('a mailbox of another organisation: both hear of it; of mail from outside its own alone', async () => {
  const full: Outcome = {
    is: 'deferred',
    org: 'b',
    siteDown: false,
    answer: { phase: 'dot', host: '', ip: '', reply: '452 4.2.2 The mailbox is full' },
  };
  assert.deepEqual((await told({ outcome: () => full })).events, [
    'a deferred desk@other.example 452 4.2.2 The mailbox is full',
    'b deferred desk@other.example 452 4.2.2 The mailbox is full',
  ]);
  const outside = { org: 'a', account: '' };
  assert.deepEqual((await told({ message: outside, outcome: () => full })).events, [
    'b deferred desk@other.example 452 4.2.2 The mailbox is full',
  ]);
  const stored: Outcome = { is: 'delivered', notice: 'final', org: 'b' };
  assert.deepEqual((await told({ outcome: () => stored })).events, [
    'a delivered desk@other.example 250 2.1.5',
  ]);
  assert.deepEqual((await told({ message: outside, outcome: () => stored })).events, []);
});
