/** For tests of the queue: messages to put in, and a queue on a store for tests whose delivery is a function of the test. */
import type { Clock } from '../base/clock.ts';
import { newEntryId, newMessageId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { openTestStore, type TestStore } from '../store/testing.ts';
import type { Attempt, AttemptResult, Outcome } from './attempt.ts';
import type { QueuedMessage, QueuedRecipient, Submission } from './message.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import { queueDefaults, type QueueOptions } from './options.ts';
import { Queue, type QueueParts } from './queue.ts';

export function testSubmission(
  clock: Clock,
  to: readonly string[],
  message: Partial<QueuedMessage> = {},
  recipient: Partial<QueuedRecipient> = {},
): Submission {
  const id = newMessageId(clock);
  const nowMs = clock.nowMs();
  const bytes = Buffer.from(`Subject: ${id}\r\n\r\nHello\r\n`);
  return {
    message: {
      id,
      org: 'org',
      account: '',
      stream: 'transactional',
      campaign: '',
      sender: 'sender@here.example',
      language: 'en',
      envid: '',
      ret: '',
      bodyKind: '7bit',
      smtpUtf8: false,
      requireTls: false,
      priority: 0,
      acceptedAtMs: nowMs,
      notBeforeMs: nowMs,
      expiresAtMs: nowMs + queueDefaults.expireAfterMs,
      sizeBytes: bytes.length,
      headerMessageId: `<${id}@here.example>`,
      subject: 'Hello',
      ...message,
    },
    recipients: to.map((address, i) => ({
      id: newEntryId(id, i),
      address,
      orcpt: '',
      notify: [],
      destination: address.slice(address.lastIndexOf('@') + 1),
      ...recipient,
    })),
    body: { is: 'inline', bytes },
  };
}

/** With the `clock` of a test, leases go by it too. */
export const openQueueStore = (clock?: Clock): Promise<TestStore> =>
  openTestStore({
    migrations: [...eventMigrations, ...migrations],
    operations,
    ...(clock && { time: () => clock.nowMs() }),
  });

export function testQueue(
  parts: Pick<QueueParts, 'store' | 'clock' | 'deliver'> &
    Partial<QueueParts> & { with?: Partial<QueueOptions> },
): Queue {
  return new Queue({
    log: silentLog,
    metrics: noMetrics,
    options: { ...queueDefaults, ...parts.with },
    shard: 0,
    owner: 'test:0',
    route: async (destination) => ({ site: destination, untilMs: Infinity }),
    notice: async () => undefined,
    ...parts,
  });
}

/** Every recipient of the attempt has the same outcome. */
export function all(attempt: Attempt, outcome: Outcome): AttemptResult {
  return { outcomes: attempt.recipients.map(() => outcome), conversations: [] };
}

export const delivered: Outcome = {
  is: 'delivered',
  notice: 'passedOn',
  event: { host: 'mx.example', ip: '192.0.2.1', reply: '250 2.0.0 OK', ms: 1, tls: null, try: 1 },
};
export const relayed: Outcome = { ...delivered, notice: 'relayed' };
export const busy: Outcome = {
  is: 'deferred',
  siteDown: false,
  answer: { phase: 'rcpt', host: 'mx.example', ip: '192.0.2.1', reply: '451 4.2.1 Busy' },
};
export const siteDown: Outcome = {
  is: 'deferred',
  siteDown: true,
  answer: { phase: 'connect', host: '', ip: '192.0.2.1', reply: '451 4.4.1 Connection refused' },
};
export const refused: Outcome = {
  is: 'failed',
  why: 'refused',
  answer: { phase: 'rcpt', host: 'mx.example', ip: '192.0.2.1', reply: '550 5.1.1 No such user' },
};
