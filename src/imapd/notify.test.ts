/** NOTIFY (RFC 5465): changes elsewhere are told, and those of the selected mailbox at once. */
import { suite, test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld } from '../../test/interop/imap-world.ts';
import { simple } from '../mailbox/testing.ts';

suite('NOTIFY', { concurrency: true }, () => {
  test('new mail, flags and expunges in other mailboxes come as STATUS', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const drafts = (await world.mailboxes.find(alice, 'Drafts'))!;
    const { a } = await world.sessions('alice', 'a');
    await converse(
      a!,
      `
      C: a NOTIFY SET STATUS (mailboxes Drafts (MessageNew MessageExpunge FlagChange)) (personal NONE)
      S: * STATUS "Drafts" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY ... UNSEEN 0)
      S: a OK ...
      `,
    );
    await world.mailboxes.append(alice, drafts.id, [simple('one')]);
    await converse(a!, '\nS: * STATUS "Drafts" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ... UNSEEN 1)');
    await world.mailboxes.storeFlags(alice, drafts.id, [1], {
      how: 'add',
      flags: { system: 1, keywords: [] },
    });
    await converse(a!, '\nS: * STATUS "Drafts" (UIDVALIDITY ... UNSEEN 0)');
    await world.mailboxes.expunge(alice, drafts.id, [1], true);
    await converse(
      a!,
      `
      S: * STATUS "Drafts" (MESSAGES 0 UIDNEXT 2 UIDVALIDITY ... UNSEEN 0)
      C: b NOTIFY NONE
      S: b OK ...
      `,
    );
    await world.mailboxes.append(alice, drafts.id, [simple('two')]);
    await converse(a!, '\nC: c NOOP\nS: c OK ...');
  });

  test('mailboxes that come, go and change their names, and subscriptions', async () => {
    await using world = await openImapWorld();
    const { a, o } = await world.sessions('alice', 'a', 'o');
    await converse(
      { a: a!, o: o! },
      `
      a C: a NOTIFY SET (personal (MailboxName SubscriptionChange))
      a S: a OK ...
      o C: b CREATE Work
      o S: b OK ...
      a S: * LIST () "/" "Work"
      o C: c RENAME Work Play
      o S: c OK ...
      a S: * LIST () "/" "Play" ("OLDNAME" ("Work"))
      o C: d SUBSCRIBE Play
      o S: d OK ...
      a S: * LIST (\\Subscribed) "/" "Play"
      o C: e DELETE Play
      o S: e OK ...
      a S: * LIST (\\NonExistent) "/" "Play"
      a C: f NOTIFY SET (personal (MessageNew))
      a S: f BAD ...
      a C: g NOTIFY SET (personal (Nonsense))
      a S: g NO [BADEVENT ...
      `,
    );
  });

  test('the selected mailbox is told of at once, with what the client wants of new messages', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const [inbox] = await world.mailboxes.list(alice);
    await world.mailboxes.append(alice, inbox!.id, [simple('one')]);
    const { a } = await world.sessions('alice', 'a');
    await converse(
      a!,
      `
      C: a SELECT INBOX
      S* a OK ...
      C: b NOTIFY SET (selected (MessageNew (UID RFC822.SIZE) MessageExpunge FlagChange))
      S: b OK ...
      `,
    );
    await world.mailboxes.append(alice, inbox!.id, [simple('two')]);
    await converse(a!, '\nS: * 2 EXISTS\nS: * ... RECENT\nS: * 2 FETCH (UID 2 RFC822.SIZE ...)');
    await world.mailboxes.expunge(alice, inbox!.id, [1], true);
    await converse(a!, '\nS: * 1 EXPUNGE\nS: * ... RECENT\nC: c NOOP\nS: c OK ...');
  });

  test('without a word of the selected mailbox nothing of it is told, until it is asked for', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const [inbox] = await world.mailboxes.list(alice);
    await world.mailboxes.append(alice, inbox!.id, [simple('one'), simple('two')]);
    for (const groups of ['(mailboxes Drafts (MailboxName))', '(selected NONE) (personal (MailboxName))']) {
      const { a } = await world.sessions('alice', 'a');
      await converse(a!, `\nC: a SELECT INBOX\nS* a OK ...\nC: b NOTIFY SET ${groups}\nS: b OK ...`);
      const { uids } = await world.mailboxes.append(alice, inbox!.id, [simple('three')]);
      await world.mailboxes.expunge(alice, inbox!.id, [uids[0]! - 1], true);
      await converse(
        a!,
        `
        C: c NOOP
        S: c OK ...
        C: d IDLE
        S: + idling
        C: DONE
        S: d OK ...
        C: e FETCH 1 UID
        S: * 1 FETCH (UID 1)
        S: e OK ...
        C: f NOTIFY NONE
        S: * 2 EXPUNGE
        S: * 2 EXISTS
        S* f OK ...
        `,
      );
    }
  });

  test('a new message of which the wanted part cannot be shown ends neither IDLE nor a command', async () => {
    await using world = await openImapWorld();
    const { a, o } = await world.sessions('alice', 'a', 'o');
    await converse(
      { a: a!, o: o! },
      `
      a C: a SELECT INBOX
      a S* a OK ...
      a C: b NOTIFY SET (selected (MessageNew (UID BINARY.PEEK[1]) MessageExpunge))
      a S: b OK ...
      a C: c IDLE
      a S: + idling
      o C: d APPEND INBOX {40+}
      o C: Content-Transfer-Encoding: x-unknown
      o C:
      o C:
      o S: d OK ...
      a S: * 1 EXISTS
      a S: * 1 RECENT
      a C: DONE
      a S: c OK ...
      `,
    );
  });

  test('shared annotations that change are named', async () => {
    await using world = await openImapWorld();
    const { a, o } = await world.sessions('alice', 'a', 'o');
    await converse(
      { a: a!, o: o! },
      `
      a C: a NOTIFY SET (mailboxes INBOX (MailboxMetadataChange))
      a S: a OK ...
      o C: b SETMETADATA INBOX (/shared/comment "x")
      o S: b OK ...
      a S: * METADATA INBOX /shared/comment
      `,
    );
  });
});
