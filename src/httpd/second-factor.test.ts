/** Signing in with more than a password: one-time codes, recovery codes, and passkeys by an authenticator of our own. */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { basic, openTestApi, testPassword, type Answer, type TestApi } from './testing.ts';

const page = { host: 'mail.here.test', 'x-hikyaku-page': '1', 'sec-fetch-site': 'same-origin' };
const cookieOf = (answer: Answer): string => String(answer.headers['set-cookie']).split(';')[0]!;

async function signIn({ call, a }: TestApi): Promise<Answer> {
  const body = { name: a.owner.name, password: testPassword };
  return call('POST', '/api/v1/session', { body, headers: page });
}

/** A second step, or a change by a browser that is signed in. */
function post(server: TestApi, path: string, body: object, cookie?: string): Promise<Answer> {
  const headers = { ...page, ...(cookie !== undefined && { cookie }) };
  return server.call('POST', `/api/v1${path}`, { body, headers });
}

/** Sets up one-time codes; gives their secret, recovery codes and a cookie. */
async function withTotp(server: TestApi) {
  const cookie = cookieOf(await signIn(server));
  const begun = await post(server, '/factors/totp', { password: testPassword }, cookie);
  const secret = Secret.fromBase32(begun.body.secret);
  const code = (): string => new TOTP({ secret }).generate({ timestamp: server.t.clock.nowMs() });
  const done = await server.call('PUT', '/api/v1/factors/totp', {
    body: { code: code() },
    headers: { ...page, cookie },
  });
  assert.equal(done.status, 200);
  server.t.clock.advance(60_000);
  return { code, cookie, recoveryCodes: done.body.recoveryCodes as string[] };
}

test('with one-time codes a password alone opens nothing, on the page or by Basic', async () => {
  await using server = await openTestApi();
  const { code } = await withTotp(server);
  const first = await signIn(server);
  assert.equal(first.body.is, 'secondFactor');
  assert.equal(first.headers['set-cookie'], undefined);
  const { ticket } = first.body;
  assert.equal((await post(server, '/session/second', { ticket, code: '000000' })).status, 401);
  const shown = code();
  const second = await post(server, '/session/second', { ticket, code: shown });
  assert.equal(second.body.is, 'signedIn');
  assert.equal(
    (await post(server, '/session/second', { ticket, code: shown })).status,
    401,
    'each code once',
  );
  const again = await signIn(server);
  const replayed = await post(server, '/session/second', { ticket: again.body.ticket, code: shown });
  assert.equal(replayed.status, 401, 'not by another ticket either');
  server.t.clock.advance(60_000);
  const used = await post(server, '/session/second', { ticket, code: code() });
  assert.equal(used.status, 401, 'each ticket once');
  const asked = await server.call('GET', '/api/v1/admin/me', { as: basic(server.a.owner.name) });
  assert.equal(asked.status, 403);
});

test('recovery codes work once each; forged and old tickets never', async () => {
  await using server = await openTestApi();
  const { recoveryCodes } = await withTotp(server);
  assert.equal(recoveryCodes.length, 10);
  const ticket = async (): Promise<string> => (await signIn(server)).body.ticket;
  const code = recoveryCodes[3]!;
  assert.equal((await post(server, '/session/second', { ticket: await ticket(), code })).status, 200);
  assert.equal((await post(server, '/session/second', { ticket: await ticket(), code })).status, 401);
  const [text, signature] = (await ticket()).split('.') as [string, string];
  const other = Buffer.from(text, 'base64url').toString().replace(server.a.owner.id, server.b.owner.id);
  const forged = `${Buffer.from(other).toString('base64url')}.${signature}`;
  const next = recoveryCodes[4]!;
  assert.equal((await post(server, '/session/second', { ticket: forged, code: next })).status, 401);
  const old = await ticket();
  server.t.clock.advance(6 * 60_000);
  assert.equal((await post(server, '/session/second', { ticket: old, code: next })).status, 401);
});

test('guesses at codes lock as guesses at passwords do', async () => {
  await using server = await openTestApi();
  await withTotp(server);
  const { ticket } = (await signIn(server)).body;
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++)
    statuses.push((await post(server, '/session/second', { ticket, code: `00000${i % 10}` })).status);
  assert.equal(statuses.at(-1), 429);
});

test('second factors are changed only by who knows the password, and a session’s password likewise', async () => {
  await using server = await openTestApi();
  const { cookie } = await withTotp(server);
  for (const path of ['/factors/totp/end', '/factors/recovery-codes', '/factors/passkey-options'])
    assert.equal((await post(server, path, { password: 'wrong horse' }, cookie)).status, 401, path);
  const wrong = { current: 'wrong horse', password: 'another horse' };
  assert.equal((await post(server, '/session/password', wrong, cookie)).status, 401);
  const plain = await server.call('PUT', '/api/v1/admin/me/password', {
    body: { password: 'another horse' },
    headers: { ...page, cookie },
  });
  assert.equal(plain.status, 403);
  const changed = await post(
    server,
    '/session/password',
    { current: testPassword, password: 'another horse' },
    cookie,
  );
  assert.equal(changed.status, 200);
  const state = async (of: string): Promise<string> =>
    (await server.call('GET', '/api/v1/session', { headers: { ...page, cookie: of } })).body.is;
  assert.deepEqual([await state(cookie), await state(cookieOf(changed))], ['signedOut', 'signedIn']);
});

/** An authenticator with one P-256 key: what a telephone does (WebAuthn, 6). */
class Authenticator {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #id = randomBytes(16);
  #counter = 0;

  register(options: { challenge: string; rp: { id: string } }, origin: string): object {
    const jwk = this.#keys.publicKey.export({ format: 'jwk' });
    const point = [jwk.x!, jwk.y!].map((part) => Buffer.from(part, 'base64url'));
    // COSE key: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
    const cose = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      point[0]!,
      Buffer.from('225820', 'hex'),
      point[1]!,
    ]);
    const length = Buffer.from([0, this.#id.length]);
    const data = this.#data(options.rp.id, 0x45, Buffer.concat([Buffer.alloc(16), length, this.#id, cose]));
    // {"fmt": "none", "attStmt": {}, "authData": data}
    const attestation = Buffer.concat([
      Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746158', 'hex'),
      Buffer.from([data.length]),
      data,
    ]);
    const client = this.#client('webauthn.create', options.challenge, origin);
    const response = {
      clientDataJSON: client.toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    };
    return this.#answer(response);
  }

  sign(options: { challenge: string; rpId: string }, origin: string): object {
    const data = this.#data(options.rpId, 0x05, Buffer.alloc(0));
    const client = this.#client('webauthn.get', options.challenge, origin);
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
    const response = {
      clientDataJSON: client.toString('base64url'),
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', signed, this.#keys.privateKey).toString('base64url'),
    };
    return this.#answer(response);
  }

  #answer(response: object): object {
    const id = this.#id.toString('base64url');
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }

  #client(type: string, challenge: string, origin: string): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }

  #data(rp: string, flags: number, more: Buffer): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(++this.#counter);
    return Buffer.concat([createHash('sha256').update(rp).digest(), Buffer.from([flags]), counter, more]);
  }
}

const here = 'https://mail.here.test';

test('a passkey is added, is asked for after the password, and signs in alone', async () => {
  await using server = await openTestApi();
  const phone = new Authenticator();
  const cookie = cookieOf(await signIn(server));
  const begun = (await post(server, '/factors/passkey-options', { password: testPassword }, cookie)).body;
  const made = { ticket: begun.ticket, name: 'Phone', passkey: phone.register(begun.options, here) };
  const added = await post(server, '/factors/passkeys', made, cookie);
  assert.equal(added.status, 200, JSON.stringify(added.body));
  assert.equal(added.body.recoveryCodes.length, 10);

  const first = (await signIn(server)).body;
  assert.equal(first.is, 'secondFactor');
  const passkey = phone.sign(first.passkey, here);
  assert.equal(
    (await post(server, '/session/second', { ticket: first.ticket, passkey })).body.is,
    'signedIn',
  );
  assert.equal((await post(server, '/session/second', { ticket: first.ticket, passkey })).status, 401);

  const { ticket, options } = (await post(server, '/session/passkey-options', {})).body;
  const alone = await post(server, '/session/passkey', { ticket, passkey: phone.sign(options, here) });
  assert.equal(alone.body.address, server.a.owner.name);
});

test('a passkey proves nothing for another origin, another challenge, or to another account', async () => {
  await using server = await openTestApi();
  const phone = new Authenticator();
  const cookie = cookieOf(await signIn(server));
  const begun = (await post(server, '/factors/passkey-options', { password: testPassword }, cookie)).body;
  const made = { ticket: begun.ticket, name: '', passkey: phone.register(begun.options, here) };
  assert.equal((await post(server, '/factors/passkeys', made, cookie)).status, 200);
  const ask = async () => (await post(server, '/session/passkey-options', {})).body;
  const one = await ask();
  const phished = phone.sign(one.options, 'https://mail.here.test.evil.test');
  assert.equal(
    (await post(server, '/session/passkey', { ticket: one.ticket, passkey: phished })).status,
    401,
  );
  const two = await ask();
  const crossed = phone.sign(two.options, here);
  assert.equal(
    (await post(server, '/session/passkey', { ticket: one.ticket, passkey: crossed })).status,
    401,
  );
  const stranger = new Authenticator();
  const passkey = stranger.sign(two.options, here);
  assert.equal((await post(server, '/session/passkey', { ticket: two.ticket, passkey })).status, 401);
  const theirs = { name: server.b.owner.name, password: testPassword };
  const other = cookieOf(await server.call('POST', '/api/v1/session', { body: theirs, headers: page }));
  const listed = await server.call('GET', '/api/v1/factors', { headers: { ...page, cookie } });
  const gone = await server.call('DELETE', `/api/v1/factors/passkeys/${listed.body.passkeys[0].id}`, {
    headers: { ...page, cookie: other },
  });
  assert.equal(gone.status, 404);
});
