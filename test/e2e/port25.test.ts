/** A server behind a provider that closes port 25 (OP25B): it finds out by itself, sends by its smart host, and says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { testServer } from '../../src/delivery/testing.ts';
import { freePorts, password, RunningServer } from '../running-server.ts';

async function eventually<T>(
  what: () => Promise<T | undefined> | T | undefined,
  failed: () => string,
): Promise<T> {
  for (let i = 0; i < 1200; i++) {
    const found = await what();
    if (found !== undefined) return found;
    await wait(50);
  }
  throw new Error(failed());
}

test('mail leaves by the smart host at once, readyz and the journey say why', async () => {
  await using smart = await testServer();
  const [closed] = await freePorts(1);
  await using server = await RunningServer.start({
    listeners: { submission: {}, http: {} },
    accounts: ['alice@here.test'],
    settings: {
      log: { level: 'info' },
      dns: {
        zone: [
          { name: 'there.test', type: 'MX', data: '10 mx.there.test' },
          // Would be tried for half a minute, were port 25 not known to be closed.
          { name: 'mx.there.test', type: 'A', data: '192.0.2.1' },
          { name: 'known.test', type: 'A', data: '127.0.0.1' },
        ],
      },
      delivery: { port: closed, ownNetworksAllowed: true, probeHosts: ['known.test'] },
      submission: { plainTextLogin: true },
      routes: [{ domain: '*', when: 'unreachable', hosts: [`127.0.0.1:${smart.port}`] }],
    },
  });
  const said = (text: string): string | undefined => server.log.find((line) => line.includes(text));
  await eventually(
    () => said('port 25 is closed on the way out (OP25B)'),
    () => server.log.join('\n'),
  );
  const ready = await (await fetch(`http://127.0.0.1:${server.port('http')}/readyz`)).text();
  assert.match(ready, /"name":"port 25","ok":false/);
  const mailer = createTransport({
    host: '127.0.0.1',
    port: server.port('submission'),
    ignoreTLS: true,
    auth: { user: 'alice@here.test', pass: password },
  });
  await mailer.sendMail({
    from: 'alice@here.test',
    to: 'bob@there.test',
    subject: 'By another way',
    text: 'Hello',
  });
  mailer.close();
  await eventually(
    () => smart.texts[0],
    () => server.log.join('\n'),
  );
  const journey = await eventually(
    () => {
      const told = server.command('journey', 'bob@there.test', '--language', 'en');
      return told.includes('by the smart host: port 25 is closed') ? told : undefined;
    },
    () => server.command('journey', 'bob@there.test', '--language', 'en'),
  );
  assert.match(journey, /Delivered for bob@there\.test/);
});
