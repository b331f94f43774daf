/** Smaller extensions, each in one conversation: REPLACE, CATENATE, UIDONLY, UIDBATCHES, MESSAGELIMIT, UNAUTHENTICATE, JMAPACCESS, LITERAL-, MULTISEARCH, ESEARCH. */
import type { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld, password, type ImapWorld } from '../../test/interop/imap-world.ts';
import { message, simple } from '../mailbox/testing.ts';

async function withMail(world: ImapWorld, count: number): Promise<Duplex> {
  const alice = world.accounts.get('alice')!;
  const [inbox] = await world.mailboxes.list(alice);
  const messages = Array.from({ length: count }, (_, i) => simple(`m${i + 1}`));
  if (count > 0) await world.mailboxes.append(alice, inbox!.id, messages);
  const { a } = await world.sessions('alice', 'a');
  await converse(a!, '\nC: . SELECT INBOX\nS* . OK ...');
  return a!;
}

suite('extensions', { concurrency: true }, () => {
  test('REPLACE: the new message is there before the old one goes, also in another mailbox', async () => {
    await using world = await openImapWorld();
    const a = await withMail(world, 3);
    await converse(
      a,
      `
      C: a REPLACE 2 INBOX (\\Draft) {6}
      S: + ...
      C~ x: y\\r\\n\\r\\n
      S: * OK [APPENDUID ... 4] ...
      S: * 2 EXPUNGE
      S: * 3 EXISTS
      S: * ... RECENT
      S: a OK ...
      C: b UID REPLACE 3 Drafts {6+}
      C~ x: y\\r\\n\\r\\n
      S: * OK [APPENDUID ... 1] ...
      S: * 2 EXPUNGE
      S: * ... RECENT
      S: b OK ...
      C: c UID REPLACE 99 Drafts {6}
      S: c NO [NONEXISTENT] ...
      C: d REPLACE 1 nowhere {6}
      S: d NO [TRYCREATE] ...
      C: e UID SEARCH ALL
      S: * SEARCH 1 4
      S: e OK ...
      C: f EXAMINE INBOX
      S* f OK ...
      C: g REPLACE 1 INBOX {6}
      S: g NO [READ-ONLY] ...
      `,
    );
  });

  test('CATENATE: a message of parts of others, and text', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const [inbox] = await world.mailboxes.list(alice);
    await world.mailboxes.append(alice, inbox!.id, [
      message(
        'Subject: two parts\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nfirst\n--x\n\nsecond\n--x--\n',
      ),
    ]);
    const a = await withMail(world, 0);
    await converse(
      a,
      `
      C: a APPEND INBOX (\\Seen) CATENATE (URL "/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(SUBJECT)" TEXT {7+}
      C~ again\\r\\n URL "/INBOX/;UID=1/;SECTION=2" TEXT {2}\\r\\n
      S: + ...
      C~ !!)\\r\\n
      S: * 2 EXISTS
      S: * ... RECENT
      S: a OK [APPENDUID ... 2] Appended
      C: b FETCH 2 BODY.PEEK[]
      S: * 2 FETCH (BODY[] {37}
      S: Subject: two parts
      S:
      S: again
      S: second!!)
      S: b OK ...
      C: c APPEND INBOX CATENATE (URL "/INBOX/;UID=1/;SECTION=1/;PARTIAL=1.3" URL "imap://alice%40here.test@imap.here.test/INBOX/;UID=1/;SECTION=2")
      S: * 3 EXISTS
      S: * ... RECENT
      S: c OK [APPENDUID ... 3] Appended
      C: d FETCH 3 BODY.PEEK[]
      S: * 3 FETCH (BODY[] {9}
      S: irssecond)
      S: d OK ...
      C: e APPEND INBOX CATENATE (URL "/INBOX/;UID=9")
      S: e NO [BADURL "/INBOX/;UID=9"] ...
      C: f APPEND INBOX CATENATE (URL "imap://else.test/INBOX/;UID=1")
      S: f NO [BADURL "imap://else.test/INBOX/;UID=1"] ...
      C: g APPEND INBOX CATENATE (URL "/INBOX;UIDVALIDITY=1/;UID=1")
      S: g NO [BADURL ...
      C: h APPEND INBOX CATENATE (URL "/INBOX/;UID=1/;SECTION=7" TEXT {1+}
      C: x)
      S: h NO [BADURL ...
      C: i NOOP
      S: i OK ...
      `,
    );
  });

  test('UIDONLY is for accounts that were given it, and speaks of uids alone', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const plain = await withMail(world, 3);
    await converse(plain, '\nC: a ENABLE UIDONLY\nS: * ENABLED\nS: a OK ...\nC: b LOGOUT\nS* b OK ...');
    await world.mailboxes.access.setSetting(alice, 'imap.with', 'UIDONLY');
    const a = await withMail(world, 0);
    await converse(
      a,
      `
      C: a CAPABILITY
      S: * CAPABILITY ... UIDONLY ...
      S: a OK ...
      C: b ENABLE UIDONLY
      S: * ENABLED UIDONLY
      S: b OK ...
      C: c FETCH 1 FLAGS
      S: c BAD [UIDREQUIRED] ...
      C: d UID SEARCH 1
      S: d BAD [UIDREQUIRED] ...
      C: e UID FETCH 1:2 FLAGS
      S: * 1 UIDFETCH (FLAGS (...))
      S: * 2 UIDFETCH (FLAGS (...))
      S: e OK ...
      C: f UID STORE 2 +FLAGS (\\Deleted)
      S: * 2 UIDFETCH (FLAGS (\\Deleted...))
      S: f OK ...
      C: g EXPUNGE
      S: * VANISHED 2
      S* g OK ...
      C: h UID SEARCH RETURN (ALL) ALL
      S: * ESEARCH (TAG "h") UID ALL 1,3
      S: h OK ...
      C: i STORE 1 +FLAGS (x)
      S: i BAD [UIDREQUIRED] ...
      C: j COPY 1 Drafts
      S: j BAD [UIDREQUIRED] ...
      C: k UID REPLACE 1 INBOX {6+}
      C~ x: y\\r\\n\\r\\n
      S: * OK [APPENDUID ... 4] ...
      S: * VANISHED 1
      S: * 2 EXISTS
      S* k OK ...
      `,
    );
  });

  test('batches of uids, from the newest down, without gaps', async () => {
    await using world = await openImapWorld();
    const a = await withMail(world, 1_201);
    await converse(
      a,
      `
      C: a UIDBATCHES 500
      S: * UIDBATCHES (TAG "a") 1201:702,701:202,201:1
      S: a OK ...
      C: b UIDBATCHES 500 2:3
      S: * UIDBATCHES (TAG "b") 701:202,201:1
      S: b OK ...
      C: c UIDBATCHES 500 9:10
      S: * UIDBATCHES (TAG "c")
      S: c OK ...
      C: d UIDBATCHES 10
      S: d NO [TOOFEW] ...
      C: e UIDBATCHES 500 3:2
      S: e BAD [CLIENTBUG] ...
      C: f UIDBATCHES 500 1:100000
      S: f NO [TOOMANY] ...
      C: g SELECT Drafts
      S* g OK ...
      C: h UIDBATCHES 500
      S: * UIDBATCHES (TAG "h")
      S: h OK ...
      `,
    );
  });

  test('above MESSAGELIMIT the newest messages are worked on, and the tagged OK says how far', async () => {
    await using world = await openImapWorld({ options: { messageLimit: 2 } });
    const a = await withMail(world, 3);
    await converse(
      a,
      `
      C: a CAPABILITY
      S: * CAPABILITY ... MESSAGELIMIT=2 SAVELIMIT=2 ...
      S: a OK ...
      C: b FETCH 1:* UID
      S: * 2 FETCH (UID 2)
      S: * 3 FETCH (UID 3)
      S: b OK [MESSAGELIMIT 2 2] ...
      C: c UID STORE 1:* +FLAGS.SILENT (\\Deleted)
      S: c OK [MESSAGELIMIT 2 2] ...
      C: d COPY 1:* Drafts
      S: d NO [MESSAGELIMIT 2] ...
      C: e UID STORE 1 +FLAGS.SILENT (\\Deleted)
      S: e OK ...
      C: f EXPUNGE
      S: * 3 EXPUNGE
      S: * 2 EXPUNGE
      S: * 1 RECENT
      S: f OK [MESSAGELIMIT 2 2] ...
      C: g FETCH 1:* UID
      S: * 1 FETCH (UID 1)
      S: g OK FETCH completed
      `,
    );
  });

  test('UNAUTHENTICATE leaves nothing of the user', async () => {
    await using world = await openImapWorld();
    const a = await withMail(world, 1);
    await converse(
      a,
      `
      C: a ENABLE CONDSTORE UTF8=ACCEPT IMAP4rev2
      S* a OK ...
      C: b UNAUTHENTICATE
      S: b OK ...
      C: c FETCH 1 FLAGS
      S: c BAD Log in first
      C: d LOGIN bob@here.test "${password}"
      S: d OK ...
      C: e FETCH 1 FLAGS
      S: e BAD No mailbox is selected
      C: f SELECT INBOX
      S* * 0 RECENT
      S* f OK ...
      C: g SEARCH ALL
      S: * SEARCH
      S: g OK ...
      `,
    );
  });

  test('JMAP is named where there is one, and only there', async () => {
    await using world = await openImapWorld({ options: { jmapUrl: 'https://mail.here.test/jmap' } });
    const a = await withMail(world, 0);
    await converse(
      a,
      `
      C: a CAPABILITY
      S: * CAPABILITY ... JMAPACCESS ...
      S: a OK ...
      C: b GETJMAPACCESS
      S: * JMAPACCESS "https://mail.here.test/jmap"
      S: b OK ...
      `,
    );
    await using other = await openImapWorld();
    await converse(await withMail(other, 0), '\nC: b GETJMAPACCESS\nS: b NO [CANNOT] ...');
  });

  test('with LITERAL- a long literal that is not waited for is refused, and read past', async () => {
    await using world = await openImapWorld({ options: { literalMinus: true } });
    const a = await withMail(world, 0);
    await converse(
      a,
      `
      C: a CAPABILITY
      S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL- ...
      S: a OK ...
      C: b APPEND INBOX {4096+}
      C~ ${'x'.repeat(4_096)}\\r\\n
      S: * 1 EXISTS
      S: * 1 RECENT
      S: b OK ...
      C: c APPEND INBOX {4097+}
      C~ ${'x'.repeat(4_097)}\\r\\n
      S: c BAD ...
      C: d NOOP
      S: d OK ...
      `,
    );
  });

  test('several mailboxes are searched at once, each answered by itself', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const work = await world.mailboxes.create(alice, 'Work/2026');
    await world.mailboxes.append(alice, work.id, [simple('m9'), simple('other')]);
    const a = await withMail(world, 2);
    await converse(
      a,
      `
      C: a ESEARCH IN (personal) RETURN (ALL COUNT) SUBJECT m
      S: * ESEARCH (TAG "a" MAILBOX INBOX UIDVALIDITY ...) UID ALL 1:2 COUNT 2
      S: * ESEARCH (TAG "a" MAILBOX "Work/2026" UIDVALIDITY ...) UID ALL 1 COUNT 1
      S: a OK ...
      C: b ESEARCH IN (subtree Work) SUBJECT other
      S: * ESEARCH (TAG "b" MAILBOX "Work/2026" UIDVALIDITY ...) UID ALL 2
      S: b OK ...
      C: c ESEARCH IN (subtree-one Work mailboxes (INBOX nowhere)) RETURN (MIN) UID *
      S: * ESEARCH (TAG "c" MAILBOX INBOX UIDVALIDITY ...) UID MIN 2
      S: * ESEARCH (TAG "c" MAILBOX "Work/2026" UIDVALIDITY ...) UID MIN 2
      S: c OK ...
      C: d ESEARCH RETURN (COUNT) ALL
      S: * ESEARCH (TAG "d" MAILBOX INBOX UIDVALIDITY ...) UID COUNT 2
      S: d OK ...
      C: e ESEARCH IN (inboxes) 1:2
      S: e BAD ...
      C: f ESEARCH IN (personal) RETURN (SAVE) ALL
      S: f BAD ...
      C: g UNSELECT
      S: g OK ...
      C: h ESEARCH IN (selected) ALL
      S: h BAD ...
      `,
    );
  });

  test('an administrator takes capabilities away from an account, and they are gone', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    await world.mailboxes.access.setSetting(alice, 'imap.without', 'imap4rev2 COMPRESS=DEFLATE QRESYNC');
    const a = await withMail(world, 0);
    await converse(
      a,
      `
      C: a ENABLE IMAP4rev2 QRESYNC CONDSTORE
      S: * OK [HIGHESTMODSEQ ...
      S: * ENABLED CONDSTORE
      S: a OK ...
      C: b COMPRESS DEFLATE
      S: b NO [CANNOT] ...
      C: c CAPABILITY
      S: * CAPABILITY IMAP4rev1 LITERAL+ ID ...
      S: c OK ...
      `,
    );
  });

  test('texts are Japanese for who asks, and English by default', async () => {
    await using world = await openImapWorld();
    const a = await withMail(world, 0);
    await converse(
      a,
      `
      C: a LANGUAGE
      S: * LANGUAGE (EN JA I-DEFAULT)
      S: a OK ...
      C: b LANGUAGE fr
      S: b NO ...
      C: c LANGUAGE fr ja-JP en
      S: * LANGUAGE (JA)
      S: * NAMESPACE (("" "/")) (("Other Users/" "/" "TRANSLATION" ("&TtYwbjDmMPwwtjD8-/"))) NIL
      S: c OK LANGUAGE を完了しました
      C: d SELECT nowhere
      S: * OK [CLOSED] ...
      S: d NO [NONEXISTENT] そのメールボックスはありません
      C: e FETCH
      S: e BAD 誤り: Missing argument
      C: f LANGUAGE default
      S: * LANGUAGE (EN)
      S: * NAMESPACE (("" "/")) (("Other Users/" "/")) NIL
      S: f OK LANGUAGE completed
      C: g COMPARATOR
      S: * COMPARATOR "i;unicode-casemap"
      S: g OK ...
      C: h COMPARATOR "cz;*" "i;*"
      S: * COMPARATOR "i;unicode-casemap"
      S: h OK ...
      C: i COMPARATOR "i;octet"
      S: i NO [BADCOMPARATOR] ...
      `,
    );
  });
});
