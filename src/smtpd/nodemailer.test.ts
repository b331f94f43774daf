/** Nodemailer as a foreign client on a real socket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTransport } from 'nodemailer';
import { systemClock } from '../base/clock.ts';
import { listen } from '../net/listener.ts';
import { makeSelfSigned } from '../net/self-signed.ts';
import { TlsContexts } from '../net/tls-contexts.ts';
import { testServer } from './testing.ts';

test('Nodemailer submits a Japanese message with an attachment, over STARTTLS and a login', async () => {
  const tls = new TlsContexts({ certificates: [await makeSelfSigned(['mx.here.test'], systemClock)] });
  const { server, taken } = testServer('submission', { tls });
  await using listener = await listen({ host: '127.0.0.1', port: 0, clock: systemClock }, (connection) =>
    server.serve(connection),
  );
  const transport = createTransport({
    host: '127.0.0.1',
    port: listener.address.port,
    requireTLS: true,
    tls: { rejectUnauthorized: false },
    auth: { user: 'alice@here.test', pass: 'secret' },
  });
  const sent = await transport.sendMail({
    from: '飛脚 <alice@here.test>',
    to: ['bob@here.test', 'x@else.test'],
    bcc: 'hidden@else.test',
    subject: '夏祭りのお知らせ',
    text: '皆様\n..点\n.\n',
    attachments: [{ filename: '地図.bin', content: Buffer.alloc(100_000, 7) }],
    dsn: { id: 'e+1', return: 'headers', notify: ['failure', 'delay'], recipient: 'alice@here.test' },
  });
  transport.close();
  assert.match(sent.response, /^250 2\.0\.0 Accepted as \w{20}$/);
  const { message, recipients } = taken[0]!.submission;
  assert.equal(message.subject, '夏祭りのお知らせ');
  assert.deepEqual([message.envid, message.ret], ['e+1', 'hdrs']);
  assert.deepEqual(
    recipients.map((to) => [to.address, to.destination, to.notify.join()]),
    [
      ['bob@here.test', 'local', 'failure,delay'],
      ['x@else.test', 'else.test', 'failure,delay'],
      ['hidden@else.test', 'else.test', 'failure,delay'],
    ],
  );
  assert.match(taken[0]!.text, /with ESMTPSA id/);
  assert(!/^bcc:/im.test(taken[0]!.text));
  await server.stop(1000);
});
