/** Mail from outside goes to a program over HTTPS: signed, tried again when the program stumbles, refused networks not reached, and told in the journey. */
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { verifyWebhook } from '../../clients/typescript/src/webhook.ts';
import { systemClock } from '../../src/base/clock.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { RunningServer } from '../running-server.ts';

interface Posted {
  readonly headers: Record<string, string>;
  readonly body: string;
}

describe('inbound mail over HTTPS', () => {
  const posted: Posted[] = [];
  const answers: number[] = [];
  let server: RunningServer;
  let program: ReturnType<typeof createServer>;
  let url = '';

  before(async () => {
    const { chain, key } = await makeSelfSigned(['127.0.0.1'], systemClock);
    program = createServer({ cert: chain, key }, (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        posted.push({ headers: request.headers as Record<string, string>, body });
        response.writeHead(answers.shift() ?? 204).end();
      });
    });
    await new Promise<void>((resolve) => program.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(program.address() as { port: number }).port}/in`;
    server = await RunningServer.prepare({
      listeners: { mx: {} },
      settings: {
        sendApi: { linkNetworks: ['127.0.0.1'] },
        filters: { enabled: false },
      },
      accounts: ['alice@here.test'],
    });
    const ca = join(server.folder, 'ca.pem');
    writeFileSync(ca, chain);
    process.env['NODE_EXTRA_CA_CERTS'] = ca;
    await server.begin();
  });
  after(async () => {
    program.close();
    await server[Symbol.asyncDispose]();
  });

  const route = (address: string, to: string): { id: string; secret: string } =>
    JSON.parse(server.command('api', 'POST', '/v1/inbound-routes', JSON.stringify({ address, url: to }))) as {
      id: string;
      secret: string;
    };

  async function deliver(to: string, subject: string): Promise<string> {
    const mailer = createTransport({ host: '127.0.0.1', port: server.port('mx'), ignoreTLS: true });
    const sent = await mailer.sendMail({ from: 'customer@there.test', to, subject, text: 'Help' });
    mailer.close();
    return /Accepted as ([0-9a-z]{20})/.exec(sent.response)![1]!;
  }

  async function until(what: string, done: () => boolean): Promise<void> {
    for (let i = 0; i < 400; i++) {
      if (done()) return;
      await wait(50);
    }
    assert.fail(what);
  }

  test('it is posted, signed, and told in the journey; what fails is tried again with the same id', async () => {
    const { secret } = route('ticket-*@here.test', url);
    answers.push(503);
    const id = await deliver('ticket-42@here.test', 'broken');
    await until('it is tried once', () => posted.length === 1);
    server.command('queue', 'retry', '--message', id);
    await until('it is tried again', () => posted.length === 2);
    assert.equal(posted[0]!.headers['webhook-id'], posted[1]!.headers['webhook-id']);
    const event = (await verifyWebhook(posted[1]!.body, posted[1]!.headers, secret)) as {
      data: Record<string, unknown>;
    };
    assert.deepEqual(
      [event.data['recipient'], event.data['subject'], event.data['text']],
      ['ticket-42@here.test', 'broken', 'Help\n'],
    );
    let told = '';
    for (let i = 0; i < 100 && !told.includes('250 2.0.0 HTTP 204'); i++, await wait(50))
      told = server.command('journey', id);
    assert.match(told, /451 4\.3\.0 HTTP 503/);
    assert.match(told, /250 2\.0\.0 HTTP 204/);
  });

  test('a program inside that nobody has allowed is not reached', async () => {
    route('inside@here.test', url.replace('127.0.0.1', '[::1]'));
    const count = posted.length;
    const id = await deliver('inside@here.test', 'inside');
    let told = '';
    for (let i = 0; i < 200 && !/address not allowed/.test(told); i++, await wait(50))
      told = server.command('journey', id);
    assert.match(told, /address not allowed/);
    assert.equal(posted.length, count);
  });
});
