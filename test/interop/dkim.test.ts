/** Signatures of ours as dkimpy (python3-dkim) sees them: another reading of RFC 6376 and RFC 8463 than the one that made them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, suite, test } from 'node:test';
import { needing, run } from './programs.ts';
import { alice, bob, World } from './world.ts';

const python = '/usr/bin/python3';
/** Prints how each signature of the message on standard input holds, by records that come as the argument. */
const verifier = `
import dkim, json, sys
records = json.loads(sys.argv[1])
message = sys.stdin.buffer.read()
count = sum(1 for line in message.split(b'\\r\\n\\r\\n')[0].split(b'\\r\\n') if line.lower().startswith(b'dkim-signature:'))
def dns(name, timeout=5):
    name = (name.decode() if isinstance(name, bytes) else name).rstrip('.')
    return records.get(name, '').encode() or None
def holds(i):
    try:
        return dkim.DKIM(message).verify(idx=i, dnsfunc=dns)
    except dkim.ValidationError:
        return False
print(json.dumps([holds(i) for i in range(count)]))
`;

const options =
  spawnSync(python, ['-c', 'import dkim, nacl']).status === 0
    ? needing()
    : { skip: 'not installed: python3-dkim, python3-nacl' };

suite('dkimpy', options, () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  let records: Readonly<Record<string, string>>;
  before(async () => {
    world = peers.use(await World.start());
    const keys = JSON.parse(await world.cli('dkim', 'list', 'hikyaku.example', '--json')) as readonly {
      readonly name: string;
      readonly record: string;
    }[];
    records = Object.fromEntries(keys.map(({ name, record }) => [name, record]));
  });
  after(() => peers.disposeAsync());

  const verify = async (message: Buffer): Promise<boolean[]> => {
    const { stdout } = await run(python, ['-c', verifier, JSON.stringify(records)], { input: message });
    return JSON.parse(stdout) as boolean[];
  };

  test('both signatures of whatever mailers write hold, and none when a letter or a field is changed', async () => {
    const head = `From: Alice\r\n <${alice}>\r\nTo: ${bob}\r\nDate: Tue, 24 Nov 2026 11:41:50 +0000\r\n`;
    const long = `Subject: ${'a rather long subject that goes on '
      .repeat(8)
      .trim()
      .replaceAll(/(.{60,70}) /g, '$1\r\n ')}`;
    const texts: Readonly<Record<string, string>> = {
      folded: `Subject: one\r\n\t two  three\r\nX-Odd:\r\n  folded at once\r\n\r\nText\r\n`,
      blanks:
        'Subject:    blanks \t everywhere  \r\n\r\n  at the start\r\nat the end  \t \r\n\r\n \t\r\n\r\n\r\n',
      eightBit: 'Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n日本語の本文です。\r\n',
      empty: 'Subject: nothing\r\n\r\n',
      dots: 'Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n',
      longLine: `Subject: long\r\n\r\n${'y'.repeat(4000)}\r\n`,
      subject: `${long}\r\nList-Unsubscribe: <https://hikyaku.example/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nx\r\n`,
    };
    const transport = world.mailer();
    for (const [name, text] of Object.entries(texts))
      await transport.sendMail({
        envelope: { from: alice, to: bob },
        raw: `${head}X-Test: ${name}\r\n${text}`,
      });
    for (const name of Object.keys(texts)) {
      const { raw, text } = await world.mail(bob, `X-Test: ${name}`);
      assert.deepEqual(await verify(raw), [true, true], `${name}\n${text}`);
    }
    const { text } = await world.mail(bob, 'X-Test: folded');
    for (const changed of [
      text.replace('\r\nText', '\r\nTest'),
      text.replace('\r\nTo: bob', '\r\nTo: eve'),
      text.replace('\r\nSubject:', '\r\nSubject: the second one\r\nSubject:'),
      text.replace('\r\nSubject:', '\r\nReply-To: <eve@evil.example>\r\nSubject:'),
    ])
      assert.deepEqual(await verify(Buffer.from(changed, 'latin1')), [false, false]);
  });

  test('what the server writes by itself is signed: a notice of non-delivery', async () => {
    const raw = `From: ${alice}\r\nTo: x@void.invalid\r\nSubject: returned\r\n\r\nx\r\n`;
    await world.mailer().sendMail({ envelope: { from: alice, to: 'x@void.invalid' }, raw });
    const notice = await world.mail(alice, 'multipart/report');
    assert.match(notice.field('from')!, /mailer-daemon@mail\.hikyaku\.example/i);
    assert.deepEqual(await verify(notice.raw), [true, true]);
  });
});
