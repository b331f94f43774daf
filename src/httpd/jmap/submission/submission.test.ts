/** Identities and submissions over HTTP (RFC 8621, 6 and 7): intake, queue and ledger are real. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../../base/clock.ts';
import type { AccountId } from '../../../base/ids.ts';
import { silentLog } from '../../../base/log.ts';
import { noMetrics } from '../../../base/metrics.ts';
import { systemActor } from '../../../directory/actor.ts';
import { search } from '../../../events/operations.ts';
import { Intake } from '../../../intake/intake.ts';
import { intakeDefaults } from '../../../intake/options.ts';
import type { Attempt, AttemptResult } from '../../../queue/attempt.ts';
import type { Queue } from '../../../queue/queue.ts';
import { delivered, refused, testQueue } from '../../../queue/testing.ts';
import { openTestJmap } from '../testing.ts';

const using = {
  using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail', 'urn:ietf:params:jmap:submission'],
};

async function open(deliver?: (attempt: Attempt) => Promise<AttemptResult>) {
  let queue: Queue | undefined;
  const credentials: (string | undefined)[] = [];
  const jmap = await openTestJmap((t, parts) => {
    const store = t.store;
    const clock = systemClock;
    const mine = testQueue({
      store,
      clock,
      deliver: deliver ?? (() => Promise.reject(new Error('not in this test'))),
    });
    queue = mine;
    const intake = new Intake({
      directory: t.directory,
      bodies: store.bodies,
      clock,
      log: silentLog,
      metrics: noMetrics,
      options: { ...intakeDefaults, hostName: 'mx.here.test', authservId: 'mx.here.test', recipientsMax: 3 },
      accept(submission, events) {
        for (const event of events)
          if (event.is === 'accepted') credentials.push(event.data.login?.credential);
        return mine.accept(submission, events);
      },
    });
    return {
      clock,
      send: { ...parts.send, intake, reschedule: mine.reschedule.bind(mine) },
      events: { ...parts.events, search: (query, limit) => store.scan(search, { query, limit }) },
    };
  });
  await queue!.start();
  const call = async (name: string, args: object = {}) =>
    (await jmap.request([[name, { accountId: jmap.account, ...args }]], using)).methodResponses[0][1];
  const boxes = await call('Mailbox/get', { ids: null });
  const byRole = (role: string): string => boxes.list.find((box: { role: string }) => box.role === role).id;
  const draft = async (more: object = {}): Promise<string> => {
    const made = await call('Email/set', {
      create: {
        d: {
          mailboxIds: { [byRole('drafts')]: true },
          keywords: { $draft: true },
          from: [{ email: 'owner@here.test' }],
          to: [{ email: 'x@remote.test' }],
          bcc: [{ email: 'hidden@remote.test' }],
          subject: 'Hello',
          textBody: [{ partId: 't', type: 'text/plain' }],
          bodyValues: { t: { value: 'Hi' } },
          ...more,
        },
      },
    });
    assert.ok(made.created?.d, JSON.stringify(made));
    return made.created.d.id;
  };
  const identity = async (): Promise<string> => (await call('Identity/get', { ids: null })).list[0].id;
  return {
    jmap,
    call,
    byRole,
    draft,
    identity,
    credentials,
    async [Symbol.asyncDispose]() {
      await queue!.stop();
      await jmap[Symbol.asyncDispose]();
    },
  };
}

type Statuses = Readonly<Record<string, { readonly delivered: string; readonly smtpReply: string }>>;

/** Waits for the ledger. */
async function told(read: () => Promise<Statuses>): Promise<Statuses> {
  for (let i = 0; ; i++) {
    const statuses = await read();
    if (i > 400 || Object.values(statuses).every((status) => status.delivered !== 'queued')) return statuses;
    await setTimeout(5);
  }
}

const address = (email: string, parameters: object | null = null) => ({ email, parameters });

test('each address has its identity, which goes with it; others are made for what one may send as', async () => {
  await using t = await open();
  const { list, state } = await t.call('Identity/get', { ids: null });
  assert.deepEqual(
    list.map(({ email, mayDelete }: { email: string; mayDelete: boolean }) => [email, mayDelete]),
    [['owner@here.test', false]],
  );
  const { office } = t.jmap.api.t;
  const { org } = t.jmap.api.a;
  await office.routes.create(
    systemActor,
    { org, kind: 'alias', address: 'shop@here.test' },
    { targets: ['owner@here.test'] },
  );
  const next = await t.call('Identity/changes', { sinceState: state });
  assert.equal(next.created.length, 1);
  const made = await t.call('Identity/set', {
    create: {
      a: { email: 'owner+list@here.test', name: '店', textSignature: '-- \n店' },
      b: { email: 'somebody@else.test' },
      c: { email: 'no address' },
      d: { email: 'owner@here.test', replyTo: [{ email: 'x' }] },
      e: { email: 'owner@here.test', mayDelete: true },
    },
  });
  assert.deepEqual(made.created.a, {
    id: made.created.a.id,
    replyTo: null,
    bcc: null,
    htmlSignature: '',
    mayDelete: true,
  });
  assert.equal(made.notCreated.b.type, 'forbiddenFrom');
  assert.deepEqual(made.notCreated.c.properties, ['email']);
  assert.deepEqual(made.notCreated.d.properties, ['replyTo']);
  assert.deepEqual(made.notCreated.e.properties, ['mayDelete']);
  const changed = await t.call('Identity/set', {
    update: {
      [made.created.a.id]: { htmlSignature: '<p>店</p>', bcc: [{ name: null, email: 'copy@here.test' }] },
      [list[0].id]: { email: 'other@here.test' },
    },
    destroy: [next.created[0]],
  });
  assert.deepEqual(changed.updated, { [made.created.a.id]: null });
  assert.deepEqual(changed.notUpdated[list[0].id].properties, ['email']);
  assert.equal(changed.notDestroyed[next.created[0]].type, 'forbidden');
  await office.routes.delete(systemActor, { org, kind: 'alias', address: 'shop@here.test' });
  const gone = await t.call('Identity/changes', { sinceState: next.newState });
  assert.deepEqual(gone.destroyed, [next.created[0]]);
  assert.deepEqual((await t.call('Identity/set', { destroy: [made.created.a.id] })).destroyed, [
    made.created.a.id,
  ]);
});

test('mail is sent, its draft becomes sent mail in the same request, and its recipients have an answer each', async () => {
  await using t = await open(async ({ recipients }) => ({
    outcomes: recipients.map(({ address: to }) => (to.startsWith('x@') ? delivered : refused)),
    conversations: [],
  }));
  const [emailId, identityId] = [await t.draft(), await t.identity()];
  const { state } = await t.call('EmailSubmission/get', { ids: [] });
  const { methodResponses } = await t.jmap.request(
    [
      [
        'EmailSubmission/set',
        {
          accountId: t.jmap.account,
          create: { s: { emailId, identityId }, bad: { emailId: 'e9', identityId } },
          onSuccessUpdateEmail: {
            '#s': {
              'keywords/$draft': null,
              [`mailboxIds/${t.byRole('drafts')}`]: null,
              [`mailboxIds/${t.byRole('sent')}`]: true,
            },
          },
        },
      ],
    ],
    using,
  );
  const [[, sent], [implied, moved]] = methodResponses;
  assert.deepEqual(sent.notCreated.bad.properties, ['emailId']);
  assert.deepEqual(sent.created.s.envelope, {
    mailFrom: address('owner@here.test'),
    rcptTo: [address('x@remote.test'), address('hidden@remote.test')],
  });
  assert.equal(sent.created.s.undoStatus, 'final');
  assert.deepEqual([implied, Object.keys(moved.updated)], ['Email/set', [emailId]]);
  const [email] = (await t.call('Email/get', { ids: [emailId] })).list;
  assert.deepEqual([Object.keys(email.mailboxIds), email.keywords.$draft], [[t.byRole('sent')], undefined]);
  const { id } = sent.created.s;
  const became = await told(
    async () => (await t.call('EmailSubmission/get', { ids: [id] })).list[0].deliveryStatus,
  );
  assert.deepEqual(
    Object.entries(became).map(([to, status]) => [to, status.delivered]),
    [
      ['x@remote.test', 'unknown'],
      ['hidden@remote.test', 'no'],
    ],
  );
  assert.match(became['hidden@remote.test']!.smtpReply, /^5/);
  const late = await t.call('EmailSubmission/set', {
    update: { [sent.created.s.id]: { undoStatus: 'canceled' } },
  });
  assert.equal(late.notUpdated[sent.created.s.id].type, 'cannotUnsend');
  const changes = await t.call('EmailSubmission/changes', { sinceState: state });
  assert.deepEqual(changes.created, [sent.created.s.id]);
  const found = await t.call('EmailSubmission/query', {
    filter: { emailIds: [emailId] },
    calculateTotal: true,
  });
  assert.deepEqual([found.ids, found.total], [[sent.created.s.id], 1]);
  assert.equal((await t.call('EmailSubmission/query', { filter: { colour: 1 } })).type, 'unsupportedFilter');
  const gone = await t.call('EmailSubmission/set', { destroy: [sent.created.s.id] });
  assert.deepEqual(gone.destroyed, [sent.created.s.id]);
});

test('mail for later waits, and is taken back while it does; afterwards nothing is sent', async () => {
  await using t = await open();
  const [emailId, identityId] = [await t.draft(), await t.identity()];
  const envelope = {
    mailFrom: address('owner@here.test', { HOLDFOR: '3600', RET: 'HDRS' }),
    rcptTo: [address('x@remote.test', { NOTIFY: 'FAILURE' })],
  };
  const { created } = await t.call('EmailSubmission/set', {
    create: { s: { emailId, identityId, envelope } },
  });
  const { id, undoStatus, sendAt } = created.s;
  assert.equal(undoStatus, 'pending');
  assert.ok(Date.parse(sendAt) > Date.now() + 3_500_000);
  assert.deepEqual((await t.call('EmailSubmission/query', { filter: { undoStatus: 'pending' } })).ids, [id]);
  const wrong = await t.call('EmailSubmission/set', { update: { [id]: { sendAt: '2030-01-01T00:00:00Z' } } });
  assert.deepEqual(wrong.notUpdated[id].properties, ['sendAt']);
  const undone = await t.call('EmailSubmission/set', {
    update: { [id]: { undoStatus: 'canceled' } },
    onSuccessUpdateEmail: { [id]: { 'keywords/$draft': true } },
  });
  assert.deepEqual(undone.updated, { [id]: null });
  assert.equal((await t.call('EmailSubmission/get', { ids: [id] })).list[0].undoStatus, 'canceled');
  const again = await t.call('EmailSubmission/set', { update: { [id]: { undoStatus: 'pending' } } });
  assert.deepEqual(again.notUpdated[id].properties, ['undoStatus']);
});

test('what cannot be sent is told in the words of the standard', async () => {
  await using t = await open();
  const identityId = await t.identity();
  const emailId = await t.draft();
  const foreign = await t.draft({ from: [{ email: 'boss@there.test' }] });
  const lonely = await t.draft({ to: [], bcc: [] });
  const nobody = await t.draft({ from: [] });
  const to = [address('x@remote.test')];
  const from = address('owner@here.test');
  const { notCreated, created } = await t.call('EmailSubmission/set', {
    create: {
      a: { emailId: foreign, identityId, envelope: { mailFrom: from, rcptTo: to } },
      b: { emailId, identityId, envelope: { mailFrom: address('boss@there.test'), rcptTo: to } },
      c: { emailId: lonely, identityId },
      d: { emailId, identityId, envelope: { mailFrom: from, rcptTo: [address('not an address')] } },
      e: { emailId, identityId, envelope: { mailFrom: from, rcptTo: [address('nobody-here@here.test')] } },
      f: {
        emailId,
        identityId,
        envelope: {
          mailFrom: from,
          rcptTo: ['a', 'b', 'c', 'd'].map((each) => address(`${each}@remote.test`)),
        },
      },
      g: { emailId: nobody, identityId },
      h: { emailId, identityId: 'i99' },
      i: {
        emailId,
        identityId,
        envelope: { mailFrom: address('owner@here.test', { HOLDFOR: '99999999' }), rcptTo: to },
      },
      j: {
        emailId,
        identityId,
        envelope: { mailFrom: address('owner@here.test', { COLOUR: 'red' }), rcptTo: to },
      },
      k: { emailId, identityId, sendAt: '2030-01-01T00:00:00Z' },
      l: { emailId, identityId, envelope: { mailFrom: from, rcptTo: [] } },
    },
  });
  assert.equal(created, null);
  const types = Object.fromEntries(
    Object.entries(notCreated).map(([id, error]) => [id, (error as { type: string }).type]),
  );
  assert.deepEqual(types, {
    a: 'forbiddenFrom',
    b: 'forbiddenMailFrom',
    c: 'noRecipients',
    d: 'invalidRecipients',
    e: 'invalidRecipients',
    f: 'tooManyRecipients',
    g: 'invalidEmail',
    h: 'invalidProperties',
    i: 'invalidProperties',
    j: 'invalidProperties',
    k: 'invalidProperties',
    l: 'noRecipients',
  });
  assert.equal(notCreated.f.maxRecipients, 3);
  assert.deepEqual(notCreated.e.invalidRecipients, ['nobody-here@here.test']);
  assert.deepEqual(notCreated.g.properties, ['from']);
  const { methodResponses } = await t.jmap.request(
    [['EmailSubmission/set', { accountId: t.jmap.account, onSuccessDestroyEmail: 'x' }]],
    using,
  );
  assert.equal(methodResponses[0][1].type, 'invalidArguments');
});

test('notices that came for what was sent are told with it, whatever their subjects', async () => {
  await using t = await open();
  const inbox = t.byRole('inbox');
  const emailId = await t.draft({ messageId: ['sent-1@here.test'] });
  const made = await t.call('EmailSubmission/set', {
    create: { s: { emailId, identityId: await t.identity() } },
  });
  const { id } = made.created.s;
  const get = async () => (await t.call('EmailSubmission/get', { ids: [id] })).list[0];
  assert.deepEqual([(await get()).dsnBlobIds, (await get()).mdnBlobIds], [[], []]);
  const { state } = await t.call('EmailSubmission/get', { ids: [] });
  const arrived = async (type: string, about: string): Promise<string> => {
    const text = [
      'From: mailer-daemon@remote.test',
      `Subject: Notice ${type}`,
      `In-Reply-To: <${about}>`,
      `Content-Type: multipart/report; report-type=${type}; boundary=b`,
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'Something happened.',
      '--b',
      `Content-Type: message/${type}`,
      '',
      'Final-Recipient: rfc822;x@remote.test',
      '',
      '--b--',
      '',
    ].join('\r\n');
    const upload = await t.jmap.api.call('POST', `/jmap/upload/${t.jmap.account}/`, {
      as: t.jmap.as,
      body: Buffer.from(text),
      headers: { 'content-type': 'message/rfc822' },
    });
    const imported = await t.call('Email/import', {
      emails: { n: { blobId: upload.body.blobId, mailboxIds: { [inbox]: true } } },
    });
    return imported.created.n.blobId;
  };
  const dsn = await arrived('delivery-status', 'sent-1@here.test');
  const mdn = await arrived('disposition-notification', 'sent-1@here.test');
  await arrived('delivery-status', 'another@here.test');
  const { dsnBlobIds, mdnBlobIds } = await get();
  assert.deepEqual([dsnBlobIds, mdnBlobIds], [[dsn], [mdn]]);
  const changes = await t.call('EmailSubmission/changes', { sinceState: state });
  assert.deepEqual(changes.updated, [id]);
  const query = await t.call('EmailSubmission/queryChanges', { sinceQueryState: state });
  assert.deepEqual([query.removed, query.added], [[id], [{ id, index: 0 }]]);
});

test('a key that was not made for sending does not send, though it may read', async () => {
  await using t = await open();
  const { office } = t.jmap.api.t;
  const account = t.jmap.account as AccountId;
  const key = await office.keys.create(systemActor, t.jmap.api.a.org, {
    name: 'reader',
    account,
    scopes: ['mail:http'],
  });
  const [emailId, identityId] = [await t.draft(), await t.identity()];
  const answer = await t.jmap.api.call('POST', '/jmap/api', {
    as: `Bearer ${key.key}`,
    body: {
      ...using,
      methodCalls: [
        ['EmailSubmission/set', { accountId: t.jmap.account, create: { s: { emailId, identityId } } }, '0'],
      ],
    },
  });
  assert.equal(answer.body.methodResponses[0][1].notCreated.s.type, 'forbiddenToSend');
});

test('mail counts for the app password that it was sent with', async () => {
  await using t = await open();
  const { jmap, credentials } = t;
  const { api } = jmap;
  const owner = { org: api.a.org, id: api.a.owner.id };
  const app = await api.t.office.accounts.createAppPassword(systemActor, owner, { name: 'phone' });
  const identityId = await t.identity();
  for (const secret of [undefined, app.password]) {
    const as = secret === undefined ? jmap.as : basic(api.a.owner.name, secret);
    const create = { s: { emailId: await t.draft(), identityId } };
    const methodCalls = [['EmailSubmission/set', { accountId: jmap.account, create }, '0']];
    const answer = await api.call('POST', '/jmap/api', { as, body: { ...using, methodCalls } });
    assert.ok(answer.body.methodResponses[0][1].created?.s, JSON.stringify(answer.body));
  }
  assert.deepEqual(credentials, ['password', `app:${app.id}`]);
});

const basic = (name: string, secret: string): string =>
  `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
