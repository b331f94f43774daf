import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { systemActor } from '../directory/actor.ts';
import { openTestDirectory } from '../directory/testing.ts';
import { teach } from '../policy/lessons.ts';
import { Sending } from '../policy/sending.ts';
import { ReportReader } from '../reporting/reader.ts';
import { ReceivedReports } from '../reporting/received-reports.ts';
import { operation } from '../store/operation.ts';
import { openTestStore } from '../store/testing.ts';
import { rows, type Transaction } from '../store/transaction.ts';
import { forgetGoneOwners } from './gone-owners.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

const clock = systemClock;
const log = silentLog;
const report = gzipSync(
  '<feedback><policy_published><domain>there.test</domain></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>1</count></row></record></feedback>',
);

/** What other parts keep for an organisation. */
const keepSome = operation('test.keepSome', function* (org: string): Transaction<void> {
  yield* rows(
    "insert into relay_template (org, name, version, texts, strict, note, created_by, created_at) values (?, 'hello', 1, '{}', 1, '', '', 1)",
    org,
  );
  yield* rows("insert into suppression_policy (org, policy) values (?, '{}')", org);
  yield* rows(
    `insert into suppression (org, address, scope, cause, reason, phase, reply, message, by_whom, at, until_at)
      values (?, 'a@x.test', '', 'hard', '', '', '', '', '', 1, 2)`,
    org,
  );
  yield* rows(
    `insert into webhook_endpoint (id, org, settings, secrets, made_at, made_by, state, reason, position, failing_since, next_try, tries, owner, lease_until, epoch)
      values (?, ?, '{}', '[]', 1, '', 'on', '', 0, 0, 0, 0, '', 0, 0)`,
    `endpoint of ${org}`,
    org,
  );
});

test('reports of a domain that is deleted go, and limits and lessons of an organisation that is', async () => {
  await using store = await openTestStore({ migrations, operations: [...operations, keepSome] });
  await using t = await openTestDirectory(store);
  const { orgs, domains } = t.office;
  const { id } = await orgs.create(systemActor, { name: 'There' });
  await domains.create(systemActor, id, { name: 'there.test' });
  const options = { account: 0, credential: 0, org: 0, delayMaxMs: 0 };
  using sending = new Sending({ store, clock, options });
  const received = new ReceivedReports({
    store,
    clock,
    log,
    reader: new ReportReader(clock),
    orgOf: async () => id,
  });
  await received.take(id, 'file', async () => report);
  for (const org of [id, t.org.id]) {
    await sending.setLimit(org, 'org', 100);
    await sending.reserve({ account: 'a', org, credential: 'password' }, 1);
    const message = Buffer.from('Subject: pills\r\n\r\npills\r\n');
    await teach(store, { account: 'a', org, email: 1, label: 'spam', atMs: clock.nowMs(), message });
  }
  for (const org of [id, t.org.id]) await store.write(keepSome, org);
  const kept = async (): Promise<string[]> => {
    const tables = [
      'dmarc_report',
      'dmarc_row',
      'sending_limit',
      'sending_pace',
      'classifier_lesson',
      'classifier_head',
      'relay_template',
      'suppression',
      'suppression_policy',
      'webhook_endpoint',
    ];
    const found = await Promise.all(
      tables.map(async (name) => {
        const all = await store.read(() => rows(`select * from ${name}`));
        return JSON.stringify(all).includes(id) ? [name] : [];
      }),
    );
    return found.flat();
  };
  await forgetGoneOwners(store, log);
  assert.equal((await kept()).length, 10);
  await domains.delete(systemActor, id, 'there.test');
  await forgetGoneOwners(store, log);
  assert.equal((await kept()).length, 8);
  await orgs.delete(systemActor, id);
  await forgetGoneOwners(store, log);
  assert.deepEqual(await kept(), []);
  const left = await store.read(() => rows<{ org: string }>('select org from webhook_endpoint'));
  assert.deepEqual(left, [{ org: t.org.id }], 'those of others stay');
  assert.equal((await sending.uses({ org: t.org.id }))[0]?.used, 1);
});
