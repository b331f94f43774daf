/** JMAP over WebSocket with a real client (RFC 8887). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import type { AccountId } from '../../../base/ids.ts';
import { simple } from '../../../mailbox/testing.ts';
import { openPushServer, type PushServer } from './testing.ts';

const soon = { timeout: 60_000 };
const using = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'];

async function connect(t: PushServer) {
  const socket = new WebSocket(`ws://127.0.0.1:${t.port}/jmap/ws`, ['jmap'], {
    headers: { authorization: t.jmap.as },
  });
  const waiting: object[] = [];
  const listeners: ((message: object) => void)[] = [];
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as object;
    const listener = listeners.shift();
    if (listener) listener(message);
    else waiting.push(message);
  });
  await once(socket, 'open');
  return {
    socket,
    send: (message: object) => socket.send(JSON.stringify(message)),
    // oxlint-disable-next-line typescript/no-explicit-any -- tests know what comes
    next: (): Promise<any> =>
      waiting.length > 0
        ? Promise.resolve(waiting.shift())
        : new Promise((resolve) => {
            listeners.push(resolve);
          }),
  };
}

test('the session names the place; requests are answered there, each with its id', soon, async () => {
  await using t = await openPushServer();
  const session = await t.jmap.api.call('GET', '/jmap/session', {
    as: t.jmap.as,
    headers: { host: 'mail.test' },
  });
  assert.deepEqual(session.body.capabilities['urn:ietf:params:jmap:websocket'], {
    url: 'ws://mail.test/jmap/ws',
    supportsPush: true,
  });
  const { socket, send, next } = await connect(t);
  assert.equal(socket.protocol, 'jmap');
  send({ '@type': 'Request', id: 'R1', using, methodCalls: [['Core/echo', { a: 1 }, 'c']], createdIds: {} });
  const { sessionState, ...answer } = await next();
  assert.deepEqual(answer, {
    '@type': 'Response',
    requestId: 'R1',
    methodResponses: [['Core/echo', { a: 1 }, 'c']],
    createdIds: {},
  });
  assert.ok(sessionState);
  send({ '@type': 'Request', using, methodCalls: [] });
  assert.ok(!('requestId' in (await next())));
  const error = async (message: object | string) => {
    if (typeof message === 'string') socket.send(message);
    else send(message);
    const { '@type': type, requestId, type: problem, status } = await next();
    assert.deepEqual([type, status], ['RequestError', 400]);
    return [requestId, String(problem).replace('urn:ietf:params:jmap:error:', '')];
  };
  assert.deepEqual(await error('{'), [null, 'notJSON']);
  assert.deepEqual(await error({ '@type': 'Nonsense', id: 'R2' }), ['R2', 'notRequest']);
  assert.deepEqual(await error({ '@type': 'Request', id: 'R3' }), ['R3', 'notRequest']);
  assert.deepEqual(await error({ '@type': 'Request', id: 'R4', using: ['x'], methodCalls: [] }), [
    'R4',
    'unknownCapability',
  ]);
  const calls = Array.from({ length: 100 }, (_, i) => ['Core/echo', {}, `${i}`]);
  assert.deepEqual(await error({ '@type': 'Request', id: 'R5', using, methodCalls: calls }), ['R5', 'limit']);
  assert.deepEqual(await error({ '@type': 'WebSocketPushEnable', dataTypes: 3 }), [null, 'notRequest']);
  socket.send(Buffer.of(1));
  const [code] = await once(socket, 'close');
  assert.equal(code, 1003);
});

test('pushes tell changes made elsewhere, and what was missed since a push state', soon, async () => {
  await using t = await openPushServer();
  const { mailboxes } = t.jmap.api.parts;
  const account = t.jmap.account as AccountId;
  const inbox = (await mailboxes.find(account, 'INBOX'))!;
  const mailComes = () => mailboxes.append(account, inbox.id, [simple('news')]);
  const first = await connect(t);
  first.send({ '@type': 'WebSocketPushEnable', dataTypes: ['Email'], id: 'p' });
  // Answered in order: it is enabled once this one is.
  first.send({ '@type': 'Request', id: 'R', using, methodCalls: [] });
  await first.next();
  await mailComes();
  const push = await first.next();
  assert.equal(push['@type'], 'StateChange');
  assert.deepEqual(Object.keys(push.changed[account]), ['Email']);
  first.send({ '@type': 'WebSocketPushDisable' });
  first.send({ '@type': 'Request', id: 'R', using, methodCalls: [] });
  await first.next();
  await mailComes();
  first.send({ '@type': 'Request', id: 'after', using, methodCalls: [] });
  assert.equal((await first.next()).requestId, 'after');
  first.send({ '@type': 'WebSocketPushEnable', dataTypes: ['Email'], pushState: push.pushState });
  const missed = await first.next();
  assert.notEqual(missed.changed[account].Email, push.changed[account].Email);
  first.socket.close();
});

test(
  'only who is known gets in, with the subprotocol; the server ends connections when it stops',
  soon,
  async () => {
    await using t = await openPushServer();
    const refused = async (protocols: string[], headers: Record<string, string>): Promise<number> => {
      const socket = new WebSocket(`ws://127.0.0.1:${t.port}/jmap/ws`, protocols, { headers });
      const [, response] = await once(socket, 'unexpected-response');
      socket.on('error', () => {});
      socket.terminate();
      return (response as { statusCode: number }).statusCode;
    };
    assert.equal(await refused(['jmap'], {}), 401);
    assert.equal(await refused(['jmap'], { authorization: t.jmap.as, 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await refused([], { authorization: t.jmap.as }), 422);
    const plain = request({
      host: '127.0.0.1',
      port: t.port,
      agent: false,
      path: '/jmap/ws',
      headers: { authorization: t.jmap.as },
    }).end();
    const [response] = await once(plain, 'response');
    assert.equal((response as { statusCode: number }).statusCode, 426);
    const { socket } = await connect(t);
    const closed = once(socket, 'close');
    await t.stop();
    assert.equal((await closed)[0], 1001);
  },
);
