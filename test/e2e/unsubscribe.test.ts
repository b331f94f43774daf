/** A reader wants no more of a program's mail, by a whole server: the header that the mail has leads, by one click and by mail, to the suppression list. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openInbox } from '../inbox-reader.ts';
import { RunningServer } from '../running-server.ts';

test('List-Unsubscribe of this server takes the reader off, by one click and by mail', {
  timeout: 120_000,
}, async () => {
  await using server = await RunningServer.start({
    listeners: { mx: {}, http: {}, imap: {} },
    settings: { imap: { plainTextLogin: true } },
    accounts: ['bob@here.test', 'ann@here.test'],
  });
  server.command('domain', 'add', 'bounce.here.test');
  const made = server.command('api-key', 'add', 'shop', '--scope', 'send', 'messages:manage', '--json');
  const { key } = JSON.parse(made) as { key: string };
  const http = `http://127.0.0.1:${server.port('http')}`;
  const call = (path: string, method: string, body: object): Promise<Response> =>
    fetch(http + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const put = await call('/v1/streams/news', 'PUT', { kind: 'bulk', unsubscribe: 'stream' });
  assert.equal(put.status, 200, await put.text());
  const news = { from: 'news@here.test', stream: 'news', subject: 'News', text: 'Hello' };
  const send = async (to: string): Promise<number> =>
    (await call('/v1/messages', 'POST', { ...news, to })).status;

  assert.equal(await send('bob@here.test'), 202);
  const link = /https:\/\/[^/]+(\/unsubscribe\/[\w.-]+)>/.exec(await headerFor(server, 'bob@here.test'))?.[1];
  assert.ok(link);
  const looked = await fetch(http + link);
  assert.equal(looked.status, 200);
  assert.equal(await send('bob@here.test'), 202, 'looking changes nothing');
  const form = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  const clicked = await fetch(http + link, { method: 'POST', body: form, redirect: 'error' });
  assert.equal(clicked.status, 200);
  assert.equal(await send('bob@here.test'), 422);
  const receipt = { ...news, stream: 'transactional', to: 'bob@here.test' };
  assert.equal((await call('/v1/messages', 'POST', receipt)).status, 202, 'other mail goes on');

  assert.equal(await send('ann@here.test'), 202);
  const [, address, token] =
    /<mailto:([^?]+)\?subject=([\w.-]+)>/.exec(await headerFor(server, 'ann@here.test')) ?? [];
  assert.ok(address !== undefined && token !== undefined);
  const wish = { from: 'ann@here.test', to: address, subject: token, text: 'no more' };
  assert.equal((await call('/v1/messages', 'POST', wish)).status, 202);
  let status = 202;
  for (let tries = 0; tries < 100 && status === 202; tries++, await wait(200))
    status = await send('ann@here.test');
  assert.equal(status, 422);
  assert.match(server.command('suppression', 'show', 'ann@here.test'), /unsubscribe/);
});

/** The header of the first mail of an account, once it is there; in one line for each field. */
async function headerFor(server: RunningServer, user: string): Promise<string> {
  const reader = await openInbox(server.port('imap'), user);
  try {
    for (let tries = 0; tries < 100; tries++, await wait(200)) {
      await reader.noop();
      const found = await reader.fetchOne('1', { headers: ['list-unsubscribe'] }).catch(() => false as const);
      if (found !== false && found.headers !== undefined) return found.headers.toString();
    }
    return assert.fail('no mail came');
  } finally {
    await reader.logout();
  }
}
