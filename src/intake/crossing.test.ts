import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailEvent } from '../events/event.ts';
import type { RcptParams } from '../proto/smtp/params.ts';
import { parseMailbox, type Mailbox } from '../proto/smtp/path.ts';
import type { IntakeOptions } from './options.ts';
import type { SessionInfo } from './session-info.ts';
import { alice, testIntake, type Taken } from './testing.ts';

const stranger: SessionInfo = {
  via: 'mx',
  ip: '192.0.2.9',
  helo: 'there.test',
  protocol: 'ESMTP',
  tls: null,
  principal: undefined,
  trusted: false,
};
const user: SessionInfo = { ...stranger, via: 'submission', principal: alice };

interface Sent {
  readonly session?: SessionInfo;
  readonly params?: RcptParams;
  readonly options?: Partial<IntakeOptions>;
}

async function send(to: readonly (string | Mailbox)[], sent: Sent = {}): Promise<Taken> {
  const { session = stranger, params = {}, options = {} } = sent;
  const within = testIntake(options);
  const sender = session.principal ? parseMailbox('alice@here.test')! : null;
  using mail = await within.intake.begin(session, { sender, params: {} });
  for (const each of to) await mail.recipient(typeof each === 'string' ? parseMailbox(each)! : each, params);
  await mail.write(Buffer.from('Subject: Hi\r\n\r\nHello\r\n'));
  await mail.finish();
  return within.taken[0]!;
}

const accepted = ({ events }: Taken): string[] =>
  events
    .filter((event): event is MailEvent<'accepted'> => event.is === 'accepted')
    .map(({ org, data }) => [org || '-', data.via, data.peer || '-', ...data.recipients].join(' '));

const redirected = ({ events }: Taken): string[] =>
  events
    .filter((event): event is MailEvent<'redirected'> => event.is === 'redirected')
    .map(({ org, recipient, data }) => [org, recipient, ...data.to].join(' '));

test('mail from outside belongs to the organisations of its recipients, and each is told of its own', async () => {
  const taken = await send(['dave@other.test', 'alice@here.test', 'bob@here.test']);
  assert.equal(taken.submission.message.org, 'org2');
  assert.equal(taken.submission.message.account, '');
  assert.deepEqual(accepted(taken), [
    'org2 mx 192.0.2.9 dave@other.test',
    'org1 mx 192.0.2.9 alice@here.test bob@here.test',
  ]);
});

test('mail between two organisations is told to both: to the sender whole, to the other without the rest', async () => {
  const taken = await send(['bob@here.test', 'desk@other.test', 'x@else.test'], { session: user });
  assert.equal(taken.submission.message.org, 'org1');
  assert.deepEqual(accepted(taken), [
    'org1 submission 192.0.2.9 bob@here.test desk@other.test x@else.test',
    'org2 local - desk@other.test',
  ]);
  assert.deepEqual(redirected(taken), [
    'org2 desk@other.test dave@other.test away@there.test',
    'org1 desk@other.test',
  ]);
});

test('what came by an alias says so: for the notices, for the mailbox, and against circles', async () => {
  const { submission } = await send(['sales@here.test', 'alice@here.test']);
  assert.deepEqual(
    submission.recipients.map((to) => [to.address, to.through]),
    [
      ['alice@here.test', { org: 'org1', addresses: ['sales@here.test'] }],
      ['bob@here.test', { org: 'org1', addresses: ['sales@here.test'] }],
    ],
  );
});

test('an alias hands a subaddress on, over aliases of aliases; one for several does so to each', async () => {
  const to = async (address: string) =>
    (await send([address])).submission.recipients.map((each) => each.address);
  assert.deepEqual(await to('info+2026@here.test'), ['alice+2026@here.test']);
  assert.deepEqual(await to('news+a@here.test'), ['alice+a@here.test']);
  assert.deepEqual(await to('sales+x@here.test'), ['alice+x@here.test', 'bob+x@here.test']);
  assert.deepEqual(await to('all+x@here.test'), [
    'alice+x@here.test',
    'bob+x@here.test',
    'outside@there.test',
  ]);
});

test('Postmaster without a domain, and postmaster and abuse at the name of the server, are always there', async () => {
  const addresses = async (options: Partial<IntakeOptions> = {}) => {
    const named = [{ local: 'PostMaster', domain: '' }, 'abuse@MAIL.example', 'Postmaster@mail.example'];
    const { submission } = await send(named, { options: { hostName: 'mail.example', ...options } });
    return submission.recipients.map((each) => each.address);
  };
  assert.deepEqual(await addresses(), ['postmaster']);
  assert.deepEqual(await addresses({ postmaster: 'bob@here.test' }), ['bob@here.test']);
});

test('an alias for several is left to delivery when the sender wants to hear of success', async () => {
  const { submission } = await send(['sales@here.test'], { params: { notify: ['success', 'failure'] } });
  assert.deepEqual(
    submission.recipients.map((to) => [to.address, to.destination, ...to.notify]),
    [['sales@here.test', 'local', 'success', 'failure']],
  );
  const one = await send(['info@here.test'], { params: { notify: ['success'] } });
  assert.deepEqual(
    one.submission.recipients.map((to) => [to.address, ...to.notify]),
    [['alice@here.test', 'success']],
  );
});
