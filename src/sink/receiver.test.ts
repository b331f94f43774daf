import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../base/test-clock.ts';
import type { Mailbox } from '../proto/smtp/path.ts';
import { seededRandom } from './chance.ts';
import type { Provider, RecipientRule } from './options.ts';
import { Receiver } from './receiver.ts';
import { providerReport } from './report.ts';
import { limitOf, plainProvider } from './testing.ts';

function receiver(change: Partial<Provider>, clock = new TestClock(), seed = 1): Receiver {
  return new Receiver({ ...plainProvider, ...change }, { clock, random: seededRandom(seed), seed });
}

const nobody = { sender: null, recipients: [] };
const at = (local: string): Mailbox => ({ local, domain: 'here.test' });
const rule = (change: Partial<RecipientRule>): RecipientRule => ({
  local: '*',
  percent: 100,
  phase: 'rcpt',
  reply: '550 Unknown user {address}',
  unknown: false,
  recoversAfterSeconds: 0,
  ...change,
});

test('connections at one time are counted by address, and one that leaves makes room', () => {
  const one = receiver({ limits: [limitOf({ of: 'connections', max: 2 })] });
  const first = one.visit('192.0.2.1');
  const second = one.visit('192.0.2.1');
  assert.equal(one.connect(second), undefined);
  const third = one.visit('192.0.2.1');
  assert.deepEqual(one.connect(third), {
    reply: '421 4.7.0 Too many connections from your address',
    does: 'close',
  });
  assert.equal(one.connect(one.visit('192.0.2.2')), undefined);
  one.left(third);
  one.left(first);
  assert.equal(one.connect(one.visit('192.0.2.1')), undefined);
});

test('a rate lets a sender go at its pace for ever, and refuses what is faster', async () => {
  const clock = new TestClock();
  const one = receiver({ limits: [limitOf({ of: 'messagesPerMinute', max: 60, burst: 5 })] }, clock);
  const visit = one.visit('192.0.2.1');
  const tries = (count: number): number =>
    Array.from({ length: count }, () => one.mail(visit, 0)).filter((no) => no === undefined).length;
  assert.equal(tries(20), 5);
  await clock.advance(1000);
  assert.equal(tries(20), 1);
  for (let second = 0; second < 300; second++) {
    await clock.advance(1000, 0);
    assert.equal(tries(1), 1, `second ${second}`);
  }
  // Another address has its own.
  assert.equal(one.mail(one.visit('192.0.2.2'), 0), undefined);
});

test('a burst of nothing is what five seconds allow', () => {
  const one = receiver({ limits: [limitOf({ of: 'recipientsPerMinute', max: 120 })] });
  const visit = one.visit('192.0.2.1');
  const taken = Array.from({ length: 30 }, () => one.recipient(visit, at('b'), nobody)).filter((no) => !no);
  assert.equal(taken.length, 10);
});

test('octets are charged when they have come', async () => {
  const clock = new TestClock();
  const one = receiver({ limits: [limitOf({ of: 'bytesPerMinute', max: 60_000, burst: 5_000 })] }, clock);
  const visit = one.visit('192.0.2.1');
  assert.equal(one.mail(visit, 0), undefined);
  one.end(visit, { sender: null, recipients: [at('b')] }, 9_000);
  assert.match(one.mail(visit, 0)!.reply, /^450 /);
  await clock.advance(4_500);
  assert.equal(one.mail(visit, 0), undefined);
});

test('a limit that blocks refuses all from that address for its time', async () => {
  const clock = new TestClock();
  const limits = [
    limitOf({ of: 'messagesPerMinute', max: 60, burst: 1, blockSeconds: 30, reply: '421 [TSS04] deferred' }),
  ];
  const one = receiver({ limits }, clock);
  const visit = one.visit('192.0.2.1');
  assert.equal(one.mail(visit, 0), undefined);
  assert.equal(one.mail(visit, 0)?.reply, '421 [TSS04] deferred');
  await clock.advance(29_000);
  assert.equal(one.mail(visit, 0)?.reply, '421 [TSS04] deferred');
  assert.equal(one.connect(one.visit('192.0.2.1'))?.does, 'close');
  assert.equal(one.connect(one.visit('192.0.2.9')), undefined);
  await clock.advance(1_000);
  assert.equal(one.mail(visit, 0), undefined);
});

test('an unclean list shuts its sender out', () => {
  const limits = [
    limitOf({ of: 'unknownPercent', max: 10, burst: 20, blockSeconds: 60, reply: '421 Unclean' }),
  ];
  const one = receiver({ limits, recipients: [rule({ local: 'unknown*', unknown: true })] });
  const visit = one.visit('192.0.2.1');
  const replies = Array.from({ length: 40 }, (_, i) =>
    one.recipient(visit, at(i % 4 === 3 ? `unknown${i}` : `user${i}`), nobody),
  );
  assert.equal(replies.find((no) => no?.reply === '421 Unclean') !== undefined, true);
  assert.equal(one.mail(visit, 0)?.reply, '421 Unclean');
  const clean = receiver({ limits, recipients: [rule({ local: 'unknown*', unknown: true })] });
  const careful = clean.visit('192.0.2.1');
  for (let i = 0; i < 400; i++)
    clean.recipient(careful, at(i % 20 === 19 ? `unknown${i}` : `user${i}`), nobody);
  assert.equal(clean.mail(careful, 0), undefined);
});

test('the fate of an address is the same each time, and about the share of all that the rule says', () => {
  const one = receiver({ recipients: [rule({ percent: 5 })] });
  const other = receiver({ recipients: [rule({ percent: 5 })] });
  const visit = one.visit('192.0.2.1');
  const far = other.visit('192.0.2.1');
  let struck = 0;
  for (let i = 0; i < 4_000; i++) {
    const no = one.recipient(visit, at(`user${i}`), nobody);
    assert.deepEqual(no, one.recipient(visit, at(`USER${i}`), nobody) && no);
    assert.equal(no === undefined, other.recipient(far, at(`user${i}`), nobody) === undefined);
    if (no) struck += 1;
  }
  assert.ok(struck > 120 && struck < 280, `${struck} of 4000`);
});

test('a reply names the recipient, and a filter tells it after the text', () => {
  const one = receiver({ recipients: [rule({ local: 'filtered*', phase: 'end' }), rule({ local: 'un*' })] });
  const visit = one.visit('192.0.2.1');
  assert.equal(one.recipient(visit, at('unknown'), nobody)?.reply, '550 Unknown user unknown@here.test');
  assert.equal(one.recipient(visit, at('filtered.1'), nobody), undefined);
  const mail = { sender: null, recipients: [at('filtered.1')] };
  assert.equal(one.end(visit, mail, 100)?.reply, '550 Unknown user filtered.1@here.test');
});

test('a greylist lets the same pair in after its time, a full mailbox is emptied after its own', async () => {
  const clock = new TestClock();
  const greylist = { seconds: 60, percent: 100, reply: '451 Greylisted' };
  const recipients = [rule({ local: 'full*', reply: '452 Full', recoversAfterSeconds: 600 })];
  const one = receiver({ greylist, recipients }, clock);
  const visit = one.visit('192.0.2.1');
  assert.equal(one.recipient(visit, at('b'), nobody)?.reply, '451 Greylisted');
  assert.equal(one.recipient(visit, at('full'), nobody)?.reply, '452 Full');
  await clock.advance(60_000);
  assert.equal(one.recipient(visit, at('b'), nobody), undefined);
  assert.equal(one.recipient(visit, at('c'), nobody)?.reply, '451 Greylisted');
  await clock.advance(540_000);
  assert.notEqual(one.recipient(visit, at('full'), nobody)?.reply, '452 Full');
});

test('the report says how near a sender came to each limit, and what was refused for what', async () => {
  const clock = new TestClock();
  const one = receiver(
    { limits: [limitOf({ of: 'messagesPerMinute', max: 60, burst: 60, phase: 'end' })] },
    clock,
  );
  const visit = one.visit('192.0.2.1');
  const mail = { sender: null, recipients: [at('b')] };
  for (let i = 0; i < 45; i++) one.end(visit, mail, 10);
  await clock.advance(61_000);
  for (let i = 0; i < 62; i++) one.end(visit, mail, 10);
  const report = providerReport(one.provider, one.tally);
  assert.deepEqual(report.limits, [
    { of: 'messagesPerMinute', max: 60, hits: 2, peak: 60, reachedPercent: 100 },
  ]);
  assert.equal(report.messages, 105);
  assert.deepEqual(report.refusals, [
    {
      phase: 'end',
      why: 'limit messagesPerMinute',
      reply: '421 4.7.0 Too many messages from your address, try again later',
      count: 2,
    },
  ]);
});

test('a change takes effect at once and keeps what was counted', () => {
  const one = receiver({});
  const visit = one.visit('192.0.2.1');
  assert.equal(one.end(visit, { sender: null, recipients: [at('b')] }, 10), undefined);
  one.change({ ...plainProvider, recipients: [rule({})] });
  assert.equal(one.recipient(visit, at('b'), nobody)?.reply, '550 Unknown user b@here.test');
  assert.equal(one.tally.messages, 1);
});
