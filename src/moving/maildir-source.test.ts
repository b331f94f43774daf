/** Maildirs whose owners may do less than whoever moves their mail. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MaildirSource } from './maildir-source.ts';

test('links in a Maildir lead to nothing: not to files that are no mail, not to mail of others', async () => {
  const root = mkdtempSync(join(tmpdir(), 'hikyaku-maildir-'));
  try {
    const folders = ['mine', 'mine/.Linked', 'others'].map((name) => join(root, name));
    for (const folder of folders)
      for (const sub of ['cur', 'new'])
        if (folder !== folders[1]) mkdirSync(join(folder, sub), { recursive: true });
    const [mine, linked, others] = folders as [string, string, string];
    const file = (folder: string, name: string): string => join(folder, 'cur', `${name}:2,`);
    writeFileSync(join(root, 'secret'), 'Subject: secret\n\n');
    writeFileSync(file(others, '1.theirs'), 'Subject: theirs\n\n');
    writeFileSync(file(mine, '1.own'), 'Subject: own\n\n');
    symlinkSync(join(root, 'secret'), file(mine, '2.link'));
    mkdirSync(join(linked, 'new'), { recursive: true });
    symlinkSync(join(others, 'cur'), join(linked, 'cur'));

    await using source = new MaildirSource({ folder: mine });
    const mailboxes = await source.mailboxes();
    assert.deepEqual(
      mailboxes.map(({ name }) => name),
      ['INBOX'],
    );
    assert.deepEqual(source.remarks, [`left out: "cur" or "new" of ${linked} is a link`]);
    const messages = await Array.fromAsync(source.messages(mailboxes[0]!));
    const read = await Array.fromAsync(source.read(mailboxes[0]!, messages));
    assert.deepEqual(
      read.map((each) => (each.is === 'bytes' ? each.bytes.toString() : each.why.split(':')[0])),
      ['Subject: own\r\n\r\n', 'ELOOP'],
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
