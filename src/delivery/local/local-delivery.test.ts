import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Resolution } from '../../directory/resolution.ts';
import { openMailStore } from '../../mailbox/testing.ts';
import type { MailEvent } from '../../events/event.ts';
import type { Outcome } from '../../queue/attempt.ts';
import type { Submission } from '../../queue/message.ts';
import { rows } from '../../store/transaction.ts';
import type { TestStore } from '../../store/testing.ts';
import type { Store } from '../../store/store.ts';
import type { DeliveryOptions } from '../options.ts';
import { testAttempt } from '../testing.ts';
import type { ReportEar } from '../report-ear.ts';
import { LocalDelivery } from './local-delivery.ts';

const known: Readonly<Record<string, Resolution>> = {
  'alice@here.test': {
    is: 'account',
    account: 'alice' as never,
    org: 'o' as never,
    address: 'alice@here.test',
    mailboxDetail: '',
    language: 'en',
  },
  'off@here.test': { is: 'disabled', account: 'off' as never, org: 'o' as never },
  'team@here.test': {
    is: 'expanded',
    to: ['alice@here.test', 'x@away.test'],
    why: 'alias',
    org: 'o' as never,
    alsoAccount: 'alice' as never,
    address: 'team@here.test',
    mailboxDetail: '',
  },
};

function detailed(address: string): Resolution | undefined {
  const [, mailboxDetail] = /^alice\+(.*)@here\.test$/.exec(address) ?? [];
  const alice = known['alice@here.test']!;
  return alice.is === 'account' && mailboxDetail !== undefined ? { ...alice, mailboxDetail } : undefined;
}

const local = (
  store: Store,
  detailMailbox: DeliveryOptions['detailMailbox'] = 'none',
  reports?: ReportEar,
): LocalDelivery =>
  new LocalDelivery({
    store,
    ...(reports && { reports }),
    clock: systemClock,
    log: silentLog,
    options: { detailMailbox },
    directory: {
      account: async () => undefined,
      orgOf: async (domain) => (domain === 'here.test' ? ('o' as never) : undefined),
      resolve: async (address) =>
        known[address] ?? detailed(address) ?? { is: address.endsWith('@here.test') ? 'unknown' : 'remote' },
    },
  });

const attempt = (to: readonly string[], options: Partial<Parameters<typeof testAttempt>[1]> = {}) =>
  testAttempt(to, {
    site: 'local',
    recipient: { destination: 'local' },
    ...options,
  });

const told = (outcome: Outcome): string =>
  outcome.is === 'redirected'
    ? `redirected ${JSON.stringify(outcome.to)}`
    : 'answer' in outcome
      ? `${outcome.is} ${outcome.answer.reply}`
      : `${outcome.is} ${outcome.notice}`;

async function stored(store: TestStore): Promise<string[]> {
  const kinds = await store.read(() =>
    rows<{ data: string }>("select data from outbox where kind = 'stored' order by seq"),
  );
  return kinds.map((row) => row.data);
}

test('a mail is placed once, however often it is tried, with Return-Path and Delivered-To', async () => {
  await using store = await openMailStore();
  const bodies: string[] = [];
  const watching: Store = new Proxy(store, {
    get(target, name) {
      if (name !== 'write') return Reflect.get(target, name, target) as unknown;
      return (operation: never, args: { body: { bytes: Uint8Array } }) => {
        bodies.push(Buffer.from(args.body.bytes).toString());
        return store.write(operation, args as never);
      };
    },
  });
  const given = attempt(['alice@here.test'], {
    text: 'return-path: <forged@x>\r\nSubject: Hi\r\n\r\nHello\r\n',
  });
  for (let i = 0; i < 2; i++) {
    const { outcomes } = await local(watching).deliver(given);
    assert.deepEqual(outcomes.map(told), ['delivered final']);
  }
  assert.equal((await stored(store)).length, 1);
  assert.equal(
    bodies[0],
    'Return-Path: <sender@here.test>\r\nDelivered-To: alice@here.test\r\nSubject: Hi\r\n\r\nHello\r\n',
  );
});

test('each recipient has an outcome of its own', async () => {
  await using store = await openMailStore();
  const { outcomes } = await local(store).deliver(
    attempt(['alice@here.test', 'nobody@here.test', 'off@here.test', 'x@away.test', 'team@here.test']),
  );
  assert.deepEqual(outcomes.map(told), [
    'delivered final',
    'failed 550 5.1.1 No such mailbox here',
    'failed 550 5.2.1 The mailbox is switched off',
    'redirected [{"address":"x@away.test","destination":"away.test"}]',
    'redirected [{"address":"alice@here.test","destination":"local"},{"address":"x@away.test","destination":"away.test"}]',
  ]);
  assert.equal((await stored(store)).length, 1, 'a mailbox that is reached by two ways has it once');
});

test('a message that comes round again is returned', async () => {
  await using store = await openMailStore();
  const { outcomes } = await local(store).deliver(
    attempt(['alice@here.test'], { text: 'Delivered-To: Alice@here.test\r\n\r\nx\r\n' }),
  );
  assert.match(told(outcomes[0]!), /^failed 554 5\.4\.6/);
});

test('a full mailbox, and a store that cannot, defer', async () => {
  for (const [reason, reply] of [
    ['mailboxFull', /^deferred 452 4\.2\.2/],
    ['storageBusy', /^deferred 451 4\.3\.0/],
  ] as const) {
    await using store = await openMailStore();
    const broken: Store = new Proxy(store, {
      get: (target, name) =>
        name === 'write'
          ? async () => Promise.reject(new Refusal(reason, 'test'))
          : (Reflect.get(target, name, target) as unknown),
    });
    const { outcomes } = await local(broken).deliver(attempt(['alice@here.test']));
    assert.match(told(outcomes[0]!), reply);
  }
});

test('a large body is stamped and stored in pieces', async () => {
  await using store = await openMailStore();
  const writer = store.bodies.writer();
  const line = Buffer.from(`${'x'.repeat(78)}\r\n`);
  await writer.write(Buffer.from('Subject: large\r\n\r\n'));
  for (let i = 0; i < 5000; i++) await writer.write(line);
  const body = await writer.finish();
  assert.equal(body.is, 'file');
  const { outcomes } = await local(store).deliver(
    attempt(['alice@here.test'], { stored: body, sizeBytes: writer.sizeBytes }),
  );
  assert.deepEqual(outcomes.map(told), ['delivered final']);
});

test('a subaddress is told to the mailbox, and may choose one by its name', async () => {
  await using store = await openMailStore();
  const placedIn = async (how: DeliveryOptions['detailMailbox'], address: string): Promise<string> => {
    const { outcomes } = await local(store, how).deliver(attempt([address]));
    assert.deepEqual(outcomes.map(told), ['delivered final']);
    return (JSON.parse((await stored(store)).at(-1)!) as { mailbox: string }).mailbox;
  };
  assert.equal(await placedIn('none', 'alice+lists@here.test'), 'INBOX');
  assert.equal(
    await placedIn('existing', 'alice+lists@here.test'),
    'INBOX',
    'there is none of that name yet',
  );
  assert.equal(await placedIn('create', 'alice+lists@here.test'), 'lists');
  assert.equal(await placedIn('existing', 'alice+lists@here.test'), 'lists');
  assert.equal(await placedIn('create', 'alice+a//b@here.test'), 'INBOX', 'no name of a mailbox');
  assert.equal(await placedIn('create', 'alice@here.test'), 'INBOX');
});

test('a report that was read lies in a mailbox of its own; Junk is not read, and what is none comes as ever', async () => {
  await using store = await openMailStore();
  const heard: string[] = [];
  const ear: ReportEar = {
    isAt: () => true,
    hear: async ({ addresses, org, body }) => {
      heard.push(`${org}: ${addresses.join(' ')}`);
      return Buffer.from(await body()).includes('report');
    },
  };
  const placed = async (text: string, more: object = {}, junkFor?: readonly string[]): Promise<string> => {
    const given = attempt(['alice@here.test'], { text, ...more });
    const message = { ...given.message, ...(junkFor && { junkFor }) };
    const { outcomes } = await local(store, 'none', ear).deliver({ ...given, message });
    assert.deepEqual(outcomes.map(told), ['delivered final']);
    return (JSON.parse((await stored(store)).at(-1)!) as { mailbox: string }).mailbox;
  };
  const through = { org: 'o', addresses: ['postmaster@here.test'] };
  assert.equal(
    await placed('Subject: a report\r\n\r\n', { recipient: { destination: 'local', through } }),
    'Reports',
  );
  assert.equal(await placed('Subject: Hi\r\n\r\n'), 'INBOX');
  assert.equal(await placed('Subject: a report\r\n\r\n', {}, ['o']), 'Junk');
  assert.deepEqual(heard, ['o: alice@here.test postmaster@here.test', 'o: alice@here.test']);
});

test('what came by another address says which, and what the sender asked for', async () => {
  await using store = await openMailStore();
  const writes: { body: { bytes: Uint8Array } }[] = [];
  const watching: Store = new Proxy(store, {
    get: (target, name) =>
      name === 'write'
        ? async (operation: never, args: never) => {
            writes.push(args);
            return store.write(operation, args);
          }
        : (Reflect.get(target, name, target) as unknown),
  });
  const through = { org: 'o', addresses: ['team@here.test', 'all@here.test'] };
  await local(watching).deliver(
    attempt(['alice+x@here.test'], {
      recipient: { destination: 'local', orcpt: 'rfc822;list@else.test', through },
    }),
  );
  assert.match(
    Buffer.from(writes[0]!.body.bytes).toString(),
    /^Return-Path: <sender@here\.test>\r\nDelivered-To: alice\+x@here\.test\r\nX-Original-To: team@here\.test\r\nOriginal-Recipient: rfc822;list@else\.test\r\nSubject/,
  );
});

const submitted = async (
  to: string,
  { text = 'Subject: Hi\r\n\r\nHello\r\n', ...more }: { text?: string } & Partial<Submission['message']> = {},
): Promise<Submission> => {
  const given = attempt([to], { text });
  const { message, recipients } = given;
  return { message: { ...message, org: 'o', ...more }, recipients, body: await given.body() };
};

const kindsIn = (store: TestStore): Promise<string[]> =>
  store
    .read(() => rows<{ kind: string }>('select kind from outbox order by seq'))
    .then((all) => all.map(({ kind }) => kind));

test('what only has to be put into one mailbox is placed by the transaction that takes it in, with what is told of it', async () => {
  await using store = await openMailStore();
  const given = await submitted('alice@here.test');
  const accepted: MailEvent = {
    is: 'queueAction',
    atMs: 1,
    message: given.message.id,
    org: 'o',
    recipient: '',
    data: { action: 'retried', by: 'x' },
  } as never;
  assert.equal(await local(store).placeAtOnce(given, [accepted]), true);
  assert.deepEqual(await kindsIn(store), ['queueAction', 'stored']);
  // Its answer was lost, and the queue has it as well.
  const again = { ...attempt(['alice@here.test']), message: given.message };
  assert.deepEqual((await local(store).deliver(again)).outcomes.map(told), ['delivered final']);
  assert.deepEqual(await kindsIn(store), ['queueAction', 'stored'], 'it is in the mailbox once');
});

test('all else is for the queue, and nothing is done', async () => {
  await using store = await openMailStore();
  const alice = await submitted('alice@here.test');
  const [recipient] = alice.recipients;
  const notNow: [string, Submission][] = [
    ['nobody', await submitted('nobody@here.test')],
    ['switched off', await submitted('off@here.test')],
    ['an alias', await submitted('team@here.test')],
    ['two', { ...alice, recipients: [recipient!, recipient!] }],
    ['elsewhere', { ...alice, recipients: [{ ...recipient!, destination: 'away.test' }] }],
    ['asks to be told', { ...alice, recipients: [{ ...recipient!, notify: ['success'] }] }],
    [
      'came by an alias',
      { ...alice, recipients: [{ ...recipient!, through: { org: 'o', addresses: ['x@here.test'] } }] },
    ],
    [
      'kept back',
      { ...alice, quarantine: [{ org: 'o', untilMs: 9, score: 9, rules: [], recipients: [recipient!.id] }] },
    ],
    ['later', await submitted('alice@here.test', { notBeforeMs: Date.now() + 60_000 })],
    [
      'by a time',
      await submitted('alice@here.test', { deliverBy: { atMs: 1, mode: 'notify', trace: false } }),
    ],
    ['of another organisation', await submitted('alice@here.test', { org: 'other' })],
    [
      'goes in circles',
      await submitted('alice@here.test', { text: 'Delivered-To: Alice@here.test\r\n\r\nx\r\n' }),
    ],
  ];
  for (const [why, submission] of notNow)
    assert.equal(await local(store).placeAtOnce(submission, []), false, why);
  const ear: ReportEar = { isAt: () => true, hear: async () => assert.fail('heard twice') };
  assert.equal(await local(store, 'none', ear).placeAtOnce(alice, []), false);
  assert.deepEqual(await kindsIn(store), []);
});

test('where the mailbox cannot take it now, the queue does', async () => {
  await using store = await openMailStore();
  const full: Store = new Proxy(store, {
    get: (target, name) =>
      name === 'write'
        ? () => Promise.reject(new Refusal('mailboxFull', 'x'))
        : (Reflect.get(target, name, target) as unknown),
  });
  assert.equal(await local(full).placeAtOnce(await submitted('alice@here.test'), []), false);
});
