/**
 * What one mail costs on the way in, store excluded: session, intake, header, Received line, over a pair of connections in memory.
 * Prints microseconds of CPU per mail of 4 KiB. The client side is a few canned writes, but its share is included.
 *
 *   node src/smtpd/session.bench.ts [mails]
 */
import { testServer } from './testing.ts';

const mails = Number(process.argv[2] ?? 20_000);
const header = [
  'From: Bob <bob@there.test>',
  'To: Alice <alice@here.test>',
  'Subject: =?utf-8?B?5pel5pys44GE44KP44KK44Gu6aWb6ISa?= and more',
  'Date: Tue, 24 Nov 2026 05:00:00 +0000',
  'Message-ID: <0123456789@there.test>',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'Received: from a.there.test (a.there.test [192.0.2.77])\r\n\tby b.there.test with ESMTPS id 123\r\n\tfor <alice@here.test>; Tue, 24 Nov 2026 05:00:00 +0000',
  'DKIM-Signature: v=1; a=rsa-sha256; d=there.test; s=a; h=from:to:subject;\r\n\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n\tb=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
].join('\r\n');
const line = `${'The courier runs from Edo to Kyoto in three days and nights. '.padEnd(70, '.')}\r\n`;
const text = Buffer.from(`${header}\r\n\r\n${line.repeat(48)}.\r\n`);
const envelope = Buffer.from('MAIL FROM:<bob@there.test> SIZE=4096\r\nRCPT TO:<alice@here.test>\r\nDATA\r\n');

const { connect } = testServer('mx', {
  options: { messagesMax: Infinity },
  parts: { accept: async () => {} },
});
const client = connect();
let left = mails;
let greeted = false;
const { promise, resolve } = Promise.withResolvers<void>();

client.on('data', (chunk: Buffer) => {
  const replies = chunk.toString('latin1');
  if (!greeted) {
    if (replies.startsWith('220')) client.write('EHLO there.test\r\n');
    else if (replies.includes('250 HELP')) {
      greeted = true;
      client.write(envelope);
    }
  } else if (replies.includes('354 ')) client.write(text);
  else if (replies.startsWith('250 2.0.0')) {
    left -= 1;
    if (left === 0) resolve();
    else client.write(envelope);
  } else throw new Error(replies);
});

async function main(): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await promise;
  const { user, system } = process.cpuUsage(cpu);
  const ms = performance.now() - start;
  console.log(
    JSON.stringify({
      mails,
      bytes: text.length,
      cpuMicrosPerMail: Math.round((user + system) / mails),
      wallMicrosPerMail: Math.round((ms * 1000) / mails),
    }),
  );
  client.destroy();
}
await main();
