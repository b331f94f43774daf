/** The built page: what is served, how it is kept, what protects it, and what is shown when it was not built. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { acceptedEncoding } from './page/encoding.ts';
import { basic, openTestApi, type Answer } from './testing.ts';

const browser = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' };

function folderWithPage(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'hikyaku-page-'));
  mkdirSync(join(path, 'assets'));
  writeFileSync(join(path, 'index.html'), '<title>shell</title>');
  writeFileSync(join(path, 'index.html.br'), 'brotli');
  writeFileSync(join(path, 'assets/a-1.js'), 'script');
  writeFileSync(join(path, '.made-from'), 'hash');
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test('the page is never kept without asking, its files for ever, and no script may stand in it', async () => {
  using folder = folderWithPage();
  await using server = await openTestApi({ webFolder: folder.path });
  const shell = await server.call('GET', '/', { headers: browser });
  assert.equal(shell.body, '<title>shell</title>');
  assert.equal(shell.headers['cache-control'], 'no-cache');
  const policy = String(shell.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'; script-src 'self';/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.doesNotMatch(policy, /script-src[^;]*unsafe/);
  assert.equal(shell.headers['x-frame-options'], 'DENY');
  assert.equal(shell.headers['x-content-type-options'], 'nosniff');
  const file = await server.call('GET', '/assets/a-1.js');
  assert.deepEqual(
    [file.body, file.headers['content-type'], file.headers['cache-control']],
    ['script', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  );
  const packed = await server.call('GET', '/', { headers: { ...browser, 'accept-encoding': 'gzip, br' } });
  assert.deepEqual([packed.headers['content-encoding'], packed.headers.vary], ['br', 'accept-encoding']);
});

test('addresses that people open are the page; those of programs are not, nor is any other file', async () => {
  using folder = folderWithPage();
  await using server = await openTestApi({ webFolder: folder.path });
  const status = async (path: string, headers: Record<string, string> = browser): Promise<number> =>
    (await server.call('GET', path, { headers })).status;
  assert.equal(await status('/console/queue'), 200);
  for (const path of ['/api/v1/nothing', '/assets/gone-2.js', '/jmap/nothing', '/.well-known/nothing'])
    assert.equal(await status(path), 404, path);
  assert.equal(await status('/console/queue', { accept: 'application/json' }), 404);
  assert.equal(await status('/console/queue', { ...browser, 'sec-fetch-mode': 'cors' }), 404);
  for (const path of ['/.made-from', '/index.html.br', '/assets/..%2f.made-from'])
    assert.equal(await status(path, {}), 404, path);
});

test('without a built page a person is told what to do, in their language', async () => {
  await using server = await openTestApi();
  const english = await server.call('GET', '/', { headers: browser });
  assert.equal(english.status, 503);
  assert.match(String(english.body), /not built/);
  const japanese = await server.call('GET', '/', {
    headers: { ...browser, 'accept-language': 'ja,en;q=0.5' },
  });
  assert.match(String(japanese.body), /ビルドされていません/);
});

test('an encoding is chosen that the client names and does not refuse', () => {
  const there = ['zstd', 'br'] as const;
  assert.equal(acceptedEncoding('gzip, deflate, br, zstd', there), 'zstd');
  assert.equal(acceptedEncoding('br;q=1.0, zstd;q=0', there), 'br');
  assert.equal(acceptedEncoding('gzip', there), undefined);
  assert.equal(acceptedEncoding('*;q=0.5', there), 'zstd');
  assert.equal(acceptedEncoding('*, zstd;q=0', there), 'br');
  assert.equal(acceptedEncoding(undefined, there), undefined);
});

test('pictures of mail are fetched for its readers alone, and only what is one is passed on', async () => {
  const asked: string[] = [];
  const pictures: Record<string, string> = {
    'https://pics.test/a.png': 'image/png',
    'https://pics.test/b.svg': 'image/svg+xml',
    'https://pics.test/c.html': 'text/html; charset=utf-8',
    'https://pics.test/d.jpg': 'Image/JPEG; x=y',
  };
  await using server = await openTestApi();
  await using fetching = await openTestApi({
    send: {
      ...server.parts.send,
      fetchLink: async (link: string) => {
        asked.push(link);
        return { bytes: Buffer.from('picture'), contentType: pictures[link] ?? '', filename: '' };
      },
    },
  });
  const as = basic(fetching.a.owner.name);
  const get = (url: string, who?: string): Promise<Answer> =>
    fetching.call(
      'GET',
      `/api/v1/remote-image?url=${encodeURIComponent(url)}`,
      who === undefined ? {} : { as: who },
    );
  assert.equal((await get('https://pics.test/a.png')).status, 401);
  assert.deepEqual(asked, [], 'nothing is fetched for strangers');
  const picture = await get('http://pics.test/a.png', as);
  assert.deepEqual(
    [picture.status, picture.body, picture.headers['content-type']],
    [200, 'picture', 'image/png'],
  );
  assert.equal(picture.headers['x-content-type-options'], 'nosniff');
  assert.match(String(picture.headers['content-security-policy']), /sandbox/);
  assert.equal((await get('https://pics.test/d.jpg', as)).headers['content-type'], 'image/jpeg');
  for (const name of ['b.svg', 'c.html', 'none'])
    assert.equal((await get(`https://pics.test/${name}`, as)).status, 422, name);
  assert.equal((await get(`https://pics.test/${'x'.repeat(5000)}`, as)).status, 422);
});
