import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { onlyPublic } from './dialer.ts';
import { httpsRequest, type HttpsParts, type HttpsRequest } from './https-request.ts';
import { createResolver } from './resolver.ts';
import { testAuthority } from './testing-authority.ts';
import type { Certificate } from './tls-contexts.ts';
import { createZone } from './zone.ts';

const authority = await testAuthority('Test roots');
const certificate = await authority.issue({ names: ['www.test'] });
const zone = createZone({
  records: [
    { name: 'www.test', type: 'A', data: '127.0.0.1' },
    { name: 'other.test', type: 'A', data: '127.0.0.1' },
    { name: 'empty.test', type: 'TXT', data: 'nothing' },
  ],
});
const parts: HttpsParts = {
  resolver: createResolver({ clock: systemClock, zone, servers: [] }),
  clock: systemClock,
  ca: [authority.certificate],
};

async function serve(answer: RequestListener, shown: Certificate = certificate) {
  const server = createServer({ cert: shown.chain, key: shown.key }, answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const asked = (port: number, more: Partial<HttpsRequest> = {}): HttpsRequest => ({
  host: 'www.test',
  path: '/x',
  port,
  answerMaxBytes: 100,
  timeoutMs: 10_000,
  ...more,
});

test('the answer is given as it came, whatever its status', async () => {
  await using server = await serve((request, response) => {
    response.writeHead(301, { location: 'https://elsewhere.test/', 'content-type': 'text/plain' });
    response.end(`${request.method} ${request.headers.host} ${request.url}`);
  });
  const answer = await httpsRequest(parts, asked(server.port));
  assert.ok(answer.is === 'answer');
  assert.equal(answer.status, 301);
  assert.equal(answer.headers['content-type'], 'text/plain');
  assert.equal(answer.body.toString(), `GET www.test:${server.port} /x`);
});

test('a certificate for another name, of an unknown authority, or run out is not taken', async () => {
  const elsewhere = await testAuthority('Unknown');
  const cases: (readonly [Certificate, string])[] = [
    [await authority.issue({ names: ['other.test'] }), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [await elsewhere.issue({ names: ['www.test'] }), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    [
      await authority.issue({
        names: ['www.test'],
        notBefore: new Date(0),
        notAfter: new Date(Date.now() - 1000),
      }),
      'CERT_HAS_EXPIRED',
    ],
  ];
  for (const [shown, code] of cases) {
    await using server = await serve((_, response) => response.end('secret'), shown);
    const answer = await httpsRequest(parts, asked(server.port));
    assert.deepEqual(answer, { is: 'failure', reason: 'certificate', code });
  }
});

test('an answer that is too long, a silent server and one that hangs up are failures of their own', async () => {
  await using long = await serve((_, response) => response.end('x'.repeat(101)));
  assert.equal(((await httpsRequest(parts, asked(long.port))) as { reason?: string }).reason, 'tooLarge');
  await using silent = await serve(() => {});
  const waited = await httpsRequest(parts, asked(silent.port, { timeoutMs: 50 }));
  assert.deepEqual(waited, { is: 'failure', reason: 'timeout', code: 'ETIMEDOUT' });
  await using rude = await serve((request) => request.socket.destroy());
  assert.equal(((await httpsRequest(parts, asked(rude.port))) as { reason?: string }).reason, 'broken');
});

test('nobody there, no address, and addresses that are not to be reached', async () => {
  let port = 0;
  {
    await using gone = await serve((_, response) => response.end());
    ({ port } = gone);
  }
  const refused = await httpsRequest(parts, asked(port));
  assert.deepEqual(refused, { is: 'failure', reason: 'connect', code: 'ECONNREFUSED' });
  const nowhere = await httpsRequest(parts, asked(port, { host: 'empty.test' }));
  assert.deepEqual(nowhere, { is: 'failure', reason: 'dns', code: 'no address' });
  const guarded = await httpsRequest({ ...parts, guard: onlyPublic }, asked(port));
  assert.deepEqual(guarded, { is: 'failure', reason: 'dns', code: 'address not allowed' });
});
