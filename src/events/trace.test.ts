import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describePostgres } from '../../test/test-postgres.ts';
import type { MessageId } from '../base/ids.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import type { EventData, MailEvent } from './event.ts';
import { forget, move, ofMessage } from './ledger.ts';
import { migrations } from './migrations.ts';
import { operations, recordEvents } from './operations.ts';
import { foldWords, forgetTraces, pruneTraces, retentions, setRetention } from './retention.ts';
import { rollUp } from './roll-up.ts';
import { dropView, saveView, views } from './saved-views.ts';
import { countWaysOut } from './way-out.ts';
import { searchTraces, tracedTo, type TraceQuery } from './trace-search.ts';

type Accepted = EventData['accepted'];

let clock = 1000;
function accepted(id: string, org: string, more: Partial<Accepted>): MailEvent {
  const data: Accepted = {
    via: 'http',
    sender: 'shop@example.jp',
    recipients: ['tanaka@docomo.test'],
    sizeBytes: 10,
    headerMessageId: `<${id}@example.jp>`,
    subject: 'Order',
    account: '',
    peer: '',
    helo: '',
    tls: null,
    reply: '250 ok',
    ...more,
  };
  return { is: 'accepted', atMs: (clock += 10), message: id as MessageId, org, recipient: '', data };
}

function event<K extends 'delivered' | 'deferred' | 'bounced' | 'redirected'>(
  is: K,
  id: string,
  org: string,
  recipient: string,
  data: Partial<EventData[K]>,
): MailEvent {
  const usual = {
    phase: 'rcpt',
    host: 'mx.test',
    ip: '',
    reply: '',
    ms: 1,
    tls: null,
    try: 1,
    why: 'refused',
  };
  const all = { ...usual, to: [], ...data };
  return {
    is,
    atMs: (clock += 10),
    message: id as MessageId,
    org,
    recipient,
    data: all,
  } as unknown as MailEvent;
}

async function put(store: Store, ...events: readonly MailEvent[]): Promise<void> {
  await store.write(recordEvents, events);
  await store.write(move, undefined);
  await store.write(forget, undefined);
  while ((await rollUp(store)).count > 0);
}

async function found(store: Store, query: TraceQuery, max = 50): Promise<string[]> {
  const all: string[] = [];
  let before: number | undefined;
  do {
    const page = await store.scan(searchTraces, { engine: store.engine, query, before, max });
    all.push(...page.items.map((item) => `${item.message} ${item.recipient} ${item.status}`));
    before = page.next;
  } while (before !== undefined);
  return all;
}

async function filled(open: () => Promise<Store>): Promise<Store> {
  const store = await open();
  await put(
    store,
    accepted('m1', 'a', {
      subject: 'ご注文の確認 Ｏｒｄｅｒ 42',
      labels: { stream: 'receipts', tags: ['Shop', 'eu'] },
    }),
    event('delivered', 'm1', 'a', 'tanaka@docomo.test', { reply: '250 2.0.0 Ok: queued as 4XyZ12' }),
    accepted('m2', 'a', {
      subject: 'Sale: order now',
      recipients: ['Sato@gmail.test', 'tanaka@docomo.test'],
    }),
    event('bounced', 'm2', 'a', 'Sato@gmail.test', { reply: '550 5.1.1 No such user here' }),
    event('deferred', 'm2', 'a', 'tanaka@docomo.test', { reply: '450 4.2.1 Too many connections' }),
    accepted('m3', 'b', { sender: 'news@other.test', subject: 'Order' }),
  );
  return store;
}

function traceContract(open: () => Promise<Store>): void {
  test('mail to others is counted by domain, server and end, with how long it took; what no server answered is not', async () => {
    await using store = await filled(open);
    const ask = { engine: store.engine, fromMs: 0, stepMs: 1e12 };
    const told = (org: string) =>
      store
        .scan(countWaysOut, { ...ask, org })
        .then((found) =>
          found.map((one) => `${one.domain} ${one.host} ${one.status} ${one.took} ${one.count}`).sort(),
        );
    assert.deepEqual(await told('a'), [
      'docomo.test mx.test deferred -1 1',
      'docomo.test mx.test delivered 0 1',
      'gmail.test mx.test bounced -1 1',
    ]);
    assert.deepEqual(await told('b'), []);
    assert.equal((await told('')).length, 3);
    const later = await store.scan(countWaysOut, { ...ask, org: '', fromMs: 9e15 });
    assert.deepEqual(later, []);
  });

  test('each condition finds what it says, and all together what all say', async () => {
    await using store = await filled(open);
    const one = 'm1 tanaka@docomo.test delivered';
    const bounced = 'm2 sato@gmail.test bounced';
    const late = 'm2 tanaka@docomo.test deferred';
    const other = 'm3 tanaka@docomo.test queued';
    const cases: (readonly [TraceQuery, readonly string[]])[] = [
      [{}, [other, late, bounced, one]],
      [{ org: 'a' }, [late, bounced, one]],
      [{ recipient: 'SATO@gmail.test' }, [bounced]],
      [{ recipient: '@docomo.test', org: 'a' }, [late, one]],
      [{ sender: 'news@other.test' }, [other]],
      [{ sender: '@example.jp' }, [late, bounced, one]],
      [{ subject: 'order 42' }, [one]],
      [{ subject: 'ｓａｌｅ: ORDER' }, [late, bounced]],
      [{ subject: '注文' }, [one]],
      [{ subject: '確' }, [one]],
      [{ subject: '認' }, [one]],
      [{ subject: 'now order' }, []],
      [{ reply: 'no such user' }, [bounced]],
      [{ reply: '4XyZ12' }, [one]],
      [{ text: 'conn*' }, [late]],
      [{ text: 'conn' }, []],
      [{ text: 'sato sale' }, [bounced]],
      [{ tag: 'shop' }, [one]],
      [{ tag: 'sho' }, []],
      [{ stream: 'receipts' }, [one]],
      [{ status: 'deferred' }, [late]],
      [{ messageId: '<m3@example.jp>' }, [other]],
      [{ messageId: 'm3@example.jp', org: 'a' }, []],
      [{ text: 'order', status: 'bounced', recipient: '@gmail.test', org: 'a' }, [bounced]],
      [{ text: 'order', status: 'delivered', recipient: '@gmail.test', org: 'a' }, []],
      [{ text: `"; drop ' OR x` }, []],
    ];
    for (const [query, wanted] of cases)
      assert.deepEqual(await found(store, query), wanted, JSON.stringify(query));
    for (const [query, wanted] of cases)
      assert.deepEqual(await found(store, query, 1), wanted, 'in pages of one');
  });

  test('times bound a search to the millisecond', async () => {
    await using store = await filled(open);
    const page = await store.scan(searchTraces, {
      engine: store.engine,
      query: {},
      before: undefined,
      max: 9,
    });
    const times = page.items.map((item) => item.accepted_at);
    const middle = times[1]!;
    assert.equal((await found(store, { fromMs: middle })).length, 3);
    assert.equal((await found(store, { fromMs: middle + 1 })).length, 1);
    assert.equal((await found(store, { untilMs: middle - 1 })).length, 1);
    assert.equal((await found(store, { fromMs: times[0]! + 1 })).length, 0);
  });

  test('a trace moves on with its events, and is found by its last answer only', async () => {
    await using store = await filled(open);
    await put(store, event('delivered', 'm2', 'a', 'tanaka@docomo.test', { reply: '250 fine' }));
    assert.deepEqual(await found(store, { status: 'deferred' }), []);
    assert.deepEqual(await found(store, { reply: 'too many connections' }), []);
    assert.deepEqual(await found(store, { reply: 'fine' }), ['m2 tanaka@docomo.test delivered']);
  });

  test('an address behind another is found by the subject of its message', async () => {
    await using store = await filled(open);
    await put(
      store,
      event('redirected', 'm3', 'b', 'tanaka@docomo.test', {}),
      event('delivered', 'm3', 'b', 'forward@there.test', { reply: '250 there' }),
    );
    assert.deepEqual(await found(store, { subject: 'order', recipient: 'forward@there.test' }), [
      'm3 forward@there.test delivered',
    ]);
  });

  test('the mark follows the ledger, and nothing is told twice', async () => {
    await using store = await filled(open);
    const before = await store.read(() => tracedTo());
    assert.equal(before, 6);
    assert.deepEqual(await rollUp(store), { count: 0, seq: 6 });
    assert.equal((await found(store, {})).length, 4);
  });

  test('what was cut short in the middle of a window is done again, and nothing is there twice', async () => {
    await using store = await open();
    const ids = Array.from({ length: 150 }, (_, i) => `c${i}`);
    const refused: MailEvent = {
      is: 'refused',
      atMs: (clock += 10),
      message: '' as MessageId,
      org: 'a',
      recipient: 'x@docomo.test',
      data: { via: 'mx', sender: 's@example.jp', peer: '192.0.2.1', helo: '', reply: '550 no' },
    } as unknown as MailEvent;
    await store.write(recordEvents, [
      ...ids.map((id) => accepted(id, 'a', {})),
      refused,
      ...ids.map((id) => event('deferred', id, 'a', 'tanaka@docomo.test', { reply: '451 later' })),
      ...ids.map((id) => event('delivered', id, 'a', 'tanaka@docomo.test', { reply: '250 taken' })),
    ]);
    await store.write(move, undefined);
    const cut = rollUp(store, { now: () => 0, rest: () => Promise.reject(new Error('killed')) });
    await assert.rejects(cut, /killed/);
    const half = await found(store, {});
    assert.ok(half.length > 0 && half.length < ids.length, `${half.length}`);
    while ((await rollUp(store)).count > 0);
    assert.deepEqual(
      (await found(store, {})).toSorted(),
      [...ids.map((id) => `${id} tanaka@docomo.test delivered`), ' x@docomo.test refused'].toSorted(),
    );
    assert.deepEqual(await found(store, { reply: 'later' }), []);
    assert.equal((await found(store, { reply: 'taken' })).length, ids.length);
  });

  test('an organisation keeps its mail as long as it says, by stream, and others keep theirs', async () => {
    await using store = await filled(open);
    await store.write(setRetention, { org: 'a', stream: '', days: 30 });
    await store.write(setRetention, { org: 'a', stream: 'receipts', days: 400 });
    assert.equal((await store.read(() => retentions('a'))).length, 2);
    const step = { engine: store.engine, org: 'a', before: clock + 1, after: 0 };
    const gone = await store.write(forgetTraces, { ...step, stream: '', others: ['receipts'] });
    assert.deepEqual(gone, { count: 2, next: undefined });
    assert.deepEqual(await found(store, { org: 'a' }), ['m1 tanaka@docomo.test delivered']);
    assert.deepEqual(await found(store, { text: 'sale' }), []);
    assert.equal((await store.read(() => ofMessage('m2'))).length, 0);
    assert.equal((await store.read(() => ofMessage('m3'))).length, 1);
    if (store.engine === 'sqlite') await store.write(foldWords, undefined);
    await store.write(setRetention, { org: 'a', stream: '', days: null });
    assert.equal((await store.read(() => retentions())).length, 1);
    assert.equal(await store.write(pruneTraces, { engine: store.engine, before: clock + 1 }), false);
    assert.deepEqual(await found(store, {}), ['m3 tanaka@docomo.test queued']);
  });

  test('a question is kept under a name, for its organisation', async () => {
    await using store = await open();
    const view = { name: 'Bounces', by: 'x', query: { status: 'bounced' }, madeAtMs: 1 } as const;
    await store.write(saveView, { org: 'a', view });
    await store.write(saveView, { org: 'a', view: { ...view, query: { status: 'deferred' } } });
    assert.deepEqual(await store.read(() => views('a')), [{ ...view, query: { status: 'deferred' } }]);
    assert.deepEqual(await store.read(() => views('b')), []);
    assert.equal(await store.write(dropView, { org: 'b', name: 'Bounces' }), false);
    assert.equal(await store.write(dropView, { org: 'a', name: 'Bounces' }), true);
  });
}

describe('traces on SQLite', () => traceContract(() => openTestStore({ migrations, operations })));
describePostgres('traces on PostgreSQL', (open) => traceContract(() => open({ migrations, operations })));
