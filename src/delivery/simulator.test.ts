import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newMessageId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { systemClock } from '../base/clock.ts';
import { TestClock } from '../base/test-clock.ts';
import { indexMessage } from '../proto/mime/structure.ts';
import type { Attempt, Outcome } from '../queue/attempt.ts';
import { testSubmission } from '../queue/testing.ts';
import type { Answered } from './simulator/answers.ts';
import { scenes } from './simulator/scenes.ts';
import { Simulator } from './simulator/simulator.ts';

const received: Answered[] = [];
const simulator = new Simulator({
  clock: systemClock,
  log: silentLog,
  hostname: 'mx.here.test',
  receive: async (mail) => void received.push(mail),
});

async function play(address: string, tries = 1): Promise<Outcome> {
  const { message, recipients, body } = testSubmission(systemClock, [address]);
  const attempt: Attempt = {
    message: { ...message, id: newMessageId(systemClock) },
    recipients: recipients.map((to) => ({ ...to, try: tries })),
    site: 'simulator.test',
    connectionsMax: 1,
    body: () => body,
    leaseValid: () => true,
  };
  const { outcomes } = await simulator.deliver(attempt);
  return outcomes[0]!;
}

const replyOf = (outcome: Outcome): string => ('answer' in outcome ? outcome.answer.reply : outcome.is);

test('each address plays its outcome, and what is behind a + is free', async () => {
  assert.equal((await play('delivered@simulator.test')).is, 'delivered');
  assert.equal((await play('whoever@simulator.test')).is, 'delivered');
  assert.equal((await play('Unknown-User+42@Simulator.Test')).is, 'failed');
  assert.equal((await play('unknown-user@elsewhere.test')).is, 'delivered', 'mail of a test key to anybody');
  assert.equal((await play('constructor@simulator.test')).is, 'delivered');
  for (const [name, scene] of Object.entries(scenes)) {
    if (name === 'slow') continue;
    const outcome = await play(`${name}@simulator.test`);
    assert.equal(outcome.is, scene.is, name);
    if (outcome.is === 'failed' || outcome.is === 'deferred')
      assert.match(outcome.answer.reply, outcome.is === 'failed' ? /^5\d\d/ : /^4\d\d/, name);
  }
});

test('docomo says the same of a user who is gone and of a filter, at another time', async () => {
  const gone = await play('docomo-unknown-user@simulator.test');
  const filtered = await play('docomo-filtered@simulator.test');
  assert(gone.is === 'failed' && filtered.is === 'failed');
  assert.equal(gone.answer.reply, '550 Unknown user docomo-unknown-user@simulator.test');
  assert.deepEqual([gone.answer.phase, filtered.answer.phase], ['rcpt', 'data']);
});

test('what is put off is taken when it comes again, but for what never ends', async () => {
  assert.equal((await play('greylisted@simulator.test')).is, 'deferred');
  assert.equal((await play('greylisted@simulator.test', 2)).is, 'delivered');
  assert.match(replyOf(await play('gmail-rate@simulator.test', 2)), /4\.7\.28/);
  assert.equal((await play('gmail-rate@simulator.test', 3)).is, 'delivered');
  assert.equal((await play('mailbox-full@simulator.test', 30)).is, 'deferred');
  assert.equal((await play('no-answer@simulator.test')).is, 'unknown');
  assert.equal((await play('no-answer@simulator.test', 2)).is, 'delivered');
});

test('complaints, answers and late bounces come back as they do in the world', async () => {
  received.length = 0;
  for (const name of ['complaint', 'auto-reply', 'late-bounce']) await play(`${name}@simulator.test`);
  const [complaint, vacation, bounce] = received;
  assert.equal(indexMessage(complaint!.bytes).root.parts![1]!.subtype, 'feedback-report');
  assert.match(complaint!.bytes.toString(), /Original-Rcpt-To: <complaint@simulator.test>/);
  assert.deepEqual([vacation!.from, vacation!.to], ['', 'sender@here.example']);
  assert.match(vacation!.bytes.toString(), /\r\nAuto-Submitted: auto-replied\r\n/);
  assert.match(bounce!.bytes.toString(), /\r\nStatus: 5\.1\.1\r\n/);
});

test('a slow server takes its time', async () => {
  const clock = new TestClock();
  const slow = new Simulator({ clock, log: silentLog, hostname: 'x' });
  const { message, recipients, body } = testSubmission(systemClock, ['slow@simulator.test']);
  let over = false;
  const done = slow
    .deliver({
      message,
      recipients: recipients.map((to) => ({ ...to, try: 1 })),
      site: 'simulator.test',
      connectionsMax: 1,
      body: () => body,
      leaseValid: () => true,
    })
    .finally(() => (over = true));
  await Promise.resolve();
  assert.equal(over, false);
  await clock.advance(5000);
  await done;
});
