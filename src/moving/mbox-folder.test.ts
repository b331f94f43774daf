/** Mail that moves out into files in mbox format. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MboxFolder } from './mbox-folder.ts';

const mailbox = { id: 'm1', name: 'Work', subscribed: true, uidValidity: 1, messages: 40 };
const message = (uid: number, bytes: Buffer) => ({
  uid,
  bytes,
  flags: { system: [], keywords: [] },
  receivedAtMs: 0,
});

test('many large messages stand one behind the other, without a word on the way; the file has its name when it is whole', async () => {
  const root = mkdtempSync(join(tmpdir(), 'hikyaku-mbox-'));
  const warned = new AbortController();
  const warning = once(process, 'warning', { signal: warned.signal }).catch(() => undefined);
  try {
    const path = join(root, 'Work.mbox');
    const writer = await new MboxFolder({ folder: root }).open(mailbox);
    for (let uid = 1; uid <= 40; uid++)
      await writer.write(message(uid, Buffer.from(`Subject: ${uid}\r\n\r\n${'x'.repeat(100_000)}\r\n`)));
    assert(!existsSync(path));
    await writer.finish();
    const found = readFileSync(path, 'latin1').match(/^Subject: \d+$/gm);
    assert.deepEqual(
      found,
      Array.from({ length: 40 }, (_, i) => `Subject: ${i + 1}`),
    );
    await new Promise(setImmediate);
    warned.abort();
    assert.equal(await warning, undefined);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('a disk that is full ends the export with its reason', {
  skip: !existsSync('/dev/full') && 'no /dev/full',
}, async () => {
  const root = mkdtempSync(join(tmpdir(), 'hikyaku-mbox-'));
  try {
    symlinkSync('/dev/full', join(root, 'Work.mbox.part'));
    const writer = await new MboxFolder({ folder: root }).open(mailbox);
    await assert.rejects(writer.write(message(1, Buffer.from('Subject: 1\r\n\r\n'))), { code: 'ENOSPC' });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
