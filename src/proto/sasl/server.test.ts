import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { conformanceFolder, skipWithout } from '../../../test/conformance.ts';
import { decodeBase64, decodeInitial } from './base64.ts';
import { mechanismNames, responseMaxBytes, type ChannelBinding } from './mechanism.ts';
import { deriveKeys } from './scram-keys.ts';
import { offeredMechanisms, startMechanism } from './server.ts';
import { oneUser, play, told } from './testing.ts';

interface Vector {
  readonly mechanism: string;
  readonly user: string;
  readonly password: string;
  readonly token: string;
  readonly authzid?: string;
  readonly client: string;
  readonly expect?: string;
  readonly client_first: string;
  readonly client_nonce: string;
  readonly server_nonce: string;
  readonly salt: string;
  readonly iterations: number;
  readonly server_first: string;
  readonly client_final: string;
  readonly server_final: string;
  readonly stored_key: string;
  readonly server_key: string;
  readonly disputable?: string;
}

function vectors(): readonly Vector[] {
  const folder = conformanceFolder('vectors');
  return folder ? (JSON.parse(readFileSync(join(folder, 'sasl.json'), 'utf8')) as Vector[]) : [];
}

const tim = oneUser({ username: 'tim', password: 'tanstaaftanstaaf' });
const pencil = oneUser({
  username: 'user',
  password: 'pencil',
  salt: Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'),
});
const binding: ChannelBinding = (name) => (name === 'tls-exporter' ? Buffer.from('exported') : undefined);

test('the published SCRAM exchanges come out byte for byte', skipWithout('vectors'), async () => {
  const scram = vectors().filter((each) => /^SCRAM-SHA-(1|256)$/.test(each.mechanism));
  assert.equal(scram.length, 4);
  for (const each of scram) {
    const salt = Buffer.from(each.salt, 'base64');
    const store = oneUser({
      username: each.user,
      password: each.password,
      salt,
      iterations: each.iterations,
    });
    const keys = await deriveKeys(each.mechanism.endsWith('256') ? 'sha256' : 'sha1', {
      password: each.password,
      salt,
      iterations: each.iterations,
    });
    assert.equal(Buffer.from(keys.storedKey).toString('base64'), each.stored_key);
    assert.equal(Buffer.from(keys.serverKey).toString('base64'), each.server_key);
    const mechanism = startMechanism(each.mechanism, store, undefined, each.server_nonce);
    assert.equal(told(await play(mechanism, each.client_first)), `challenge ${each.server_first}`);
    assert.equal(told(await play(mechanism, each.client_final)), `challenge ${each.server_final}`);
    assert.equal(told(await play(mechanism, '')), `done ${each.user}`);
  }
});

test(
  'the published PLAIN and bearer messages are read as they should be',
  skipWithout('vectors'),
  async () => {
    for (const each of vectors()) {
      if (each.mechanism.startsWith('SCRAM') || each.mechanism === 'CRAM-MD5' || each.disputable) continue;
      const password = each.password ?? each.token ?? 'pw';
      const store = oneUser({ username: each.user ?? 'tim', password });
      const bytes = decodeInitial(each.client);
      const got = bytes
        ? told(await play(startMechanism(each.mechanism, store, undefined), bytes))
        : 'not base64';
      if (each.expect) assert.match(got, /^failed invalid|^not base64/, each.expect);
      else if (each.authzid) assert.equal(got, 'failed authenticationFailed', 'nobody acts for another');
      else assert.equal(got, `done ${each.user}`, each.mechanism);
    }
  },
);

test('PLAIN asks with an empty challenge when there is no initial response', async () => {
  const mechanism = startMechanism('plain', tim, undefined);
  assert.equal(told(await play(mechanism, undefined)), 'challenge ');
  assert.equal(told(await play(mechanism, 'tim\0tim\0tanstaaftanstaaf')), 'done tim');
});

test('LOGIN asks for the user name and the password, or takes the name as initial response', async () => {
  assert.equal(told(await play(startMechanism('LOGIN', tim, undefined), undefined)), 'challenge Username:');
  assert.equal(told(await play(startMechanism('LOGIN', tim, undefined), 'tim')), 'challenge Password:');
  assert.equal(
    told(await play(startMechanism('LOGIN', tim, undefined), undefined, 'tim', 'tanstaaftanstaaf')),
    'done tim',
  );
  assert.equal(
    told(await play(startMechanism('LOGIN', tim, undefined), 'tim', 'wrong')),
    'failed authenticationFailed',
  );
});

test('user name and password are prepared before they are compared', async () => {
  const store = oneUser({ username: 'user', password: 'IX' });
  assert.equal(told(await play(startMechanism('PLAIN', store, undefined), '\0user\0I\u00adX')), 'done user');
  assert.equal(told(await play(startMechanism('PLAIN', store, undefined), '\0ｕser\0\u2168')), 'done user');
});

test('a wrong SCRAM proof, a strange nonce and an unknown user are refused alike', async () => {
  const first = 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO';
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const proof = 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=';
  const begin = () => startMechanism('SCRAM-SHA-256', pencil, undefined, nonce.slice(20));
  assert.match(told(await play(begin(), first, `c=biws,r=${nonce},p=${proof}`)), /^challenge v=/);
  const wrong = `c=biws,r=${nonce},p=${proof.replace('d', 'e')}`;
  assert.equal(told(await play(begin(), first, wrong)), 'failed authenticationFailed');
  assert.equal(
    told(await play(begin(), first, `c=biws,r=${nonce}x,p=${proof}`)),
    'failed authenticationFailed',
  );
  assert.equal(
    told(await play(begin(), first, `c=eSws,r=${nonce},p=${proof}`)),
    'failed authenticationFailed',
  );
  const other = first.replace('user', 'nobody');
  assert.equal(
    told(await play(begin(), other, `c=biws,r=${nonce},p=${proof}`)),
    'failed authenticationFailed',
  );
});

const say = (flag: string) => `${flag},,n=user,r=abc`;

test('a client that could bind but saw no -PLUS has been tricked, and is refused', async () => {
  const denied = 'failed authenticationFailed';
  assert.equal(told(await play(startMechanism('SCRAM-SHA-256', pencil, binding), say('y'))), denied);
  assert.match(
    told(await play(startMechanism('SCRAM-SHA-256', pencil, undefined), say('y'))),
    /^challenge r=abc/,
  );
  assert.match(
    told(await play(startMechanism('SCRAM-SHA-256', pencil, binding), say('n'))),
    /^challenge r=abc/,
  );
  assert.equal(
    told(await play(startMechanism('SCRAM-SHA-256', pencil, binding), say('p=tls-exporter'))),
    denied,
  );
  assert.equal(told(await play(startMechanism('SCRAM-SHA-256-PLUS', pencil, binding), say('n'))), denied);
  assert.equal(
    told(await play(startMechanism('SCRAM-SHA-256-PLUS', pencil, binding), say('p=tls-unique'))),
    denied,
  );
  assert.match(
    told(await play(startMechanism('SCRAM-SHA-256-PLUS', pencil, binding), say('p=tls-exporter'))),
    /^challenge r=/,
  );
  assert.equal(startMechanism('SCRAM-SHA-256-PLUS', pencil, undefined), undefined);
});

test('mandatory extensions and broken grammar are malformed', async () => {
  const bad = [
    '',
    'n',
    'n,,',
    'n,,n=user',
    'n,,m=x,n=user,r=a',
    'n,,n=us=er,r=a',
    'x,,n=user,r=a',
    'n,,n=,r=a',
    'n,,n=user,r=a b',
  ];
  for (const text of bad) {
    assert.equal(
      told(await play(startMechanism('SCRAM-SHA-1', pencil, undefined), text)),
      'failed invalid',
      text,
    );
  }
});

test('a refused token is explained in JSON and fails with the next response', async () => {
  const message = 'n,a=tim,\x01auth=Bearer wrong\x01\x01';
  const mechanism = startMechanism('OAUTHBEARER', tim, undefined);
  assert.match(told(await play(mechanism, message)), /^challenge {"status":"invalid_token"/);
  assert.equal(told(await play(mechanism, '\x01')), 'failed authenticationFailed');
});

test('mechanisms are offered only where they are safe and can work', () => {
  const all = { confidential: true, binding: true, tokens: true };
  assert.deepEqual(offeredMechanisms(all), mechanismNames);
  assert.deepEqual(offeredMechanisms({ ...all, confidential: false }), []);
  assert.deepEqual(offeredMechanisms({ ...all, binding: false, tokens: false }), [
    'SCRAM-SHA-256',
    'SCRAM-SHA-1',
    'PLAIN',
    'LOGIN',
  ]);
  assert.equal(startMechanism('CRAM-MD5', tim, undefined), undefined);
});

test('noise never throws, never lets anyone in, and long responses are refused unread', async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }).map((text) => Buffer.from(text)),
    fc
      .constantFrom(
        'n,,n=tim,r=a',
        'c=biws,r=a,p=AA==',
        'user=tim\x01auth=Bearer x\x01\x01',
        '\0\0',
        'y,a=x,',
      )
      .map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...mechanismNames),
      fc.array(piece, { minLength: 1, maxLength: 4 }),
      async (name, pieces) => {
        const step = await play(startMechanism(name, tim, binding), ...pieces);
        assert.notEqual(step.is, 'done');
      },
    ),
    { numRuns: 100 },
  );
  for (const name of mechanismNames) {
    const step = await play(startMechanism(name, tim, binding), Buffer.alloc(responseMaxBytes + 1, 'a'));
    assert.equal(told(step), 'failed invalid');
  }
});

test('base64 is strict', () => {
  for (const bad of ['!!!!', 'YQ', 'YQ=', 'Y Q=', 'YQ==\n', '='])
    assert.equal(decodeBase64(bad), undefined, bad);
  assert.deepEqual(decodeInitial('='), new Uint8Array(0));
});
