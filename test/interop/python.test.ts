/** Python's own mail libraries: smtplib, imaplib and poplib, whose readers of answers are stricter than most. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { composeJapanese } from './mail.ts';
import { freePort, needing, run } from './programs.ts';
import { alice, bob, hostname, password, World } from './world.ts';

/** What each script begins with: `ports`, `context` and the login are there. */
const prelude = `
import imaplib, json, poplib, smtplib, ssl, sys
from email.message import EmailMessage
ports, ca, user, other, password = json.loads(sys.argv[1])
context = ssl.create_default_context(cafile=ca)
`;

suite("Python's libraries", needing('python3'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  const outside = { http: 0, imaps: 0, submissions: 0 };
  before(async () => {
    const listeners = [
      { kind: 'http', host: '127.0.0.1', port: (outside.http = await freePort()) },
      { kind: 'imaps', host: '0.0.0.0', port: (outside.imaps = await freePort()) },
      { kind: 'submissions', host: '0.0.0.0', port: (outside.submissions = await freePort()) },
    ];
    world = peers.use(await World.start({ listeners }));
  });
  after(() => peers.disposeAsync());

  async function python(script: string): Promise<void> {
    const kinds = ['submission', 'submissions', 'imap', 'imaps', 'pop3', 'pop3s', 'lmtp'] as const;
    const ports = Object.fromEntries(kinds.map((kind) => [kind, world.port(kind)]));
    const args = JSON.stringify([ports, world.certificate, alice, bob, password]);
    const { stdout } = await run('python3', ['-c', `${prelude}${script}\nprint('done')`, args]);
    assert.match(stdout, /done\n$/);
  }

  test('smtplib: STARTTLS and TLS, SMTPUTF8, refused recipients; LMTP', async () => {
    await python(`
m = EmailMessage()
m['From'], m['To'], m['Subject'] = user, other, '日本語の件名'
m.set_content('本文\\n.\\n')
m.add_attachment(bytes(range(256)), maintype='application', subtype='octet-stream', filename='資料.bin')
with smtplib.SMTP('localhost', ports['submission']) as s:
    s.starttls(context=context)
    s.login(user, password)
    assert s.has_extn('smtputf8') and s.has_extn('dsn') and s.has_extn('chunking')
    assert s.send_message(m) == {}
    refused = s.sendmail(user, [other, 'unknown@hikyaku.example'], 'Subject: plain\\r\\n\\r\\nx\\r\\n')
    assert refused['unknown@hikyaku.example'][0] == 550, refused
with smtplib.SMTP_SSL('localhost', ports['submissions'], context=context) as s:
    try:
        s.login(user, 'wrong')
        raise Exception('logged in')
    except smtplib.SMTPAuthenticationError as error:
        assert error.smtp_code == 535
with smtplib.LMTP('localhost', ports['lmtp']) as s:
    assert s.sendmail('x@elsewhere.example', [other], 'Subject: by lmtplib\\r\\n\\r\\nx\\r\\n') == {}
`);
    await world.mail(bob, 'Subject: by lmtplib');
    await world.mail(bob, 'Subject: plain');
    const mail = await world.mail(bob, 'octet-stream');
    assert.match(mail.field('subject')!, /=\?utf-8\?b\?5pel5pys6Kqe44Gu5Lu25ZCN\?=/i);
  });

  test('imaplib: the classic commands, searches in ISO-2022-JP and Shift_JIS', async () => {
    const reader = await world.reader(alice);
    await reader.append('INBOX', composeJapanese(bob, alice));
    await reader.append('INBOX', 'From: a@elsewhere.example\r\nSubject: second\r\n\r\nBody 2.\r\n');
    await reader.logout();
    await python(`
m = imaplib.IMAP4('localhost', ports['imap'])
m.starttls(context)
m.login(user, password)
assert m.select('INBOX')[1] == [b'2']
assert m.search(None, 'ALL')[1] == [b'1 2']
for charset in ('iso-2022-jp', 'shift_jis', 'euc-jp', 'utf-8'):
    m.literal = '打診'.encode(charset)
    assert m.uid('SEARCH', 'CHARSET', charset.upper(), 'SUBJECT') == ('OK', [b'1']), charset
typ, data = m.fetch('1:2', '(RFC822.SIZE RFC822.HEADER)')
assert typ == 'OK' and len(data) == 4, data
typ, data = m.fetch('2', '(RFC822)')
assert data[0][1].endswith(b'Body 2.\\r\\n')
assert m.store('2', '+FLAGS', r'(\\Deleted)')[0] == 'OK'
assert m.expunge()[1] == [b'2']
assert m.append('Drafts', r'(\\Draft)', imaplib.Time2Internaldate(1700000000), b'Subject: d\\r\\n\\r\\nx\\r\\n')[0] == 'OK'
assert m.status('Drafts', '(MESSAGES)')[1] == [b'"Drafts" (MESSAGES 1)']
assert m.getquotaroot('INBOX')[0] == 'OK'
assert m.create('&ZeVnLIqe-')[0] == 'OK'
assert any(b'&ZeVnLIqe-' in line for line in m.list()[1])
m.close(); m.logout()
with imaplib.IMAP4_SSL('localhost', ports['imaps'], ssl_context=context) as m:
    m.authenticate('PLAIN', lambda _: f'\\0{user}\\0{password}'.encode())
    m.enable('UTF8=ACCEPT')
    m.select('"日本語"', readonly=True)
    try:
        m.select('nowhere')
    except imaplib.IMAP4.error:
        pass
`);
  });

  test('poplib: STLS and TLS, UIDL, TOP, DELE, RSET', async () => {
    const reader = await world.reader(alice);
    await reader.mailboxOpen('INBOX');
    await reader.messageDelete('1:*');
    for (const n of [1, 2]) await reader.append('INBOX', `Subject: ${n}\r\n\r\n.\r\n..\r\n${n}\r\n`);
    await reader.logout();
    await python(`
m = poplib.POP3('localhost', ports['pop3'])
m.stls(context)
m.user(user); m.pass_(password)
assert 'UIDL' in m.capa() and 'TOP' in m.capa()
assert m.stat()[0] == 2
assert m.retr(1)[1] == [b'Subject: 1', b'', b'.', b'..', b'1']
assert m.top(2, 1)[1] == [b'Subject: 2', b'', b'.']
uids = [line.split()[1] for line in m.uidl()[1]]
m.dele(1); m.rset(); m.dele(2); m.quit()
m = poplib.POP3_SSL('localhost', ports['pop3s'], context=context)
m.utf8()
m.user(user); m.pass_(password)
assert [line.split()[1] for line in m.uidl()[1]] == uids[:1]
m.quit()
`);
  });

  test('plistlib: the profile for Apple’s devices', async () => {
    await python(`
import plistlib, urllib.parse, urllib.request
http, imaps, submissions, hostname = ${outside.http}, ${outside.imaps}, ${outside.submissions}, '${hostname}'
query = urllib.parse.urlencode({ 'address': user })
answer = urllib.request.urlopen(f'http://127.0.0.1:{http}/mail/profile.mobileconfig?{query}')
assert answer.headers.get_content_type() == 'application/x-apple-aspen-config'
profile = plistlib.loads(answer.read())
assert profile['PayloadType'] == 'Configuration' and profile['PayloadVersion'] == 1
[mail] = profile['PayloadContent']
assert mail['PayloadType'] == 'com.apple.mail.managed' and mail['EmailAccountType'] == 'EmailTypeIMAP'
assert mail['EmailAddress'] == mail['IncomingMailServerUsername'] == mail['OutgoingMailServerUsername'] == user
assert (mail['IncomingMailServerHostName'], mail['IncomingMailServerPortNumber']) == (hostname, imaps)
assert (mail['OutgoingMailServerHostName'], mail['OutgoingMailServerPortNumber']) == (hostname, submissions)
assert mail['IncomingMailServerUseSSL'] is True and mail['OutgoingMailServerUseSSL'] is True
assert len({profile['PayloadUUID'], mail['PayloadUUID']}) == 2
`);
  });
});
