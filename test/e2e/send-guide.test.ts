/** The examples of the guide to the send API, and of the README, are run as they stand there, one after another, against the demo. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'hikyaku-guide-'));

const blocks = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^```sh\n([^]*?)^```$/gm)].map((found) => found[1]!);

async function startDemo(): Promise<() => Promise<void>> {
  const args = [
    'bin/hikyaku.ts',
    'demo',
    '--data',
    join(folder, 'data'),
    '--ports',
    'auto',
    '--language',
    'en',
  ];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (/Hikyaku is ready/.test(printed)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the demo ended with ${String(code)}:\n${printed}`)));
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return async () => {
    child.kill('SIGTERM');
    await ended;
  };
}

/** The whole script stops at the first command that fails. */
function run(script: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` },
  });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  return stdout;
}

test('every example of the guide and of the README works', { timeout: 180_000 }, async () => {
  const stop = await startDemo();
  try {
    const guide = [...blocks('docs/guide/send-api.md'), ...blocks('docs/guide/inbound.md')];
    assert(guide.length >= 10);
    const said = run(guide.join('\n'));
    for (const expected of [
      '"status":"queued"',
      '"accepted":2',
      '山田様、ようこそ',
      '"dryRun":true',
      '"key":"hk_',
    ])
      assert(said.includes(expected), `${expected} is not in\n${said}`);
    const receipts = [
      ...said.matchAll(/"id":"([0-9a-z]{20})"[^}]*?"recipients":\["bob@tomodachi.example"\],/g),
    ];
    const ids = receipts.map((found) => found[1]);
    assert(new Set(ids).size < ids.length, 'one key, one mail');
    const readme = blocks('README.md').find((block) => block.includes('/v1/messages'))!;
    const start = JSON.parse(readFileSync(join(folder, 'data/start.json'), 'utf8')) as { console: string };
    assert.match(run(readme.replace('http://127.0.0.1:8080/', start.console)), /"status":"queued"/);
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
