/** A server with limits: mail waits by itself and goes by itself, from the addresses that were named, and it is told why. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { testServer } from '../../src/delivery/testing.ts';
import { password, RunningServer } from '../running-server.ts';

async function eventually<T>(what: () => T | undefined, failed: () => string): Promise<T> {
  for (let i = 0; i < 100; i++) {
    const found = what();
    if (found !== undefined) return found;
    await wait(50);
  }
  throw new Error(failed());
}

test('limits hold mail back and let it go; a receiver that says "later" is obeyed; why tells all of it', async () => {
  let shut = false;
  const peers: string[] = [];
  await using receiver = await testServer({
    answer: (line, connection) => {
      if (line.startsWith('EHLO')) peers.push(`${connection.peer.ip} ${line}`);
      return shut && line.startsWith('MAIL')
        ? '451 4.7.1 Rate limit exceeded, try again in 15 minutes'
        : undefined;
    },
  });
  await using server = await RunningServer.start({
    listeners: { submission: {} },
    accounts: ['alice@here.test'],
    settings: {
      log: { level: 'info' },
      dns: {
        zone: [
          { name: 'there.test', type: 'MX', data: '10 mx.there.test' },
          { name: 'mx.there.test', type: 'A', data: '127.0.0.1' },
        ],
      },
      delivery: { port: receiver.port, ownNetworksAllowed: true },
      submission: { plainTextLogin: true },
      shaping: {
        sources: [{ name: 'two', addresses: ['127.0.0.2'], hostname: 'two.out.test' }],
        rules: [{ host: 'mx.there.test', messageRate: '2/s', why: 'agreed by telephone' }],
      },
    },
  });
  const mailer = createTransport({
    host: '127.0.0.1',
    port: server.port('submission'),
    ignoreTLS: true,
    auth: { user: 'alice@here.test', pass: password },
  });
  const send = (subject: string) =>
    mailer.sendMail({ from: 'alice@here.test', to: 'bob@there.test', subject, text: 'Hello' });
  for (let i = 0; i < 4; i++) await send(`number ${i}`);
  const why = (...more: string[]): string => server.command('why', 'there.test', '--language', 'en', ...more);
  assert.match(why(), /copies sent +2\/s +mx\.there\.test +settings 1/);
  await eventually(
    () => (receiver.texts.length === 4 ? true : undefined),
    () => `${receiver.texts.length} came\n${server.log.join('\n')}`,
  );
  assert.deepEqual([...new Set(peers)], ['127.0.0.2 EHLO two.out.test']);
  shut = true;
  await send('too much');
  await eventually(
    () => (why().includes('The receiver shut us out') ? true : undefined),
    () => why() + server.log.join('\n'),
  );
  assert.match(why(), /leaves by: two \(127\.0\.0\.2\)/);
  assert.match(server.command('why', 'there.test', '--language', 'ja'), /受信側に止められています/);
  const { messageId } = (await send('waits')) as { messageId: string };
  const journey = await eventually(
    () => {
      const told = server.command('journey', messageId, '--language', 'en');
      return told.includes('Waiting now for there.test') ? told : undefined;
    },
    () => server.command('journey', messageId, '--language', 'en'),
  );
  assert.match(journey, /The receiver shut us out/);
  mailer.close();
});

test('the linter reads the settings file, without a server', async () => {
  await using server = await RunningServer.prepare({
    listeners: {},
    settings: { shaping: { rules: [{ provider: 'docomo', connections: 1, messagesPerConnection: 10 }] } },
  });
  const said = server.command('shaping', 'lint');
  assert.match(said, /settings 1: slow: 1 connection × 10 messages at 5 s each = at most 12\/min/);
  assert.match(
    server.command('shaping', 'show', '--provider', 'docomo'),
    /shipped \d+ +docomo, over all its sites +connections 2/,
  );
  assert.match(server.command('shaping', 'providers'), /docomo +NTT docomo +\.docomo\.ne\.jp/);
});
