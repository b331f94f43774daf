import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';

interface StartFile {
  readonly listeners: Readonly<Record<string, { host: string; port: number }>>;
  readonly accounts: readonly { address: string; password: string }[];
}

/** Starts the demo and resolves with all it has printed once `wanted` is among it. */
async function startDemo(data: string, wanted: RegExp) {
  const args = ['bin/hikyaku.ts', 'demo', '--data', data, '--ports', 'auto', '--language', 'en'];
  const child = spawn(process.execPath, args, {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  const seen = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (wanted.test(printed)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the demo ended with ${String(code)}:\n${printed}`)));
  });
  await seen;
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    printed: () => printed,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

test('a mail goes from a mailer over SMTP to a mailbox, and a reader fetches it', {
  timeout: 180_000,
}, async () => {
  const data = mkdtempSync(join(tmpdir(), 'hikyaku-demo-'));
  try {
    const demo = await startDemo(data, /In the mailbox "INBOX" of bob@/);
    assert.match(demo.printed(), /Hikyaku is ready/);
    assert.match(demo.printed(), /DNS MX tomodachi\.example|Received from another server/);
    assert.match(demo.printed(), /The sender hikyaku\.example is genuine/, 'signed, and proved by the zone');
    const start = JSON.parse(readFileSync(join(data, 'start.json'), 'utf8')) as StartFile;
    const [, alice, bob] = start.accounts;
    const transport = createTransport({
      ...start.listeners['submission']!,
      requireTLS: true,
      tls: { rejectUnauthorized: false },
      auth: { user: alice!.address, pass: alice!.password },
    });
    const sent = await transport.sendMail({
      from: alice!.address,
      to: bob!.address,
      subject: '飛脚の便り',
      text: 'こんにちは',
    });
    assert.match(sent.response, /^250 2\.0\.0 Accepted as /);
    const reader = new ImapFlow({
      ...start.listeners['imaps']!,
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user: bob!.address, pass: bob!.password },
      logger: false,
    });
    await reader.connect();
    await reader.mailboxOpen('INBOX');
    let subjects: (string | undefined)[] = [];
    for (let i = 0; i < 100 && !subjects.includes('飛脚の便り'); i++) {
      await reader.noop();
      subjects = (await reader.fetchAll('1:*', { envelope: true })).map(
        (message) => message.envelope?.subject,
      );
    }
    assert.deepEqual(subjects, ['はじめまして / Hello', '飛脚の便り']);
    await reader.logout();
    assert.equal(await demo.stop(), 0);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});
