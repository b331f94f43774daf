import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { TestClock } from '../base/test-clock.ts';
import type { MailEvent } from '../events/event.ts';
import type { Store } from '../store/store.ts';
import { Refusals } from './refusals.ts';

type Refused = MailEvent<'refused'>;

/** Refusals in front of a store that keeps what each write brought. */
function refusals() {
  const clock = new TestClock();
  const writes: (readonly Refused[])[] = [];
  const store = { write: async (_: unknown, events: readonly Refused[]) => void writes.push(events) };
  const made = new Refusals({ store: store as unknown as Store, clock, log: silentLog, metrics: noMetrics });
  const refuse = (peer: string, recipient = 'bob@here.test'): void =>
    made.tell({
      is: 'refused',
      atMs: clock.nowMs(),
      message: '',
      org: '',
      recipient,
      data: {
        via: 'mx',
        peer,
        helo: 'robot',
        sender: 'a@b.test',
        phase: 'rcpt',
        reply: '550 5.1.1 No such mailbox here',
        reason: 'mailboxUnknown',
      },
    });
  return { clock, writes, refuse, refusals: made, all: () => writes.flat() };
}

test('refusals of a moment are written together', async () => {
  const { clock, writes, refuse } = refusals();
  for (const name of ['a', 'b', 'c']) refuse('192.0.2.1', `${name}@here.test`);
  await clock.advance(1000);
  assert.deepEqual(
    writes.map((events) => events.map((event) => event.recipient)),
    [['a@here.test', 'b@here.test', 'c@here.test']],
  );
});

test('of an address that makes thousands the first are recorded, and the number of the others within a minute', async () => {
  const { clock, refuse, all } = refusals();
  for (let i = 0; i < 5000; i++) refuse('192.0.2.1', `${i}@here.test`);
  refuse('192.0.2.2');
  await clock.advance(61_000);
  const events = all();
  const sum = events.find((event) => event.data.more !== undefined);
  assert.equal(events.length, 30 + 1 + 1);
  assert.deepEqual([sum?.data.peer, sum?.data.more, sum?.recipient], ['192.0.2.1', 4970, '']);
  assert.equal(sum?.data.reply, '550 5.1.1 No such mailbox here');
});

test('addresses of one IPv6 network count as one', async () => {
  const { clock, refuse, all } = refusals();
  for (let i = 0; i < 100; i++) refuse(`2001:db8::${i.toString(16)}`);
  await clock.advance(61_000);
  assert.equal(all().at(-1)?.data.more, 70);
  assert.equal(all().at(-1)?.data.peer, '2001:db8::/64');
});

test('a flood from very many addresses is bounded too, and nothing that was gathered is left at the end', async () => {
  const { refuse, all, refusals: one } = refusals();
  for (let i = 0; i < 20_000; i++) refuse(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  await one[Symbol.asyncDispose]();
  const events = all();
  assert.equal(events.length, 500 + 30 + 1);
  assert.deepEqual([events.at(-1)?.data.peer, events.at(-1)?.data.more], ['', 20_000 - 530]);
});
