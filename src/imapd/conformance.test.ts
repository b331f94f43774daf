/** Rules of the RFCs that suites of others look at, and that no other test here holds. */
import type { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld, type ImapWorld } from '../../test/interop/imap-world.ts';
import { message } from '../mailbox/testing.ts';

async function opened(world: ImapWorld, ...texts: readonly string[]): Promise<Duplex> {
  const account = world.accounts.get('alice')!;
  const [inbox] = await world.mailboxes.list(account);
  await world.mailboxes.append(
    account,
    inbox!.id,
    texts.map((text) => message(text)),
  );
  const client = (await world.sessions('alice', '1'))['1']!;
  await converse(client, '\nC: s SELECT INBOX\nS* s OK ...');
  return client;
}

const mail = 'Subject: one\n\nText\n';

suite('rules that suites of others look at', { concurrency: true }, () => {
  test('ENVELOPE shows the route of an address (RFC 9051, 7.5.2)', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world, 'From: <@a.test,@b.test:bob@c.test>\n\n'),
      `
      C: a FETCH 1 ENVELOPE
      S: * 1 FETCH (ENVELOPE (NIL NIL ((NIL "@a.test,@b.test" "bob" "c.test")) ...
      S: a OK ...
      `,
    );
  });

  test('a search that fails empties the saved result, one that makes no sense leaves it (RFC 5182, 2.1)', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world, mail, mail),
      `
      C: a SEARCH RETURN (SAVE) 1
      S: a OK ...
      C: b SEARCH RETURN (SAVE) NONSENSE
      S: b BAD ...
      C: c FETCH $ UID
      S: * 1 FETCH (UID 1)
      S: c OK ...
      C: d SEARCH RETURN (SAVE) CHARSET X-UNKNOWN SUBJECT one
      S: d NO [BADCHARSET ...
      C: e FETCH $ UID
      S: e OK ...
      `,
    );
  });

  test('a search of the selected mailbox alone may save its result and have numbers (RFC 7377, 2.2)', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world, mail, mail),
      `
      C: a ESEARCH IN (selected) RETURN (SAVE) 2
      S: a OK ...
      C: b FETCH $ UID
      S: * 2 FETCH (UID 2)
      S: b OK ...
      C: c ESEARCH RETURN (SAVE COUNT) SUBJECT two
      S: c OK ...
      C: d FETCH $ UID
      S: d OK ...
      C: e ESEARCH IN (personal) RETURN (SAVE) ALL
      S: e BAD ...
      C: f ESEARCH IN (personal) 1
      S: f BAD ...
      `,
    );
  });

  test('VANISHED wants QRESYNC, and what a client knows has no star (RFC 7162, 3.2.3 and 7)', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world, mail),
      `
      C: a UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)
      S: a BAD ...
      C: b UNSELECT
      S: b OK ...
      C: c ENABLE QRESYNC
      S* c OK ...
      C: d SELECT INBOX (QRESYNC (1 1 1:*))
      S: d BAD ...
      C: e SELECT INBOX (QRESYNC (1 1 1:5 (1,* 1,5)))
      S: e BAD ...
      `,
    );
  });

  test('CHILDINFO is for children that are not listed themselves (RFC 5258, 5)', async () => {
    await using world = await openImapWorld();
    await converse(
      (await world.sessions('alice', '1'))['1']!,
      `
      C: a CREATE box/one
      S: a OK ...
      C: b SUBSCRIBE box/one
      S: b OK ...
      C: c LIST (SUBSCRIBED RECURSIVEMATCH) "" "box*"
      S: * LIST (\\HasNoChildren \\Subscribed) "/" "box/one"
      S: c OK ...
      C: d LIST (SUBSCRIBED RECURSIVEMATCH) "" "box%"
      S: * LIST (\\HasChildren) "/" "box" ("CHILDINFO" ("SUBSCRIBED"))
      S: d OK ...
      `,
    );
  });

  test('the selected mailbox is named once in NOTIFY, and so is each kind (RFC 5465, 6)', async () => {
    await using world = await openImapWorld();
    await converse(
      (await world.sessions('alice', '1'))['1']!,
      `
      C: a NOTIFY SET (SELECTED (MessageNew MessageExpunge)) (SELECTED-DELAYED (MessageNew MessageExpunge))
      S: a BAD ...
      C: b NOTIFY SET (INBOXES (MessageNew MessageExpunge)) (INBOXES NONE)
      S: b BAD ...
      C: c NOTIFY SET (MAILBOXES INBOX (MessageNew MessageExpunge)) (MAILBOXES Sent (MessageNew MessageExpunge))
      S: c OK ...
      `,
    );
  });

  test('Content-Location has no comments, and is one word however it was folded (RFC 2557, 4)', async () => {
    await using world = await openImapWorld();
    const located = (value: string): string => `Content-Location: ${value}\n\nText\n`;
    await converse(
      await opened(
        world,
        located('(before) http://a.test/x(1).png (and after)'),
        located('"ftp://a.test/lots/\n  lots/x.txt"'),
      ),
      `
      C: a FETCH 1:2 BODYSTRUCTURE
      S: * 1 FETCH (BODYSTRUCTURE (... NIL NIL NIL "http://a.test/x(1).png"))
      S: * 2 FETCH (BODYSTRUCTURE (... NIL NIL NIL "ftp://a.test/lots/lots/x.txt"))
      S: a OK ...
      `,
    );
  });

  test('UIDFETCH tells the uid once, and numbers are refused in QRESYNC too (RFC 9586, 3)', async () => {
    await using world = await openImapWorld();
    await world.mailboxes.access.setSetting(world.accounts.get('alice')!, 'imap.with', 'UIDONLY');
    await converse(
      await opened(world, mail),
      `
      C: a UNSELECT
      S: a OK ...
      C: b ENABLE UIDONLY QRESYNC
      S* b OK ...
      C: c SELECT INBOX (QRESYNC (1 1 1 (1 1)))
      S: c BAD [UIDREQUIRED] ...
      C: d SELECT INBOX
      S* d OK ...
      C: e UID FETCH 1 (UID FLAGS)
      S: * 1 UIDFETCH (FLAGS (...
      S: e OK ...
      C: f UID FETCH 1 (UID)
      S: * 1 UIDFETCH (UID 1)
      S: f OK ...
      `,
    );
  });

  test('PARTIAL is for FETCH by numbers, too (RFC 9394, 3.3)', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world, mail, mail, mail),
      `
      C: a FETCH 1:* (UID) (PARTIAL -1:-2)
      S: * 2 FETCH (UID 2)
      S: * 3 FETCH (UID 3)
      S: a OK ...
      `,
    );
  });

  test('IMAP4rev2 tells the uid with flags that change (RFC 9051, appendix E)', async () => {
    await using world = await openImapWorld();
    await converse(
      await opened(world, mail),
      `
      C: a ENABLE IMAP4rev2
      S* a OK ...
      C: b STORE 1 +FLAGS (\\Flagged)
      S: * 1 FETCH (UID 1 FLAGS (\\Flagged))
      S: b OK ...
      C: c STORE 1 +FLAGS.SILENT (\\Seen)
      S: c OK ...
      `,
    );
  });
});
