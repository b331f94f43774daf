/** RFC 5321 and its extensions, command by command: what is taken, what is refused, and with which reply. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { testServer, type TestServerOptions } from './testing.ts';
import type { ListenerKind } from './options.ts';

const patient = { errorsMax: 1000, idleCommandsMax: 1000, unauthorisedPipelining: 'allow' } as const;

/** Each row is a command and the beginning of its reply, in one session. */
async function walk(
  kind: ListenerKind,
  rows: readonly (readonly [command: string, reply: string])[],
  how: TestServerOptions = {},
): Promise<void> {
  const script = rows.map(
    ([command, reply]) => `C: ${command}\nS${reply.startsWith('*') ? reply : `: ${reply}...`}`,
  );
  const options = { ...patient, ...how.options };
  await converse(testServer(kind, { ...how, options }).connect(), ['S: 220 ...', ...script].join('\n'));
}

/** After EHLO; the rest of its reply is passed over. */
const greeted = ['EHLO there.test', '* 250 HELP'] as const;

test('hello: a name, an address or something else without blanks; nothing is not enough', async () => {
  await walk('mx', [
    ['EHLO', '501 5.5.4'],
    ['HELO', '501 5.5.4'],
    ['EHLO a b', '501 5.5.4'],
    ['EHLO <a>', '501 5.5.4'],
    ['MAIL FROM:<>', '503 5.5.1'],
    ['RCPT TO:<alice@here.test>', '503 5.5.1'],
    ['DATA', '503 5.5.1'],
    ['HELO there.test', '250 mx.here.test'],
    ['eHlO [192.0.2.1]', '* 250 HELP'],
    ['EHLO [IPv6:2001:db8::1]', '* 250 HELP'],
    ['EHLO my_laptop', '* 250 HELP'],
    ['EHLO there.test  ', '* 250 HELP'],
    ['LHLO there.test', '500 5.5.1'],
  ]);
});

test('a hello in the middle of a mail forgets it (RFC 5321, 4.1.4)', async () => {
  await walk('mx', [
    greeted,
    ['MAIL FROM:<bob@there.test>', '250 2.1.0'],
    ['RCPT TO:<alice@here.test>', '250 2.1.5'],
    greeted,
    ['DATA', '503 5.5.1'],
    ['MAIL FROM:<bob@there.test>', '250 2.1.0'],
    ['HELO there.test', '250 mx.here.test'],
    ['RCPT TO:<alice@here.test>', '503 5.5.1'],
  ]);
});

test('senders: angle brackets, blanks after the colon, routes that are dropped, quotes, literals', async () => {
  const senders: readonly (readonly [string, string])[] = [
    ['<>', '250 2.1.0'],
    ['<bob@there.test>', '250 2.1.0'],
    [' <bob@there.test>', '250 2.1.0'],
    ['<@a.test,@b.test:bob@there.test>', '250 2.1.0'],
    ['<"b o b"@there.test>', '250 2.1.0'],
    ['<"b\\"b"@there.test>', '250 2.1.0'],
    ['<bob@[192.0.2.1]>', '250 2.1.0'],
    ['<bob@[IPv6:2001:db8::1]>', '250 2.1.0'],
    [`<${'x'.repeat(200)}@there.test>`, '250 2.1.0'],
    ['', '501 5.1.7'],
    ['bob@there.test', '501 5.1.7'],
    ['<bob>', '501 5.1.7'],
    ['<bob@>', '501 5.1.7'],
    ['<@there.test>', '501 5.1.7'],
    ['<bob@there.test', '501 5.1.7'],
    ['<bob@there..test>', '501 5.1.7'],
    ['<bob@-there.test>', '501 5.1.7'],
    ['<bob@[300.1.1.1]>', '501 5.1.7'],
    ['<bob@[IPv6:zz]>', '501 5.1.7'],
    ['<b ob@there.test>', '501 5.1.7'],
    ['<"bob@there.test>', '501 5.1.7'],
    [`<${'x'.repeat(300)}@there.test>`, '501 5.1.7'],
    ['<bob@there.test>BODY=7BIT', '501 5.5.4'],
    ['<bob@there.test> FOO', '555 5.5.4'],
  ];
  await walk('mx', [
    greeted,
    ['MAIL', '501 5.5.4'],
    ['MAIL bob@there.test', '501 5.5.4'],
    ...senders.flatMap(([sender, reply]): (readonly [string, string])[] => [
      [`MAIL FROM:${sender}`, reply],
      ['RSET', '250 2.0.0'],
    ]),
  ]);
});

test('recipients: who is here, who is not, and who tries to pass through', async () => {
  await walk(
    'mx',
    [
      greeted,
      ['MAIL FROM:<bob@there.test>', '250 2.1.0'],
      ['RCPT', '501 5.5.4'],
      ['RCPT TO:', '501 5.1.3'],
      ['RCPT TO:<>', '501 5.1.3'],
      ['RCPT TO:<alice>', '501 5.1.3'],
      ['RCPT TO:alice@here.test', '501 5.1.3'],
      ['RCPT TO:<alice@here.test>', '250 2.1.5'],
      ['RCPT TO: <alice@HERE.test>', '250 2.1.5'],
      ['RCPT TO:<@else.test:alice@here.test>', '250 2.1.5'],
      ['RCPT TO:<"alice"@here.test>', '250 2.1.5'],
      ['RCPT TO:<a..b@here.test>', '250 2.1.5'],
      ['RCPT TO:<postMaster>', '250 2.1.5'],
      ['RCPT TO:<Postmaster@mx.here.test>', '250 2.1.5'],
      ['RCPT TO:<postmaster@[192.0.2.1]>', '250 2.1.5'],
      ['RCPT TO:<postmaster@[192.0.2.2]>', '550 5.7.1'],
      ['RCPT TO:<alice@[192.0.2.1]>', '550 5.7.1'],
      ['RCPT TO:<nobody@here.test>', '550 5.1.1'],
      ['RCPT TO:<carol@here.test>', '550 5.2.1'],
      ['RCPT TO:<loop@here.test>', '554 5.4.6'],
      ['RCPT TO:<x@else.test>', '550 5.7.1'],
      ['RCPT TO:<@here.test:x@else.test>', '550 5.7.1'],
      ['RCPT TO:<x%else.test@here.test>', '550 5.1.1'],
      ['RCPT TO:<else.test!x@here.test>', '550 5.1.1'],
      ['RCPT TO:<"x@else.test"@here.test>', '550 5.1.1'],
      ['RCPT TO:<alice@here.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@here.test', '250 2.1.5'],
      ['RCPT TO:<alice@here.test> NOTIFY=NEVER,DELAY', '501 5.5.4'],
      ['RCPT TO:<alice@here.test> NOTIFY=SUCCESS NOTIFY=DELAY', '501 5.5.4'],
      ['RCPT TO:<alice@here.test> NOTIFY', '501 5.5.4'],
      ['RCPT TO:<alice@here.test> ORCPT=alice', '501 5.5.4'],
      ['RCPT TO:<alice@here.test> ORCPT=rfc822;+4', '501 5.5.4'],
      ['RCPT TO:<alice@here.test> SIZE=1', '555 5.5.4'],
    ],
    { peerIp: '192.0.2.9' },
  );
});

test('parameters of MAIL: each once, each with a value of its own kind', async () => {
  const params: readonly (readonly [string, string])[] = [
    ['SIZE=100', '250'],
    ['size=0', '250'],
    ['SIZE=1001', '552 5.3.4'],
    ['SIZE=99999999999999999999', '552 5.3.4'],
    ['SIZE', '501 5.5.4'],
    ['SIZE=', '501 5.5.4'],
    ['SIZE=-1', '501 5.5.4'],
    ['SIZE=1 SIZE=1', '501 5.5.4'],
    ['BODY=7BIT', '250'],
    ['BODY=8bitMIME', '250'],
    ['BODY=9BIT', '501 5.5.4'],
    ['SMTPUTF8', '250'],
    ['SMTPUTF8=1', '501 5.5.4'],
    ['RET=HDRS ENVID=QQ314159', '250'],
    ['RET=FULL RET=HDRS', '501 5.5.4'],
    ['RET=ALL', '501 5.5.4'],
    ['ENVID=', '250'],
    [`ENVID=${'x'.repeat(101)}`, '501 5.5.4'],
    ['ENVID=+0D+0A', '501 5.5.4'],
    ['AUTH=<>', '250'],
    ['AUTH=bob@there.test', '250'],
    ['AUTH=b+40', '501 5.5.4'],
    ['REQUIRETLS', '530 5.7.10'],
    ['BY=100;R', '555 5.5.4'],
    ['HOLDFOR=1', '555 5.5.4'],
    ['MT-PRIORITY=1', '555 5.5.4'],
  ];
  await walk(
    'mx',
    [
      greeted,
      ...params.flatMap(([param, reply]): (readonly [string, string])[] => [
        [`MAIL FROM:<> ${param}`, reply],
        ['RSET', '250 2.0.0'],
      ]),
    ],
    { intake: { messageMaxBytes: 1000 } },
  );
});

test('commands that take no argument, commands that do nothing, and commands there are not', async () => {
  await walk('mx', [
    greeted,
    ['NOOP', '250 2.0.0'],
    ['NOOP whatever', '250 2.0.0'],
    ['RSET x', '501 5.5.4'],
    ['DATA x', '501 5.5.4'],
    ['VRFY', '501 5.5.4'],
    ['VRFY alice', '252 2.1.5'],
    ['VRFY nobody', '252 2.1.5'],
    ['EXPN sales', '502 5.7.0'],
    ['SEND FROM:<>', '502 5.5.1'],
    ['TURN', '502 5.5.1'],
    ['ETRN here.test', '502 5.5.1'],
    ['XCLIENT ADDR=1', '502 5.5.1'],
    ['STARTTLS', '502 5.5.1'],
    ['AUTH PLAIN', '502 5.5.1'],
    ['FOO', '500 5.5.1'],
    ['', '500 5.5.1'],
    ['QUIT x', '501 5.5.4'],
    ['QUIT', '221 2.0.0'],
  ]);
});

test('DATA when nobody was accepted: 554 in SMTP, 503 in LMTP (RFC 2033, 4.2)', async () => {
  const asked = [
    ['MAIL FROM:<>', '250 2.1.0'],
    ['DATA', '503 5.5.1'],
    ['RCPT TO:<nobody@here.test>', '550 5.1.1'],
  ] as const;
  await walk('mx', [greeted, ...asked, ['DATA', '554 5.5.1'], ['BDAT 0 LAST', '503 5.5.1']]);
  await walk('lmtp', [
    ['LHLO x', '* 250 LIMITS...'],
    ...asked,
    ['DATA', '503 5.5.1'],
    ['EHLO x', '500 5.5.1'],
  ]);
});

test('AUTH: given up, malformed and empty exchanges are told apart, and are no guesses (RFC 4954)', async () => {
  const right = Buffer.from('\0alice@here.test\0secret').toString('base64');
  await walk(
    'submission',
    [
      ['AUTH PLAIN', '503 5.5.1'],
      greeted,
      ['MAIL FROM:<alice@here.test>', '530 5.7.0'],
      ['AUTH', '501 5.5.4'],
      ['AUTH FOO', '504 5.5.4'],
      ['AUTH PLAIN *', '501 5.5.2'],
      ['AUTH PLAIN =', '501 5.5.2'],
      ['AUTH PLAIN ####', '501 5.5.2'],
      ['AUTH PLAIN', '334 '],
      ['*', '501 5.7.0 Login cancelled'],
      ['AUTH LOGIN', '334 VXNlcm5hbWU6'],
      ['not base64', '501 5.5.2'],
      ['AUTH LOGIN', '334 VXNlcm5hbWU6'],
      [Buffer.from('alice@here.test').toString('base64'), '334 UGFzc3dvcmQ6'],
      ['*', '501 5.7.0'],
      ['AUTH PLAIN', '334 '],
      [right.replace(/=+$/, ''), right.endsWith('=') ? '501 5.5.2' : '235 2.7.0'],
      [`AUTH PLAIN ${right}`, right.endsWith('=') ? '235 2.7.0' : '503 5.5.1'],
      [`AUTH PLAIN ${right}`, '503 5.5.1'],
      greeted,
      ['MAIL FROM:<alice@here.test>', '250 2.1.0'],
      [`AUTH PLAIN ${right}`, '503 5.5.1'],
      ['RCPT TO:<x@else.test>', '250 2.1.5'],
    ],
    { options: { authRequiresTls: false } },
  );
});

test('submitters may hold mail, set a time for it and a priority, within limits', async () => {
  const params: readonly (readonly [string, string])[] = [
    ['HOLDFOR=60', '250'],
    ['HOLDFOR=0', '501 5.5.4'],
    ['HOLDFOR=5184001', '501 5.5.4'],
    ['HOLDUNTIL=2000-01-01T00:00:00Z', '250'],
    ['HOLDUNTIL=2999-01-01T00:00:00Z', '501 5.5.4'],
    ['HOLDUNTIL=tomorrow', '501 5.5.4'],
    ['HOLDFOR=60 HOLDUNTIL=2000-01-01T00:00:00Z', '501 5.5.4'],
    ['BY=120;R', '250'],
    ['BY=120;nt', '250'],
    ['BY=-60;N', '250'],
    ['BY=0;R', '501 5.5.4'],
    ['BY=120', '501 5.5.4'],
    ['BY=1234567890;N', '501 5.5.4'],
    ['BY=60;R HOLDFOR=60', '501 5.5.4'],
    ['BY=60;N HOLDFOR=120', '250'],
    ['MT-PRIORITY=-9', '250'],
    ['MT-PRIORITY=10', '501 5.5.4'],
  ];
  await walk(
    'relay',
    [
      greeted,
      ...params.flatMap(([param, reply]): (readonly [string, string])[] => [
        [`MAIL FROM:<> ${param}`, reply],
        ['RSET', '250 2.0.0'],
      ]),
    ],
    { options: { trustedNetworks: ['192.0.2.0/24'] } },
  );
});

test('what cannot be stored is refused before its body is sent', async () => {
  await walk('mx', [greeted, ['MAIL FROM:<>', '452 4.3.1']], {
    parts: { storageProblem: () => 'storageFull' },
  });
  await walk('mx', [greeted, ['MAIL FROM:<>', '451 4.3.0']], {
    parts: { storageProblem: () => 'storageBusy' },
  });
  const asked: unknown[] = [];
  await walk(
    'mx',
    [
      greeted,
      ['MAIL FROM:<> SIZE=500', '250'],
      ['RCPT TO:<alice@here.test>', '452 4.2.2'],
      ['RCPT TO:<bob@here.test>', '250 2.1.5'],
    ],
    {
      parts: {
        isFull: (account, sizeBytes) => {
          asked.push([account, sizeBytes]);
          return account === 'alice';
        },
      },
    },
  );
  assert.deepEqual(asked, [
    ['alice', 500],
    ['bob', 500],
  ]);
});
