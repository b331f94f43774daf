/** Webhooks of the whole program: a receiver of our own, mail that is accepted and delivered, a crash in between. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { converse } from '../converse.ts';
import { RunningServer } from '../running-server.ts';

interface Told {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly message: string; readonly recipient: string; readonly subject: string };
}

const user = 'alice@here.test';
const mails = 40;

async function until(what: string, done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (done()) return;
    await wait(50);
  }
  assert.fail(what);
}

describe('webhooks of a running server', () => {
  const heard: { headers: IncomingHttpHeaders; body: string }[] = [];
  let slow = false;
  const receiver = createServer((incoming, response) => {
    let body = '';
    incoming.on('data', (piece: Buffer) => (body += piece.toString()));
    incoming.on('end', () => {
      heard.push({ headers: incoming.headers, body });
      setTimeout(() => response.end('thanks'), slow ? 30 : 0);
    });
  });
  let server: RunningServer;
  let port = 0;
  const told = (): Told[] => heard.map(({ body }) => JSON.parse(body) as Told);
  const api = <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const socketPath = join(server.folder, 'data', 'control.sock');
    const asked = request({
      socketPath,
      method,
      path: `/api/v1/admin${path}`,
      headers: { 'content-type': 'application/json' },
    });
    asked.end(body === undefined ? '' : JSON.stringify(body));
    return new Promise((resolve, reject) => {
      asked.on('error', reject);
      asked.on('response', (answer) => {
        let text = '';
        answer.on('data', (piece: Buffer) => (text += piece.toString()));
        answer.on('end', () => {
          assert.equal((answer.statusCode ?? 0) < 300, true, text);
          resolve(JSON.parse(text) as T);
        });
      });
    });
  };

  before(async () => {
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    port = (receiver.address() as AddressInfo).port;
    server = await RunningServer.start({
      listeners: { mx: {}, http: {} },
      settings: { webhooks: { allow: ['127.0.0.1'], plainHttp: true } },
      accounts: [user],
    });
    // The last that opens.
    await until('the control socket', () => existsSync(join(server.folder, 'data', 'control.sock')));
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    receiver.closeAllConnections();
    receiver.close();
  });

  const deliver = async (from: number, to: number): Promise<void> => {
    const socket = connect(server.port('mx'), '127.0.0.1');
    await once(socket, 'connect');
    const mail = (n: number): string =>
      `C: MAIL FROM:<s@there.test>\nS: 250 ...\nC: RCPT TO:<${user}>\nS: 250 ...\nC: DATA\nS: 354 ...\nC~ From: s@there.test\\r\\nSubject: Mail ${n}\\r\\nDate: Tue, 24 Nov 2026 08:00:00 +0000\\r\\nMessage-ID: <${n}@there.test>\\r\\n\\r\\nHello\\r\\n.\\r\\n\nS: 250 ...\n`;
    const script = Array.from({ length: to - from }, (_, i) => mail(from + i)).join('');
    await converse(socket, `S: 220 ...\nC: EHLO there.test\nS* 250 HELP\n${script}C: QUIT\nS: 221 ...`);
    socket.destroy();
  };

  test('all that happens is told, signed, and a crash loses none of it', async () => {
    const { items } = await api<{ items: { id: string }[] }>('GET', '/orgs');
    const org = items[0]!.id;
    const made = await api<{ id: string; secret: string }>('POST', `/orgs/${org}/webhooks`, {
      url: `http://127.0.0.1:${port}/in`,
      events: ['message.accepted', 'message.stored'],
    });
    slow = true;
    await deliver(0, mails / 2);
    await until('the first events', () => heard.length > 3);
    await server.kill();
    await server.begin();
    await deliver(mails / 2, mails);
    const subjects = (type: string): Set<string> =>
      new Set(
        told()
          .filter((one) => one.type === type)
          .map(({ data }) => data.subject),
      );
    await until(
      'all of them',
      () => subjects('message.accepted').size === mails && subjects('message.stored').size === mails,
    );
    for (const { headers, body } of heard) {
      const { id } = JSON.parse(body) as Told;
      assert.equal(headers['webhook-id'], id);
      const key = Buffer.from(made.secret.slice('whsec_'.length), 'base64');
      const text = `${id}.${String(headers['webhook-timestamp'])}.${body}`;
      assert.equal(
        headers['webhook-signature'],
        `v1,${createHmac('sha256', key).update(text).digest('base64')}`,
      );
    }
    for (const message of new Set(told().map(({ data }) => data.message))) {
      const types = told()
        .filter(({ data }) => data.message === message)
        .map(({ type }) => type);
      assert.equal(types.indexOf('message.accepted') < types.indexOf('message.stored'), true);
    }
    const history = await api<{ items: { status: number; answer: string }[] }>(
      'GET',
      `/orgs/${org}/webhooks/${made.id}/attempts`,
    );
    assert.deepEqual([history.items[0]?.status, history.items[0]?.answer], [200, 'thanks']);
    const found = await api<{ items: { subject: string }[] }>(
      'GET',
      '/log/search?subject=mail+7&status=delivered',
    );
    assert.deepEqual(
      found.items.map(({ subject }) => subject),
      ['Mail 7'],
    );
  });
});
