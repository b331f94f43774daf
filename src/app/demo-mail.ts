/** Sends one mail as a mailer would: TLS, AUTH PLAIN, MAIL, RCPT, DATA. Rejects with the reply that was not a success. */
import { systemClock } from '../base/clock.ts';
import { formatDate } from '../proto/mime/date.ts';
import { dial } from '../net/dialer.ts';
import type { BoundListener } from './thread-messages.ts';
import { demoAccounts } from './demo.ts';

export interface SentMail {
  readonly messageId: string;
}

export async function sendDemoMail(submissions: BoundListener): Promise<SentMail> {
  const [, alice, bob] = demoAccounts;
  const messageId = `<demo.${systemClock.nowMs()}@hikyaku.example>`;
  const connection = await dial({ ip: submissions.host, port: submissions.port, clock: systemClock });
  await connection.startTls({ is: 'client', servername: 'localhost' });
  const replies = lines();
  connection.onData((chunk) => replies.push(chunk.toString('utf8')));
  const say = async (line: string, wanted: number): Promise<void> => {
    if (line !== '') connection.write(`${line}\r\n`);
    const reply = await replies.next();
    if (!reply.startsWith(String(wanted)))
      throw new Error(`the server answered "${reply}" to ${line.split(' ')[0]}`);
  };
  await say('', 220);
  await say('EHLO demo.localhost', 250);
  await say(`AUTH PLAIN ${Buffer.from(`\0${alice!.address}\0${alice!.password}`).toString('base64')}`, 235);
  await say(`MAIL FROM:<${alice!.address}>`, 250);
  await say(`RCPT TO:<${bob!.address}>`, 250);
  await say('DATA', 354);
  const subject = `=?UTF-8?B?${Buffer.from('はじめまして / Hello').toString('base64')}?=`;
  const header = [
    `From: Alice <${alice!.address}>`,
    `To: Bob <${bob!.address}>`,
    `Subject: ${subject}`,
    `Date: ${formatDate(systemClock.nowMs())}`,
    `Message-ID: ${messageId}`,
  ];
  await say([...header, '', 'The first mail of this server.', '.'].join('\r\n'), 250);
  connection.write('QUIT\r\n');
  connection.end();
  return { messageId };
}

/** Whole replies, in order: the last line of each. */
function lines(): { push(text: string): void; next(): Promise<string> } {
  const ready: string[] = [];
  let rest = '';
  let wake: (() => void) | undefined;
  return {
    push(text) {
      const parts = (rest + text).split('\r\n');
      rest = parts.pop()!;
      ready.push(...parts.filter((line) => /^\d{3}( |$)/.test(line)));
      wake?.();
    },
    async next() {
      while (ready.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return ready.shift()!;
    },
  };
}
