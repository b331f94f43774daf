import { test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { openImapWorld, password } from '../../test/interop/imap-world.ts';

test('a session from greeting to logout', async () => {
  await using world = await openImapWorld();
  await converse(
    world.connect(),
    `
    S: * OK [CAPABILITY IMAP4rev1 ...AUTH=...] imap.here.test Hikyaku IMAP ready
    C: a1 SELECT INBOX
    S: a1 BAD Log in first
    C: a2 LOGIN alice@here.test wrong
    S: a2 NO [AUTHENTICATIONFAILED] ...
    C: a3 LOGIN alice@here.test "${password}"
    S: a3 OK [CAPABILITY IMAP4rev1 ...IDLE...] Logged in
    C: a4 LOGIN alice@here.test "${password}"
    S: a4 BAD Already logged in
    C: a5 FETCH 1 FLAGS
    S: a5 BAD No mailbox is selected
    C: a6 NAMESPACE
    S: * NAMESPACE (("" "/")) (("Other Users/" "/")) NIL
    S: a6 OK NAMESPACE completed
    C: a7 ID ("name" "x")
    S: * ID ("name" "Hikyaku")
    S: a7 OK ID completed
    C: a8 SELECT nowhere
    S: a8 NO [NONEXISTENT] No such mailbox
    C: a9 SELECT InBoX
    S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
    S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] ...
    S: * 0 EXISTS
    S: * 0 RECENT
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 1] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [MAILBOXID (...)] ...
    S: a9 OK [READ-WRITE] Selected
    C: b1 APPEND INBOX (\\Seen $Forwarded) "17-Jul-1996 02:44:25 -0700" {26+}
    C: Subject: one
    C:
    C: body one
    C~ \\r\\n
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded)
    S: * OK [PERMANENTFLAGS ...$Forwarded \\*)] ...
    S: b1 OK [APPENDUID ... 1] Appended
    C: b2 FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)
    S: * 1 FETCH (UID 1 FLAGS (\\Seen \\Recent $Forwarded) INTERNALDATE "17-Jul-1996 09:44:25 +0000" RFC822.SIZE 26)
    S: b2 OK FETCH completed
    C: b3 FETCH 1 (BODY[]<9.3> BODY[TEXT] RFC822.HEADER BODY[HEADER.FIELDS (subject)] BODY[]<500.10> BODY[2])
    S: * 1 FETCH (BODY[]<9> {3}
    S: one BODY[TEXT] {10}
    S: body one...
    S:  RFC822.HEADER {16}
    S: Subject: one
    S:
    S:  BODY[HEADER.FIELDS (subject)] {16}
    S: Subject: one
    S:
    S:  BODY[]<500> "" BODY[2] NIL)
    S: b3 OK FETCH completed
    C: b4 FETCH 1 (ENVELOPE BODY)
    S: * 1 FETCH (ENVELOPE (NIL "one" NIL NIL NIL NIL NIL NIL NIL NIL) BODY ("TEXT" "PLAIN" ("charset" "us-ascii") NIL NIL "7BIT" 10 1))
    S: b4 OK FETCH completed
    C: b5 STORE 1 -FLAGS (\\Seen)
    S: * 1 FETCH (FLAGS (\\Recent $Forwarded))
    S: b5 OK STORE completed
    C: b6 FETCH 1 BODY.PEEK[TEXT]
    S: * 1 FETCH (BODY[TEXT] {10}
    S: body one...
    S: )
    S: b6 OK FETCH completed
    C: b7 FETCH 1 BODY[TEXT]
    S: * 1 FETCH (FLAGS (\\Seen \\Recent $Forwarded) BODY[TEXT] {10}
    S: body one...
    S: )
    S: b7 OK FETCH completed
    C: b8 SEARCH SUBJECT ONE SEEN
    S: * SEARCH 1
    S: b8 OK SEARCH completed
    C: b9 UID SEARCH RETURN (MIN MAX COUNT ALL) ALL
    S: * ESEARCH (TAG "b9") UID MIN 1 MAX 1 ALL 1 COUNT 1
    S: b9 OK UID SEARCH completed
    C: c1 COPY 1 Nirvana
    S: c1 NO [TRYCREATE] No such mailbox
    C: c2 CREATE Nirvana
    S: c2 OK [MAILBOXID (...)] Created
    C: c3 COPY 1 Nirvana
    S: c3 OK [COPYUID ... 1 1] Copied
    C: c4 UID MOVE 1 Nirvana
    S: * OK [COPYUID ... 1 2] Moved
    S: * 1 EXPUNGE
    S: * 0 RECENT
    S: c4 OK UID MOVE completed
    C: c5 STATUS Nirvana (MESSAGES UIDNEXT UNSEEN SIZE)
    S: * STATUS "Nirvana" (MESSAGES 2 UIDNEXT 3 UNSEEN 0 SIZE 52)
    S: c5 OK STATUS completed
    C: c6 CLOSE
    S: c6 OK CLOSE completed
    C: c7 SELECT Nirvana
    S* c7 OK [READ-WRITE] Selected
    C: c8 STORE 1:* +FLAGS.SILENT (\\Deleted)
    S: c8 OK STORE completed
    C: c9 UID EXPUNGE 2
    S: * 2 EXPUNGE
    S: * 1 RECENT
    S: c9 OK UID EXPUNGE completed
    C: d1 EXPUNGE
    S: * 1 EXPUNGE
    S: * 0 RECENT
    S: d1 OK EXPUNGE completed
    C: d2 LOGOUT
    S: * BYE Good-bye
    S: d2 OK LOGOUT completed
    S(closed)
    `,
  );
});
