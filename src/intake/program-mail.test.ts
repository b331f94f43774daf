import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../base/refusal.ts';
import type { Principal } from '../directory/principal.ts';
import { parseMailbox } from '../proto/smtp/path.ts';
import type { SessionInfo } from './session-info.ts';
import { alice, testIntake, type TestIntake } from './testing.ts';

const program: Principal = {
  ...alice,
  application: { stream: 'transactional', kind: 'transactional', domains: [], test: false },
};
const session: SessionInfo = {
  via: 'submission',
  ip: '2001:db8::9',
  helo: 'shop.test',
  protocol: 'ESMTP',
  tls: null,
  principal: program,
  trusted: false,
};

const listed = {
  suppressed: async (_: unknown, address: string) => (address === 'no@there.test' ? 'complaint' : undefined),
};

async function begin(within: TestIntake) {
  return within.intake.begin(session, { sender: parseMailbox('alice@here.test')!, params: {} });
}

test('a suppressed recipient is refused by itself; the mail goes to the others, and the ledger has both', async () => {
  const within = testIntake({}, listed);
  using mail = await begin(within);
  await mail.recipient(parseMailbox('yes@there.test')!, {});
  await assert.rejects(
    mail.recipient(parseMailbox('no@there.test')!, {}),
    (error) => error instanceof Refusal && error.reason === 'suppressed',
  );
  await mail.write(Buffer.from('Subject: x\r\n\r\nHello.\r\n'));
  await mail.finish();
  const { submission, events } = within.taken.at(-1)!;
  assert.deepEqual(
    submission.recipients.map((to) => to.address),
    ['yes@there.test'],
  );
  const left = events.filter((event) => event.is === 'bounced');
  assert.deepEqual(
    left.map((event) => [event.recipient, event.org, event.data.why]),
    [['no@there.test', 'org1', 'suppressed']],
  );
});

/** Sends the text as a program does; gives the key that intake took with it. */
async function keyOf(text: string): Promise<string | undefined> {
  const within = testIntake({}, {});
  using mail = await begin(within);
  await mail.recipient(parseMailbox('yes@there.test')!, {});
  const bytes = Buffer.from(text.replaceAll('\n', '\r\n'));
  for (let at = 0; at < bytes.length; at += 7) await mail.write(bytes.subarray(at, at + 7));
  await mail.finish();
  return within.taken.at(-1)!.submission.once?.digest;
}

const written = (boundary: string, date: string, body: string): string => `From: alice@here.test
Subject: Order
Date: ${date}
Message-ID: <${boundary}@here.test>
Idempotency-Key: order-1
Content-Type: multipart/mixed; boundary="${boundary}"

--${boundary}
Content-Type: text/plain

${body}
--${boundary}--
`;

test('the same key for the same mail, made anew; for another text it is another', async () => {
  const first = await keyOf(written('aa', 'Tue, 1 Dec 2026 00:00:00 +0000', 'Thank you.'));
  assert.ok(first);
  assert.equal(await keyOf(written('bb', 'Tue, 1 Dec 2026 00:00:09 +0000', 'Thank you.')), first);
  assert.notEqual(await keyOf(written('aa', 'Tue, 1 Dec 2026 00:00:00 +0000', 'Thank you!')), first);
  const other = written('aa', 'Tue, 1 Dec 2026 00:00:00 +0000', 'Thank you.').replace('Order', 'Invoice');
  assert.notEqual(await keyOf(other), first);
});

/** The header that a mail of a stream with such links gets. */
async function headerOf(
  wanted: 'none' | 'stream' | 'topic' | undefined,
  { to = ['yes@there.test'], campaign = '', header = 'Subject: x\r\n' } = {},
): Promise<string> {
  const asked: object[] = [];
  const within = testIntake(
    {},
    {
      unsubscribeLinks: async (about) => {
        asked.push(about);
        return {
          url: `https://mx.here.test/unsubscribe/${about.scope}`,
          mailto: 'mailto:u@here.test?subject=t',
        };
      },
    },
  );
  const principal: Principal = {
    ...program,
    application: { ...program.application!, kind: 'bulk', ...(wanted && { unsubscribe: wanted }) },
  };
  using mail = await within.intake.begin(
    { ...session, principal },
    { sender: parseMailbox('alice@here.test')!, params: {}, campaign },
  );
  for (const one of to) await mail.recipient(parseMailbox(one)!, {});
  await mail.write(Buffer.from(`${header}\r\nHello.\r\n`));
  await mail.finish();
  return within.taken.at(-1)!.text.split('\r\n\r\n')[0]!;
}

test('mail of a stream that wants it has List-Unsubscribe with one click, of the stream or the campaign', async () => {
  assert.match(
    await headerOf('stream'),
    /^List-Unsubscribe: <mailto:u@here\.test\?subject=t>,\r\n <https:\/\/mx\.here\.test\/unsubscribe\/stream:bulk>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click$/m,
  );
  assert.match(await headerOf('topic', { campaign: 'spring' }), /unsubscribe\/topic:spring>/);
  assert.match(await headerOf('topic'), /unsubscribe\/stream:bulk>/);
});

test('no link where none is wanted, where the mail has its own, and where it goes to several', async () => {
  assert.doesNotMatch(await headerOf(undefined), /List-Unsubscribe/);
  assert.doesNotMatch(await headerOf('none'), /List-Unsubscribe/);
  assert.doesNotMatch(await headerOf('stream', { to: ['a@there.test', 'b@there.test'] }), /List-Unsubscribe/);
  const own = await headerOf('stream', { header: 'List-Unsubscribe: <https://own.test/u>\r\n' });
  assert.deepEqual(own.match(/List-Unsubscribe.*/g), ['List-Unsubscribe: <https://own.test/u>']);
});
