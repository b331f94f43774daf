/** CREATE, DELETE, RENAME, SUBSCRIBE, LIST, LSUB, STATUS, quota: names and roles as mailers see them. */
import type { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld, type ImapWorld } from '../../test/interop/imap-world.ts';

const client = async (world: ImapWorld): Promise<Duplex> => (await world.sessions('alice', '1'))['1']!;

suite('the tree of mailboxes', { concurrency: true }, () => {
  test('plain LIST tells roles and children, in modified UTF-7, INBOX in upper case', async () => {
    await using world = await openImapWorld();
    await converse(
      await client(world),
      `
      C: a CREATE "&ZeVnLIqe-/&MLQw33ux-"
      S: a OK [MAILBOXID (...)] Created
      C: b LIST "" "*"
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: * LIST (\\HasNoChildren \\Archive) "/" "Archive"
      S: * LIST (\\HasNoChildren \\Drafts) "/" "Drafts"
      S: * LIST (\\HasNoChildren \\Junk) "/" "Junk"
      S: * LIST (\\HasNoChildren \\Sent) "/" "Sent"
      S: * LIST (\\HasNoChildren \\Trash) "/" "Trash"
      S: * LIST (\\HasChildren) "/" "&ZeVnLIqe-"
      S: * LIST (\\HasNoChildren) "/" "&ZeVnLIqe-/&MLQw33ux-"
      S: b OK LIST completed
      C: c LIST "" ""
      S: * LIST (\\Noselect) "/" ""
      S: c OK LIST completed
      C: d LIST "&ZeVnLIqe-/" %
      S: * LIST (\\HasNoChildren) "/" "&ZeVnLIqe-/&MLQw33ux-"
      S: d OK LIST completed
      C: e LIST (SPECIAL-USE) "" ("S*" "&ZeVnLIqe-") RETURN (SPECIAL-USE STATUS (MESSAGES UIDNEXT))
      S: * LIST (\\HasNoChildren \\Sent) "/" "Sent"
      S: * STATUS "Sent" (MESSAGES 0 UIDNEXT 1)
      S: e OK LIST completed
      C: f LIST "" "inbox"
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: f OK LIST completed
      C: g LIST "" "&Jjo"
      S: g NO [CANNOT] Mailbox name is not valid modified UTF-7
      C: h ENABLE UTF8=ACCEPT
      S: * ENABLED UTF8=ACCEPT
      S: h OK ENABLE completed
      C: i LIST "" "日本語/%"
      S: * LIST (\\HasNoChildren) "/" "日本語/ゴミ箱"
      S: i OK LIST completed
      `,
    );
  });

  test('subscriptions outlive mailboxes; LSUB shows parents of what "%" hides', async () => {
    await using world = await openImapWorld();
    await converse(
      await client(world),
      `
      C: a CREATE a/b/c
      S: a OK ...
      C: b SUBSCRIBE a/b/c
      S: b OK SUBSCRIBE completed
      C: c SUBSCRIBE ghost
      S: c OK SUBSCRIBE completed
      C: d LSUB "" "a*"
      S: * LSUB () "/" "a/b/c"
      S: d OK LSUB completed
      C: e LSUB "" "a/%"
      S: * LSUB (\\Noselect) "/" "a/b"
      S: e OK LSUB completed
      C: f LIST (SUBSCRIBED) "" "g*"
      S: * LIST (\\NonExistent \\HasNoChildren \\Subscribed) "/" "ghost"
      S: f OK LIST completed
      C: g LIST (SUBSCRIBED RECURSIVEMATCH) "" "a"
      S: * LIST (\\HasChildren) "/" "a" ("CHILDINFO" ("SUBSCRIBED"))
      S: g OK LIST completed
      C: h DELETE a/b/c
      S: h OK DELETE completed
      C: i LIST (SUBSCRIBED) "" "a/*"
      S: * LIST (\\NonExistent \\HasNoChildren \\Subscribed) "/" "a/b/c"
      S: i OK LIST completed
      C: j UNSUBSCRIBE a/b/c
      S: j OK UNSUBSCRIBE completed
      C: k LSUB "" "a*"
      S: k OK LSUB completed
      C: l LIST "" a* RETURN (SUBSCRIBED)
      S: * LIST (\\HasChildren) "/" "a"
      S: * LIST (\\HasNoChildren) "/" "a/b"
      S: l OK LIST completed
      `,
    );
  });

  test('what cannot be created, deleted or renamed says why', async () => {
    await using world = await openImapWorld();
    await converse(
      await client(world),
      `
      C: a CREATE INBOX
      S: a NO [ALREADYEXISTS] ...
      C: b CREATE x/
      S: b OK ...
      C: c CREATE x
      S: c NO [ALREADYEXISTS] ...
      C: d CREATE "x//y"
      S: d NO [CANNOT] ...
      C: e CREATE y (USE (\\Sent))
      S: e NO [USEATTR] ...
      C: f CREATE imp (USE (\\Important))
      S: f OK ...
      C: g LIST "" imp
      S: * LIST (\\HasNoChildren \\Important) "/" "imp"
      S: g OK LIST completed
      C: h DELETE INBOX
      S: h NO [CANNOT] ...
      C: i DELETE nothing
      S: i NO [NONEXISTENT] ...
      C: j CREATE x/y
      S: j OK ...
      C: k DELETE x
      S: k NO [HASCHILDREN] ...
      C: l RENAME x z
      S: l OK RENAME completed
      C: m LIST "" "z*"
      S: * LIST (\\HasChildren) "/" "z"
      S: * LIST (\\HasNoChildren) "/" "z/y"
      S: m OK LIST completed
      C: n RENAME nothing w
      S: n NO [NONEXISTENT] ...
      C: o RENAME z Sent
      S: o NO [ALREADYEXISTS] ...
      `,
    );
  });

  test('RENAME INBOX moves its mail and leaves INBOX', async () => {
    await using world = await openImapWorld();
    await converse(
      await client(world),
      `
      C: a APPEND INBOX {14+}
      C: Subject: one
      C~ \\r\\n
      S: a OK ...
      C: b RENAME INBOX old
      S: b OK RENAME completed
      C: c STATUS INBOX (MESSAGES)
      S: * STATUS INBOX (MESSAGES 0)
      S: c OK STATUS completed
      C: d STATUS old (MESSAGES UIDVALIDITY)
      S: * STATUS "old" (MESSAGES 1 UIDVALIDITY ...)
      S: d OK STATUS completed
      `,
    );
  });

  test('usual special-use mailboxes that are missing are made for APPEND, others get TRYCREATE', async () => {
    await using world = await openImapWorld();
    await converse(
      await client(world),
      `
      C: a DELETE Sent
      S: a OK DELETE completed
      C: b APPEND Sent {14+}
      C: Subject: one
      C~ \\r\\n
      S: b OK [APPENDUID ...
      C: c LIST "" Sent
      S: * LIST (\\HasNoChildren \\Sent) "/" "Sent"
      S: c OK LIST completed
      C: d APPEND other {14+}
      C: Subject: one
      C: 
      S: d NO [TRYCREATE] No such mailbox
      C: e APPEND other {14}
      S: e NO [TRYCREATE] No such mailbox
      C: f NOOP
      S: f OK NOOP completed
      `,
    );
  });

  test('quota is told of one root, and nobody sets it here', async () => {
    await using world = await openImapWorld();
    await converse(
      await client(world),
      `
      C: a GETQUOTAROOT INBOX
      S: * QUOTAROOT INBOX ""
      S: * QUOTA "" (...)
      S: a OK GETQUOTAROOT completed
      C: b GETQUOTA "x"
      S: b NO [NONEXISTENT] ...
      C: c SETQUOTA "" (STORAGE 1)
      S: c NO [NOPERM] ...
      `,
    );
  });
});
