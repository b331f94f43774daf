/** What a sender asks of encryption (RFC 8689), from its mailer to the next server, by the whole program. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from 'node:tls';
import { startTls, testServer } from '../../src/delivery/testing.ts';
import { testAuthority } from '../../src/net/testing-authority.ts';
import { TlsContexts } from '../../src/net/tls-contexts.ts';
import { converse } from '../converse.ts';
import { password, RunningServer } from '../running-server.ts';

const login = Buffer.from(`\0alice@here.test\0${password}`).toString('base64');

async function submit(
  server: RunningServer,
  {
    to,
    params = '',
    header = '',
  }: { readonly to: string; readonly params?: string; readonly header?: string },
): Promise<void> {
  const socket = connect({ port: server.port('submissions'), host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  await converse(
    socket,
    `S: 220 ...
    C: EHLO mailer.test
    S* 250-REQUIRETLS
    S* 250 ...
    C: AUTH PLAIN ${login}
    S: 235 ...
    C: MAIL FROM:<alice@here.test>${params}
    S: 250 ...
    C: RCPT TO:<${to}>
    S: 250 ...
    C: DATA
    S: 354 ...
    C~ From: alice@here.test\\r\\n${header}Subject: Secret\\r\\n\\r\\nHello\\r\\n.\\r\\n
    S: 250 ...`,
  );
  socket.destroy();
}

test('REQUIRETLS goes on to servers that keep it and comes back from others; TLS-Required: No goes past a broken promise', async () => {
  const authority = await testAuthority('Roots');
  const shown = await authority.issue({ names: ['mx.keeps.test', 'mx.plain.test', 'mx.broken.test'] });
  const answer = startTls(new TlsContexts({ certificates: [shown] }));
  await using keeps = await testServer({ extensions: ['STARTTLS', 'REQUIRETLS'], answer });
  await using plain = await testServer({
    extensions: ['STARTTLS'],
    answer,
    host: '127.0.0.2',
    port: keeps.port,
  });
  const folder = mkdtempSync(join(tmpdir(), 'require-tls-'));
  const authorities = join(folder, 'roots.pem');
  writeFileSync(authorities, authority.certificate);
  const host = (name: string, ip: string): object[] => [
    { name: `${name}.test`, type: 'MX', data: `10 mx.${name}.test` },
    { name: `mx.${name}.test`, type: 'A', data: ip },
  ];
  await using server = await RunningServer.start({
    listeners: { submissions: {} },
    accounts: ['alice@here.test'],
    settings: {
      delivery: { port: keeps.port, ownNetworksAllowed: true, authorities },
      dns: {
        zone: [
          ...host('keeps', '127.0.0.1'),
          ...host('plain', '127.0.0.2'),
          ...host('broken', '127.0.0.2'),
          { name: `_${keeps.port}._tcp.mx.broken.test`, type: 'TLSA', data: `3 1 1 ${'00'.repeat(32)}` },
        ],
      },
    },
  });
  const until = async (holds: () => boolean): Promise<void> => {
    for (let tries = 0; tries < 400 && !holds(); tries++) await wait(50);
    assert.ok(holds(), String(holds));
  };
  const journey = async (to: string, what: RegExp): Promise<void> => {
    let told = '';
    for (let tries = 0; tries < 100 && !what.test(told); tries++) {
      told = server.tryCommand('journey', to, '--language', 'en').said;
      if (!what.test(told)) await wait(300);
    }
    assert.match(told, what);
  };
  await submit(server, { to: 'bob@keeps.test', params: ' REQUIRETLS' });
  await until(() => keeps.texts.length === 1);
  assert.ok(keeps.heard.includes('MAIL FROM:<alice@here.test> REQUIRETLS'), keeps.heard.join('\n'));

  await submit(server, { to: 'bob@plain.test', params: ' REQUIRETLS' });
  await journey('bob@plain.test', /5\.7\.30/);
  assert.deepEqual(plain.texts, []);

  await submit(server, { to: 'one@broken.test' });
  await journey('one@broken.test', /DANE/);
  assert.deepEqual(plain.texts, []);
  await submit(server, { to: 'two@broken.test', header: 'TLS-Required: No\\r\\n' });
  await until(() => plain.texts.length === 1);
  assert.match(plain.texts[0]!, /^TLS-Required: No\r$/m, 'the next server hears it as well');
  rmSync(folder, { recursive: true });
});
