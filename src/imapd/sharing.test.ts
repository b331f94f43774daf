/** Rights, and mailboxes of others (RFC 4314, 2342, 8440). */
import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld, type ImapWorld } from '../../test/interop/imap-world.ts';
import { simple } from '../mailbox/testing.ts';

/** Alice has a mailbox Work with three messages; bob is logged in too. */
async function both(world: ImapWorld): Promise<Record<string, Duplex>> {
  const alice = world.accounts.get('alice')!;
  const work = await world.mailboxes.create(alice, 'Work');
  await world.mailboxes.append(alice, work.id, [simple('one'), simple('two'), simple('three')]);
  const { a } = await world.sessions('alice', 'a');
  const { b } = await world.sessions('bob', 'b');
  return { a: a!, b: b! };
}

const shared = '"Other Users/alice@here.test/Work"';

suite('rights', { concurrency: true }, () => {
  test('the owner has all of them, says who has which, and cannot lock itself out', async () => {
    await using world = await openImapWorld();
    const { a } = await both(world);
    await converse(
      a!,
      `
      C: a MYRIGHTS Work
      S: * MYRIGHTS "Work" lrswipkxteacd
      S: a OK ...
      C: b GETACL Work
      S: * ACL "Work" alice@here.test lrswipkxteacd
      S: b OK ...
      C: c SETACL Work bob@here.test lrx
      S: c OK ...
      C: d SETACL Work bob@here.test +w
      S: d OK ...
      C: e SETACL Work bob@here.test -x
      S: e OK ...
      C: f SETACL Work anyone l
      S: f OK ...
      C: g GETACL Work
      S: * ACL "Work" alice@here.test lrswipkxteacd bob@here.test lrw anyone l
      S: g OK ...
      C: h DELETEACL Work anyone
      S: h OK ...
      C: i LISTRIGHTS Work bob@here.test
      S: * LISTRIGHTS "Work" bob@here.test "" l r s w i p k x t e a c d
      S: i OK ...
      C: j LISTRIGHTS Work alice@here.test
      S: * LISTRIGHTS "Work" alice@here.test la r s w i p k x t e c d
      S: j OK ...
      C: k SETACL Work alice@here.test lr
      S: k OK ...
      C: l MYRIGHTS Work
      S: * MYRIGHTS "Work" lra
      S: l OK ...
      C: m SELECT Work
      S* m OK [READ-ONLY] ...
      C: n DELETE Work
      S: n NO [NOPERM] ...
      C: o SETACL Work alice@here.test +swipkxte
      S: o OK ...
      C: p SETACL Work nobody@here.test l
      S: p NO [NONEXISTENT] ...
      C: q SETACL Work bob@here.test lQ
      S: q BAD ...
      C: r GETACL nowhere
      S: r NO [NONEXISTENT] ...
      `,
    );
  });

  test('what is not shared does not exist for others, in the answer to any command', async () => {
    await using world = await openImapWorld();
    const { b } = await both(world);
    const commands = [
      `SELECT ${shared}`,
      `STATUS ${shared} (MESSAGES)`,
      `GETACL ${shared}`,
      `MYRIGHTS ${shared}`,
      `LISTRIGHTS ${shared} anyone`,
      `SETACL ${shared} bob@here.test lr`,
      `GETMETADATA ${shared} /shared/comment`,
      `SETMETADATA ${shared} (/shared/comment "x")`,
      `DELETE ${shared}`,
      `GETQUOTAROOT ${shared}`,
      `RENAME ${shared} x`,
    ];
    const script = commands.map(
      (command, i) => `\nC: a${i} ${command}\nS: a${i} NO [NONEXISTENT] No such mailbox`,
    );
    await converse(
      b!,
      `${script.join('')}
      C: x LIST "" "Other Users*"
      S: x OK ...
      C: y ESEARCH IN (mailboxes ${shared}) ALL
      S: y OK ...
      C: z APPEND ${shared} {1}
      S: z NO [TRYCREATE] ...
      C: w CREATE "Other Users/alice@here.test/New"
      S: w NO [NOPERM] ...
      C: v CREATE "Other Users/nobody@here.test/New"
      S: v NO ...
      C: u CREATE "Other Users/x"
      S: u NO ...
      `,
    );
  });

  test('who may read reads, and leaves no trace; who may mark, marks; the rest is refused', async () => {
    await using world = await openImapWorld();
    const clients = await both(world);
    await converse(
      clients,
      `
      a C: a SETACL Work bob@here.test lr
      a S: a OK ...
      b C: b LIST "" *
      b S: * LIST (\\HasNoChildren) "/" INBOX
      b S* * LIST (\\Noselect \\HasChildren) "/" "Other Users"
      b S: * LIST (\\Noselect \\HasChildren) "/" "Other Users/alice@here.test"
      b S: * LIST (\\HasNoChildren) "/" ${shared}
      b S* b OK ...
      b C: c LIST "" "Other Users/%/%" RETURN (MYRIGHTS STATUS (MESSAGES UNSEEN))
      b S: * LIST (\\HasNoChildren) "/" ${shared}
      b S: * STATUS ${shared} (MESSAGES 3 UNSEEN 3)
      b S: * MYRIGHTS ${shared} lr
      b S: c OK ...
      b C: d SELECT ${shared}
      b S: * FLAGS ...
      b S: * OK [PERMANENTFLAGS ()] ...
      b S* d OK [READ-ONLY] ...
      b C: e FETCH 1 BODY[HEADER.FIELDS (SUBJECT)]
      b S: * 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {16}
      b S: Subject: one
      b S:
      b S: )
      b S: e OK ...
      b C: f STORE 1 +FLAGS (\\Seen)
      b S: f NO [READ-ONLY] ...
      b C: g COPY 1 INBOX
      b S: g OK [COPYUID ... 1 1] Copied
      b C: h MOVE 1 INBOX
      b S: h NO [READ-ONLY] ...
      b C: i EXPUNGE
      b S: i NO [READ-ONLY] ...
      a C: j SETACL Work bob@here.test lrs
      a S: j OK ...
      b C: k SELECT ${shared}
      b S* * OK [PERMANENTFLAGS (\\Seen)] ...
      b S* k OK [READ-WRITE] ...
      b C: l STORE 1:2 FLAGS (\\Seen \\Flagged)
      b S: * 1 FETCH (FLAGS (\\Seen \\Recent))
      b S: * 2 FETCH (FLAGS (\\Seen \\Recent))
      b S: l OK ...
      b C: m STORE 1 +FLAGS (\\Deleted)
      b S: m NO [NOPERM] ...
      b C: n STORE 1 FLAGS ()
      b S: * 1 FETCH (FLAGS (\\Recent))
      b S: n OK ...
      b C: o COPY 1 ${shared}
      b S: o NO [NOPERM] ...
      b C: p EXPUNGE
      b S: p NO [NOPERM] ...
      a C: q SELECT Work
      a S* q OK ...
      a C: r FETCH 1:3 FLAGS
      a S: * 1 FETCH (FLAGS (...))
      a S: * 2 FETCH (FLAGS (\\Seen...))
      a S: * 3 FETCH (FLAGS (...))
      a S: r OK ...
      `,
    );
  });

  test('mail goes from one account to another and back, with the flags that may be set there', async () => {
    await using world = await openImapWorld();
    const clients = await both(world);
    await converse(
      clients,
      `
      a C: a SETACL Work bob@here.test lrswite
      a S: a OK ...
      b C: b SELECT ${shared}
      b S* b OK ...
      b C: c STORE 2 +FLAGS.SILENT (\\Flagged blue)
      b S* c OK ...
      b C: d MOVE 2 INBOX
      b S: * OK [COPYUID ... 2 1] Moved
      b S: * 2 EXPUNGE
      b S* d OK ...
      b C: e SELECT INBOX
      b S* e OK ...
      b C: f FETCH 1 (FLAGS BODY[HEADER.FIELDS (SUBJECT)])
      b S: * 1 FETCH (FLAGS (\\Flagged \\Seen \\Recent blue) BODY[HEADER.FIELDS (SUBJECT)] {16}
      b S: Subject: two
      b S:
      b S* f OK ...
      a C: g SETACL Work bob@here.test li
      a S: g OK ...
      b C: h COPY 1 ${shared}
      b S: h OK [COPYUID ... 1 4] Copied
      b C: i APPEND ${shared} (\\Seen blue) {5+}
      b C: a: b
      b S: i OK [APPENDUID ... 5] Appended
      b C: j SELECT ${shared}
      b S* j NO [NOPERM] ...
      a C: k SELECT Work
      a S: * FLAGS ...
      a S* k OK ...
      a C: l FETCH 3:4 FLAGS
      a S: * 3 FETCH (FLAGS (\\Recent))
      a S: * 4 FETCH (FLAGS (\\Recent))
      a S: l OK ...
      `.replace('{5+}\n      b C: a: b', '{4+}\n      b C: a: b'),
    );
  });

  test('a new mailbox is shared as the one above it; others make and delete where they may', async () => {
    await using world = await openImapWorld();
    const clients = await both(world);
    await converse(
      clients,
      `
      a C: a SETACL Work bob@here.test lrk
      a S: a OK ...
      b C: b CREATE "Other Users/alice@here.test/Work/New"
      b S: b OK ...
      a C: c LIST "" "Work/*"
      a S: * LIST (\\HasNoChildren) "/" "Work/New"
      a S: c OK ...
      b C: d DELETE "Other Users/alice@here.test/Work/New"
      b S: d NO [NOPERM] ...
      a C: e SETACL "Work/New" bob@here.test +x
      a S: e OK ...
      b C: f RENAME "Other Users/alice@here.test/Work/New" Mine
      b S: f NO [CANNOT] ...
      b C: g SUBSCRIBE "Other Users/alice@here.test/Work/New"
      b S: g OK ...
      b C: h LSUB "" "Other*"
      b S: * LSUB () "/" "Other Users/alice@here.test/Work/New"
      b S: h OK ...
      b C: i DELETE "Other Users/alice@here.test/Work/New"
      b S: i OK ...
      a C: j DELETEACL Work bob@here.test
      a S: j OK ...
      b C: k LIST "" "Other*"
      b S: k OK ...
      `,
    );
  });

  test('who loses the right to read while the mailbox is open sees no more of it', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const work = (await both(world)) && (await world.mailboxes.find(alice, 'Work'))!;
    const { a } = await world.sessions('alice', 'a');
    const { b, c } = await world.sessions('bob', 'b', 'c');
    await converse(
      { a: a!, b: b!, c: c! },
      `
      a C: a SETACL Work bob@here.test lrs
      a S: a OK ...
      b C: b SELECT ${shared}
      b S* b OK ...
      c C: c SELECT ${shared}
      c S* c OK ...
      c C: d IDLE
      c S: + idling
      a C: e SETACL Work bob@here.test -s
      a S: e OK ...
      b C: f STORE 1 +FLAGS (\\Seen)
      b S: f NO [NOPERM] ...
      a C: g DELETEACL Work bob@here.test
      a S: g OK ...
      b C: h FETCH 1 BODY[]
      b S: * OK [CLOSED] ...
      b S: h BAD No mailbox is selected
      `,
    );
    await world.mailboxes.append(alice, work.id, [simple('new')]);
    await converse(c!, '\nS: * OK [CLOSED] ...\nC: DONE\nS: d OK ...\nC: i NOOP\nS: i OK ...');
  });

  test('who loses the right to read hears nothing more of the mailbox, whatever it asks or has asked for', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const { a } = await both(world);
    const work = (await world.mailboxes.find(alice, 'Work'))!;
    const { n, i } = await world.sessions('bob', 'n', 'i');
    await converse(
      { a: a!, n: n!, i: i! },
      `
      a C: a SETACL Work bob@here.test lrte
      a S: a OK ...
      n C: b SELECT ${shared}
      n S* b OK ...
      n C: c NOTIFY SET (selected (MessageNew (UID BODY.PEEK[]) MessageExpunge))
      n S: c OK ...
      i C: d SELECT ${shared}
      i S* d OK ...
      a C: e DELETEACL Work bob@here.test
      a S: e OK ...
      `,
    );
    await world.mailboxes.append(alice, work.id, [simple('new')]);
    await converse(n!, '\nS: * OK [CLOSED] ...\nC: f CAPABILITY\nS: * CAPABILITY ...\nS: f OK ...');
    await converse(i!, '\nC: g ID NIL\nS: * ID ...\nS: * OK [CLOSED] ...\nS: g OK ...');
  });

  test('what may not be taken away or put there any more is neither replaced nor appended', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const { a, b } = await both(world);
    const { c } = await world.sessions('bob', 'c');
    await converse(
      { a: a!, b: b!, c: c! },
      `
      a C: a SETACL Work bob@here.test lrite
      a S: a OK ...
      b C: b SELECT ${shared}
      b S* b OK ...
      c C: c APPEND ${shared} {4}
      c S: + OK
      a C: d SETACL Work bob@here.test lr
      a S: d OK ...
      b C: e REPLACE 1 INBOX {4+}
      b C: a: b
      b S: e NO [NOPERM] ...
      c C: a: b
      c S: c NO [NOPERM] ...
      `,
    );
    assert.equal((await world.mailboxes.find(alice, 'Work'))!.total, 3);
  });

  test('rights taken away by a minus, and given to anyone of the organisation', async () => {
    await using world = await openImapWorld();
    const clients = await both(world);
    await converse(
      clients,
      `
      a C: a SETACL Work anyone lrs
      a S: a OK ...
      a C: b SETACL Work -bob@here.test s
      a S: b OK ...
      b C: c MYRIGHTS ${shared}
      b S: * MYRIGHTS ${shared} lr
      b S: c OK ...
      a C: d GETACL Work
      a S: * ACL "Work" alice@here.test lrswipkxteacd anyone lrs -bob@here.test s
      a S: d OK ...
      `,
    );
  });
});
