/** Several sessions against each other: who is told what, and when (RFC 3501, 5.2, 5.5 and 7.4.1). */
import type { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld, type ImapWorld } from '../../test/interop/imap-world.ts';
import { message, simple } from '../mailbox/testing.ts';

/** Two sessions of alice in INBOX, which holds `count` messages. */
async function two(world: ImapWorld, count = 3): Promise<Record<string, Duplex>> {
  const account = world.accounts.get('alice')!;
  const [inbox] = await world.mailboxes.list(account);
  const messages = Array.from({ length: count }, (_, i) => simple(`m${i + 1}`));
  await world.mailboxes.append(account, inbox!.id, messages);
  const clients = await world.sessions('alice', '1', '2');
  await converse(
    clients,
    `
    1C: a SELECT INBOX
    1S* a OK ...
    2C: a SELECT INBOX
    2S* a OK ...
    `,
  );
  return clients;
}

suite('sessions of one mailbox', { concurrency: true }, () => {
  test('\\Recent is given to one session alone', async () => {
    await using world = await openImapWorld();
    const clients = await two(world);
    await converse(
      clients,
      `
      1C: b SEARCH RECENT
      1S: * SEARCH 1 2 3
      1S: b OK SEARCH completed
      2C: b SEARCH RECENT
      2S: * SEARCH
      2S: b OK SEARCH completed
      2C: c SEARCH OLD
      2S: * SEARCH 1 2 3
      2S: c OK SEARCH completed
      `,
    );
  });

  test('expunges are held back during FETCH, STORE and SEARCH, and told by NOOP', async () => {
    await using world = await openImapWorld();
    const clients = await two(world);
    await converse(
      clients,
      `
      2C: b STORE 2 +FLAGS.SILENT (\\Deleted)
      2S: b OK STORE completed
      2C: c EXPUNGE
      2S: * 2 EXPUNGE
      2S: c OK EXPUNGE completed
      1C: d FETCH 3 UID
      1S: * 3 FETCH (UID 3)
      1S: d OK FETCH completed
      1C: e FETCH 2 UID
      1S: e NO [EXPUNGEISSUED] Some of the messages are gone
      1C: f SEARCH ALL
      1S: * SEARCH 1 3
      1S: f OK SEARCH completed
      1C: g STORE 2:3 +FLAGS (\\Flagged)
      1S: * 3 FETCH (FLAGS (\\Flagged \\Recent))
      1S: g NO [EXPUNGEISSUED] Some of the messages are gone
      1C: h COPY 1:3 INBOX
      1S: * 2 EXPUNGE
      1S: * 2 RECENT
      1S: h NO [EXPUNGEISSUED] ...
      1C: i NOOP
      1S: i OK NOOP completed
      1C: j FETCH 2 UID
      1S: * 2 FETCH (UID 3)
      1S: j OK FETCH completed
      `,
    );
  });

  test('expunges are told in the answer to UID commands, but not with more commands waiting', async () => {
    await using world = await openImapWorld();
    const clients = await two(world);
    await converse(
      clients,
      `
      2C: b STORE 1 +FLAGS.SILENT (\\Deleted)
      2S: b OK STORE completed
      2C: c EXPUNGE
      2S: * 1 EXPUNGE
      2S: c OK EXPUNGE completed
      1C~ d NOOP\\r\\ne FETCH 3 UID\\r\\n
      1S: d OK NOOP completed
      1S: * 3 FETCH (UID 3)
      1S: e OK FETCH completed
      1C: f UID FETCH 3 UID
      1S: * 3 FETCH (UID 3)
      1S: * 1 EXPUNGE
      1S: * 2 RECENT
      1S: f OK UID FETCH completed
      `,
    );
  });

  test('flags that another session set are told, with their numbers, and one’s own are not told twice', async () => {
    await using world = await openImapWorld();
    const clients = await two(world);
    await converse(
      clients,
      `
      1C: b STORE 1 +FLAGS (\\Seen)
      1S: * 1 FETCH (FLAGS (\\Seen \\Recent))
      1S: b OK STORE completed
      1C: c STORE 2 +FLAGS.SILENT ($Work)
      1S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Work)
      1S: * OK [PERMANENTFLAGS ...] ...
      1S: c OK STORE completed
      2C: d NOOP
      2S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Work)
      2S: * OK [PERMANENTFLAGS ...] ...
      2S: * 1 FETCH (UID 1 FLAGS (\\Seen))
      2S: * 2 FETCH (UID 2 FLAGS ($Work))
      2S: d OK NOOP completed
      2C: e FETCH 3 BODY[HEADER.FIELDS (SUBJECT)]
      2S: * 3 FETCH (FLAGS (\\Seen) BODY[HEADER.FIELDS (SUBJECT)] {15}
      2S: Subject: m3
      2S:
      2S: )
      2S: e OK FETCH completed
      1C: f CHECK
      1S: * 3 FETCH (UID 3 FLAGS (\\Seen \\Recent))
      1S: f OK CHECK completed
      `,
    );
  });

  test('IDLE tells new mail, flags and expunges as they happen, and commands in the packet of DONE are run', async () => {
    await using world = await openImapWorld();
    const clients = await two(world);
    await converse(
      clients,
      `
      1C: b IDLE
      1S: + idling
      2C: c APPEND INBOX {14+}
      2C: Subject: new
      2C~ \\r\\n
      2S: * 4 EXISTS
      2S: * 1 RECENT
      2S: c OK [APPENDUID ... 4] Appended
      1S: * 4 EXISTS
      1S: * 4 RECENT
      2C: d STORE 1 +FLAGS.SILENT (\\Deleted)
      2S: d OK STORE completed
      1S: * 1 FETCH (UID 1 FLAGS (\\Deleted \\Recent))
      2C: e EXPUNGE
      2S: * 1 EXPUNGE
      2S: e OK EXPUNGE completed
      1S: * 1 EXPUNGE
      1S: * 3 RECENT
      1C~ DONE\\r\\nf FETCH 1 UID\\r\\ng NOOP\\r\\n
      1S: b OK IDLE completed
      1S: * 1 FETCH (UID 2)
      1S: f OK FETCH completed
      1S: g OK NOOP completed
      1C: h IDLE
      1S: + idling
      1C: what
      1S: h BAD Expected DONE
      `,
    );
  });

  test('what IDLE had to tell is not told in the middle of a command that came along with DONE', async () => {
    await using world = await openImapWorld();
    const clients = await two(world);
    const account = world.accounts.get('alice')!;
    const [inbox] = await world.mailboxes.list(account);
    const long = message(`Subject: long\n\n${'text\n'.repeat(40_000)}`);
    await world.mailboxes.append(account, inbox!.id, [long]);
    await world.mailboxes.expunge(account, inbox!.id, [1], true);
    await converse(
      clients['1']!,
      `
      C~ b IDLE\\r\\nDONE\\r\\nc FETCH 4 BODY.PEEK[]\\r\\nd FETCH 2 UID\\r\\ne NOOP\\r\\n
      S: + idling
      S: * 4 EXISTS
      S* b OK ...
      S* c OK ...
      S: * 2 FETCH (UID 2)
      S: d OK ...
      S: * 1 EXPUNGE
      S* e OK ...
      `,
    );
  });

  test('a session whose mailbox is deleted is sent away; the one that deletes it goes on', async () => {
    await using world = await openImapWorld();
    const clients = await world.sessions('alice', '1', '2');
    await converse(
      clients,
      `
      1C: a CREATE x
      1S: a OK ...
      1C: b SELECT x
      1S* b OK ...
      2C: c SELECT x
      2S* c OK ...
      2C: d IDLE
      2S: + idling
      1C: e DELETE x
      1S: * OK [CLOSED] The selected mailbox is gone
      1S: e OK DELETE completed
      2S: * BYE [NONEXISTENT] The selected mailbox was deleted
      2S(closed)
      1C: f FETCH 1 UID
      1S: f BAD No mailbox is selected
      `,
    );
  });

  test('EXAMINE changes nothing: no \\Seen, no STORE, no EXPUNGE, no claim of \\Recent', async () => {
    await using world = await openImapWorld();
    const clients = await world.sessions('bob', '1', '2');
    await converse(
      clients,
      `
      1C: a APPEND INBOX {14+}
      1C: Subject: new
      1C~ \\r\\n
      1S: a OK ...
      1C: b EXAMINE INBOX
      1S: * FLAGS ...
      1S: * OK [PERMANENTFLAGS ()] ...
      1S: * 1 EXISTS
      1S: * 1 RECENT
      1S: * OK [UNSEEN 1] ...
      1S* b OK [READ-ONLY] Examined
      1C: c FETCH 1 BODY[]
      1S: * 1 FETCH (BODY[] {14}
      1S: Subject: new
      1S: )
      1S: c OK FETCH completed
      1C: d STORE 1 FLAGS (\\Seen)
      1S: d NO [READ-ONLY] ...
      1C: e EXPUNGE
      1S: e NO [READ-ONLY] ...
      1C: f MOVE 1 INBOX
      1S: f NO [READ-ONLY] ...
      2C: g SELECT INBOX
      2S: * FLAGS ...
      2S: * OK [PERMANENTFLAGS ...
      2S: * 1 EXISTS
      2S: * 1 RECENT
      2S* g OK [READ-WRITE] Selected
      1C: h CLOSE
      1S: h OK CLOSE completed
      `,
    );
  });

  test('the fifty-first session of an account takes the place of the one that is idle for longest', async () => {
    await using world = await openImapWorld({ options: { sessionsPerAccountMax: 2 } });
    const clients = await world.sessions('alice', '1', '2');
    await converse(clients, '\n1C: a NOOP\n1S: a OK NOOP completed');
    const [third] = Object.values(await world.sessions('alice', '3'));
    await converse(
      { ...clients, '3': third! },
      '\n2S: * BYE [LIMIT] ...\n2S(closed)\n3C: a NOOP\n3S: a OK ...\n1C: b NOOP\n1S: b OK ...',
    );
  });
});
