/** ACME against pebble: all three ways to prove a name, accounts, refusals. */
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import {
  AcmeClient,
  AcmeError,
  challengeCertificate,
  type AcmeAccount,
  type AcmeOptions,
  type Challenge,
  type Solver,
} from '../../src/net/acme-client.ts';
import { startDnsTestServer } from '../../src/net/dns-test-server.ts';
import { createResolver } from '../../src/net/resolver.ts';
import { testAuthority } from '../../src/net/testing-authority.ts';
import { TlsContexts, type Certificate } from '../../src/net/tls-contexts.ts';
import { tlsFront } from '../../src/net/tls-front.ts';
import type { ZoneRecord } from '../../src/net/zone.ts';
import { pebbleMissing, startPebble, type Pebble, type PebbleOptions } from '../pebble.ts';

const names = ['mail.here.test', 'here.test'];
const addresses: readonly ZoneRecord[] = names.map((name) => ({ name, type: 'A', data: '127.0.0.1' }));
const other = await (await testAuthority('Others')).issue({ names: ['other.test'] });

/** A host with all that an authority looks at: DNS, HTTP and TLS; and the authority. */
async function open(more: Partial<PebbleOptions> = {}) {
  const dns = await startDnsTestServer(addresses);
  const tokens = new Map<string, string>();
  const proofs = new Map<string, Certificate>();
  const http = createServer((request, response) => {
    const answer = tokens.get(request.url?.replace('/.well-known/acme-challenge/', '') ?? '');
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  }).listen(0, '127.0.0.1');
  const front = tlsFront(
    {
      clock: systemClock,
      contexts: new TlsContexts({ certificates: [other] }),
      challengeFor: async (name) => proofs.get(name),
    },
    (socket) => socket.destroy(),
  );
  front.listen(0, '127.0.0.1');
  for (const server of [http, front]) if (!server.listening) await once(server, 'listening');
  const portOf = (server: typeof front): number => (server.address() as AddressInfo).port;
  const pebble = await startPebble({
    dns: dns.address,
    httpPort: portOf(http),
    tlsPort: portOf(front),
    ...more,
  });
  const solvers: Record<Solver['type'], Solver> = {
    'http-01': {
      type: 'http-01',
      prepare: async ({ token, keyAuthorization }) => void tokens.set(token, keyAuthorization),
      remove: async ({ token }) => void tokens.delete(token),
    },
    'tls-alpn-01': {
      type: 'tls-alpn-01',
      prepare: async ({ name, keyAuthorization }) =>
        void proofs.set(name, await challengeCertificate(name, keyAuthorization, systemClock)),
      remove: async ({ name }) => void proofs.delete(name),
    },
    'dns-01': {
      type: 'dns-01',
      prepare: async ({ name, keyAuthorization }: Challenge) =>
        dns.serve([
          ...addresses,
          {
            name: `_acme-challenge.${name}`,
            type: 'TXT',
            data: createHash('sha256').update(keyAuthorization).digest('base64url'),
          },
        ]),
      remove: async () => dns.serve(addresses),
    },
  };
  return {
    dns,
    pebble,
    solvers,
    left: () => tokens.size + proofs.size,
    async [Symbol.asyncDispose]() {
      await pebble[Symbol.asyncDispose]();
      await dns[Symbol.asyncDispose]();
      http.closeAllConnections();
      http.close();
      front.close();
    },
  };
}

function clientOf(
  pebble: Pebble,
  options: Partial<AcmeOptions> = {},
  account: AcmeAccount = AcmeClient.makeAccount(),
): AcmeClient {
  const resolver = createResolver({ clock: systemClock, servers: [] });
  const https = { resolver, clock: systemClock, ca: [pebble.authority] };
  return new AcmeClient(
    https,
    { directory: pebble.directory, contact: 'postmaster@here.test', ...options },
    account,
  );
}

async function check(
  pebble: Pebble,
  { chain, key }: Certificate,
  expected: readonly string[],
): Promise<void> {
  const [leaf, issuer] = (chain.match(/-----BEGIN[^]*?END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );
  assert.ok(leaf && issuer);
  for (const name of expected) assert.ok(leaf.checkHost(name), name);
  assert.ok(leaf.checkPrivateKey(createPrivateKey(key)));
  assert.ok(leaf.verify(issuer.publicKey));
  assert.ok(issuer.verify(new X509Certificate(await pebble.root()).publicKey));
}

const skip = { skip: pebbleMissing };

test(
  'a certificate by each of the three proofs, with what proves a name cleared up behind',
  skip,
  async () => {
    await using world = await open();
    const client = clientOf(world.pebble);
    for (const type of ['http-01', 'tls-alpn-01', 'dns-01'] as const) {
      await check(world.pebble, await client.issue(names, world.solvers[type]), names);
      assert.equal(world.left(), 0);
    }
  },
);

test('a wildcard, by DNS only', skip, async () => {
  await using world = await open();
  const client = clientOf(world.pebble);
  const wild = await client.issue(['*.here.test'], world.solvers['dns-01']);
  await check(world.pebble, wild, ['anything.here.test']);
  // Another account: the authority may take a name for proved that the first has proved.
  await assert.rejects(
    clientOf(world.pebble).issue(['*.here.test'], world.solvers['http-01']),
    (error) => error instanceof AcmeError && error.type === 'unsupported',
  );
});

test(
  'an account is made once and used again; one that the authority must know is vouched for',
  skip,
  async () => {
    await using world = await open({
      externalAccounts: { 'kid-1': 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W' },
    });
    const account = AcmeClient.makeAccount();
    await assert.rejects(
      clientOf(world.pebble, {}, account).account(),
      (error) => error instanceof AcmeError && error.type === 'externalAccountRequired',
    );
    const external = { id: 'kid-1', key: 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W' };
    const url = await clientOf(world.pebble, { external }, account).account();
    assert.match(url, /^https:/);
    const again = clientOf(world.pebble, { external }, account);
    assert.equal(await again.account(), url, 'the same key is the same account');
    await check(
      world.pebble,
      await clientOf(world.pebble, {}, { ...account, url }).issue(names, world.solvers['http-01']),
      names,
    );
  },
);

test('a proof that is not there is refused with the reason, and cleared up', skip, async () => {
  await using world = await open();
  const lazy: Solver = { ...world.solvers['http-01'], prepare: async () => {} };
  await assert.rejects(
    clientOf(world.pebble).issue(['mail.here.test'], lazy),
    (error) => error instanceof AcmeError && error.type === 'unauthorized' && /404/.test(error.message),
  );
  world.dns.serve([]);
  await assert.rejects(
    clientOf(world.pebble).issue(['mail.here.test'], world.solvers['http-01']),
    (error) => error instanceof AcmeError,
  );
  assert.equal(world.left(), 0);
});

test('an authority that is not there, or that nobody vouches for, is told as such', async () => {
  const lost = new AcmeClient(
    { resolver: createResolver({ clock: systemClock, servers: [] }), clock: systemClock },
    { directory: 'https://localhost:1/dir', contact: '' },
    AcmeClient.makeAccount(),
  );
  await assert.rejects(lost.account(), (error) => error instanceof AcmeError && error.type === 'network');
});
