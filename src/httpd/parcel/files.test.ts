/** Files by link over HTTP: handed out by their owner, fetched by whoever has the link, and never a page of ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic, openTestApi, type TestApi } from '../testing.ts';

const me = (api: TestApi): string => basic(api.a.owner.name);

async function handOut(api: TestApi, name: string, content: string): Promise<{ id: string; path: string }> {
  const as = me(api);
  const begun = await api.call('POST', '/api/v1/files', { as, body: { name, size: content.length } });
  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  const { id } = begun.body;
  const half = Math.ceil(content.length / 2);
  for (const [number, piece] of [content.slice(0, half), content.slice(half)].entries()) {
    const put = await api.app.inject({
      method: 'PUT',
      url: `/api/v1/files/${id}/pieces/${number}`,
      headers: { authorization: as, 'content-type': 'application/octet-stream' },
      payload: piece,
    });
    assert.equal(put.statusCode, 204, put.body);
  }
  const done = await api.call('POST', `/api/v1/files/${id}/finish`, { as, body: {} });
  assert.equal(done.status, 200, JSON.stringify(done.body));
  return { id, path: done.body.path };
}

const fetched = (api: TestApi, url: string, password?: string) =>
  api.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: password === undefined ? '' : new URLSearchParams({ password }).toString(),
  });

test('a link leads to a page, its button to the file; what looks at links counts nothing', async () => {
  await using api = await openTestApi();
  const { path } = await handOut(api, '<b>.html', '<script>alert(1)</script>');
  for (let i = 0; i < 3; i++) {
    const page = await api.app.inject({ method: 'GET', url: path, headers: { 'accept-language': 'ja' } });
    assert.equal(page.statusCode, 200);
    assert.match(page.body, /ファイルが届いています[\s\S]*&lt;b&gt;\.html/);
    assert.match(String(page.headers['content-security-policy']), /^default-src 'none'; style-src 'sha256-/);
    assert.equal(page.body.includes('<b>'), false);
  }
  const file = await fetched(api, path);
  assert.equal(file.statusCode, 200);
  assert.equal(file.body, '<script>alert(1)</script>');
  assert.equal(file.headers['content-type'], 'application/octet-stream');
  assert.match(String(file.headers['content-disposition']), /^attachment; filename="?<b>\.html"?$/);
  assert.equal(file.headers['content-security-policy'], "default-src 'none'; sandbox");
  assert.equal(file.headers['x-content-type-options'], 'nosniff');
  const list = await api.call('GET', '/api/v1/files', { as: me(api) });
  assert.deepEqual(
    list.body.items.map((each: { downloads: number }) => each.downloads),
    [1],
  );
});

test('password, number of downloads and withdrawal hold', async () => {
  await using api = await openTestApi();
  const as = me(api);
  const { id, path } = await handOut(api, '資料.pdf', 'content');
  const changed = await api.call('PATCH', `/api/v1/files/${id}`, {
    as,
    body: { password: 'ひみつ', downloadsMax: 1, days: 3 },
  });
  assert.equal(changed.body.hasPassword, true);
  const page = await api.app.inject({ method: 'GET', url: path });
  assert.match(page.body, /once more\.[\s\S]*type="password"/);
  assert.equal((await fetched(api, path)).statusCode, 403);
  assert.equal((await fetched(api, path, 'wrong')).statusCode, 403);
  const file = await fetched(api, path, 'ひみつ');
  assert.equal(file.body, 'content');
  assert.match(String(file.headers['content-disposition']), /filename\*=utf-8''%E8%B3%87%E6%96%99\.pdf/i);
  assert.equal((await fetched(api, path, 'ひみつ')).statusCode, 404);
  const other = await handOut(api, 'b', 'xy');
  assert.equal((await api.call('DELETE', `/api/v1/files/${other.id}`, { as })).status, 204);
  assert.equal((await fetched(api, other.path)).statusCode, 404);
  const guessed = await handOut(api, 'c', 'xy');
  await api.call('PATCH', `/api/v1/files/${guessed.id}`, { as, body: { password: 'right' } });
  for (let i = 0; i < 10; i++) assert.equal((await fetched(api, guessed.path, 'guess')).statusCode, 403);
  const stopped = await fetched(api, guessed.path, 'right');
  assert.deepEqual([stopped.statusCode, stopped.headers['retry-after']], [429, '3600']);
});

test('nobody changes the files of others, and keys without a mailbox hand out nothing', async () => {
  await using api = await openTestApi();
  const { id } = await handOut(api, 'a', 'xy');
  const theirs = basic(api.b.owner.name);
  for (const [method, path, body] of [
    ['PATCH', `/api/v1/files/${id}`, { days: 1 }],
    ['DELETE', `/api/v1/files/${id}`, undefined],
    ['POST', `/api/v1/files/${id}/finish`, {}],
  ] as const) {
    const answer = await api.call(method, path, { as: theirs, ...(body && { body }) });
    assert.equal(answer.status, 404, `${method} ${path}`);
  }
  assert.equal((await api.call('GET', '/api/v1/files')).status, 401);
  assert.equal((await api.call('GET', '/api/v1/files', { as: `Bearer ${api.a.key.key}` })).status, 403);
  const tooLarge = await api.call('POST', '/api/v1/files', {
    as: me(api),
    body: { name: 'a', size: 2 ** 40 },
  });
  assert.equal(tooLarge.status, 413);
});
