/**
 * Certificates of the whole program: issued by an authority (pebble) and shown on every port without a restart, and files of the settings that
 * change while it runs.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectPlain, type Socket } from 'node:net';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { startDnsTestServer } from '../../src/net/dns-test-server.ts';
import { testAuthority } from '../../src/net/testing-authority.ts';
import type { Certificate } from '../../src/net/tls-contexts.ts';
import { pebbleMissing, startPebble } from '../pebble.ts';
import { RunningServer } from '../running-server.ts';

async function shown(
  port: number,
  servername: string,
  before?: (socket: Socket) => Promise<void>,
): Promise<X509Certificate> {
  const plain = connectPlain(port, '127.0.0.1');
  await once(plain, 'connect');
  await before?.(plain);
  const socket: TLSSocket = connect({ socket: plain, servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = new X509Certificate(socket.getPeerX509Certificate()!.raw);
  socket.destroy();
  return certificate;
}

/** Through the greeting, EHLO and STARTTLS of SMTP. */
async function startTls(socket: Socket): Promise<void> {
  let heard = '';
  const until = async (end: RegExp): Promise<void> => {
    while (!end.test(heard)) heard += String(((await once(socket, 'data')) as [Buffer])[0]);
    heard = '';
  };
  await until(/^220 .*\r\n$/);
  socket.write('EHLO there.test\r\n');
  await until(/^250 .*\r\n$/m);
  socket.write('STARTTLS\r\n');
  await until(/^220 .*\r\n$/);
}

async function eventually<T>(what: () => Promise<T | undefined>, failed: () => string): Promise<T> {
  for (let i = 0; i < 1200; i++) {
    const found = await what();
    if (found !== undefined) return found;
    await wait(100);
  }
  throw new Error(failed());
}

test('an authority issues certificates for the host and its domains; every port shows them at once, and after a restart', {
  skip: pebbleMissing,
}, async () => {
  for (const challenge of ['http-01', 'tls-alpn-01'] as const) {
    const names = ['mx.here.test', 'imap.here.test', 'mta-sts.here.test', 'autoconfig.here.test'];
    const addresses = names.map((name) => ({ name, type: 'A' as const, data: '127.0.0.1' }));
    await using dns = await startDnsTestServer(addresses);
    const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
    const listeners = { mx: {}, imaps: {}, http: {}, https: {} };
    const prepared = await RunningServer.prepare({ listeners });
    const ports = { http: prepared.port('http'), https: prepared.port('https') };
    await prepared[Symbol.asyncDispose]();
    await using pebble = await startPebble({ dns: dns.address, httpPort: ports.http, tlsPort: ports.https });
    const authorities = join(folder, 'pebble.pem');
    writeFileSync(authorities, pebble.authority);
    await using server = await RunningServer.start({
      listeners: { mx: {}, imaps: {}, http: { port: ports.http }, https: { port: ports.https } },
      accounts: ['alice@here.test'],
      settings: {
        log: { level: 'info' },
        tls: {
          acme: {
            directory: pebble.directory,
            contact: 'postmaster@here.test',
            extraNames: ['imap.here.test'],
            challenge,
            authorities,
          },
        },
        dns: { servers: [`127.0.0.1:${dns.address.port}`] },
      },
    });
    const root = new X509Certificate(await pebble.root());
    const issued = async (
      port: number,
      name: string,
      before?: Parameters<typeof shown>[2],
    ): Promise<true | undefined> => {
      const certificate = await shown(port, name, before);
      return certificate.checkHost(name) !== undefined && certificate.issuer !== certificate.subject
        ? true
        : undefined;
    };
    const trouble = (): string => `${server.log.join('\n')}\n${pebble.log()}`;
    const check = async (): Promise<void> => {
      await eventually(() => issued(server.port('imaps'), 'imap.here.test'), trouble);
      await eventually(() => issued(server.port('https'), 'mta-sts.here.test'), trouble);
      await eventually(() => issued(server.port('https'), 'autoconfig.here.test'), trouble);
      await eventually(() => issued(server.port('mx'), 'mx.here.test', startTls), trouble);
    };
    await check();
    const host = await shown(server.port('imaps'), 'mx.here.test');
    assert.deepEqual(host.subjectAltName?.split(', ').sort(), ['DNS:imap.here.test', 'DNS:mx.here.test']);
    const domain = await shown(server.port('https'), 'mta-sts.here.test');
    assert.deepEqual(domain.subjectAltName?.split(', ').sort(), [
      'DNS:autoconfig.here.test',
      'DNS:mta-sts.here.test',
    ]);
    assert.ok(root.subject.includes('Pebble'));
    const ready = (await (await fetch(`http://127.0.0.1:${ports.http}/readyz`)).json()) as {
      checks: { name: string; ok: boolean; detail: string }[];
    };
    const own = ready.checks.find((one) => one.name.includes('imap.here.test'));
    assert.ok(own?.ok === true && own.detail.startsWith('acme: by Pebble'), JSON.stringify(ready));
    const metrics = await (await fetch(`http://127.0.0.1:${ports.http}/metrics`)).text();
    assert.match(
      metrics,
      /^hikyaku_tls_certificate_expires_timestamp_seconds\{name="(mx|imap)\.here\.test",source="acme"\} \d/m,
    );
    const { serialNumber } = host;
    await server.stop();
    await server.begin();
    await check();
    assert.equal((await shown(server.port('imaps'), 'mx.here.test')).serialNumber, serialNumber);
    rmSync(folder, { recursive: true });
  }
});

test('certificate files that change are shown without a restart; half a change and a broken one change nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const roots = await testAuthority('Roots');
  const put = ({ chain, key }: Certificate): void => {
    for (const [name, text] of [
      ['cert.pem', chain],
      ['key.pem', key],
    ] as const) {
      writeFileSync(join(folder, `${name}.new`), text);
      renameSync(join(folder, `${name}.new`), join(folder, name));
    }
  };
  const first = await roots.issue({ names: ['mx.here.test'] });
  const second = await roots.issue({ names: ['mx.here.test', 'new.here.test'] });
  const third = await roots.issue({ names: ['mx.here.test', 'newest.here.test'] });
  put(first);
  const files = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  await using server = await RunningServer.start({
    listeners: { imaps: {}, https: {} },
    settings: { log: { level: 'info' }, tls: { certificates: [files] } },
  });
  const names = async (port: number): Promise<string> =>
    (await shown(port, 'mx.here.test')).subjectAltName ?? '';
  assert.equal(await names(server.port('imaps')), 'DNS:mx.here.test');
  writeFileSync(files.certificate, second.chain);
  await eventually(
    async () => (server.log.some((line) => line.includes('cannot be used')) ? true : undefined),
    () => server.log.join('\n'),
  );
  assert.equal(await names(server.port('imaps')), 'DNS:mx.here.test');
  writeFileSync(files.key, second.key);
  for (const kind of ['imaps', 'https'] as const)
    await eventually(
      async () => ((await names(server.port(kind))).includes('new.here') ? true : undefined),
      () => server.log.join('\n'),
    );
  put(third);
  process.kill(server.pid, 'SIGHUP');
  await eventually(
    async () => ((await names(server.port('imaps'))).includes('newest.here') ? true : undefined),
    () => server.log.join('\n'),
  );
  rmSync(folder, { recursive: true });
});
