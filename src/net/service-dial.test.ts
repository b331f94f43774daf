import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { dialService, parseServiceAddress, serviceText } from './service-dial.ts';
import { ServiceLink } from './service-link.ts';

const nobody = async (name: string) => {
  const step = { name, type: 'A' as const, answer: ['NXDOMAIN'], ms: 0 };
  return { is: 'nxDomain', canonicalName: name, authenticated: false, ttlSeconds: 0, step } as const;
};
const dialer = { clock: systemClock, resolver: { a: nobody, aaaa: nobody } };

test('services are named as Postfix names milters', () => {
  assert.deepEqual(parseServiceAddress('unix:/run/x.sock'), { is: 'unix', path: '/run/x.sock' });
  assert.deepEqual(parseServiceAddress('/run/x.sock'), { is: 'unix', path: '/run/x.sock' });
  assert.deepEqual(parseServiceAddress('inet:localhost:8891'), { is: 'tcp', host: 'localhost', port: 8891 });
  assert.deepEqual(parseServiceAddress('192.0.2.1:783'), { is: 'tcp', host: '192.0.2.1', port: 783 });
  assert.deepEqual(parseServiceAddress('inet6:[::1]:783'), { is: 'tcp', host: '::1', port: 783 });
  for (const text of ['', 'unix:run/x', 'inet:8891@localhost', 'host', 'host:0', 'host:70000', 'a b:1'])
    assert.equal(parseServiceAddress(text), undefined, text);
  assert.equal(serviceText({ is: 'unix', path: '/run/x' }), 'unix:/run/x');
});

test('a UNIX socket is dialled, talked with both ways, and a missing one is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-service-'));
  const path = join(folder, 'socket');
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
    socket.on('end', () => socket.end('.'));
  });
  server.listen(path);
  await once(server, 'listening');
  try {
    using link = new ServiceLink(
      await dialService(dialer, { is: 'unix', path }, { timeoutMs: 5000 }),
      systemClock,
    );
    void link.send('hello');
    assert.equal((await link.receive(5000))?.toString(), 'HELLO');
    assert(link.isFresh);
    link.end();
    assert.equal((await link.receive(5000))?.toString(), '.');
    assert.equal(await link.receive(5000), undefined);
    assert(!link.isFresh);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
  await assert.rejects(dialService(dialer, { is: 'unix', path }, { timeoutMs: 5000 }), {
    name: 'DialError',
    reason: 'refused',
  });
  await assert.rejects(dialService(dialer, { is: 'tcp', host: 'no.test', port: 1 }, { timeoutMs: 5000 }), {
    name: 'DialError',
    reason: 'failed',
  });
});

test('a service that is silent is not waited for any longer than told', async () => {
  const server = createServer(() => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  using link = new ServiceLink(
    await dialService(dialer, { is: 'tcp', host: 'localhost', port }, { timeoutMs: 5000 }),
    systemClock,
  );
  await assert.rejects(link.receive(20), { name: 'LinkError' });
  server.close();
});
