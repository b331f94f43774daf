/** Against servers that others wrote: Postfix (its smtpd with STARTTLS, CHUNKING, DSN) and smtp-sink in its moods. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../base/clock.ts';
import { dial } from '../../net/dialer.ts';
import { listen } from '../../net/listener.ts';
import { makeSelfSigned } from '../../net/self-signed.ts';
import type { AttemptResult, Outcome } from '../../queue/attempt.ts';
import { deliverTo, remoteTo } from '../testing.ts';

const sinkProgram = '/usr/sbin/smtp-sink';
const postfixProgram = '/usr/sbin/postfix';
const noSink = existsSync(sinkProgram) ? false : 'smtp-sink is not installed (Debian package postfix)';
const noPostfix = !existsSync(postfixProgram)
  ? 'Postfix is not installed'
  : process.getuid?.() === 0
    ? false
    : 'Postfix is only started by root';

async function freePort(): Promise<number> {
  const listener = await listen({ host: '127.0.0.1', port: 0, clock: systemClock }, () => {});
  await listener.close();
  return listener.address.port;
}

async function untilItListens(port: number): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const connection = await dial({ ip: '127.0.0.1', port, clock: systemClock }).catch(() => undefined);
    if (connection) return connection.destroy('it listens');
    await pause(50);
  }
  throw new Error(`nobody listens at port ${port}`);
}

const told = (outcome: Outcome | undefined): string =>
  outcome === undefined || outcome.is === 'redirected'
    ? ''
    : outcome.is === 'delivered'
      ? 'delivered'
      : `${outcome.is} ${outcome.answer.phase} ${outcome.answer.reply.slice(0, 3)}`;

async function withSink(flags: readonly string[], mails: number): Promise<readonly string[]> {
  const port = await freePort();
  const sink = spawn(sinkProgram, ['-u', 'nobody', ...flags, `127.0.0.1:${port}`, '64'], { stdio: 'ignore' });
  try {
    await untilItListens(port);
    const remote = remoteTo(port);
    const names = Array.from({ length: mails }, (_, i) => `u${i}@there.test`);
    const results = await Promise.all(
      names.map((name) =>
        deliverTo(remote, [name, `x-${name}`], { connectionsMax: 2, text: `Subject: x\r\n\r\n.${name}\r\n` }),
      ),
    );
    remote.stop();
    return [...new Set(results.flatMap((r) => r.outcomes.map(told)))];
  } finally {
    sink.kill();
    await once(sink, 'exit');
  }
}

test('smtp-sink in its moods', { skip: noSink }, async () => {
  const moods: readonly (readonly [readonly string[], string])[] = [
    [[], 'delivered'],
    [['-e'], 'delivered'],
    [['-p'], 'delivered'],
    [['-8'], 'delivered'],
    [['-r', 'mail'], 'deferred mail 450'],
    [['-r', 'rcpt'], 'deferred rcpt 450'],
    [['-r', 'data'], 'deferred data 450'],
    [['-r', '.'], 'deferred dot 450'],
    [['-f', 'connect'], 'deferred banner 500'],
    [['-f', 'mail'], 'failed mail 500'],
    [['-f', 'rcpt'], 'failed rcpt 500'],
    [['-f', 'data'], 'failed data 500'],
    [['-f', '.'], 'failed dot 500'],
    [['-q', 'rcpt'], 'deferred rcpt 451'],
    [['-Q', 'rcpt'], 'deferred rcpt 421'],
    [['-q', '.'], 'unknown dot 451'],
  ];
  for (const [flags, expected] of moods)
    assert.deepEqual(await withSink(flags, 7), [expected], flags.join(' '));
});

interface PostfixServer extends AsyncDisposable {
  readonly port: number;
  log(): string;
}

async function startPostfix(settings: readonly string[]): Promise<PostfixServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-postfix-'));
  const port = await freePort();
  const etc = join(folder, 'etc');
  chmodSync(folder, 0o755);
  for (const name of ['etc', 'spool', 'data']) mkdirSync(join(folder, name), { mode: 0o755 });
  execFileSync('chown', ['postfix', join(folder, 'data')]);
  const { chain, key } = await makeSelfSigned(['mx.there.test'], systemClock);
  writeFileSync(join(etc, 'cert.pem'), chain);
  writeFileSync(join(etc, 'key.pem'), key, { mode: 0o600 });
  for (const file of ['postfix-files', 'dynamicmaps.cf', 'post-install', 'postfix-script', 'makedefs.out']) {
    if (existsSync(`/etc/postfix/${file}`)) execFileSync('cp', ['-r', `/etc/postfix/${file}`, etc]);
  }
  const main = [
    'compatibility_level = 3.6',
    `queue_directory = ${folder}/spool`,
    `data_directory = ${folder}/data`,
    'myhostname = mx.there.test',
    'mydestination =',
    'relay_domains = there.test',
    'default_transport = discard:',
    'relay_transport = discard:',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'mynetworks = 192.0.2.1/32',
    'alias_maps =',
    'alias_database =',
    'smtpd_tls_security_level = may',
    `smtpd_tls_cert_file = ${etc}/cert.pem`,
    `smtpd_tls_key_file = ${etc}/key.pem`,
    'smtpd_recipient_restrictions = check_recipient_access inline:{ {no@there.test = 550 5.1.1 not here} {later@there.test = 450 4.2.1 later} }, reject_unauth_destination',
    `maillog_file = ${folder}/maillog`,
    `maillog_file_prefixes = ${folder}`,
    ...settings,
  ];
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'proxymap unix - - n - - proxymap',
    'discard unix - - n - - discard',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'anvil unix - - n - 1 anvil',
    'postlog unix-dgram n - n - 1 postlogd',
  ];
  writeFileSync(join(etc, 'main.cf'), `${main.join('\n')}\n`);
  writeFileSync(join(etc, 'master.cf'), `${services.join('\n')}\n`);
  execFileSync(postfixProgram, ['-c', etc, 'start'], { stdio: 'pipe' });
  await untilItListens(port);
  return {
    port,
    log: () => readFileSync(join(folder, 'maillog'), 'utf8'),
    [Symbol.asyncDispose]: async () => {
      execFileSync(postfixProgram, ['-c', etc, 'stop'], { stdio: 'pipe' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test('Postfix takes many mails over kept connections, encrypted, by BDAT and by DATA, with DSN', {
  skip: noPostfix,
}, async () => {
  for (const settings of [
    [],
    ['smtpd_discard_ehlo_keywords = chunking'],
    ['smtpd_discard_ehlo_keywords = chunking, pipelining, dsn'],
  ]) {
    await using postfix = await startPostfix(settings);
    const remote = remoteTo(postfix.port);
    const one = (i: number): Promise<AttemptResult> =>
      deliverTo(remote, [`u${i}@there.test`, 'no@there.test', 'later@there.test'], {
        connectionsMax: 2,
        text: Buffer.from(`Subject: ${i}\r\n\r\n.\r\n..dots\r\nユニコード\r\n${'y'.repeat(1500)}\r\n`),
        bodyKind: '8bitmime',
        envid: `env+${i}`,
        recipient: { notify: ['failure'], orcpt: `rfc822;orig=${i}@there.test` },
      });
    const results = await Promise.all(Array.from({ length: 40 }, (_, i) => one(i)));
    for (const { outcomes } of results) {
      assert.deepEqual(outcomes.map(told), ['delivered', 'failed rcpt 550', 'deferred rcpt 450']);
      assert.ok(outcomes[0]?.is === 'delivered' && outcomes[0].event?.tls?.version === 'TLSv1.3');
    }
    const refused = await Promise.all(
      Array.from({ length: 6 }, () => deliverTo(remote, ['no@there.test'], { connectionsMax: 1 })),
    );
    assert.ok(refused.every((r) => told(r.outcomes[0]) === 'failed rcpt 550'));
    assert.equal(told((await deliverTo(remote, ['u@there.test'])).outcomes[0]), 'delivered');
    remote.stop();
    const log = postfix.log();
    assert.ok(
      !/improper command pipelining|protocol error|lost connection after (?!QUIT|CONNECT)/i.test(log),
      log,
    );
  }
});
