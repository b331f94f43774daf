/** SORT, THREAD, and the results that RETURN asks for (RFC 5256, 5267, 5957, 9394). */
import { suite, test } from 'node:test';
import type { Duplex } from 'node:stream';
import { converse } from '../../test/converse.ts';
import { openImapWorld, type ImapWorld } from '../../test/interop/imap-world.ts';
import { message } from '../mailbox/testing.ts';
import type { NewMessage } from '../mailbox/mailboxes.ts';

interface Mail {
  readonly id?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cc?: string;
  readonly subject?: string;
  readonly date?: string;
  readonly refs?: string;
  readonly reply?: string;
  readonly body?: string;
  readonly receivedAtMs?: number;
}

function mail(m: Mail): NewMessage {
  const lines = [
    m.from && `From: ${m.from}`,
    m.to && `To: ${m.to}`,
    m.cc && `Cc: ${m.cc}`,
    m.subject && `Subject: ${m.subject}`,
    m.date && `Date: ${m.date}`,
    m.id && `Message-ID: <${m.id}>`,
    m.refs && `References: ${m.refs}`,
    m.reply && `In-Reply-To: ${m.reply}`,
  ].filter((line) => line !== undefined && line !== '');
  return message(`${lines.join('\n')}\n\n${m.body ?? 'x'}\n`, {
    receivedAtMs: m.receivedAtMs ?? 1_700_000_000_000,
  });
}

async function inInbox(world: ImapWorld, mails: readonly Mail[]): Promise<Duplex> {
  const alice = world.accounts.get('alice')!;
  const [inbox] = await world.mailboxes.list(alice);
  await world.mailboxes.append(alice, inbox!.id, mails.map(mail));
  const { a } = await world.sessions('alice', 'a');
  await converse(a!, '\nC: . SELECT INBOX\nS* . OK ...');
  return a!;
}

const day = (n: number): string => `${n} Nov 2026 10:00:00 +0000`;

suite('SORT and THREAD', { concurrency: true }, () => {
  test('each criterion, in both directions, and equals in the order of the mailbox', async () => {
    await using world = await openImapWorld();
    const a = await inInbox(world, [
      {
        from: 'Zoe <b@x.test>',
        to: 'c@x.test',
        cc: 'q@x.test',
        subject: 'Re: beta',
        date: day(3),
        body: 'xxxx',
      },
      { from: 'anna <c@x.test>', to: 'B@x.test', subject: 'Alpha', date: day(1), body: 'xx' },
      {
        from: 'a@x.test',
        to: 'a@x.test',
        cc: 'p@x.test',
        subject: '[list] BETA (fwd)',
        date: day(2),
        body: 'x',
      },
      { subject: 'alpha', date: '3 Nov 2026 09:00:00 -0200' },
    ]);
    await converse(
      a,
      `
      C: a SORT (SUBJECT) UTF-8 ALL
      S: * SORT 2 4 1 3
      S: a OK ...
      C: b SORT (REVERSE SUBJECT DATE) US-ASCII ALL
      S: * SORT 3 1 2 4
      S: b OK ...
      C: c SORT (DATE) UTF-8 ALL
      S: * SORT 2 3 1 4
      S: c OK ...
      C: d UID SORT (REVERSE DATE) UTF-8 1:3
      S: * SORT 1 3 2
      S: d OK ...
      C: e SORT (FROM) UTF-8 ALL
      S: * SORT 4 3 1 2
      S: e OK ...
      C: f SORT (TO) UTF-8 ALL
      S: * SORT 4 3 2 1
      S: f OK ...
      C: g SORT (CC) UTF-8 1:3
      S: * SORT 2 3 1
      S: g OK ...
      C: h SORT (DISPLAYFROM) UTF-8 1:3
      S: * SORT 3 2 1
      S: h OK ...
      C: i SORT (REVERSE SIZE) UTF-8 1:3
      S: * SORT 1 3 2
      S: i OK ...
      C: j SORT (ARRIVAL) UTF-8 SEEN
      S: * SORT
      S: j OK ...
      C: k SORT (NONSENSE) UTF-8 ALL
      S: k BAD ...
      C: l SORT (DATE) X-UNKNOWN ALL
      S: l NO [BADCHARSET ...
      C: m SORT () UTF-8 ALL
      S: m BAD ...
      `,
    );
  });

  test('RETURN of SORT keeps the order of the result', async () => {
    await using world = await openImapWorld();
    const a = await inInbox(world, [{ subject: 'c' }, { subject: 'a' }, { subject: 'b' }]);
    await converse(
      a,
      `
      C: a SORT RETURN (ALL COUNT MIN MAX) (SUBJECT) UTF-8 ALL
      S: * ESEARCH (TAG "a") MIN 2 MAX 1 ALL 2:3,1 COUNT 3
      S: a OK ...
      C: b UID SORT RETURN (PARTIAL 2:3) (SUBJECT) UTF-8 ALL
      S: * ESEARCH (TAG "b") UID PARTIAL (2:3 3,1)
      S: b OK ...
      C: c UID SORT RETURN (PARTIAL -1:-1) (SUBJECT) UTF-8 ALL
      S: * ESEARCH (TAG "c") UID PARTIAL (-1:-1 1)
      S: c OK ...
      C: d UID SEARCH RETURN (PARTIAL 4:9) ALL
      S: * ESEARCH (TAG "d") UID PARTIAL (4:9 NIL)
      S: d OK ...
      C: e UID SEARCH RETURN (PARTIAL -2:-1 COUNT) ALL
      S: * ESEARCH (TAG "e") UID COUNT 3 PARTIAL (-1:-2 2:3)
      S: e OK ...
      C: f UID SEARCH RETURN (PARTIAL 1:2 ALL) ALL
      S: f BAD ...
      C: g UID FETCH 1:* (FLAGS) (PARTIAL -1:-2)
      S: * 2 FETCH (UID 2 FLAGS (...))
      S: * 3 FETCH (UID 3 FLAGS (...))
      S: g OK ...
      `,
    );
  });

  test('threads by references: a tree, missing parents, and subjects that belong together', async () => {
    await using world = await openImapWorld();
    const a = await inInbox(world, [
      { id: 'a@x', subject: 'one', date: day(1) },
      { id: 'b@x', refs: '<a@x>', subject: 'Re: one', date: day(2) },
      { id: 'c@x', refs: '<a@x> <b@x>', subject: 'Re: one', date: day(4) },
      { id: 'd@x', refs: '<a@x> <b@x>', subject: 'Re: one', date: day(3) },
      // Its parent never came; its sibling neither knows it.
      { id: 'e@x', refs: '<lost@x>', subject: 'Re: two', date: day(5) },
      { id: 'f@x', refs: '<lost@x>', subject: 'Re: two', date: day(6) },
      { id: 'g@x', subject: 'Re: one', date: day(7) },
      { id: 'h@x', reply: '<a@x>', subject: 'Re: one', date: day(8) },
      { subject: 'three', date: day(9) },
    ]);
    await converse(
      a,
      `
      C: a THREAD REFERENCES UTF-8 ALL
      S: * THREAD (1 (2 (4)(3))(7)(8))((5)(6))(9)
      S: a OK ...
      C: b UID THREAD REFERENCES UTF-8 2:4
      S: * THREAD (2 (4)(3))
      S: b OK ...
      C: c THREAD REFS UTF-8 ALL
      S: * THREAD ...(7)...
      S: c OK ...
      C: d THREAD ORDEREDSUBJECT UTF-8 ALL
      S: * THREAD (1 (2)(4)(3)(7)(8))(5 6)(9)
      S: d OK ...
      C: e THREAD JWZ UTF-8 ALL
      S: e BAD ...
      C: f THREAD REFERENCES UTF-8 SEEN
      S: * THREAD
      S: f OK ...
      `,
    );
  });

  test('a loop of references is no loop of threads; two messages of one id are two', async () => {
    await using world = await openImapWorld();
    const a = await inInbox(world, [
      { id: 'a@x', refs: '<b@x>', date: day(1) },
      { id: 'b@x', refs: '<a@x>', date: day(2) },
      { id: 'a@x', date: day(3) },
    ]);
    await converse(a, '\nC: a THREAD REFERENCES UTF-8 ALL\nS: * THREAD (2 1)(3)\nS: a OK ...');
  });

  test('results are kept up to date until they are cancelled', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const [inbox] = await world.mailboxes.list(alice);
    const a = await inInbox(world, [{ subject: 'b' }, { subject: 'd' }]);
    await converse(
      a,
      `
      C: a UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNSEEN
      S: * ESEARCH (TAG "a") UID ALL 1:2
      S: a OK ...
      C: b SEARCH RETURN (UPDATE COUNT) UNSEEN
      S: * ESEARCH (TAG "b") COUNT 2
      S: b OK ...
      `,
    );
    await world.mailboxes.append(alice, inbox!.id, [mail({ subject: 'c' })]);
    await converse(
      a,
      `
      C: c NOOP
      S: * 3 EXISTS
      S: * 3 RECENT
      S: * ESEARCH (TAG "a") UID ADDTO (2 3)
      S: * ESEARCH (TAG "b") ADDTO (0 3)
      S: c OK ...
      C: d STORE 1 +FLAGS.SILENT (\\Seen)
      S: * ESEARCH (TAG "a") UID REMOVEFROM (1 1)
      S: * ESEARCH (TAG "b") REMOVEFROM (0 1)
      S: d OK ...
      C: f STORE 3 +FLAGS.SILENT (\\Deleted)
      S: f OK ...
      C: g EXPUNGE
      S: * ESEARCH (TAG "a") UID REMOVEFROM (1 3)
      S: * ESEARCH (TAG "b") REMOVEFROM (0 3)
      S: * 3 EXPUNGE
      S: * 2 RECENT
      S: g OK ...
      C: h CANCELUPDATE "a" "b"
      S: h OK ...
      `,
    );
    await world.mailboxes.append(alice, inbox!.id, [mail({ subject: 'e' })]);
    await converse(a, '\nC: i NOOP\nS: * 3 EXISTS\nS: * ... RECENT\nS: i OK ...');
  });

  test('fuzzy searches find words in any order, and say how well they fit', async () => {
    await using world = await openImapWorld();
    const a = await inInbox(world, [
      { subject: 'green tea party' },
      { subject: 'party with green tea' },
      { subject: 'green' },
    ]);
    await converse(
      a,
      `
      C: a SEARCH FUZZY SUBJECT "tea green"
      S: * SEARCH 1 2
      S: a OK ...
      C: b SEARCH RETURN (ALL RELEVANCY) FUZZY (SUBJECT "tea party")
      S: * ESEARCH (TAG "b") ALL 1:2 RELEVANCY (100 50)
      S: b OK ...
      C: c SORT (REVERSE RELEVANCY) UTF-8 FUZZY SUBJECT "with green"
      S: * SORT 2
      S: c OK ...
      `,
    );
  });
});
