/** mutt, driven by its own command language: sends with attachments and Japanese text, reads, flags, moves and deletes by IMAP. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { compose, composeJapanese } from './mail.ts';
import { needing, run } from './programs.ts';
import { alice, bob, password, World } from './world.ts';

suite('mutt', needing('mutt', 'script'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  before(async () => {
    // What a server does for users of Debian's mutt, which takes SCRAM-…-PLUS and fails.
    world = peers.use(await World.start({ settings: { submission: { channelBinding: false } } }));
  });
  after(() => peers.disposeAsync());

  function settings(user: string, more: readonly string[]): string {
    const path = join(world.folder, 'muttrc');
    const login = encodeURIComponent(user);
    const lines = [
      `set from="${user}"`,
      'set realname="送信者 太郎"',
      `set smtp_url="smtp://${login}@localhost:${world.port('submission')}/"`,
      `set smtp_pass="${password}"`,
      `set imap_user="${user}"`,
      `set imap_pass="${password}"`,
      `set folder="imaps://localhost:${world.port('imaps')}/"`,
      'set spoolfile="+INBOX"',
      'set record="+Sent"',
      'set ssl_force_tls=yes',
      'set ssl_starttls=yes',
      `set certificate_file="${world.certificate}"`,
      'set ssl_verify_host=yes',
      'set send_charset="us-ascii:iso-2022-jp:utf-8"',
      'set charset="utf-8"',
      'set confirmappend=no confirmcreate=no delete=yes quit=yes copy=yes wait_key=no mark_old=no mail_check=0 sleep_time=0',
      'set use_from=yes envelope_from=yes edit_headers=no header_cache="" sort=date',
    ];
    writeFileSync(path, `${[...lines, ...more].join('\n')}\n`, { mode: 0o600 });
    return path;
  }

  /** At a terminal of its own, with the keys of `push` pressed. */
  async function atTerminal(user: string, push: string, mailbox = '+INBOX'): Promise<void> {
    const path = settings(user, [`push "${push}"`]);
    await run('script', ['-qec', `mutt -n -F '${path}' -f '${mailbox}'`, '/dev/null'], {
      env: { TERM: 'xterm', HOME: world.folder },
    });
  }

  test('sends Japanese text as ISO-2022-JP with an attachment, and keeps a copy by IMAP', async () => {
    const attachment = join(world.folder, '資料 1.bin');
    const bytes = Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 256));
    writeFileSync(attachment, bytes);
    const args = ['-n', '-F', settings(alice, []), '-s', '会議のお知らせ', '-a', attachment, '--', bob];
    await run('mutt', args, {
      input: Buffer.from('本文です。\n.\nFrom here\n'),
      env: { HOME: world.folder, TERM: 'xterm' },
    });
    const mail = await world.mail(bob, 'multipart/mixed');
    assert.match(mail.text, /^Subject: =\?iso-2022-jp\?B\?/im);
    assert.match(mail.field('from')!, /=\?iso-2022-jp\?B\?.* <alice@hikyaku\.example>/i);
    const [text, file] = mail.parts();
    assert.match(text!.field('content-type')!, /charset=iso-2022-jp/);
    assert.equal(text!.body.toString('latin1'), '\u001b$BK\\J8$G$9!#\u001b(B\r\n.\r\nFrom here\r\n');
    assert.deepEqual(Buffer.from(file!.body.toString(), 'base64'), bytes);
    assert.match(
      file!.field('content-disposition')!,
      /filename\*=iso-2022-jp''%1B\$B%3BqNA%1B%28B%201%2Ebin/,
    );
    const copy = await world.mail(alice, 'multipart/mixed', 'Sent');
    assert.equal(copy.field('message-id'), mail.field('message-id'));
  });

  test('reads, flags, moves to a mailbox with a Japanese name, and deletes', async () => {
    const reader = await world.reader(alice);
    await reader.mailboxCreate('仕事/資料');
    for (const subject of ['to read', 'to flag', 'to move', 'to delete'])
      await reader.append('INBOX', compose({ from: bob, to: alice, subject }));
    await reader.append('INBOX', composeJapanese(bob, alice));
    const saved = join(world.folder, 'saved');
    const steps = [
      "<limit>~s 'to read'<enter><display-message><exit>",
      `<copy-message><kill-line>${saved}<enter>`,
      "<limit>~s 'to flag'<enter><flag-message>",
      "<limit>~s 'to move'<enter><save-message><kill-line>+仕事/資料<enter>",
      "<limit>~s 'to delete'<enter><delete-message>",
      `<limit>~s 打診<enter><decode-copy><kill-line>${saved}<enter>`,
      '<limit>all<enter><sync-mailbox><quit>',
    ];
    await atTerminal(alice, steps.join(''));
    const text = readFileSync(saved, 'utf8');
    assert.match(text, /^Subject: to read$/m);
    assert.match(text, /^Subject: 打診$/m);
    assert.match(text, /^こんにちは、世界。$/m);
    await reader.mailboxOpen('INBOX');
    const left = await reader.fetchAll('1:*', { envelope: true, flags: true });
    const flags = Object.fromEntries(left.map(({ envelope, flags: set }) => [envelope!.subject!, set!]));
    assert.deepEqual(Object.keys(flags), ['to read', 'to flag', '打診']);
    assert(flags['to read']!.has('\\Seen') && flags['to flag']!.has('\\Flagged'));
    await reader.mailboxOpen('仕事/資料');
    assert.deepEqual(
      (await reader.fetchAll('1:*', { envelope: true })).map((one) => one.envelope!.subject),
      ['to move'],
    );
    await reader.logout();
  });

  test('answers a mail, and marks it as answered', async () => {
    const raw = compose({
      from: bob,
      to: alice,
      subject: 'a question',
      header: ['Reply-To: <bob@hikyaku.example>'],
    });
    const reader = await world.reader(alice);
    await reader.append('INBOX', raw);
    const editor = join(world.folder, 'editor');
    writeFileSync(editor, '#!/bin/sh\necho An answer. >> "$1"\n', { mode: 0o755 });
    const keys = `<enter-command>set editor=${editor} fast_reply=yes include=yes abort_unmodified=no<enter>`;
    await atTerminal(alice, `${keys}<limit>~s question<enter><reply><send-message><sync-mailbox><quit>`);
    const answer = await world.mail(bob, 'Subject: Re: a question');
    assert.match(answer.text, /^An answer\.\r$/m);
    assert.match(answer.field('in-reply-to')!, /@test\.example>/);
    await reader.mailboxOpen('INBOX');
    const [found] = await reader.fetchAll({ subject: 'a question' }, { flags: true });
    assert(found!.flags!.has('\\Answered'));
    await reader.logout();
    assert(existsSync(editor));
  });
});
