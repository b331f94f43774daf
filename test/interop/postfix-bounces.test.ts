/** Reports of a real Postfix that come after it has taken a program's mail: they find the message, and the address comes onto the list. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, Postfix } from './postfix.ts';
import { eventually, freePort, needingRoot } from './programs.ts';
import { alice, World } from './world.ts';

const zone = [
  { name: 'postfix.example', type: 'MX', data: '10 mx.postfix.example.' },
  { name: 'mx.postfix.example', type: 'A', data: address },
];

interface Listed {
  readonly items: readonly { readonly address: string; readonly reason: string; readonly phase: string }[];
}

test('a bounce of Postfix after its 250 finds the message by its return path', {
  ...needingRoot('postfix'),
  timeout: 120_000,
}, async () => {
  const [port, http] = [await freePort(), await freePort()];
  await using world = await World.start({
    settings: {
      dns: { zone },
      delivery: { port, ownNetworksAllowed: true },
      suppression: { hardErrors: 1 },
    },
    listeners: [{ kind: 'http', host: '127.0.0.1', port: http }],
    domains: ['bounce.hikyaku.example'],
  });
  await using _postfix = await Postfix.start(
    {
      domains: ['postfix.example'],
      aliases: { 'late@postfix.example': 'gone@void.example' },
      transports: {
        'void.example': 'error:5.1.1 User unknown',
        'bounce.hikyaku.example': `smtp:[127.0.0.1]:${world.port('mx')}`,
      },
    },
    port,
  );
  const { key } = (await world.api('POST', `/orgs/${world.org}/api-keys`, {
    name: 'shop',
    scopes: ['send'],
  })) as { key: string };
  const answer = await fetch(`http://127.0.0.1:${http}/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ from: alice, to: ['late@postfix.example'], subject: 'News', text: 'Hello' }),
  });
  assert.equal(answer.status, 202, await answer.clone().text());
  const list = `/orgs/${world.org}/suppressions`;
  const found = await eventually(
    'the address is on the list',
    async () => ((await world.api('GET', list)) as Listed).items[0],
  );
  assert.deepEqual(
    [found.address, found.reason, found.phase],
    ['late@postfix.example', 'noSuchUser', 'report'],
  );
});
