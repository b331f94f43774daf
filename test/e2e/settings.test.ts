/** Settings at the start, at a reload and while the server runs: what is wrong is told, whichever way it comes in. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { exitCodes } from '../../src/cli/failure.ts';
import { RunningServer } from '../running-server.ts';

async function told(server: RunningServer, what: RegExp): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (server.log.some((line) => what.test(line))) return;
    await wait(25);
  }
  assert.fail(`not told: ${what}\n${server.log.join('\n')}`);
}

test('what only the parts of the server can judge keeps it from starting, and a reload from changing anything', async () => {
  await using server = await RunningServer.prepare({
    listeners: { mx: {}, http: {} },
    accounts: ['alice@here.test'],
    settings: {
      log: { level: 'info' },
      // The doctor is to find nobody, at once.
      doctor: { timeServers: [], blockLists: [] },
      delivery: { probeHosts: [] },
      dns: { servers: ['127.0.0.1:1'], timeoutMs: 100 },
      smtp: { postmaster: 'gone@here.test' },
      queue: { doubleBounces: 'alice@here.test' },
    },
  });
  const good = readFileSync(server.settingsFile, 'utf8');
  const wrong =
    '\n[ip25b]\nnetworks = ["192.0.2.1/24"]\n[[tlsRules]]\ndomain = "bad domain"\nlevel = "may"\n';
  appendFileSync(server.settingsFile, wrong);
  const start = server.tryCommand('serve');
  assert.equal(start.status, exitCodes.settings, start.said);
  assert.match(start.said, /2 problems:[^]*tlsRules\.0\.domain is no domain[^]*ip25b .*192\.0\.2\.1\/24/);

  writeFileSync(server.settingsFile, good);
  await server.begin();
  await told(server, /gone@here\.test.*is nobody here.*leads to nobody/);
  assert.ok(!server.log.some((line) => line.includes('doubleBounces')));
  const ready = await fetch(`http://127.0.0.1:${server.port('http')}/readyz`);
  assert.equal(ready.status, 200);
  assert.match(
    await ready.text(),
    /"name":"smtp\.postmaster","ok":false,"detail":"gone@here\.test is nobody here"/,
  );
  assert.match(
    server.tryCommand('doctor', '--language', 'en').said,
    /smtp\.postmaster.*gone@here\.test is nobody here/,
  );

  appendFileSync(server.settingsFile, wrong);
  process.kill(server.pid, 'SIGHUP');
  await told(server, /tlsRules\.0\.domain is no domain: bad domain/);
  assert.ok(server.running && !server.log.some((line) => line.includes('settings were read again')));
  writeFileSync(server.settingsFile, good);
  process.kill(server.pid, 'SIGHUP');
  await told(server, /settings were read again/);
});
