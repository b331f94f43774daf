/** SEARCH: keys, charsets, Japanese, ESEARCH and "$". */
import type { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld, type ImapWorld } from '../../test/interop/imap-world.ts';
import { message } from '../mailbox/testing.ts';

const texts = [
  'From: Bob <bob@there.test>\nTo: alice@here.test\nSubject: Lunch\nDate: Mon, 1 Jan 2024 23:30:00 -0800\nX-Id: 1\n\nSoup today.\n',
  'From: =?utf-8?B?5bGx55Sw?= <yamada@there.test>\nSubject: =?iso-2022-jp?B?GyRCQkdAPxsoQg==?= =?utf-8?B?44Ku44Ks?=\nContent-Type: text/plain; charset=utf-8\n\nﾒｰﾙを確認してください\n',
  `Cc: carol@there.test\nSubject: big\n\n${'0123456789\n'.repeat(200)}`,
];

async function opened(world: ImapWorld): Promise<Duplex> {
  const account = world.accounts.get('alice')!;
  const [inbox] = await world.mailboxes.list(account);
  await world.mailboxes.append(
    account,
    inbox!.id,
    texts.map((text, i) => message(text, { receivedAtMs: Date.UTC(2024, 0, 10 + i) })),
  );
  const client = (await world.sessions('alice', '1'))['1']!;
  await converse(client, '\nC: s SELECT INBOX\nS* s OK ...');
  return client;
}

const finds = (pairs: readonly (readonly [string, string])[]): string =>
  pairs
    .map(([keys, found], i) => `\nC: a${i} SEARCH ${keys}\nS: * SEARCH${found}\nS: a${i} OK SEARCH completed`)
    .join('');

suite('SEARCH', { concurrency: true }, () => {
  test('keys of all kinds', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world),
      finds([
        ['ALL', ' 1 2 3'],
        ['2:*', ' 2 3'],
        ['UID 3,1', ' 1 3'],
        ['9', ''],
        ['2:9', ' 2 3'],
        ['9:*', ' 3'],
        ['NOT 3:9', ' 1 2'],
        ['UID 99:*', ' 3'],
        ['NOT 2', ' 1 3'],
        ['FROM bob', ' 1'],
        ['FROM THERE.TEST', ' 1 2'],
        ['TO alice', ' 1'],
        ['CC carol', ' 3'],
        ['BCC x', ''],
        ['SUBJECT lUNCh', ' 1'],
        ['BODY soup', ' 1'],
        ['BODY lunch', ''],
        ['TEXT lunch', ' 1'],
        ['HEADER X-Id ""', ' 1'],
        ['HEADER X-Id 2', ''],
        ['LARGER 2000', ' 3'],
        ['SMALLER 2000', ' 1 2'],
        ['SENTON 1-Jan-2024', ' 1'],
        ['SENTSINCE 2-Jan-2024', ''],
        ['BEFORE 11-Jan-2024', ' 1'],
        ['ON 11-Jan-2024', ' 2'],
        ['SINCE 11-Jan-2024', ' 2 3'],
        ['OLDER 1000', ' 1 2 3'],
        ['YOUNGER 1000', ''],
        ['OR FROM bob LARGER 2000', ' 1 3'],
        ['NEW', ' 1 2 3'],
        ['OLD', ''],
        ['SEEN', ''],
        ['UNSEEN UNDELETED', ' 1 2 3'],
        ['KEYWORD $x', ''],
        ['UNKEYWORD $x 1', ' 1'],
        ['(1 OR 2 3)', ''],
      ]),
    );
  });

  test('Japanese: every charset, half-width kana, encoded words, in UTF-8 without CHARSET too', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world),
      `${finds([
        ['CHARSET UTF-8 SUBJECT "打誠"', ' 2'],
        ['SUBJECT "打誠ギガ"', ' 2'],
        ['SUBJECT "ｷﾞｶﾞ"', ' 2'],
        ['FROM "山田"', ' 2'],
        ['BODY "メール"', ' 2'],
        ['BODY "確認"', ' 2'],
        ['TEXT "認して"', ' 2'],
      ])}
      C~ b SEARCH CHARSET ISO-2022-JP SUBJECT {10+}\\r\\n\\u001b$BBG@?\\u001b(B\\r\\n
      S: * SEARCH 2
      S: b OK SEARCH completed
      C: c SEARCH CHARSET X-KLINGON ALL
      S: c NO [BADCHARSET (UTF-8 ...)] ...
      C: d ENABLE UTF8=ACCEPT
      S: * ENABLED UTF8=ACCEPT
      S: d OK ...
      C: e SEARCH CHARSET UTF-8 SUBJECT "打誠"
      S: * SEARCH 2
      S: e OK SEARCH completed
      `,
    );
  });

  test('ESEARCH gives what is asked, and "$" keeps the result for the commands after', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world),
      `
      C: a SEARCH RETURN (MIN MAX COUNT) ALL
      S: * ESEARCH (TAG "a") MIN 1 MAX 3 COUNT 3
      S: a OK SEARCH completed
      C: b UID SEARCH RETURN () 1,3
      S: * ESEARCH (TAG "b") UID ALL 1,3
      S: b OK UID SEARCH completed
      C: c SEARCH RETURN (ALL COUNT) SEEN
      S: * ESEARCH (TAG "c") COUNT 0
      S: c OK SEARCH completed
      C: d SEARCH RETURN (SAVE) 2:3
      S: d OK SEARCH completed
      C: e FETCH $ UID
      S: * 2 FETCH (UID 2)
      S: * 3 FETCH (UID 3)
      S: e OK FETCH completed
      C: f UID STORE $ +FLAGS.SILENT (\\Seen)
      S: f OK UID STORE completed
      C: g SEARCH RETURN (SAVE MIN) $ SEEN
      S: * ESEARCH (TAG "g") MIN 2
      S: g OK SEARCH completed
      C: h SEARCH $
      S: * SEARCH 2
      S: h OK SEARCH completed
      C: i UID SEARCH UID $
      S: * SEARCH 2
      S: i OK UID SEARCH completed
      C: j SEARCH RETURN (SAVE) FOO
      S: j BAD ...
      C: k COPY $ Drafts
      S: k OK [COPYUID ... 2 1] Copied
      C: l MOVE $ Drafts
      S: * OK [COPYUID ... 2 2] Moved
      S: * 2 EXPUNGE
      S: * 2 RECENT
      S: l OK MOVE completed
      C: m FETCH $ UID
      S: m OK FETCH completed
      `,
    );
  });
});
