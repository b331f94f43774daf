/**
 * One submission for a thousand recipients: ours and others', some of whom do not exist or cannot take it now. Each has its own reply, each gets it once, and servers
 * get it in few transactions.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import SMTPConnection from 'nodemailer/lib/smtp-connection/index.js';
import { MailSink } from '../mail-sink.ts';
import { openInbox } from '../inbox-reader.ts';
import { password, RunningServer } from '../running-server.ts';

const sender = 'sender@here.test';
const reader = 'reader@here.test';
const names = (count: number, domain: string): string[] =>
  Array.from({ length: count }, (_, i) => `user${i}@${domain}`);

/** Of our own: subaddresses of one reader, and addresses that do not exist. */
const ours = Array.from({ length: 200 }, (_, i) => `reader+${i}@here.test`);
const unknown = Array.from({ length: 20 }, (_, i) => `nobody${i}@here.test`);
/** At servers that take fifty at once and say so, that take any number, that refuse some, and that defer some. */
const few = names(320, 'few.test');
const any = names(330, 'any.test');
const fussy = names(150, 'fussy.test');
const refusedThere = fussy.filter((_, i) => i % 10 === 0);
const deferredThere = fussy.filter((_, i) => i % 10 === 1);

describe('a thousand recipients in one submission', { timeout: 120_000 }, () => {
  let server: RunningServer;
  let sinks: Record<'few' | 'any' | 'fussy', MailSink>;
  const deferredOnce = new Set<string>();

  before(async () => {
    sinks = {
      few: await MailSink.start({ recipientsMax: 50 }),
      any: await MailSink.start(),
      fussy: await MailSink.start({
        rcpt: (address) => {
          if (refusedThere.includes(address)) return '550 5.1.1 No such user';
          if (!deferredThere.includes(address) || deferredOnce.has(address)) return undefined;
          deferredOnce.add(address);
          return '450 4.2.1 Try again later';
        },
      }),
    };
    server = await RunningServer.start({
      listeners: { submission: {}, imap: {} },
      settings: {
        submission: { plainTextLogin: true },
        imap: { plainTextLogin: true },
        delivery: { ownNetworksAllowed: true },
        queue: { firstRetrySeconds: 1, retryMaxSeconds: 2 },
        routes: Object.entries(sinks).map(([name, { port }]) => ({
          domain: `${name}.test`,
          hosts: [`127.0.0.1:${port}`],
        })),
      },
      accounts: [sender, reader],
    });
  });

  after(async () => {
    await server?.[Symbol.asyncDispose]();
    for (const sink of Object.values(sinks)) await sink[Symbol.asyncDispose]();
  });

  test('each has a reply of its own, and no more than the limit are taken', async () => {
    const client = new SMTPConnection({
      port: server.port('submission'),
      host: '127.0.0.1',
      ignoreTLS: true,
    });
    await new Promise<void>((resolve) => client.connect(() => resolve()));
    await new Promise<void>((resolve, reject) =>
      client.login({ user: sender, credentials: { user: sender, pass: password } }, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
    const to = [...ours, ...unknown, ...few, ...any, ...fussy, 'one-too-many@any.test'];
    assert.equal(to.length - unknown.length, 1001);
    const info = await new Promise<{
      accepted: string[];
      rejected: string[];
      rejectedErrors: { response: string }[];
    }>((resolve, reject) =>
      client.send({ from: sender, to }, 'Subject: For all\r\n\r\nHello\r\n', (error, sent) =>
        error ? reject(error) : resolve(sent as never),
      ),
    );
    client.quit();
    assert.deepEqual(info.rejected, [...unknown, 'one-too-many@any.test']);
    assert.equal(info.accepted.length, 1000);
    const replies = info.rejectedErrors.map(({ response }) => response.slice(0, 9));
    assert.deepEqual(replies, [...unknown.map(() => '550 5.1.1'), '452 4.5.3']);
  });

  test('each of them gets it exactly once', async () => {
    const gets = (sink: MailSink): string[] => sink.mails.flatMap((mail) => mail.recipients);
    const whole = few.length + any.length + fussy.length - refusedThere.length;
    const arrived = (): number => Object.values(sinks).reduce((sum, sink) => sum + gets(sink).length, 0);
    for (let i = 0; i < 600 && arrived() < whole; i++) await wait(50);
    assert.deepEqual(gets(sinks.few).sort(), [...few].sort());
    assert.deepEqual(gets(sinks.any).sort(), [...any].sort());
    const willing = fussy.filter((address) => !refusedThere.includes(address));
    assert.deepEqual(gets(sinks.fussy).sort(), willing.sort());
    const found = await mailsOf(reader, ours.length);
    assert.deepEqual(found.map((mail) => mail.deliveredTo).sort(), [...ours].sort());
  });

  test('in few transactions, within what a server has said it takes', () => {
    assert.equal(sinks.few.overLimit, 0);
    assert(
      sinks.few.mails.length <= Math.ceil(few.length / 50) + 4,
      `${sinks.few.mails.length} for ${few.length}`,
    );
    assert(
      sinks.any.mails.length <= Math.ceil(any.length / 100) + 1,
      `${sinks.any.mails.length} for ${any.length}`,
    );
  });

  test('the sender hears once of all who refused it', async () => {
    const notices = await mailsOf(sender, 1);
    const text = notices.map((mail) => mail.text).join('\n');
    for (const address of refusedThere)
      assert.match(text, new RegExp(`Final-Recipient: rfc822; ?${address}`));
    assert.doesNotMatch(text, /any\.test|few\.test/);
    assert(notices.length <= 2, `${notices.length} notices for ${refusedThere.length} recipients`);
  });

  /** Waits until the INBOX has so many. */
  async function mailsOf(user: string, count: number): Promise<{ deliveredTo: string; text: string }[]> {
    const client = await openInbox(server.port('imap'), user);
    try {
      for (let i = 0; i < 600; i++) {
        await client.noop();
        const mailbox = client.mailbox;
        if (mailbox !== false && mailbox.exists >= count) break;
        await wait(50);
      }
      const all = await client.fetchAll('1:*', { source: true });
      return all.map(({ source }) => {
        const text = source!.toString('latin1');
        return { text, deliveredTo: /^Delivered-To: (.*)\r$/m.exec(text)?.[1] ?? '' };
      });
    } finally {
      await client.logout();
    }
  }
});
