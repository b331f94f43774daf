/**
 * The same words to Hikyaku and to Dovecot: where the RFC leaves no choice their answers are equal.
 *
 * Where it leaves one, the answers are brought into one form first (`inOneForm`), or the command is not here.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Dovecot } from './dovecot.ts';
import { ImapClient, type Answer, type Value } from './imap-client.ts';
import { composeJapanese } from './mail.ts';
import { needingRoot } from './programs.ts';
import { alice, password, World } from './world.ts';

type Command = readonly (string | Buffer)[];

const crlf = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'));

const hello = crlf(`From: Bob <bob@there.test>
To: alice@here.test, "C, D" <cd@here.test>
Subject: Hello World
Date: Mon, 1 Jan 2024 09:00:00 +0900
Message-ID: <1@there.test>

Body one apple.
`);
const grouped = crlf(`From: Carol <carol@there.test>
Sender: dora@there.test
Reply-To: =?utf-8?B?5bGx55Sw?= <yamada@there.test>
To: group: a@b.test, c@d.test;
Cc: Bob <bob@there.test>
Bcc: undisclosed:;
In-Reply-To: <1@there.test>
Subject: =?utf-8?B?5pel5pys6Kqe?=
 test, folded
Date: Tue, 2 Jan 2024 23:30:00 -0500
Message-ID: <2@there.test>
X-Custom: value

Body two banana and a longer text.
`);
const bare = crlf('Subject: three\n\n');
/** Parts in parts, with what is said before, between and behind them. */
const nested = crlf(`From: Eve <eve@there.test>
To: alice@here.test
Subject: nested
Date: Wed, 3 Jan 2024 10:00:00 +0000
Message-ID: <4@there.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer"; x-more="a \\"quoted\\" word"
Content-Language: ja, en

Before all parts.
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8; format=flowed
Content-Transfer-Encoding: quoted-printable
Content-ID: <part1@there.test>
Content-Description: the words

h=C3=A4h=C3=A4
two
--inner
Content-Type: text/html; charset=utf-8
Content-Disposition: inline
Content-Location: http://there.test/page

<p>h</p>
--inner--

--outer
Content-Type: message/rfc822
Content-Disposition: attachment; filename="mail.eml"

From: sub@there.test
Subject: inside
Date: Thu, 4 Jan 2024 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=deep

--deep
Content-Type: text/plain; charset=us-ascii

deep text
--deep
Content-Type: application/octet-stream; name=data.bin
Content-Transfer-Encoding: base64
Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==

AAECAwQF
--deep--

--outer--
Behind all parts.
`);

suite('the same conversation with Hikyaku and with Dovecot', needingRoot('dovecot'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  let dovecot: Dovecot;
  let both: readonly ImapClient[] = [];

  before(async () => {
    dovecot = peers.use(await Dovecot.start(['alice']));
    world = peers.use(await World.start({ settings: { imap: { plainTextLogin: true } } }));
    both = [
      peers.use(await ImapClient.open(world.port('imap'), alice, password)),
      peers.use(await ImapClient.open(dovecot.imapPort, 'alice@dovecot.example', password)),
    ];
  });
  after(() => peers.disposeAsync());

  async function compare(commands: readonly (string | Command)[]): Promise<void> {
    for (const command of commands) {
      const parts = typeof command === 'string' ? [command] : command;
      const [ours, theirs] = await Promise.all(both.map((client) => client.say(...parts)));
      assert.deepEqual(inOneForm(ours!), inOneForm(theirs!), parts.join(' '));
    }
  }

  test('APPEND, and what SELECT tells', async () => {
    await compare([
      'SELECT INBOX',
      ['APPEND INBOX (\\Seen) "01-Jan-2024 10:00:00 +0900" ', hello],
      ['APPEND INBOX (\\Flagged keyword1) "02-Jan-2024 23:30:00 -0500" ', grouped],
      ['APPEND INBOX (\\Draft \\Answered) "03-Feb-2024 00:00:00 +0000" ', bare],
      ['APPEND INBOX " 4-Feb-2024 00:00:00 +0000" ', nested],
      ['APPEND INBOX "05-Feb-2024 00:00:00 +0000" ', composeJapanese('bob@there.test', alice)],
      ['APPEND Nowhere ', bare],
      'NOOP',
      'STATUS INBOX (MESSAGES UIDNEXT UNSEEN)',
      'SELECT INBOX',
    ]);
  });

  test('FETCH: flags, dates, sizes, envelopes, structures', async () => {
    await compare([
      'FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)',
      ...[1, 2, 3, 4].map((n) => `FETCH ${n} ENVELOPE`),
      ...[1, 2, 3, 4].flatMap((n) => [`FETCH ${n} BODY`, `FETCH ${n} BODYSTRUCTURE`]),
      'FETCH 1:3 FAST',
      'FETCH 2 ALL',
      'FETCH 2 FULL',
      'FETCH *:3 FLAGS',
      'UID FETCH 1:* FLAGS',
      'UID FETCH 99 FLAGS',
      'UID FETCH 99:* FLAGS',
      'UID FETCH 2 (FLAGS)',
      'FETCH 9 FLAGS',
      'FETCH 0 FLAGS',
      'FETCH 1 ()',
      'FETCH 1 XYZ',
      'FETCH 1',
    ]);
  });

  test('FETCH: sections of the text', async () => {
    const sections = [
      '1',
      '1.MIME',
      '1.1',
      '1.1.MIME',
      '1.2',
      '2',
      '2.MIME',
      '2.HEADER',
      '2.TEXT',
      '2.1',
      '2.2',
      '2.2.MIME',
    ];
    await compare([
      ...sections.map((section) => `FETCH 4 BODY.PEEK[${section}]`),
      'FETCH 4 BODY.PEEK[2.HEADER.FIELDS (SUBJECT X-NONE)]',
      'FETCH 4 BODY.PEEK[2.HEADER.FIELDS.NOT (SUBJECT)]',
      'FETCH 2 BODY.PEEK[HEADER.FIELDS (TO SUBJECT)]',
      'FETCH 2 BODY.PEEK[HEADER.FIELDS.NOT (TO SUBJECT)]',
      'FETCH 1 BODY.PEEK[TEXT]<0.4>',
      'FETCH 1 BODY.PEEK[TEXT]<3.100>',
      'FETCH 1 BODY.PEEK[TEXT]<100.4>',
      'FETCH 4 BODY.PEEK[]<1000.40>',
      'FETCH 3 BODY.PEEK[TEXT]',
      'FETCH 1 BODY[MIME]',
      'FETCH 5 BODY.PEEK[1]',
      'FETCH 2 RFC822.HEADER',
      'FETCH 2 RFC822.TEXT',
      'FETCH 4 BODY[]',
      'FETCH 2,4 FLAGS',
    ]);
  });

  test('SEARCH', async () => {
    const keys = `
      ALL | SEEN | UNSEEN | ANSWERED FLAGGED | OR ANSWERED FLAGGED | NOT SEEN | NOT NOT SEEN | OLD | RECENT | NEW
      KEYWORD keyword1 | UNKEYWORD keyword1 | (SEEN OR ANSWERED DRAFT) | UNDELETED UNDRAFT
      FROM bob | CC bob | TO cd@here | TO "C, D" | SUBJECT "hello world" | SUBJECT "" | BCC undisclosed | TO group:
      HEADER X-Custom "" | HEADER X-Custom val | HEADER Message-ID <1@there.test> | HEADER X-None ""
      BODY banana | TEXT carol | BODY carol | BODY "deep text" | LARGER 100 | SMALLER 100
      BEFORE 3-Feb-2024 | ON 2-Jan-2024 | ON 3-Jan-2024 | SINCE 2-Jan-2024 | SENTON 2-Jan-2024 | SENTSINCE 2-Jan-2024
      2:3 | 3:2 | * | 1,3 | UID 2:3 | UID 99 | UID 4:* | 9 | 2:9 | 1,9 | NOT 9
      FOO | OR SEEN | SUBJECT | CHARSET XX-BAD SUBJECT a
      RETURN (MIN MAX COUNT) ALL | RETURN (ALL) SEEN | RETURN () SEEN | RETURN (COUNT) FROM nobody | RETURN (MIN) FROM nobody`
      .trim()
      .split(/\s*[|\n]\s*/);
    await compare([
      'SEARCH',
      ...keys.map((key) => `SEARCH ${key}`),
      ['SEARCH CHARSET UTF-8 SUBJECT ', Buffer.from('日本語')],
      ['SEARCH CHARSET UTF-8 SUBJECT ', Buffer.from('打診')],
      ['SEARCH CHARSET UTF-8 BODY ', Buffer.from('こんにちは'), ' FROM yamada'],
      ['SEARCH CHARSET ISO-2022-JP BODY ', Buffer.from('\u001b$B@$3&\u001b(B')],
      'UID SEARCH SEEN',
      'UID SEARCH RETURN (ALL COUNT) 1:*',
    ]);
  });

  test('STORE', async () => {
    await compare([
      'STORE 1 +FLAGS (\\Flagged)',
      'STORE 1 -FLAGS (\\Flagged)',
      'STORE 1 FLAGS (\\Seen $Forwarded)',
      'STORE 1 FLAGS.SILENT (\\Seen)',
      'STORE 1 +FLAGS.SILENT (\\Deleted)',
      'FETCH 1 FLAGS',
      'STORE 1 -FLAGS \\Deleted',
      'STORE 1 FLAGS ()',
      'STORE 1 +FLAGS (\\Foo)',
      'STORE 99 +FLAGS (\\Seen)',
      'UID STORE 99 +FLAGS (\\Seen)',
      'UID STORE 1 +FLAGS (\\Seen)',
      'STORE 1:* +FLAGS (bulk)',
      'STORE 1:* -FLAGS (bulk)',
    ]);
  });

  test('COPY, MOVE, EXPUNGE', async () => {
    await compare([
      'COPY 1 Trash',
      'COPY 1:2 Nowhere',
      'UID COPY 99 Trash',
      'COPY 99 Trash',
      'STATUS Trash (MESSAGES UIDNEXT)',
      'MOVE 4 Archive',
      'UID MOVE 99 Archive',
      'STATUS Archive (MESSAGES)',
      'STORE 2,3 +FLAGS (\\Deleted)',
      'UID EXPUNGE 3',
      'EXPUNGE',
      'EXPUNGE',
      'FETCH 1:* (UID FLAGS)',
      'STORE 1 +FLAGS.SILENT (\\Deleted)',
      'CLOSE',
      'FETCH 1 FLAGS',
      'CHECK',
      'EXAMINE INBOX',
      'FETCH 1 (UID)',
      'UNSELECT',
      'SELECT Nowhere',
    ]);
  });

  test('mailboxes, with Japanese names', async () => {
    await compare([
      'CREATE work',
      'CREATE work',
      'CREATE work/sub',
      'CREATE slash/',
      'CREATE ""',
      'CREATE INBOX',
      'CREATE &ZeVnLIqe-',
      'CREATE &ZeVnLIqe-/&bkuKZg-',
      'CREATE &bad',
      ...['*', '%', 'work%', 'work/%', '""', 'inbox', 'InBoX', '%/%', 'nothing', '&ZeVnLIqe-/*'].map(
        (name) => `LIST "" ${name}`,
      ),
      'LIST work/ %',
      'SUBSCRIBE work',
      'LSUB "" work*',
      'UNSUBSCRIBE work',
      'UNSUBSCRIBE work',
      'LSUB "" work*',
      'RENAME work job',
      'RENAME Nowhere other',
      'RENAME job INBOX',
      'RENAME job Trash',
      'RENAME &ZeVnLIqe- &bkuKZg-',
      'LIST "" job*',
      'DELETE job/sub',
      'DELETE job',
      'DELETE INBOX',
      'DELETE Nowhere',
      'STATUS Nowhere (MESSAGES)',
      'STATUS Archive (FOO)',
      'STATUS Archive ()',
    ]);
  });

  test('what is no command', async () => {
    // NAMESPACE differs as it should: this Dovecot has no mailboxes of others.
    await compare(['FOO', 'UID', 'UID FOO 1', 'LOGIN a b', 'SELECT', 'LOGOUT']);
  });
});

/** Names of response codes that are extensions of one server, or that it may leave out. */
const optionalCodes =
  /^\[(?:HIGHESTMODSEQ|MAILBOXID|NONEXISTENT|CANNOT|CLIENTBUG|HASCHILDREN|UNSEEN|SERVERBUG|CLOSED)\]$/;

/** What may differ and mean the same is made equal. */
function inOneForm({ status, untagged }: Answer): unknown {
  const [word, code = ''] = status.split(' ');
  const answers = untagged
    .filter(([, code]) => typeof code !== 'string' || !optionalCodes.test(code))
    .map((values) =>
      JSON.stringify(
        values[1] === 'FETCH' ? [...values.slice(0, 2), fetched(values[2])] : values.map(listed),
      ),
    );
  // Responses may come in any order, as may the numbers in them only where they stand in a list of their own.
  return [word, optionalCodes.test(code) ? '' : code, answers.toSorted()];
}

function fetched(items: Value | undefined): unknown {
  assert(Array.isArray(items));
  const pairs: [string, unknown][] = [];
  for (let i = 0; i < items.length; i += 2) {
    const name = String(items[i]).toUpperCase();
    const value = items[i + 1] as Value;
    if (name === 'FLAGS') pairs.push([name, listed(value)]);
    else if (name === 'INTERNALDATE') pairs.push([name, String(value).replace(/^ /, '0')]);
    else if (name === 'BODY' || name === 'BODYSTRUCTURE') pairs.push([name, structure(value)]);
    else pairs.push([name, value]);
  }
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Flags and attributes are sets. */
function listed(value: Value): Value {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value.toSorted() : value;
}

/** Names in it have no case; the character set that RFC 2045, 5.2 supposes may be told or not; a list of one may be a string. */
function structure(value: Value): Value {
  if (typeof value === 'string') return value.toLowerCase();
  if (value === null) return null;
  const parts = value.map(structure);
  if (parts.length === 2 && parts[0] === 'charset' && parts[1] === 'us-ascii') return null;
  return parts.length === 1 && typeof parts[0] === 'string' ? parts[0] : parts;
}
