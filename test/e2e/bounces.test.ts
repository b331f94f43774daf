/** What comes back to a program's mail, by a whole server: reports and complaints of the simulator find their message, and the suppression list is obeyed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { RunningServer } from '../running-server.ts';

test('reports come to return paths of their own, complaints too, and who is suppressed gets nothing', {
  timeout: 120_000,
}, async () => {
  await using server = await RunningServer.start({
    listeners: { mx: {}, http: {} },
    settings: {},
    accounts: ['news@here.test'],
  });
  server.command('domain', 'add', 'bounce.here.test');
  const { key } = JSON.parse(
    server.command('api-key', 'add', 'shop', '--scope', 'send', 'messages:read', '--json'),
  ) as { key: string };
  const send = async (to: string): Promise<{ status: number; id: string; type: string }> => {
    const answer = await fetch(`http://127.0.0.1:${server.port('http')}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ from: 'news@here.test', to: [to], subject: 'News', text: 'Hello' }),
    });
    const body = (await answer.json()) as { id?: string; type?: string };
    return { status: answer.status, id: body.id ?? '', type: body.type ?? '' };
  };
  const heard = async (id: string, says: RegExp): Promise<string> => {
    let told = '';
    for (let tries = 0; tries < 60; tries++) {
      told = server.command('journey', id, '--language', 'en');
      if (says.test(told)) return told;
      await wait(200);
    }
    return assert.fail(`no ${String(says)} in\n${told}`);
  };

  const late = await send('late-bounce@simulator.test');
  assert.equal(late.status, 202, late.type);
  const told = await heard(late.id, /Came back for good: late-bounce@simulator\.test/);
  assert.match(told, /reason: there is no such mailbox/);
  await heard((await send('complaint@simulator.test')).id, /complaint@simulator\.test complained of it/);

  server.command('suppression', 'add', 'Bob@there.test', '--reason', 'asked for it');
  const refused = await send('bob@there.test');
  assert.deepEqual([refused.status, refused.type], [422, 'urn:hikyaku:problem:suppressed']);
  server.command('suppression', 'release', 'bob@there.test');
  assert.equal((await send('bob@there.test')).status, 202);
});
