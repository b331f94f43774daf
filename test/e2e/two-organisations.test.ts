/** Mail within one server from one organisation to another: it arrives, and the journey of each shows its own side and nothing of the other's. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTransport } from 'nodemailer';
import { Supervisor } from '../../src/app/supervisor.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { readSettings } from '../../src/config/read.ts';
import type { Settings } from '../../src/config/schema.ts';
import { systemActor } from '../../src/directory/actor.ts';
import { Administration } from '../../src/directory/administration.ts';
import { MailSink } from '../mail-sink.ts';

const password = 'a-test-password';

interface Step {
  readonly is: string;
  readonly recipient: string;
}

interface Journey {
  readonly is: 'message' | 'several';
  readonly steps: readonly Step[];
  readonly events: readonly object[];
}

function settingsIn(data: string, awayPort: number): Settings {
  const listener = (kind: string) => ({ kind, host: '127.0.0.1', port: 0 });
  const read = readSettings({
    hostname: 'mx.here.test',
    data,
    listeners: ['submissions', 'http'].map(listener),
    routes: [{ domain: '*', hosts: [`127.0.0.1:${awayPort}`] }],
    log: { level: 'error' },
  });
  assert.ok(read.is === 'settings');
  return read.settings;
}

/** `a.test` has alice; `b.test` has bob, who sends his mail on and keeps a copy, and a desk that is both bob and an address elsewhere. */
async function makeOrganisations({
  store,
}: Supervisor): Promise<Readonly<Record<'a' | 'b' | 'all', string>>> {
  const office = new Administration({ store, clock: systemClock });
  const made = async (name: string, user: string) => {
    const org = await office.orgs.create(systemActor, { name });
    await office.domains.create(systemActor, org.id, { name: `${name}.test` });
    const account = await office.accounts.create(systemActor, org.id, {
      name: `${user}@${name}.test`,
      password,
    });
    const key = await office.keys.create(systemActor, org.id, { name: 'k', scopes: ['journey:read'] });
    return { org, account, key: key.key };
  };
  const a = await made('a', 'alice');
  const b = await made('b', 'bob');
  const bob = { org: b.org.id, id: b.account.id };
  await office.accounts.setForward(systemActor, bob, { targets: ['secret@away.test'], keepCopy: true });
  await office.routes.create(
    systemActor,
    { org: b.org.id, kind: 'alias', address: 'desk@b.test' },
    { targets: ['hidden@away.test'] },
  );
  const all = await office.keys.create(systemActor, '', { name: 'k', scopes: ['all'] });
  return { a: a.key, b: b.key, all: all.key };
}

test('each organisation sees its side of mail between them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-two-'));
  await using away = await MailSink.start();
  try {
    await using supervisor = await Supervisor.start(settingsIn(join(folder, 'data'), away.port), silentLog);
    const keys = await makeOrganisations(supervisor);
    const at = (kind: string) => supervisor.listeners.find((one) => one.kind === kind)!;
    const transport = createTransport({
      ...at('submissions'),
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user: 'alice@a.test', pass: password },
    });
    const sent = await transport.sendMail({
      from: 'alice@a.test',
      to: ['bob@b.test', 'desk@b.test', 'friend@away.test'],
      subject: 'Crossing',
      text: 'Hello',
    });
    transport.close();
    const { host, port } = at('http');
    const journey = async (key: string): Promise<Journey> => {
      const url = `http://${host}:${port}/api/v1/admin/journey?q=${encodeURIComponent(sent.messageId)}`;
      const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
      assert.equal(answer.status, 200);
      return (await answer.json()) as Journey;
    };
    const whole = async (): Promise<Journey> => {
      for (let tries = 0; tries < 500; tries++) {
        const seen = await journey(keys.all);
        const ends = seen.is === 'message' ? seen.steps.filter(({ is }) => is === 'delivered').length : 0;
        if (ends >= 4 && away.mails.length === 3) return seen;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(JSON.stringify(await journey(keys.all)));
    };
    const operator = await whole();
    const told = ({ steps }: Journey): string[] =>
      [...new Set(steps.map(({ is, recipient }) => `${is} ${recipient}`.trim()))].toSorted();
    const [a, b] = [await journey(keys.a), await journey(keys.b)];
    assert.deepEqual(told(a), [
      'accepted',
      'delivered bob@b.test',
      'delivered desk@b.test',
      'delivered friend@away.test',
      'redirected bob@b.test',
      'redirected desk@b.test',
    ]);
    assert.deepEqual(told(b), [
      'accepted',
      'delivered hidden@away.test',
      'delivered secret@away.test',
      'redirected bob@b.test',
      'redirected desk@b.test',
      'stored bob@b.test',
    ]);
    assert.doesNotMatch(JSON.stringify(a), /secret|hidden/, 'to whom b sends on is not told to a');
    assert.doesNotMatch(JSON.stringify(b), /friend/, 'who else got it is not told to b');
    assert.equal(
      operator.steps.filter(({ is }) => is === 'accepted').length,
      1,
      'told once to who sees both',
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
