/** What mailers in use trip over: a conversation for each, and those that need more than a conversation. See also pop3d and net/tls for theirs. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { systemClock, type Clock } from '../../src/base/clock.ts';
import { keepAliveMs, sweepMs } from '../../src/imapd/options.ts';
import { message } from '../../src/mailbox/testing.ts';
import { converse, transcript } from '../converse.ts';
import { openImapWorld, type ImapWorld, type WorldOptions } from '../interop/imap-world.ts';

const texts = [
  'Subject: two parts\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=x\n\n--x\n\nplain\n--x\nContent-Type: text/html\n\n<b>rich</b>\n--x--\n',
  'From: bob@there.test\nSubject: simple\nMessage-ID: <2@there.test>\n\nplain words\n',
  'Subject: =?iso-2022-jp?B?GyRCQkc/RxsoQg==?=\nContent-Type: text/plain; charset=utf-8\n\n返事をください\n',
  'Subject: no body\n\n',
];

/** Alice has these four messages in INBOX. */
async function world(how: WorldOptions = {}): Promise<ImapWorld> {
  const opened = await openImapWorld(how);
  const alice = opened.accounts.get('alice')!;
  const [inbox] = await opened.mailboxes.list(alice);
  await opened.mailboxes.append(
    alice,
    inbox!.id,
    texts.map((text) => message(text)),
  );
  return opened;
}

suite('quirks of mailers', { concurrency: true }, () => {
  for (const file of globSync('*.txt', { cwd: join(import.meta.dirname, 'imap-quirks') }).sort()) {
    const name = file.slice(0, -'.txt'.length);
    test(`${name.slice(3).replaceAll('-', ' ')} (${name.slice(0, 2)})`, async () => {
      await using opened = await world();
      const { a } = await opened.sessions('alice', 'a');
      await converse(a!, transcript(`imap-quirks/${name}`));
    });
  }

  test('a full mailbox is refused with OVERQUOTA, and nothing is shouted: Outlook opens a window for each ALERT (17)', async () => {
    await using opened = await world();
    const alice = opened.accounts.get('alice')!;
    await opened.mailboxes.setQuota(alice, 500);
    const { a } = await opened.sessions('alice', 'a');
    await converse(
      a!,
      `
      C: a SELECT INBOX
      S* a OK ...
      C: b APPEND INBOX {1000}
      S: b NO [OVERQUOTA] ...
      C: c GETQUOTAROOT INBOX
      S: * QUOTAROOT INBOX ""
      S: * QUOTA "" (STORAGE 1 1 ...
      S: c OK ...
      `,
    );
  });

  test('many connections of an account: the one idle for longest gives way (18)', async () => {
    await using opened = await world({ options: { sessionsPerAccountMax: 3 } });
    const { a, b, c } = await opened.sessions('alice', 'a', 'b', 'c');
    await converse(a!, '\nC: a NOOP\nS: a OK ...');
    const { d } = await opened.sessions('alice', 'd');
    await converse(b!, '\nS: * BYE [LIMIT] ...\nS(closed)');
    for (const client of [a, c, d]) await converse(client!, '\nC: n NOOP\nS: n OK ...');
  });

  test('in IDLE a word comes every two minutes or so (19)', async () => {
    let nowMs = 0;
    let sweep: (() => void) | undefined;
    const clock: Clock = {
      ...systemClock,
      monotonicMs: () => nowMs,
      after: (delayMs, run) => {
        if (delayMs === sweepMs) sweep = run;
        return { restart: () => undefined, [Symbol.dispose]: () => undefined };
      },
    };
    await using opened = await world({ clock });
    const { a } = await opened.sessions('alice', 'a');
    await converse(a!, '\nC: a SELECT INBOX\nS* a OK ...\nC: b IDLE\nS: + idling');
    const pass = (ms: number): void => {
      nowMs += ms;
      sweep?.();
    };
    pass(keepAliveMs - 1);
    pass(keepAliveMs / 2);
    await converse(a!, '\nS: * OK Still here');
    pass(keepAliveMs * 1.5);
    await converse(a!, '\nS: * OK Still here\nC: DONE\nS: b OK ...');
    assert(sweep !== undefined);
  });
});
