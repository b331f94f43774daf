/** A server that is killed while programs send, who then send all again with the same keys: each key is one mail, and none is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { RunningServer } from '../running-server.ts';

const mails = 120;
const kills = 3;
const admin = '/api/v1/admin';

interface Listed {
  readonly items: readonly { readonly id: string; readonly subject: string }[];
  readonly next?: string;
}

test('one key is one mail, over crashes', { timeout: 240_000 }, async () => {
  await using server = await RunningServer.start({ listeners: { http: {} }, accounts: ['alice@here.test'] });
  const [org] = (JSON.parse(server.api('GET', `${admin}/orgs`)) as { items: { id: string }[] }).items;
  const body = JSON.stringify({ name: 'k', scopes: ['send', 'messages:read'] });
  const made = server.command('api', 'POST', `${admin}/orgs/${org!.id}/api-keys`, body);
  const { key } = JSON.parse(made) as { key: string };
  const call = (path: string, init: RequestInit = {}, headers = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port('http')}/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    });
  const answered = new Map<number, Set<string>>();

  /** What breaks off comes again in the next round. */
  async function send(n: number): Promise<void> {
    const mail = { from: 'shop@here.test', to: 'delivered@simulator.test', subject: `mail ${n}`, text: 'x' };
    const init = { method: 'POST', body: JSON.stringify(mail) };
    const response = await call('/messages', init, { 'idempotency-key': `k${n}` }).catch(() => undefined);
    if (response?.status !== 202) return;
    const { id } = (await response.json().catch(() => ({}))) as { id?: string };
    if (id !== undefined) answered.set(n, (answered.get(n) ?? new Set()).add(id));
  }

  const all = Array.from({ length: mails }, (_, n) => n);
  for (let kill = 0; kill < kills; kill++) {
    const sending = Promise.all(all.map((n) => send(n)));
    await wait(20 + 30 * kill);
    await server.kill();
    await sending;
    await server.begin();
  }
  await Promise.all(all.map((n) => send(n)));
  assert.equal(answered.size, mails, 'each is answered at last');
  for (const [n, ids] of answered) assert.equal(ids.size, 1, `mail ${n} is one mail`);

  const listed: string[] = [];
  for (let cursor = ''; ; ) {
    const page = (await (await call(`/messages?limit=100${cursor}`)).json()) as Listed;
    listed.push(...page.items.map(({ subject }) => subject));
    if (page.next === undefined) break;
    cursor = `&cursor=${page.next}`;
  }
  assert.deepEqual(listed.toSorted(), all.map((n) => `mail ${n}`).toSorted(), 'and no other mail was made');
});
