import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { strToU8, zipSync } from 'fflate';
import { ImapClient } from '../../bench/imap-client.ts';
import { password, RunningServer } from '../running-server.ts';

const user = 'reader@here.test';

const literal = (text: string): string => `{${Buffer.byteLength(text)}+}\r\n${text}`;

function mail(subject: string, body: string, more = ''): Buffer {
  const head = `From: =?utf-8?B?${Buffer.from('髙橋').toString('base64')}?= <t@there.test>\r\nTo: ${user}\r\nSubject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=\r\n`;
  return Buffer.from(`${head}${more}Content-Type: text/plain; charset=utf-8\r\n\r\n${body}\r\n`);
}

function withDocument(text: string): Buffer {
  const docx = zipSync({ 'word/document.xml': strToU8(`<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`) });
  const lines = Buffer.from(docx).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  return Buffer.from(
    `From: a@there.test\r\nSubject: minutes\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee the file\r\n--b\r\n` +
      `Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document\r\nContent-Disposition: attachment; filename*=utf-8''%E8%AD%B0%E4%BA%8B%E9%8C%B2.docx\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines}\r\n--b--\r\n`,
  );
}

test('searches find words, parts of words, attachments and the newest mail, before and after indexing, a rebuild and a crash', async () => {
  await using server = await RunningServer.start({
    listeners: { imap: {} },
    settings: { imap: { plainTextLogin: true } },
    accounts: [user],
  });
  let client = await ImapClient.signIn(server.port('imap'), user, password);
  const found = async (key: string, text: string): Promise<number[]> => {
    const answer = await client.command(`UID SEARCH CHARSET UTF-8 ${key} ${literal(text)}`);
    return (/^\* SEARCH(.*)$/m.exec(answer)?.[1] ?? '').trim().split(' ').filter(Boolean).map(Number);
  };
  const all = async (): Promise<void> => {
    assert.deepEqual(await found('BODY', 'ポート'), [3], 'part of a word of one script');
    assert.deepEqual(await found('BODY', '願い申し'), [3], 'over several scripts');
    assert.deepEqual(await found('TEXT', '高橋'), [1, 3, ...newest], 'a variant');
    assert.deepEqual(await found('FROM', '高橋'), [1, 3, ...newest]);
    assert.deepEqual(await found('BODY', 'the budget'), [2], 'text of an attachment');
    assert.deepEqual(await found('TEXT', '議事録'), [2], 'name of an attachment');
    assert.deepEqual(await found('BODY', 'filler 77'), [81]);
    assert.deepEqual(await found('NOT BODY', 'filler'), [1, 2, 3, ...newest]);
  };
  const newest: number[] = [];
  await client.appendAll('INBOX', [
    mail('first', 'hello'),
    withDocument('agreed on the budget'),
    mail('third', 'レポートを\r\nお願い申し上げます'),
    ...Array.from({ length: 150 }, (_, i) => mail('more', `filler ${i} of ${i * 7}`)).map((one) =>
      Buffer.from(one.toString().replace(/^From.*\r\n/, 'From: m@there.test\r\n')),
    ),
  ]);
  await client.command('SELECT INBOX');
  assert.deepEqual(await found('BODY', 'the budget'), [2], 'at once, while nothing is indexed');
  const indexed = async (): Promise<void> => {
    for (let tries = 0; !/ 153 +0 +1 /.test(server.command('search', 'status')); tries++) {
      assert.ok(tries < 150, server.command('search', 'status'));
      await wait(200);
    }
  };
  await indexed();
  await all();
  await client.appendAll('INBOX', [mail('レポート2', 'tail')]);
  await client.command('NOOP');
  newest.push(154);
  assert.deepEqual(await found('SUBJECT', 'レポート'), [154], 'not indexed yet');
  await all();
  await server.kill();
  await server.begin();
  client.close();
  client = await ImapClient.signIn(server.port('imap'), user, password);
  await client.command('SELECT INBOX');
  await all();
  assert.match(server.command('search', 'status', user), / 154 /);
  assert.match(server.command('search', 'rebuild', user), /1 account is/);
  for (const nobody of ['nobody@here.test', 'nobody'])
    assert.equal(server.tryCommand('search', 'rebuild', nobody).status, 3);
  await all();
  assert.match(server.command('check'), /wait to be indexed/);
  client.close();
});
