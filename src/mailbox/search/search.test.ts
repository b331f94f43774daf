import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Criterion } from '../criterion.ts';
import { answered, deleted, seen } from '../flags.ts';
import type { MailboxSession } from '../mailbox-session.ts';
import type { Mailboxes } from '../mailboxes.ts';
import { alice, mailboxesOf, message, openMailStore } from '../testing.ts';

const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
const at = (date: string): number => Date.parse(date);

const jis = Buffer.concat([
  Buffer.from(
    'Subject: =?ISO-2022-JP?B?GyRCMnE1RBsoQg==?=\r\nFrom: =?UTF-8?B?5bGx55Sw?= <yamada@example.jp>\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n',
  ),
  Buffer.from('\x1b$BEl5~1X$K=89g\x1b(B\r\n', 'latin1'),
]).toString('latin1');

const mails: readonly [text: string, receivedAt: string, system: number, keywords: string[]][] = [
  [
    'From: Bob <bob@there.test>\nTo: Team <team@here.test>\nSubject: Lunch plan\nDate: Mon, 1 Jun 2026 23:30:00 -0500\nX-Tag: =?utf-8?q?bl=C3=BCe?=\n\nSee you at noon.\n',
    '2026-06-02T10:00:00Z',
    seen,
    ['Work'],
  ],
  [
    'From: carol@there.test\nCc: bob@there.test, Friends: dave@there.test;\nBcc: undisclosed:;\nSubject: Report\nDate: Wed, 3 Jun 2026 09:00:00 +0900\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPHA+Q2Fmw6kgPGI+bWVudTwvYj48L3A+\n--b\nContent-Type: application/pdf; name="lunch.pdf"\nContent-Disposition: attachment; filename="lunch.pdf"\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n',
    '2026-06-03T00:00:00Z',
    answered,
    [],
  ],
  [jis, '2026-06-04T23:59:59Z', 0, []],
  [
    `Subject: Big one\n\n${'filler line of text\n'.repeat(5000)}the needle is here\n`,
    '2026-06-05T00:00:00Z',
    deleted,
    [],
  ],
];

async function on(
  body: (
    find: (criterion: Criterion) => Promise<readonly number[]>,
    mailboxes: Mailboxes,
    session: MailboxSession,
  ) => Promise<void>,
): Promise<void> {
  await using store = await openMailStore();
  using mailboxes = mailboxesOf(store);
  const inbox = (await mailboxes.find(alice, 'INBOX'))!;
  for (const [text, receivedAt, system, keywords] of mails) {
    const bytes = Buffer.from(text, text === jis ? 'latin1' : 'utf8')
      .toString('latin1')
      .replaceAll(/\r?\n/g, '\r\n');
    const made = message('', { flags: { system, keywords }, receivedAtMs: at(receivedAt) });
    const writer = mailboxes.bodyWriter();
    await writer.write(Buffer.from(bytes, 'latin1'));
    const stored = await writer.finish();
    await mailboxes.append(alice, inbox.id, [
      { ...made, body: stored, email: await mailboxes.prepare(stored) },
    ]);
  }
  using session = await mailboxes.open(alice, inbox.id);
  await body((criterion) => mailboxes.search(session, criterion), mailboxes, session);
}

test('what the view knows: flags, keywords, uids, sizes, dates, modseqs', () =>
  on(async (find, _mailboxes, { view }) => {
    assert.deepEqual(await find({ is: 'all' }), [1, 2, 3, 4]);
    assert.deepEqual(await find({ is: 'flag', flags: seen }), [1]);
    assert.deepEqual(await find({ is: 'not', of: { is: 'flag', flags: deleted } }), [1, 2, 3]);
    assert.deepEqual(await find({ is: 'keyword', keyword: 'wORK' }), [1]);
    assert.deepEqual(
      await find({
        is: 'uid',
        ranges: [
          [2, 3],
          [9, 10],
        ],
      }),
      [2, 3],
    );
    assert.deepEqual(await find({ is: 'larger', bytes: 50_000 }), [4]);
    assert.deepEqual(await find({ is: 'received', when: 'before', day: day('2026-06-03') }), [1]);
    assert.deepEqual(await find({ is: 'received', when: 'on', day: day('2026-06-04') }), [3]);
    assert.deepEqual(await find({ is: 'received', when: 'since', day: day('2026-06-04') }), [3, 4]);
    assert.deepEqual(await find({ is: 'receivedAt', when: 'after', atMs: at('2026-06-05T00:00:00Z') }), [4]);
    assert.deepEqual(await find({ is: 'modseq', atLeast: view.modseqAt(2) }), [3, 4]);
    assert.deepEqual(await find({ is: 'email', number: view.emailAt(1) }), [2]);
    assert.deepEqual(
      await find({
        is: 'or',
        of: [
          { is: 'flag', flags: seen },
          { is: 'flag', flags: answered },
        ],
      }),
      [1, 2],
    );
    assert.deepEqual(await find({ is: 'or', of: [] }), []);
    assert.deepEqual(await find({ is: 'and', of: [] }), [1, 2, 3, 4]);
  }));

test('what the details know: envelope, the date as written, attachments', () =>
  on(async (find) => {
    assert.deepEqual(await find({ is: 'header', field: 'FROM', contains: 'BOB@' }), [1]);
    assert.deepEqual(await find({ is: 'header', field: 'from', contains: '山田' }), [3]);
    assert.deepEqual(await find({ is: 'header', field: 'subject', contains: '会議' }), [3]);
    assert.deepEqual(await find({ is: 'header', field: 'cc', contains: '' }), [2]);
    assert.deepEqual(
      await find({ is: 'header', field: 'cc', contains: 'friends' }),
      [2],
      'the name of a group',
    );
    assert.deepEqual(await find({ is: 'header', field: 'cc', contains: 'dave@' }), [2]);
    assert.deepEqual(await find({ is: 'header', field: 'bcc', contains: 'undisclosed' }), [2]);
    assert.deepEqual(await find({ is: 'sent', when: 'on', day: day('2026-06-01') }), [1]);
    assert.deepEqual(await find({ is: 'sent', when: 'since', day: day('2026-06-03') }), [2]);
    assert.deepEqual(
      await find({ is: 'not', of: { is: 'sent', when: 'since', day: day('2026-06-03') } }),
      [1, 3, 4],
    );
    assert.deepEqual(await find({ is: 'attachment' }), [2]);
  }));

test('what only messages know: other fields and bodies, in rows and in files, decoded', () =>
  on(async (find) => {
    assert.deepEqual(await find({ is: 'header', field: 'x-tag', contains: 'BLÜE' }), [1]);
    assert.deepEqual(await find({ is: 'header', field: 'X-Tag', contains: '' }), [1]);
    assert.deepEqual(await find({ is: 'body', contains: 'noon' }), [1]);
    assert.deepEqual(await find({ is: 'body', contains: 'CAFÉ menu' }), [2]);
    assert.deepEqual(await find({ is: 'body', contains: '<b>' }), []);
    assert.deepEqual(await find({ is: 'body', contains: '東京駅' }), [3]);
    assert.deepEqual(await find({ is: 'body', contains: 'the needle' }), [4]);
    assert.deepEqual(await find({ is: 'body', contains: 'text the needle' }), [4], 'over a line end');
    assert.deepEqual(
      await find({ is: 'text', contains: 'lunch' }),
      [1, 2],
      'also in the name of an attachment',
    );
    assert.deepEqual(await find({ is: 'text', contains: 'x-tag: blüe' }), [1]);
    assert.deepEqual(await find({ is: 'not', of: { is: 'body', contains: 'needle' } }), [1, 2, 3]);
    assert.deepEqual(
      await find({
        is: 'and',
        of: [
          { is: 'flag', flags: deleted },
          { is: 'text', contains: 'needle' },
        ],
      }),
      [4],
    );
    assert.deepEqual(
      await find({
        is: 'or',
        of: [
          { is: 'flag', flags: seen },
          { is: 'body', contains: 'needle' },
        ],
      }),
      [1, 4],
    );
    assert.deepEqual(await find({ is: 'text', contains: '' }), [1, 2, 3, 4]);
  }));

test('a search finds only what its session was told of, and stops when told', () =>
  on(async (find, mailboxes, session) => {
    await mailboxes.append(alice, session.view.mailbox, [message('Subject: new\n\nnoon\n')]);
    assert.deepEqual(await find({ is: 'body', contains: 'noon' }), [1]);
    session.sync({ expunge: true });
    assert.deepEqual(await find({ is: 'body', contains: 'noon' }), [1, 5]);
    const stop = AbortSignal.abort(new Error('enough'));
    await assert.rejects(
      mailboxes.search(session, { is: 'body', contains: 'x' }, { signal: stop }),
      /enough/,
    );
  }));
