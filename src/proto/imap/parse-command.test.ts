import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Command, Fetch, SearchKey } from './command.ts';
import { CommandReader } from './command-reader.ts';
import { commandHead, parseCommand, tagOf } from './parse-command.ts';
import { CommandError, type CommandText } from './scanner.ts';

const limits = {
  lineMaxBytes: 65_536,
  literalMaxBytes: 65_536,
  commandMaxBytes: 65_536,
  drainMaxBytes: 0,
  waitlessMaxBytes: 65_536,
};

/** The text of a command as it goes over the wire, UTF-8, with non-synchronizing literals. */
function textOf(wire: string): CommandText {
  const reader = new CommandReader(limits);
  for (const input of reader.push(Buffer.from(`${wire}\r\n`))) if (input.is === 'command') return input.text;
  return assert.fail(`no whole command: ${wire}`);
}

const parse = (wire: string, utf8 = false): Command => parseCommand(textOf(`t ${wire}`), utf8).command;

function refused(wire: string, status: 'BAD' | 'NO' = 'BAD'): void {
  assert.throws(
    () => parse(wire),
    (error) => error instanceof CommandError && error.status === status && !/[\r\n]/.test(error.message),
    wire,
  );
}

const ranges = (...pairs: [number, number][]) => ({
  is: 'ranges',
  ranges: pairs.map(([from, to]) => ({ from, to })),
});

test('commands without arguments are known in any case, and nothing may follow', () => {
  assert.deepEqual(parse('noop'), { is: 'NOOP' });
  assert.deepEqual(parse('CAPABILITY '), { is: 'CAPABILITY' });
  refused('NOOP now');
  refused('FOO');
  refused('');
});

test('arguments of LOGIN are atoms, quoted strings or literals', () => {
  const expected = { is: 'LOGIN', user: 'a', password: 'p "w\\' };
  assert.deepEqual(parse('LOGIN a "p \\"w\\\\"'), expected);
  assert.deepEqual(parse('LOGIN {1+}\r\na {5+}\r\np "w\\'), expected);
  assert.deepEqual(parse('LOGIN a]b ""'), { is: 'LOGIN', user: 'a]b', password: '' });
  for (const bad of [
    'LOGIN a',
    'LOGIN a "b',
    'LOGIN a "\\n"',
    'LOGIN  a b',
    'LOGIN a b c',
    'LOGIN a {1+}\r\n\0',
    'LOGIN a(b c',
  ]) {
    refused(bad);
  }
});

test('mailbox names come in modified UTF-7, NFC, with INBOX in upper case', () => {
  assert.deepEqual(parse('DELETE "&Tgtm+DBN-"'), { is: 'DELETE', mailbox: '下書き' });
  assert.deepEqual(parse('DELETE inBox'), { is: 'DELETE', mailbox: 'INBOX' });
  assert.deepEqual(parse('DELETE "inbox/a"'), { is: 'DELETE', mailbox: 'INBOX/a' });
  assert.deepEqual(parse('DELETE inboxes'), { is: 'DELETE', mailbox: 'inboxes' });
  assert.deepEqual(parse('DELETE "e&AwE-"'), { is: 'DELETE', mailbox: 'é', given: 'e\u0301' });
  assert.deepEqual(parse('DELETE "下書き&"', true), { is: 'DELETE', mailbox: '下書き&' });
  refused('DELETE "&Jjo"', 'NO');
  refused('DELETE "下書き"', 'NO');
});

test('SELECT takes CONDSTORE and QRESYNC', () => {
  assert.deepEqual(parse('SELECT a (CONDSTORE)'), {
    is: 'SELECT',
    mailbox: 'a',
    condstore: true,
    qresync: undefined,
  });
  assert.deepEqual(parse('EXAMINE a (QRESYNC (67890007 20050715194045000 41,43:211 (1,3 41,44)))'), {
    is: 'EXAMINE',
    mailbox: 'a',
    condstore: false,
    qresync: {
      uidValidity: 67890007,
      modSeq: Number.MAX_SAFE_INTEGER < 20050715194045000 ? Number.MAX_SAFE_INTEGER : 20050715194045000,
      knownUids: ranges([41, 41], [43, 211]),
      matched: { numbers: ranges([1, 1], [3, 3]), uids: ranges([41, 41], [44, 44]) },
    },
  });
  refused('SELECT a (FOO)');
});

test('FETCH items, macros and modifiers', () => {
  const items = (wire: string): string[] =>
    (parse(wire) as Fetch).items.map((item) => ('label' in item ? item.label : item.is));
  assert.deepEqual(items('FETCH 1 FULL'), ['flags', 'internalDate', 'size', 'envelope', 'body']);
  assert.deepEqual(items('FETCH 1 (UID RFC822.SIZE BODY.PEEK[] BODY[1.2.MIME]<0.5> RFC822)'), [
    'uid',
    'size',
    'BODY[]',
    'BODY[1.2.MIME]',
    'RFC822',
  ]);
  assert.deepEqual(items('FETCH 1 BODY[HEADER.FIELDS (From "X Y")]'), ['BODY[HEADER.FIELDS (From "X Y")]']);
  assert.deepEqual(items('FETCH 1 (BODY[1.HEADER.FIELDS.NOT (a)] BINARY.SIZE[1])'), [
    'BODY[1.HEADER.FIELDS.NOT (a)]',
    'BINARY.SIZE[1]',
  ]);
  assert.deepEqual(items('FETCH 1 (PREVIEW (LAZY) MODSEQ EMAILID)'), ['preview', 'modSeq', 'emailId']);
  const whole = parse(
    'UID FETCH 10:* (FLAGS BODY.PEEK[TEXT]<7.9223372036854775807>) (CHANGEDSINCE 0 VANISHED)',
  );
  assert.deepEqual(whole, {
    is: 'FETCH',
    uid: true,
    set: ranges([10, 2 ** 32]),
    items: [
      { is: 'flags' },
      {
        is: 'section',
        label: 'BODY[TEXT]',
        path: [],
        of: 'text',
        fields: [],
        partial: { offset: 7, length: Number.MAX_SAFE_INTEGER },
        peek: true,
        binary: false,
      },
    ],
    changedSince: 0,
    vanished: true,
    partial: undefined,
  });
  for (const bad of [
    'FETCH 1',
    'FETCH 1 ()',
    'FETCH 0 FLAGS',
    'FETCH 1 FOO',
    'FETCH 1 BODY[MIME]',
    'FETCH 1 BODY[0]',
    'FETCH 1 BODY[HEADER.FIELDS ()]',
    'FETCH 1 BODY[]<0.0>',
    'FETCH 1 (FLAGS',
    'FETCH 1 FLAGS (VANISHED)',
    'FETCH a FLAGS',
  ]) {
    refused(bad);
  }
});

test('STORE has a mode, flags in a list or bare, and UNCHANGEDSINCE', () => {
  const base = { is: 'STORE', uid: false, set: ranges([1, 1]), silent: false, unchangedSince: undefined };
  assert.deepEqual(parse('STORE 1 FLAGS ()'), { ...base, mode: 'replace', flags: [] });
  assert.deepEqual(parse('STORE 1 +FLAGS \\Seen a'), { ...base, mode: 'add', flags: ['\\Seen', 'a'] });
  assert.deepEqual(parse('UID STORE 1 (UNCHANGEDSINCE 320162338) -flags.silent (\\Deleted)'), {
    ...base,
    uid: true,
    mode: 'remove',
    silent: true,
    flags: ['\\Deleted'],
    unchangedSince: 320162338,
  });
  for (const bad of ['STORE 1 FOO (a)', 'STORE 1 +FLAGS', 'STORE 1 FLAGS ((a))', 'STORE 1 FLAGS (\\*)'])
    refused(bad);
});

function given(wire: string): ReadonlySet<string> | undefined {
  const command = parse(wire);
  assert(command.is === 'SEARCH');
  return command.returning?.give;
}

function key(wire: string): SearchKey {
  const command = parse(`SEARCH ${wire}`);
  assert(command.is === 'SEARCH');
  return command.key;
}

test('SEARCH keys nest, and stand for "and" when several', () => {
  assert.deepEqual(key('OR SEEN NOT (FLAGGED 1:3) UNDELETED'), {
    is: 'and',
    keys: [
      {
        is: 'or',
        left: { is: 'flag', flag: '\\Seen', set: true },
        right: {
          is: 'not',
          key: {
            is: 'and',
            keys: [
              { is: 'flag', flag: '\\Flagged', set: true },
              { is: 'numbers', set: ranges([1, 3]) },
            ],
          },
        },
      },
      { is: 'flag', flag: '\\Deleted', set: false },
    ],
  });
  assert.deepEqual(key('SENTSINCE 1-Jan-1970'), { is: 'since', what: 'sent', day: 0 });
  assert.deepEqual(key('MODSEQ "/flags/\\\\draft" all 620162338'), { is: 'modSeq', modSeq: 620162338 });
  assert.deepEqual(key('HEADER Message-ID ""'), { is: 'header', name: 'message-id', text: '' });
  assert.deepEqual(key('UNKEYWORD foo'), { is: 'flag', flag: 'foo', set: false });
  assert.deepEqual(key('UID $'), { is: 'uids', set: { is: 'saved' } });
  for (const bad of [
    '',
    'FOO',
    'OR SEEN',
    'BEFORE 32-Jan-2020',
    '(',
    '()',
    'LARGER x',
    'NOT',
    'YOUNGER 0',
    `${'('.repeat(60)}ALL${')'.repeat(60)}`,
  ]) {
    refused(`SEARCH ${bad}`);
  }
});

function subject(charset: string, hex: string): SearchKey {
  const wire = Buffer.concat([
    Buffer.from(`t SEARCH CHARSET ${charset} SUBJECT {${hex.length / 2}+}\r\n`),
    Buffer.from(hex, 'hex'),
    Buffer.from('\r\n'),
  ]);
  const [input] = [...new CommandReader(limits).push(wire)].filter((each) => each.is === 'command');
  const { command } = parseCommand(input!.text, false);
  return (command as Extract<Command, { is: 'SEARCH' }>).key;
}

test('SEARCH text is decoded from its charset; raw UTF-8 needs none', () => {
  const expected = { is: 'subject', text: '日本' };
  assert.deepEqual(key('SUBJECT "日本"'), expected);
  assert.deepEqual(key('CHARSET utf-8 SUBJECT {6+}\r\n日本'), expected);
  assert.deepEqual(subject('ISO-2022-JP', '1b2442467c4b5c1b2842'), expected);
  assert.deepEqual(subject('Shift_JIS', '93fa967b'), expected);
  assert.deepEqual(subject('EUC-JP', 'c6fccbdc'), expected);
  assert.throws(
    () => parse('SEARCH CHARSET KLINGON ALL'),
    (error) => error instanceof CommandError && error.code!.startsWith('BADCHARSET ('),
  );
});

test('SEARCH RETURN () asks for ALL', () => {
  assert.deepEqual(given('SEARCH RETURN () ALL'), new Set(['ALL']));
  assert.deepEqual(given('UID SEARCH RETURN (SAVE MIN) CHARSET UTF-8 ALL'), new Set(['SAVE', 'MIN']));
});

test('LIST in its plain and extended forms', () => {
  const plain = {
    is: 'LIST',
    reference: '',
    extended: false,
    select: new Set(),
    give: new Set(),
    status: undefined,
    metadata: undefined,
  };
  assert.deepEqual(parse('LIST "" %/*'), { ...plain, patterns: ['%/*'] });
  assert.deepEqual(parse('LIST "" ""'), { ...plain, patterns: [''] });
  assert.deepEqual(
    parse('LIST (SUBSCRIBED RECURSIVEMATCH) "a/" ("x" inbox) RETURN (CHILDREN STATUS (MESSAGES UIDNEXT))'),
    {
      is: 'LIST',
      reference: 'a/',
      patterns: ['x', 'INBOX'],
      extended: true,
      select: new Set(['SUBSCRIBED', 'RECURSIVEMATCH']),
      give: new Set(['CHILDREN']),
      status: ['MESSAGES', 'UIDNEXT'],
      metadata: undefined,
    },
  );
  for (const bad of [
    'LIST ""',
    'LIST (FOO) "" *',
    'LIST "" * RETURN (FOO)',
    'LIST (RECURSIVEMATCH) "" *',
    'LIST "" ()',
  ])
    refused(bad);
});

test('the rest of the commands', () => {
  assert.deepEqual(parse('STATUS "a b" (MESSAGES messages RECENT)'), {
    is: 'STATUS',
    mailbox: 'a b',
    items: ['MESSAGES', 'RECENT'],
  });
  assert.deepEqual(parse('CREATE a (USE (\\Sent))'), {
    is: 'CREATE',
    mailbox: 'a',
    given: 'a',
    uses: ['\\Sent'],
  });
  assert.deepEqual(parse('RENAME a b'), { is: 'RENAME', from: 'a', to: 'b' });
  assert.deepEqual(parse('UID MOVE 1,* x'), {
    is: 'MOVE',
    uid: true,
    set: ranges([1, 1], [2 ** 32, 2 ** 32]),
    mailbox: 'x',
  });
  assert.deepEqual(parse('UID EXPUNGE $'), { is: 'EXPUNGE', uids: { is: 'saved' } });
  assert.deepEqual(parse('ENABLE CONDSTORE utf8=accept'), {
    is: 'ENABLE',
    names: ['CONDSTORE', 'UTF8=ACCEPT'],
  });
  assert.deepEqual(parse('AUTHENTICATE plain AGEAYg=='), {
    is: 'AUTHENTICATE',
    mechanism: 'PLAIN',
    initial: 'AGEAYg==',
  });
  assert.deepEqual(parse('ID ("name" "x" "version" NIL)'), {
    is: 'ID',
    params: new Map([
      ['name', 'x'],
      ['version', null],
    ]),
  });
  assert.deepEqual(parse('SETQUOTA "" (STORAGE 512)'), {
    is: 'SETQUOTA',
    root: '',
    limits: new Map([['STORAGE', 512]]),
  });
  for (const bad of ['UID NOOP', 'STATUS a ()', 'STATUS a (FOO)', 'ID ("a")', 'COPY 1', 'CREATE'])
    refused(bad);
});

test('the tag is found for the answer also where the rest is wrong', () => {
  assert.equal(tagOf(textOf('a1 FOO (')), 'a1');
  assert.equal(tagOf(textOf('+ FOO')), undefined);
  assert.deepEqual(commandHead(textOf('a1 uid fetch x')), { tag: 'a1', verb: 'UID FETCH' });
});

test('noise throws nothing but CommandError', () => {
  const words = [
    'FETCH',
    'UID',
    'SEARCH',
    'STORE',
    'LIST',
    'STATUS',
    'SELECT',
    'BODY[',
    ']',
    'HEADER.FIELDS',
    '(',
    ')',
    '"',
    '\\',
    '*',
    '1:',
    '2',
    ',',
    '<',
    '.',
    '>',
    'RETURN',
    'CHARSET',
    'UTF-8',
    'OR',
    'NOT',
    'ID',
    'NIL',
    '{1+}\r\nx',
    'é',
    '&',
    '-',
    '+FLAGS',
    '$',
    'MODSEQ',
    '%',
    'QRESYNC',
    'ENABLE',
  ];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...words), fc.constantFrom('', ' ', ' ')), { maxLength: 25 }),
      (pieces) => {
        try {
          parse(pieces.map(([word, space]) => word + space).join(''));
        } catch (error) {
          assert(error instanceof CommandError, String(error));
        }
      },
    ),
    { numRuns: 5_000 },
  );
});
