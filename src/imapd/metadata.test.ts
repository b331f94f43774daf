/** Annotations (RFC 5464, 9590) and stored searches (RFC 5466). */
import { suite, test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld } from '../../test/interop/imap-world.ts';
import { simple } from '../mailbox/testing.ts';

suite('METADATA', { concurrency: true }, () => {
  test('values are kept, changed and taken away, by mailbox and for the account', async () => {
    await using world = await openImapWorld();
    const { a } = await world.sessions('alice', 'a');
    await converse(
      a!,
      `
      C: a SETMETADATA INBOX (/private/comment "mine" /shared/Comment {4+}
      C: ours)
      S: a OK ...
      C: b GETMETADATA INBOX /private/comment
      S: * METADATA INBOX (/private/comment "mine")
      S: b OK ...
      C: c GETMETADATA INBOX (/shared/comment /private/none)
      S: * METADATA INBOX (/shared/comment "ours" /private/none NIL)
      S: c OK ...
      C: d SETMETADATA "" (/private/vendor/x/a "12345" /private/vendor/x/b/c "1")
      S: d OK ...
      C: e GETMETADATA (DEPTH 1) "" /private/vendor/x
      S: * METADATA "" (/private/vendor/x/a "12345")
      S: e OK ...
      C: f GETMETADATA (DEPTH infinity MAXSIZE 3) "" /private
      S: * METADATA "" (/private/vendor/x/b/c "1")
      S: f OK [METADATA LONGENTRIES 5] ...
      C: g SETMETADATA INBOX (/private/comment NIL)
      S: g OK ...
      C: h GETMETADATA INBOX /private/comment
      S: * METADATA INBOX (/private/comment NIL)
      S: h OK ...
      C: i SETMETADATA INBOX (/other/comment "x")
      S: i BAD ...
      C: j SETMETADATA INBOX (/private/a*b "x")
      S: j BAD ...
      C: k SETMETADATA "" (/shared/comment "x")
      S: k NO [NOPERM] ...
      C: l SETMETADATA nowhere (/shared/comment "x")
      S: l NO [NONEXISTENT] ...
      C: m LIST "" INBOX RETURN (METADATA (/shared/comment /private/none))
      S: * LIST (\\HasNoChildren) "/" INBOX
      S: * METADATA INBOX (/shared/comment "ours" /private/none NIL)
      S: m OK ...
      C~ n SETMETADATA INBOX (/shared/comment ~{3+}\\r\\na\\u0000b)\\r\\n
      S: n OK ...
      C: o GETMETADATA INBOX /shared/comment
      S: * METADATA INBOX (/shared/comment ~{3}
      S: a\u0000b)
      S: o OK ...
      C: p SETMETADATA INBOX (/private/comment {70000+}
      C~ ${'x'.repeat(70_000)})\\r\\n
      S: p NO [METADATA MAXSIZE 65536] ...
      `,
    );
  });

  test('private values of a shared mailbox are each user’s own', async () => {
    await using world = await openImapWorld();
    const { a } = await world.sessions('alice', 'a');
    const { b } = await world.sessions('bob', 'b');
    const inbox = '"Other Users/alice@here.test/INBOX"';
    await converse(
      { a: a!, b: b! },
      `
      a C: a SETACL INBOX bob@here.test lr
      a S: a OK ...
      a C: b SETMETADATA INBOX (/private/comment "a" /shared/comment "all")
      a S: b OK ...
      b C: c SETMETADATA ${inbox} (/private/comment "b")
      b S: c OK ...
      b C: d GETMETADATA ${inbox} (/private/comment /shared/comment)
      b S: * METADATA ${inbox} (/private/comment "b" /shared/comment "all")
      b S: d OK ...
      b C: e SETMETADATA ${inbox} (/shared/comment "x")
      b S: e NO [NOPERM] ...
      a C: f GETMETADATA INBOX /private/comment
      a S: * METADATA INBOX (/private/comment "a")
      a S: f OK ...
      `,
    );
  });

  test('a stored search is used by name', async () => {
    await using world = await openImapWorld();
    const alice = world.accounts.get('alice')!;
    const [inbox] = await world.mailboxes.list(alice);
    await world.mailboxes.append(alice, inbox!.id, [simple('one'), simple('two'), simple('three')]);
    const { a } = await world.sessions('alice', 'a');
    await converse(
      a!,
      `
      C: a SETMETADATA "" (/private/filters/values/t "SUBJECT \\"t\\"" /private/filters/values/w "FILTER t SUBJECT w" /private/filters/values/loop "FILTER loop")
      S: a OK ...
      C: b SELECT INBOX
      S* b OK ...
      C: c SEARCH FILTER t
      S: * SEARCH 2 3
      S: c OK ...
      C: d SEARCH NOT FILTER w
      S: * SEARCH 1 3
      S: d OK ...
      C: e SEARCH FILTER none
      S: e NO [UNDEFINED-FILTER none] ...
      C: f SEARCH FILTER loop
      S: f NO [UNDEFINED-FILTER loop] ...
      `,
    );
  });
});
