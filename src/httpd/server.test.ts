import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { startHttp } from './server.ts';
import { basic, openTestApi } from './testing.ts';

type Where = { readonly port: number } | { readonly socketPath: string };

async function get(
  where: Where,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const response = await open(where, path, headers);
  response.setEncoding('utf8');
  let body = '';
  for await (const chunk of response) body += chunk as string;
  return { status: response.statusCode ?? 0, body };
}

function open(where: Where, path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', agent: false, ...where, path, headers }, resolve);
    sent.on('error', reject);
    sent.end();
  });
}

test('listens on TCP with credentials and on a control socket of mode 0600 without, and stops in order', async () => {
  await using api = await openTestApi();
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-http-'));
  const path = join(folder, 'control.sock');
  writeFileSync(path, 'left over');
  const parts = { ...api.parts, clock: systemClock };
  const server = await startHttp(parts, [
    { is: 'tcp', host: '127.0.0.1', port: 0 },
    { is: 'control', path },
  ]);
  const tcp = { port: server.bound[0]!.port };
  assert.equal((await get(tcp, '/healthz')).status, 200);
  assert.equal((await get(tcp, '/api/v1/admin/me')).status, 401);
  const mine = await get(tcp, '/api/v1/admin/me', { authorization: basic(api.a.owner.name) });
  assert.equal((JSON.parse(mine.body) as { address: string }).address, api.a.owner.name);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const control = await get({ socketPath: path }, '/api/v1/admin/me');
  assert.deepEqual((JSON.parse(control.body) as { by: string; org: string }).by, 'cli');
  assert.equal(
    (await get(tcp, '/api/v1/admin/me', { 'x-control': '1' })).status,
    401,
    'no header makes a caller',
  );
  await server.stop();
  assert.throws(() => statSync(path));
  await assert.rejects(get(tcp, '/healthz'));
  rmSync(folder, { recursive: true });
});

test('the log is streamed as server-sent events: from where it was asked, own events only, until the server stops', async () => {
  await using api = await openTestApi();
  const server = await startHttp({ ...api.parts, clock: systemClock }, [
    { is: 'tcp', host: '127.0.0.1', port: 0 },
  ]);
  const response = await open({ port: server.bound[0]!.port }, '/api/v1/admin/log/stream?after=0', {
    authorization: basic(api.b.owner.name),
  });
  assert.equal(response.headers['content-type'], 'text/event-stream');
  response.setEncoding('utf8');
  let heard = '';
  for await (const chunk of response) {
    heard += chunk as string;
    if (!heard.includes('data:')) continue;
    await server.stop();
  }
  assert.match(heard, /id: 2\ndata: \{"is":"deferred"/);
  assert.equal(heard.includes(api.a.org), false);
});
