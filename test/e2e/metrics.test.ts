/** What /metrics tells of a server at work: the queue, connections, the way of events, and the store's commits. On both engines. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { sendMails } from '../mail-source.ts';
import { missingPostgres, startPostgres } from '../postgres-server.ts';
import { freePorts, RunningServer } from '../running-server.ts';

const user = 'user@here.test';
const count = 20;

interface Seen {
  readonly text: string;
  /** `label` as it is written between the braces. */
  readonly value: (name: string, label?: string) => number;
}

async function metricsOf(store: object): Promise<Seen> {
  const [nobody] = await freePorts(1);
  await using server = await RunningServer.start({
    listeners: { relay: { trustedNetworks: ['127.0.0.0/8'] }, http: {} },
    settings: {
      store,
      delivery: { ownNetworksAllowed: true },
      routes: [{ domain: '*', hosts: [`127.0.0.1:${nobody}`] }],
    },
    accounts: [user],
  });
  const send = (to: (i: number) => string): Promise<unknown> =>
    sendMails({ port: server.port('relay'), count, connections: 2, to, token: (i) => `m${i}` });
  await send(() => user);
  // Of twelve destinations ten are told by name.
  await send((i) => `u@d${i % 12}.test`);
  for (let i = 0; i < 200 && (await server.metric('hikyaku_queue_outcomes_total')) < count; i++)
    await wait(50);
  for (let i = 0; i < 100 && (await server.metric('hikyaku_events_moved_total')) < 3 * count; i++)
    await wait(50);
  // The queue is counted anew at most every ten seconds.
  let text = '';
  for (let i = 0; i < 120 && !/queue_entries\{state="deferred"\} 20/.test(text); i++) {
    text = await (await fetch(`http://127.0.0.1:${server.port('http')}/metrics`)).text();
    await wait(100);
  }
  return {
    text,
    value: (name, label = '') => {
      const line = text
        .split('\n')
        .find((one) => one.startsWith(label === '' ? `${name} ` : `${name}{${label}}`));
      return Number(line?.slice(line.lastIndexOf(' ') + 1));
    },
  };
}

function assertWhole({ text, value }: Seen): void {
  assert.equal(value('hikyaku_queue_entries', 'state="deferred"'), count, text);
  assert.equal(value('hikyaku_queue_entries', 'state="waiting"'), 0);
  assert.equal(value('hikyaku_queue_entries', 'state="held"'), 0);
  const destinations = [...text.matchAll(/^hikyaku_queue_destination_entries\{destination="(.*)"\} (\d+)/gm)];
  assert.equal(destinations.length, 11);
  assert.equal(
    destinations.reduce((sum, [, , entries]) => sum + Number(entries), 0),
    count,
  );
  assert(value('hikyaku_queue_oldest_seconds') < 120);
  assert(value('hikyaku_events_moved_total') >= 3 * count);
  assert(value('hikyaku_events_lag_seconds') < 60);
  assert.equal(value('hikyaku_delivery_connections'), 0);
  assert.equal(value('hikyaku_smtpd_sessions', 'listener="relay"'), 0);
}

test('metrics on SQLite, with the time that commits take', { timeout: 180_000 }, async () => {
  const metrics = await metricsOf({});
  assertWhole(metrics);
  const commits = metrics.value('hikyaku_store_commit_seconds_count');
  assert(commits > 10, `${commits} commits`);
  assert.equal(metrics.value('hikyaku_store_commit_seconds_bucket', 'le="+Inf"'), commits);
  assert.equal(metrics.value('hikyaku_store_commit_operations_count'), commits);
  assert(metrics.value('hikyaku_store_commit_operations_sum') >= commits);
  assert(metrics.value('hikyaku_store_commit_seconds_sum') > 0);
});

describe('with PostgreSQL', { skip: missingPostgres }, () => {
  test('metrics are the same, but for commits that are not ours', { timeout: 180_000 }, async () => {
    await using postgres = await startPostgres();
    const metrics = await metricsOf({ engine: 'postgres', url: postgres.database() });
    assertWhole(metrics);
    assert.doesNotMatch(metrics.text, /hikyaku_store_commit/);
  });
});
