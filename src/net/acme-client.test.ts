import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import 'reflect-metadata/lite';
import * as x509 from '@peculiar/x509';
import { systemClock } from '../base/clock.ts';
import { AcmeClient, AcmeError, renewalId } from './acme-client.ts';
import { createResolver } from './resolver.ts';
import { testAuthority } from './testing-authority.ts';

// Against a real authority: test/interop/acme.test.ts. Here is what that one cannot do.

const authority = await testAuthority('Roots');
const certificate = await authority.issue({ names: ['localhost'] });

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

async function fake(answers: Readonly<Record<string, Answer>>) {
  const asked: string[] = [];
  const server = createServer({ cert: certificate.chain, key: certificate.key }, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    const base = `https://localhost:${port}`;
    const standard: Record<string, Answer> = {
      '/dir': {
        body: {
          newNonce: `${base}/nonce`,
          newAccount: `${base}/account`,
          newOrder: `${base}/order`,
          renewalInfo: `${base}/info`,
        },
      },
      '/nonce': {},
    };
    const {
      status = 200,
      headers = {},
      body = '',
    } = answers[request.url!] ?? standard[request.url!] ?? { status: 404 };
    response.writeHead(status, { 'replay-nonce': 'n1', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const https = {
    resolver: createResolver({ clock: systemClock, servers: [] }),
    clock: systemClock,
    ca: [authority.certificate],
  };
  return {
    asked,
    client: new AcmeClient(
      https,
      { directory: `https://localhost:${port}/dir`, contact: '' },
      AcmeClient.makeAccount(),
    ),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('when a renewal is wanted (RFC 9773): the window, and when to ask again', async () => {
  await using server = await fake({
    '/info/abc.def': {
      headers: { 'retry-after': '21600' },
      body: { suggestedWindow: { start: '2026-12-02T04:00:00Z', end: '2026-12-03T04:00:00Z' } },
    },
    '/info/odd': { body: { suggestedWindow: { start: 'soon', end: 'later' } } },
  });
  assert.deepEqual(await server.client.renewalWindow('abc.def'), {
    startMs: Date.UTC(2026, 11, 2, 4),
    endMs: Date.UTC(2026, 11, 3, 4),
    askAgainMs: 21_600_000,
  });
  assert.equal(await server.client.renewalWindow('odd'), undefined);
  assert.equal(await server.client.renewalWindow('unknown'), undefined);
});

test('the name of a certificate for that: key of the authority and serial number, as DER has them', async () => {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '0087654321',
      name: 'CN=example.test',
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: [new x509.AuthorityKeyIdentifierExtension('69885b6b87464041e1b37b847ba0ae2cde01c8d4')],
    },
    webcrypto,
  );
  // The example of RFC 9773, 4.1.
  assert.equal(await renewalId(made.toString('pem')), 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
  assert.equal(await renewalId(authority.certificate), undefined);
});

test('limits of the authority are told with the time it asks for', async () => {
  await using server = await fake({
    '/account': {
      status: 429,
      headers: { 'retry-after': '3600' },
      body: { type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many accounts' },
    },
  });
  await assert.rejects(
    server.client.account(),
    (error) => error instanceof AcmeError && error.type === 'rateLimited' && error.retryAfterMs === 3_600_000,
  );
});

test('a nonce that is always refused, and answers that are no ACME, come to an end', async () => {
  await using stubborn = await fake({
    '/account': { status: 400, body: { type: 'urn:ietf:params:acme:error:badNonce', detail: 'no' } },
  });
  await assert.rejects(
    stubborn.client.account(),
    (error) => error instanceof AcmeError && error.type === 'badNonce',
  );
  assert.ok(stubborn.asked.length < 10);
  await using page = await fake({ '/dir': { body: '<html>' } });
  await assert.rejects(
    page.client.account(),
    (error) => error instanceof AcmeError && error.type === 'malformed',
  );
});
