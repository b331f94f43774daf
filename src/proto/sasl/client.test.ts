import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SaslError } from './client-mechanism.ts';
import { startClient } from './client.ts';
import { mechanismNames, type ChannelBinding } from './mechanism.ts';
import { ScramClient } from './scram-client.ts';
import { startMechanism } from './server.ts';
import { oneUser } from './testing.ts';

const binding: ChannelBinding = (name) =>
  name === 'tls-server-end-point' ? Buffer.from('certificate hash') : undefined;
const credential = { username: 'smart,host=1', password: 'pass\u2168word' };
const store = oneUser({ username: 'smart,host=1', password: 'passIXword' });

/** Client against server until one of them is done; the principal, or undefined. */
async function converse(
  offered: string[],
  bound?: ChannelBinding,
  serverBound = bound,
): Promise<string | undefined> {
  const client = startClient(offered, credential, bound)!;
  const server = startMechanism(client.name, store, serverBound)!;
  let step = await server.step(client.initial());
  for (let turns = 0; step.is === 'challenge' && turns < 5; turns++) {
    step = await server.step(await client.step(step.bytes));
  }
  return step.is === 'done' && client.finished() ? step.principal : undefined;
}

test('every mechanism of the client gets in at our own server', async () => {
  for (const name of ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN', 'LOGIN']) {
    assert.equal(await converse([name]), 'smart,host=1', name);
  }
  for (const name of ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1-PLUS'])
    assert.equal(await converse([name], binding), 'smart,host=1');
});

test('the strongest mechanism is taken, with channel binding where both have it', () => {
  assert.equal(startClient(mechanismNames, credential, binding)?.name, 'SCRAM-SHA-256-PLUS');
  assert.equal(startClient(mechanismNames, credential)?.name, 'SCRAM-SHA-256');
  assert.equal(startClient(['login', 'plain'], credential)?.name, 'PLAIN');
  assert.equal(startClient(['CRAM-MD5', 'GSSAPI'], credential), undefined);
});

test('a client that can bind notices that -PLUS was taken out of the list, by the server refusing', async () => {
  assert.equal(await converse(['SCRAM-SHA-256'], binding), undefined);
});

test('bindings that differ on the two sides (someone in between) are refused', async () => {
  assert.equal(
    await converse(['SCRAM-SHA-256-PLUS'], binding, () => Buffer.from('another certificate')),
    undefined,
  );
});

function begin(): ScramClient {
  return new ScramClient({
    name: 'SCRAM-SHA-256',
    hash: 'sha256',
    plus: false,
    credential,
    binding: undefined,
    nonce: 'abc',
  });
}

test('the client refuses a foreign nonce, few or too many rounds, and a server that cannot prove itself', async () => {
  const bad = [
    'r=xyz1,s=c2FsdA==,i=4096',
    'r=abc,s=c2FsdA==,i=4096',
    'r=abc1,s=c2FsdA==,i=1000',
    'r=abc1,s=c2FsdA==,i=99999999',
    'e=other-error',
    '',
  ];
  for (const first of bad) await assert.rejects(begin().step(Buffer.from(first)), SaslError, first);
  const client = begin();
  await client.step(Buffer.from('r=abc1,s=c2FsdA==,i=4096'));
  await assert.rejects(client.step(Buffer.from('v=c2FsdA==')), SaslError);
  assert.equal(client.finished(), false);
});
