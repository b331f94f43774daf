import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../base/test-clock.ts';
import { rows } from '../store/transaction.ts';
import type { TestStore } from '../store/testing.ts';
import type { Attempt, AttemptResult, Deliver, Outcome } from './attempt.ts';
import {
  all,
  busy,
  delivered,
  openQueueStore,
  refused,
  relayed,
  siteDown,
  testQueue,
  testSubmission,
} from './testing.ts';
import type { Notify } from './message.ts';
import type { NoticeRequest } from './notice.ts';
import { accept, acceptArgs } from './rows/accept.ts';

const minute = 60_000;
const hour = 60 * minute;

async function counts(store: TestStore): Promise<{ messages: number; entries: number }> {
  const [m] = await store.read(() => rows<{ n: number }>('select count(*) as n from queue_message'));
  const [e] = await store.read(() => rows<{ n: number }>('select count(*) as n from queue_entry'));
  return { messages: m!.n, entries: e!.n };
}

async function events(store: TestStore): Promise<string[]> {
  const found = await store.read(() =>
    rows<{ kind: string; recipient: string }>('select kind, recipient from outbox order by seq'),
  );
  return found.map((e) => `${e.kind} ${e.recipient}`.trim());
}

test('what is delivered leaves the store, and its body comes from memory', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const seen: Attempt[] = [];
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => {
      seen.push(attempt);
      assert.ok(!(attempt.body() instanceof Promise));
      assert.ok(attempt.leaseValid());
      return all(attempt, delivered);
    },
  });
  await queue.start();
  await queue.accept(testSubmission(clock, ['a@x.example']), []);
  await clock.settle(10);
  assert.equal(seen.length, 1);
  assert.deepEqual(await counts(store), { messages: 0, entries: 0 });
  assert.deepEqual(await events(store), ['delivered a@x.example']);
  assert.deepEqual(queue.inMemory, { entries: 0, attempts: 0, bodyBytes: 0 });
  await queue.stop();
});

test('recipients of one message for one site leave in one attempt; the message stays until the last of them is done', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const attempts: string[][] = [];
  const queue = testQueue({
    store,
    clock,
    route: async (destination) => ({
      site: destination.startsWith('x') ? 'x' : destination,
      untilMs: Infinity,
    }),
    deliver: async (attempt): Promise<AttemptResult> => {
      attempts.push(attempt.recipients.map((r) => r.address));
      const outcomes = attempt.recipients.map(
        (r): Outcome => (r.address.startsWith('slow') && r.try === 1 ? busy : delivered),
      );
      return { outcomes, conversations: [] };
    },
  });
  await queue.start();
  await queue.accept(
    testSubmission(clock, ['a@x1.example', 'slow@x2.example', 'c@x1.example', 'd@y.example']),
    [],
  );
  await clock.settle(10);
  assert.deepEqual(attempts, [['a@x1.example', 'c@x1.example', 'slow@x2.example'], ['d@y.example']]);
  assert.deepEqual(await counts(store), { messages: 1, entries: 1 });
  await clock.advance(2 * minute);
  assert.deepEqual(attempts[2], ['slow@x2.example']);
  assert.deepEqual(await counts(store), { messages: 0, entries: 0 });
  await queue.stop();
});

test('a deferred entry comes again by the schedule, is told of once after four hours, and is returned when its time is up', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const startMs = clock.nowMs();
  const tries: number[] = [];
  const notices: NoticeRequest[] = [];
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => {
      tries.push(clock.nowMs() - startMs);
      return all(attempt, busy);
    },
    notice: async (request) => {
      notices.push(request);
      const submission = testSubmission(
        clock,
        ['sender@local.example'],
        { sender: '' },
        { destination: 'held.example' },
      );
      return {
        submission: {
          ...submission,
          message: { ...submission.message, notBeforeMs: clock.nowMs() + 100 * 24 * hour },
        },
        events: [],
      };
    },
  });
  await queue.start();
  const expiresAtMs = startMs + 20 * hour;
  await queue.accept(testSubmission(clock, ['a@x.example'], { expiresAtMs }), []);
  for (let i = 0; i < 21; i++) await clock.advance(hour, 3);
  const waits = tries.slice(1).map((at, i) => at - tries[i]!);
  assert.ok(waits[0]! >= 0.9 * minute && waits[0]! <= 1.1 * minute + 200, `first wait ${waits[0]}`);
  assert.ok(waits[1]! >= 4.5 * minute && waits[1]! <= 5.5 * minute + 200, `second wait ${waits[1]}`);
  for (const wait of waits) assert.ok(wait <= 4.4 * hour + 200);
  assert.deepEqual(
    notices.map((n) => n.about),
    ['delay', 'failure'],
  );
  assert.equal(notices[1]!.recipients[0]!.why, 'expired');
  const last = tries.at(-1)!;
  assert.ok(last >= 20 * hour && last < 20 * hour + minute, 'one last try when time is up');
  assert.deepEqual(await counts(store), { messages: 2, entries: 2 }, 'the two notices wait in the queue');
  await queue.stop();
});

test('a failure is told to the sender in the same commit; the null sender is told nothing', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const notices: NoticeRequest[] = [];
  const sites: string[] = [];
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => {
      sites.push(attempt.site);
      return all(attempt, refused);
    },
    notice: async (request) => {
      notices.push(request);
      return { submission: testSubmission(clock, [request.message.sender], { sender: '' }), events: [] };
    },
  });
  await queue.start();
  await queue.accept(testSubmission(clock, ['a@x.example']), []);
  await clock.settle(20);
  assert.deepEqual(
    sites,
    ['x.example', 'here.example'],
    'the notice went out and its own failure ended there',
  );
  assert.equal(notices.length, 1);
  assert.deepEqual(await counts(store), { messages: 0, entries: 0 });
  assert.deepEqual(await events(store), [
    'bounced a@x.example',
    'notified a@x.example',
    'bounced sender@here.example',
  ]);
  await queue.stop();
});

test('what has no sender is told of only when it is a notice of ours that asks for it', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  let asked = 0;
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => all(attempt, refused),
    notice: async () => {
      asked += 1;
      return undefined;
    },
  });
  await queue.start();
  const send = async (headerMessageId: string | undefined, notify: readonly Notify[]): Promise<number> => {
    const more = headerMessageId === undefined ? {} : { headerMessageId };
    await queue.accept(testSubmission(clock, ['a@x.example'], { sender: '', ...more }, { notify }), []);
    await clock.settle(20);
    return asked;
  };
  assert.equal(await send(undefined, ['never']), 0);
  assert.equal(await send('<of@another.example>', ['failure']), 0, 'of another server');
  assert.equal(await send(undefined, ['failure']), 1);
  await queue.stop();
});

test('NOTIFY decides which notices are made', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const made: string[] = [];
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => all(attempt, attempt.site === 'bad.example' ? refused : relayed),
    notice: async (request) => {
      made.push(`${request.about} ${request.recipients[0]!.recipient.address}`);
      return undefined;
    },
  });
  await queue.start();
  await queue.accept(testSubmission(clock, ['never@bad.example'], {}, { notify: ['never'] }), []);
  await queue.accept(testSubmission(clock, ['only-success@bad.example'], {}, { notify: ['success'] }), []);
  await queue.accept(
    testSubmission(clock, ['failure@bad.example'], {}, { notify: ['failure', 'delay'] }),
    [],
  );
  await queue.accept(testSubmission(clock, ['plain@good.example']), []);
  await queue.accept(testSubmission(clock, ['asked@good.example'], {}, { notify: ['success'] }), []);
  await clock.settle(20);
  assert.deepEqual(made, ['failure failure@bad.example', 'relayed asked@good.example']);
  await queue.stop();
});

test('a site that is down is left alone after its probe, and its mail goes as soon as the site answers', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  let isDown = true;
  let attempts = 0;
  const arrived = new Set<string>();
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => {
      attempts += 1;
      if (isDown) return all(attempt, siteDown);
      arrived.add(attempt.message.id);
      return all(attempt, delivered);
    },
  });
  await queue.start();
  for (let i = 0; i < 200; i++) await queue.accept(testSubmission(clock, [`u${i}@x.example`]), []);
  await clock.advance(30 * minute, 8);
  assert.ok(attempts < 60, `${attempts} attempts at a dead host for 200 mails in half an hour`);
  isDown = false;
  await clock.advance(20 * minute, 12);
  assert.equal(arrived.size, 200);
  assert.deepEqual(await counts(store), { messages: 0, entries: 0 });
  await queue.stop();
});

test('mail that waited for a dead site goes with the first that succeeds, also when a restart has forgotten that it was dead', async () => {
  await using store = await openQueueStore();
  const clock = new TestClock();
  let isDown = true;
  const arrived = new Set<string>();
  const deliver: Deliver = async (attempt) => {
    if (isDown) return all(attempt, siteDown);
    arrived.add(attempt.message.id);
    return all(attempt, delivered);
  };
  const before = testQueue({ store, clock, deliver });
  await before.start();
  for (let i = 0; i < 200; i++) await before.accept(testSubmission(clock, [`u${i}@x.example`]), []);
  await clock.advance(30 * minute, 8);
  await before.stop();
  isDown = false;
  const after = testQueue({ store, clock, deliver });
  await after.start();
  const [first] = (await after.list({}, { max: 1 })).items;
  await after.manage('retry', { message: first!.message }, 'test');
  await clock.advance(10_000, 20);
  assert.equal(arrived.size, 200);
  await after.stop();
});

test('the null attempt: nothing is handed out before its time (FUTURERELEASE)', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  let at = 0;
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => {
      at = clock.nowMs();
      return all(attempt, delivered);
    },
  });
  await queue.start();
  const notBeforeMs = clock.nowMs() + hour;
  await queue.accept(testSubmission(clock, ['a@x.example'], { notBeforeMs }), []);
  await clock.advance(59 * minute);
  assert.equal(at, 0);
  await clock.advance(2 * minute);
  assert.ok(at >= notBeforeMs && at < notBeforeMs + 1000);
  await queue.stop();
});

test('mail that its sender has put off can be seen and taken back until then, and is not late before', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const notices: string[] = [];
  let attempts = 0;
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => {
      attempts += 1;
      return all(attempt, busy);
    },
    notice: async ({ about }) => {
      notices.push(about);
      return undefined;
    },
  });
  await queue.start();
  const notBeforeMs = clock.nowMs() + 48 * hour;
  for (const to of ['a@x.example', 'b@x.example'])
    await queue.accept(
      testSubmission(clock, [to], { notBeforeMs, expiresAtMs: notBeforeMs + 24 * hour }),
      [],
    );
  const { items } = await queue.list({});
  assert.deepEqual(
    items.map(({ state, nextTryAtMs }) => [state, nextTryAtMs]),
    [
      ['waiting', notBeforeMs],
      ['waiting', notBeforeMs],
    ],
  );
  assert.equal(
    (await queue.manage('delete', { recipient: 'a@x.example' }, 'alice', 'second thoughts')).count,
    1,
  );
  for (let i = 0; i < 51; i++) await clock.advance(hour, 3);
  assert.ok(attempts > 0 && notices.length === 0, `${attempts} ${notices.join()}`);
  for (let i = 0; i < 6; i++) await clock.advance(hour, 3);
  assert.deepEqual(notices, ['delay']);
  assert.deepEqual(
    (await events(store)).filter((event) => event.includes('a@x')),
    ['managed a@x.example'],
  );
  await queue.stop();
});

test('held mail stays until released; retry brings mail forward; deleted mail is gone', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  let answer: Outcome = busy;
  let attempts = 0;
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => {
      attempts += 1;
      return all(attempt, answer);
    },
  });
  await queue.start();
  const submissions = ['a', 'b', 'c'].map((name) =>
    testSubmission(clock, [`${name}@x.example`, `${name}@y.example`]),
  );
  for (const s of submissions) await queue.accept(s, []);
  await clock.settle(10);
  assert.equal(attempts, 6);
  assert.equal((await queue.manage('hold', { message: submissions[0]!.message.id }, 'admin')).count, 2);
  assert.equal((await queue.manage('delete', { recipient: 'b@x.example' }, 'admin')).count, 1);
  await clock.advance(2 * minute);
  assert.equal(attempts, 9, 'two of c, one of b');
  const list = await queue.list({ state: 'held' });
  assert.deepEqual(
    list.items.map((e) => [e.recipient, e.tries, e.last?.reply]),
    [
      ['a@x.example', 1, '451 4.2.1 Busy'],
      ['a@y.example', 1, '451 4.2.1 Busy'],
    ],
  );
  const pages: string[] = [];
  let after: string | undefined;
  do {
    const page = await queue.list({}, after === undefined ? { max: 2 } : { max: 2, after });
    pages.push(...page.items.map((e) => e.recipient));
    after = page.next;
  } while (after !== undefined);
  assert.deepEqual(pages.toSorted(), [
    'a@x.example',
    'a@y.example',
    'b@y.example',
    'c@x.example',
    'c@y.example',
  ]);
  assert.deepEqual(
    (await queue.summary()).map((s) => [s.destination, s.waiting, s.held]),
    [
      ['y.example', 2, 1],
      ['x.example', 1, 1],
    ],
  );
  assert.equal((await queue.show(submissions[1]!.message.id))?.entries.length, 1);
  answer = delivered;
  assert.equal((await queue.manage('retry', { sender: '@here.example' }, 'admin')).count, 3);
  await clock.advance(1000);
  assert.deepEqual(await counts(store), { messages: 1, entries: 2 });
  assert.equal((await queue.manage('release', {}, 'admin')).count, 2);
  await clock.advance(1000);
  assert.deepEqual(await counts(store), { messages: 0, entries: 0 });
  await queue.stop();
});

test('mail held while it is in hand is not sent twice', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  let finish: (() => void) | undefined;
  let attempts = 0;
  const queue = testQueue({
    store,
    clock,
    deliver: (attempt) => {
      attempts += 1;
      return new Promise((resolve) => (finish = () => resolve(all(attempt, delivered))));
    },
  });
  await queue.start();
  await queue.accept(testSubmission(clock, ['a@x.example']), []);
  await clock.settle();
  assert.equal((await queue.manage('hold', {}, 'admin')).count, 1);
  finish!();
  await clock.settle(10);
  assert.equal((await queue.manage('release', {}, 'admin')).count, 0);
  await clock.advance(hour);
  assert.equal(attempts, 1);
  await queue.stop();
});

test('mail of two senders for one destination may go to two sites, which fail and come back alone', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const sites: string[] = [];
  let shopIsDown = true;
  const queue = testQueue({
    store,
    clock,
    hopOf: (destination, sender) =>
      sender.endsWith('@shop.example') ? `${destination} for shop` : destination,
    deliver: async (attempt) => {
      sites.push(`${attempt.site} ${attempt.message.sender}`);
      return all(attempt, attempt.site.endsWith('shop') && shopIsDown ? siteDown : delivered);
    },
  });
  await queue.start();
  for (const sender of ['a@shop.example', 'b@other.example'])
    await queue.accept(testSubmission(clock, ['x@there.example'], { sender }), []);
  await clock.settle(20);
  assert.deepEqual(sites.toSorted(), [
    'there.example b@other.example',
    'there.example for shop a@shop.example',
  ]);
  shopIsDown = false;
  for (let i = 0; i < 30; i++) await clock.advance(minute, 5);
  assert.equal(sites.at(-1), 'there.example for shop a@shop.example');
  assert.deepEqual(await counts(store), { messages: 0, entries: 0 });
  await queue.stop();
});

test('a redirected recipient becomes others of the same message', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  const seen: string[] = [];
  const queue = testQueue({
    store,
    clock,
    deliver: async (attempt) => {
      seen.push(...attempt.recipients.map((r) => `${r.id.split('-')[1]} ${r.address}`));
      if (attempt.site !== 'local') return all(attempt, delivered);
      const to = ['b@x.example', 'c@y.example'].map((address) => ({
        address,
        destination: address.slice(2),
      }));
      return all(attempt, { is: 'redirected', to, why: 'alias' });
    },
  });
  await queue.start();
  await queue.accept(testSubmission(clock, ['old@here.example'], {}, { destination: 'local' }), []);
  await clock.settle(30);
  assert.deepEqual(seen.toSorted(), ['0 old@here.example', '1 b@x.example', '2 c@y.example']);
  assert.deepEqual(await counts(store), { messages: 0, entries: 0 });
  await queue.stop();
});

test('one owner at a time: a second claims only after the lease, and the first one then settles nothing', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  let finish: (() => void) | undefined;
  let valid: (() => boolean) | undefined;
  const first = testQueue({
    store: {
      ...storeView(store),
      write: (operation, args) =>
        stalled && operation.name === 'queue.renew' ? new Promise(() => {}) : store.write(operation, args),
    },
    clock,
    owner: 'one',
    deliver: (attempt) => {
      valid = () => attempt.leaseValid();
      return new Promise((resolve) => (finish = () => resolve(all(attempt, delivered))));
    },
  });
  let stalled = false;
  await first.start();
  await first.accept(testSubmission(clock, ['a@x.example']), []);
  await clock.settle();
  assert.equal(valid!(), true);
  stalled = true;
  let second = 0;
  const other = testQueue({
    store,
    clock,
    owner: 'two',
    deliver: async (attempt) => {
      second += 1;
      return all(attempt, delivered);
    },
  });
  await other.start();
  await clock.advance(5000);
  assert.equal(second, 0);
  await clock.advance(20_000);
  assert.equal(valid!(), false, 'no dot any more');
  assert.equal(second, 1);
  finish!();
  await clock.settle(10);
  assert.deepEqual(await counts(store), { messages: 0, entries: 0 });
  assert.deepEqual(await events(store), ['delivered a@x.example']);
});

function storeView(store: TestStore): TestStore {
  return {
    engine: store.engine,
    folder: store.folder,
    bodies: store.bodies,
    write: (operation, args) => store.write(operation, args),
    read: (body) => store.read(body),
    scan: (operation, args) => store.scan(operation, args),
    onHint: (topic, listener) => store.onHint(topic, listener),
    health: () => store.health(),
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

test('a read that is overtaken by an outcome sends nothing again', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  /** Reads from now on until the slow one: the lanes, then the window of one. */
  let reads = -Infinity;
  const slow = Promise.withResolvers<void>();
  let finish: (() => void) | undefined;
  let attempts = 0;
  const queue = testQueue({
    store: {
      ...storeView(store),
      read: async (body) => {
        const found = await store.read(body);
        if (++reads === 2) await slow.promise;
        return found;
      },
    },
    clock,
    deliver: (attempt) => {
      attempts += 1;
      return new Promise((resolve) => (finish = () => resolve(all(attempt, delivered))));
    },
  });
  await queue.start();
  await queue.accept(testSubmission(clock, ['a@x.example']), []);
  await clock.settle();
  reads = 0;
  const later = testSubmission(clock, ['b@x.example'], { notBeforeMs: clock.nowMs() + hour });
  await store.write(accept, { ...acceptArgs(0, later, []), tell: true });
  await clock.settle(10);
  assert.equal(reads, 2);
  finish!();
  await clock.settle(10);
  slow.resolve();
  await clock.settle(10);
  assert.equal(attempts, 1);
  await queue.stop();
});

test('what comes back untried when the queue stops is neither tried nor late for the next owner', async () => {
  const clock = new TestClock();
  await using store = await openQueueStore(clock);
  let leave: (() => void) | undefined;
  const one = testQueue({
    store,
    clock,
    deliver: (attempt) =>
      new Promise((resolve) => {
        leave = () => resolve({ ...all(attempt, busy), untried: true });
      }),
    onStop: () => leave?.(),
  });
  await one.start();
  await one.accept(testSubmission(clock, ['a@x.example']), []);
  await clock.settle();
  await one.stop();
  const tries: number[] = [];
  const two = testQueue({
    store,
    clock,
    deliver: async (attempt) => {
      tries.push(attempt.recipients[0]!.try);
      return all(attempt, delivered);
    },
  });
  await two.start();
  await clock.settle();
  assert.deepEqual(tries, [1]);
  await two.stop();
});
