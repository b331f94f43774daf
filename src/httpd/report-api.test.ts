/** Reports by the admin API and by HTTPS: who may see and send them, and what is taken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openTestApi } from './testing.ts';

const api = '/api/v1/admin';

test('reports of a domain are shown to who may see numbers, sources and the path with them', async () => {
  await using server = await openTestApi();
  const { a, call, addUser } = server;
  const domain = `${api}/orgs/${a.org}/domains/${a.domain}`;
  const support = await addUser(a, ['support']);
  const user = await addUser(a, ['user']);
  for (const path of ['dmarc/reports', 'dmarc/sources', 'dmarc/path', 'tls-reports']) {
    assert.equal((await call('GET', `${domain}/${path}?days=7`, { as: support })).status, 200, path);
    assert.equal((await call('GET', `${domain}/${path}`, { as: user })).status, 403, path);
    assert.equal((await call('GET', `${domain}/${path}?days=0`, { as: support })).status, 422, path);
    const elsewhere = `${api}/orgs/${a.org}/domains/nowhere.test/${path}`;
    assert.equal((await call('GET', elsewhere, { as: support })).status, 404, path);
  }
  const { body } = await call('GET', `${domain}/dmarc/path`, { as: support });
  assert.deepEqual([body.safe, body.obstacles, body.next], [false, [{ is: 'noReports' }], undefined]);
  const [item] = (await call('GET', `${domain}/dmarc/reports`, { as: support })).body.items;
  assert.deepEqual([item.reporter, item.messages, item.passed, item.policy.p], ['Elsewhere', 4, 3, 'none']);
  const file = { file: Buffer.from('x').toString('base64') };
  assert.equal((await call('POST', `${domain}/reports`, { as: support, body: file })).status, 403);
  const taken = await call('POST', `${domain}/reports`, { as: 'control', body: file });
  assert.deepEqual(taken.body, { items: [{ kind: 'dmarc', domain: a.domain, isNew: true }] });
});

test('a TLS report is taken by HTTPS from anybody, in its own type, up to a size', async () => {
  await using server = await openTestApi();
  const post = async (payload: Buffer | string, type: string): Promise<number> =>
    (
      await server.app.inject({
        method: 'POST',
        url: '/reports/tls',
        payload,
        headers: { 'content-type': type },
      })
    ).statusCode;
  assert.equal(await post(gzipSync('{}'), 'application/tlsrpt+gzip'), 201);
  assert.equal(await post('{}', 'application/tlsrpt+json'), 201);
  assert.equal(await post('{}', 'application/json'), 415);
  assert.equal(await post('{}', 'text/html'), 415);
  assert.equal(await post(Buffer.alloc(1024 * 1024 + 1), 'application/tlsrpt+gzip'), 413);
});
