import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import type { CredentialId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { systemActor } from '../directory/actor.ts';
import { hookAddress, patternFits } from '../directory/inbound.ts';
import { openTestDirectory } from '../directory/testing.ts';
import type { Attempt, Outcome } from '../queue/attempt.ts';
import { testSubmission } from '../queue/testing.ts';
import { Refusal } from '../base/refusal.ts';
import { HookDelivery, type HookAnswer, type HookRequest } from './hook/hook-delivery.ts';
import { replyText } from './hook/payload.ts';

const mail = [
  'From: =?UTF-8?B?5bGx55Sw?= <yamada@there.test>',
  'To: ticket-42@here.test',
  'Subject: =?UTF-8?B?44GT44KT44Gr44Gh44Gv?=',
  'Message-ID: <m@there.test>',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'New text',
  'On Mon, Bob <bob@here.test> wrote:',
  '> old',
  '--b',
  'Content-Type: application/pdf; name=a.pdf',
  'Content-Disposition: attachment; filename=a.pdf',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('%PDF').toString('base64'),
  '--b',
  'Content-Type: image/png',
  'Content-Disposition: attachment; filename=big.png',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.alloc(50).toString('base64'),
  '--b--',
  '',
].join('\r\n');

async function open(answers: (HookAnswer | number)[]) {
  const t = await openTestDirectory();
  const route = await t.office.inbound.create(systemActor, t.org.id, {
    address: 'ticket-*@here.test',
    url: 'https://app.test/in',
    attachmentsMaxBytes: 10,
    raw: true,
  });
  const posted: HookRequest[] = [];
  const delivery = new HookDelivery({
    clock: systemClock,
    log: silentLog,
    directory: t.directory,
    bodies: { read: async (body) => (body.is === 'inline' ? body.bytes : Buffer.alloc(0)) },
    post: async (request) => {
      posted.push(request);
      const next = answers.shift() ?? 200;
      return typeof next === 'number' ? { status: next, code: '', ip: '' } : next;
    },
  });
  const play = async (message: { acceptedAtMs?: number } = {}, id = route.id): Promise<Outcome> => {
    const submission = testSubmission(
      systemClock,
      [hookAddress(id)],
      { org: t.org.id, sender: 'yamada@there.test', ...message },
      { through: { org: t.org.id, addresses: ['ticket-42@here.test'] } },
    );
    const attempt: Attempt = {
      message: submission.message,
      recipients: submission.recipients.map((to) => ({ ...to, try: 1 })),
      site: `${id}.hook.invalid`,
      connectionsMax: 1,
      body: () => ({ is: 'inline', bytes: Buffer.from(mail) }),
      leaseValid: () => true,
    };
    return (await delivery.deliver(attempt)).outcomes[0]!;
  };
  return { t, route, posted, play };
}

test('a program is told of a message with texts decoded, and files as far as there is room', async () => {
  const { t, route, posted, play } = await open([]);
  await using _ = t;
  assert.equal((await play()).is, 'delivered');
  const [request] = posted;
  assert.deepEqual([request!.url, request!.secrets], ['https://app.test/in', [route.secret]]);
  const { type, data } = JSON.parse(request!.body) as { type: string; data: Record<string, unknown> };
  assert.equal(type, 'message.received');
  assert.deepEqual(data['from'], [{ address: 'yamada@there.test', name: '山田' }]);
  assert.deepEqual(
    [data['recipient'], data['sender'], data['subject'], data['replyText']],
    ['ticket-42@here.test', 'yamada@there.test', 'こんにちは', 'New text'],
  );
  assert.deepEqual(data['attachments'], [
    { filename: 'a.pdf', contentType: 'application/pdf', contentId: null, sizeBytes: 4, content: 'JVBERg==' },
    { filename: 'big.png', contentType: 'image/png', contentId: null, sizeBytes: 50 },
  ]);
  assert.equal(Buffer.from(data['raw'] as string, 'base64').toString(), mail);
});

test('for a while both secrets sign, then the new one alone', async () => {
  const { t, route, posted, play } = await open([]);
  await using _ = t;
  const fresh = await t.office.inbound.rotate(systemActor, t.org.id, { id: route.id, overlapMs: 3_600_000 });
  await play();
  assert.deepEqual(posted.at(-1)!.secrets, [fresh, route.secret]);
  const last = await t.office.inbound.rotate(systemActor, t.org.id, { id: route.id, overlapMs: 0 });
  await play();
  assert.deepEqual(posted.at(-1)!.secrets, [last]);
});

test('what fails is tried again for 72 hours; 410 and routes that are gone end it', async () => {
  const down: HookAnswer = { status: 0, code: 'connect (ECONNREFUSED)', ip: '' };
  const { t, play } = await open([503, down, 410, 500]);
  await using _ = t;
  const busy = await play();
  assert(busy.is === 'deferred' && !busy.siteDown && busy.answer.reply === '451 4.3.0 HTTP 503');
  const off = await play();
  assert(off.is === 'deferred' && off.siteDown);
  const gone = await play();
  assert(gone.is === 'failed' && gone.why === 'refused');
  const old = await play({ acceptedAtMs: systemClock.nowMs() - 73 * 3_600_000 });
  assert(old.is === 'failed' && old.why === 'expired');
  const none = await play({}, '0'.repeat(16) as CredentialId);
  assert(none.is === 'failed' && none.why === 'unroutable');
});

test('an address leads to the route that says most, but never past a mailbox', async () => {
  await using t = await openTestDirectory();
  const { office, org, directory } = t;
  const add = (address: string) =>
    office.inbound.create(systemActor, org.id, { address, url: 'https://app.test/' });
  const [all, some, one] = [
    await add('@here.test'),
    await add('ticket-*@here.test'),
    await add('ticket-1@here.test'),
  ];
  await office.accounts.create(systemActor, org.id, { name: 'alice@here.test', roles: ['owner'] });
  const leads = async (address: string) => {
    const found = await directory.resolve(address);
    return found.is === 'expanded' ? found.to[0] : found.is;
  };
  assert.equal(await leads('ticket-1@here.test'), hookAddress(one.id));
  assert.equal(await leads('Ticket-2@here.test'), hookAddress(some.id));
  assert.equal(await leads('other@here.test'), hookAddress(all.id));
  assert.equal(await leads('alice@here.test'), 'account');
  assert.equal(await leads('postmaster@here.test'), 'account');
  const conflict = (error: unknown) => error instanceof Refusal && error.reason === 'conflict';
  await assert.rejects(add('alice@here.test'), conflict);
  await assert.rejects(add('*@here.test'), conflict);
  await office.inbound.delete(systemActor, org.id, one.id);
  assert.equal(await leads('ticket-1@here.test'), hookAddress(some.id));
});

test('patterns fit from end to end', () => {
  const fits: [string, string, boolean][] = [
    ['*', '', true],
    ['a*b', 'ab', true],
    ['a*b', 'aXXb', true],
    ['a*b', 'a', false],
    ['ab*ba', 'aba', false],
    ['*-*-*', 'a-b-c', true],
    ['*-*-*', 'a-b', false],
    ['A*', 'abc', true],
  ];
  for (const [pattern, local, expected] of fits) assert.equal(patternFits(pattern, local), expected, pattern);
});

test('an answer is told without what it quotes', () => {
  assert.equal(replyText('Yes\n\nOn Mon, 1 Jan 2027 at 9:00, Bob <b@here.test> wrote:\n> Question'), 'Yes');
  assert.equal(replyText('はい\n\n2027年1月1日(金) 9:00 山田 <y@here.test> のメール:\n> 質問'), 'はい');
  assert.equal(replyText('Hello\n-- \nBob'), 'Hello');
  assert.equal(replyText('> quoted\nanswer below'), 'answer below');
});
