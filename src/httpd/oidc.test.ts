/** Signing in by an identity provider, against a real one (oidc-provider, certified) on this machine. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Provider } from 'oidc-provider';
import { ownPath } from './session/oidc-routes.ts';
import { openTestApi, type Answer, type TestApi } from './testing.ts';

const base = '/api/v1/session/oidc';
const host = 'mail.here.test';
const callback = `https://${host}${base}/office/callback`;

/** People as the provider knows them: what they log in with, and the address that it tells. */
const people: Readonly<Record<string, { readonly email: string; readonly verified: boolean }>> = {
  owner: { email: 'Owner@here.test', verified: true },
  unverified: { email: 'owner@here.test', verified: false },
  nobody: { email: 'nobody@here.test', verified: true },
  outsider: { email: 'owner@there.test', verified: true },
};

async function openProvider(): Promise<Server> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'hikyaku', client_secret: 'a secret', redirect_uris: [callback] }],
    claims: { email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, email: people[id]?.email, email_verified: people[id]?.verified }),
    }),
  });
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  return server;
}

/** A browser at the provider: logs in, consents, and gives where it is led back to. */
async function logIn(url: string, name: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let at = url;
  let body: URLSearchParams | undefined;
  for (let step = 0; step < 20; step++) {
    const response = await fetch(at, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([key, value]) => `${key}=${value}`).join('; ') },
      ...(body && { method: 'POST', body }),
    });
    for (const each of response.headers.getSetCookie()) {
      const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      cookies.set(key, value);
    }
    const to = response.headers.get('location');
    if (to !== null) {
      const next = new URL(to, at);
      if (next.origin !== new URL(url).origin) return next;
      [at, body] = [next.href, undefined];
      continue;
    }
    const page = await response.text();
    const action = /action="([^"]+)"/.exec(page)?.[1];
    assert.ok(action, `${response.status} ${page.slice(0, 300)}`);
    at = new URL(action, at).href;
    body = page.includes('name="login"')
      ? new URLSearchParams({ prompt: 'login', login: name, password: 'x' })
      : new URLSearchParams({ prompt: 'consent' });
  }
  throw new Error('the provider leads nowhere');
}

const cookieOf = ({ headers }: Answer, name: string): string =>
  [headers['set-cookie']]
    .flat()
    .map(String)
    .find((each) => each.startsWith(name))
    ?.split(';')[0] ?? '';

describe('signing in by an identity provider', () => {
  let idp: Server;
  let server: TestApi;
  const from = { host, 'x-forwarded-proto': 'https' };
  before(async () => {
    idp = await openProvider();
    const issuer = `http://127.0.0.1:${(idp.address() as AddressInfo).port}`;
    const one = {
      issuer,
      clientId: 'hikyaku',
      clientSecret: 'a secret',
      domains: ['here.test'],
      plainHttp: true,
    };
    server = await openTestApi({
      oidc: [
        { ...one, name: 'office', title: 'Office' },
        { ...one, name: 'gone', title: '', issuer: 'http://127.0.0.1:1' },
      ],
    });
  });
  after(async () => {
    idp.closeAllConnections();
    idp.close();
    await server[Symbol.asyncDispose]();
  });

  const begin = (to = '/console/queue?q=x') =>
    server.call('GET', `${base}/office?to=${encodeURIComponent(to)}`, { headers: from });
  const comeBack = (url: URL, cookie: string) =>
    server.call('GET', url.pathname + url.search, { headers: { ...from, cookie } });

  test('providers are told to the door, without their secrets', async () => {
    const { body } = await server.call('GET', base);
    assert.deepEqual(body.items, [
      { name: 'office', title: 'Office' },
      { name: 'gone', title: 'gone' },
    ]);
  });

  test('a verified address signs in to its account, and leads to where the person wanted to be', async () => {
    const out = await begin();
    assert.equal(out.status, 302);
    const asked = new URL(String(out.headers['location']));
    assert.equal(asked.searchParams.get('code_challenge_method'), 'S256');
    assert.equal(asked.searchParams.get('response_type'), 'code');
    assert.match(asked.searchParams.get('nonce')!, /./);
    assert.match(String(out.headers['set-cookie']), /HttpOnly; SameSite=Lax; Secure/);
    const back = await logIn(asked.href, 'owner');
    const cookie = cookieOf(out, '__Host-hikyaku-oidc');
    const inside = await comeBack(back, cookie);
    assert.equal(inside.status, 303);
    assert.equal(inside.headers['location'], '/console/queue?q=x');
    const session = cookieOf(inside, '__Host-hikyaku=');
    const who = await server.call('GET', '/api/v1/session', { headers: { ...from, cookie: session } });
    assert.equal(who.body.address, server.a.owner.name);
    const list = await server.call('GET', '/api/v1/sessions', { headers: { ...from, cookie: session } });
    assert.equal(list.body.items[0].proved, 'oidc office');
    // The same answer again is worth nothing.
    assert.equal((await comeBack(back, cookie)).headers['location'], '/sign-in?problem=oidcFailed');
  });

  test('unverified addresses, strangers and domains that it may not vouch for stay outside', async () => {
    const ends = { unverified: 'oidcUnverified', nobody: 'oidcUnknown', outsider: 'oidcUnverified' };
    for (const [name, problem] of Object.entries(ends)) {
      const out = await begin();
      const back = await logIn(String(out.headers['location']), name);
      const answer = await comeBack(back, cookieOf(out, '__Host-hikyaku-oidc'));
      assert.equal(answer.headers['location'], `/sign-in?problem=${problem}`, name);
      assert.equal(cookieOf(answer, '__Host-hikyaku='), '', name);
    }
  });

  test('an answer without its cookie, with that of another beginning, or with another state is refused', async () => {
    const [first, second] = [await begin(), await begin()];
    const back = await logIn(String(first.headers['location']), 'owner');
    const failed = '/sign-in?problem=oidcFailed';
    assert.equal((await comeBack(back, '')).headers['location'], failed);
    const other = cookieOf(second, '__Host-hikyaku-oidc');
    assert.equal((await comeBack(back, other)).headers['location'], failed);
    const forged = new URL(back);
    forged.searchParams.set('state', 'forged');
    assert.equal(
      (await comeBack(forged, cookieOf(first, '__Host-hikyaku-oidc'))).headers['location'],
      failed,
    );
  });

  test('a provider that is away is told as such; one that is not there is not found', async () => {
    const away = await server.call('GET', `${base}/gone`, { headers: from });
    assert.equal(away.headers['location'], '/sign-in?problem=oidcAway');
    const none = await server.call('GET', `${base}/none`, { headers: from });
    assert.equal(none.headers['location'], '/sign-in?problem=oidcUnknown');
    const clear = await server.call('GET', `${base}/office`, { headers: { ...from, 'x-plain': '1' } });
    assert.equal(clear.body.type, 'urn:hikyaku:problem:encryptionRequired');
  });

  test('the way back leads nowhere outside', () => {
    for (const bad of [
      'https://evil.test/',
      '//evil.test',
      '/\\evil.test',
      'javascript:alert(1)',
      '/\t/evil.test',
    ])
      assert.equal(ownPath(bad).startsWith('//') || ownPath(bad).includes(':'), false, bad);
    assert.equal(ownPath('/console?x=1'), '/console?x=1');
    assert.equal(ownPath(undefined), '/');
  });
});
