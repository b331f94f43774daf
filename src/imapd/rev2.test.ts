/** The dialect of IMAP4rev2 (RFC 9051), spoken only after ENABLE IMAP4rev2. */
import { suite, test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld } from '../../test/interop/imap-world.ts';
import { simple } from '../mailbox/testing.ts';

suite('IMAP4rev2', { concurrency: true }, () => {
  test('before ENABLE the dialect is that of IMAP4rev1, after it that of IMAP4rev2', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const [inbox] = await world.mailboxes.list(alice);
    await world.mailboxes.append(alice, inbox!.id, [simple('one'), simple('two')]);
    const { a } = await world.sessions('alice', 'a');
    await converse(
      a!,
      `
      C: a CREATE "&ZeVnLIqe-"
      S: a OK ...
      C: b LIST "" "&ZeVnLIqe-"
      S: * LIST (\\HasNoChildren) "/" "&ZeVnLIqe-"
      S: b OK ...
      C: c EXAMINE INBOX
      S: * FLAGS ...
      S: * OK [PERMANENTFLAGS ()] ...
      S: * 2 EXISTS
      S: * 2 RECENT
      S: * OK [UNSEEN 1] ...
      S: * OK [UIDVALIDITY ...
      S: * OK [UIDNEXT 3] ...
      S: * OK [HIGHESTMODSEQ ...
      S: * OK [MAILBOXID ...
      S: c OK [READ-ONLY] Examined
      C: d SEARCH UNSEEN
      S: * SEARCH 1 2
      S: d OK ...
      C: e FETCH 1 FLAGS
      S: * 1 FETCH (FLAGS (\\Recent))
      S: e OK ...
      C: f ENABLE IMAP4rev2
      S: * ENABLED IMAP4rev2
      S: f OK ...
      C: g LIST "" "日本語"
      S: * LIST (\\HasNoChildren) "/" "日本語"
      S: g OK ...
      C: h SELECT INBOX
      S: * OK [CLOSED] ...
      S: * FLAGS ...
      S: * OK [PERMANENTFLAGS (\\Answered ...
      S: * 2 EXISTS
      S: * OK [UIDVALIDITY ...
      S: * OK [UIDNEXT 3] ...
      S: * OK [HIGHESTMODSEQ ...
      S: * OK [MAILBOXID ...
      S: * LIST () "/" INBOX
      S: h OK [READ-WRITE] Selected
      C: i SEARCH UNSEEN
      S: * ESEARCH (TAG "i") ALL 1:2
      S: i OK ...
      C: j UID SEARCH SEEN
      S: * ESEARCH (TAG "j") UID
      S: j OK ...
      C: k FETCH 1 FLAGS
      S: * 1 FETCH (FLAGS ())
      S: k OK ...
      C: l STATUS INBOX (MESSAGES DELETED SIZE)
      S: * STATUS INBOX (MESSAGES 2 DELETED 0 SIZE ...)
      S: l OK ...
      `,
    );
  });

  test('new mail is told without RECENT', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const [inbox] = await world.mailboxes.list(alice);
    const { a } = await world.sessions('alice', 'a');
    await converse(a!, '\nC: a ENABLE IMAP4rev2\nS* a OK ...\nC: b SELECT INBOX\nS* b OK ...');
    await world.mailboxes.append(alice, inbox!.id, [simple('one')]);
    await converse(a!, '\nC: c NOOP\nS: * 1 EXISTS\nS: c OK ...\nC: d NOOP\nS: d OK ...');
  });

  test('a name that normalisation changed is told with the old one', async () => {
    await using world = await openImapWorld();
    const { a } = await world.sessions('alice', 'a');
    await converse(
      a!,
      `
      C: a ENABLE IMAP4rev2
      S* a OK ...
      C: b CREATE "か\u3099"
      S: * LIST () "/" "が" ("OLDNAME" ("か\u3099"))
      S: b OK [MAILBOXID (...)] Created
      C: c RENAME "が" Work
      S: * LIST () "/" "Work" ("OLDNAME" ("が"))
      S: c OK ...
      C: d SELECT nowhere
      S: d NO [NONEXISTENT] ...
      `,
    );
  });
});
