/** Contacts in a real browser: written down with readings, found by them, grouped, deleted and taken back, in and out as vCards of old telephones too. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { missingBrowser, openBrowser, openPage, signIn } from '../browser.ts';
import { password, RunningServer } from '../running-server.ts';
import { accessibilityFaults } from '../web/axe.ts';

const alice = 'alice@here.test';

describe('contacts', { skip: missingBrowser, timeout: 240_000 }, () => {
  let server: RunningServer;
  let browser: Browser;

  before(async () => {
    browser = await openBrowser();
    server = await RunningServer.start({ listeners: { http: {} }, accounts: [alice] });
  });
  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const open = async (look: Parameters<typeof openPage>[2] = {}) => {
    const opened = await openPage(browser, `http://127.0.0.1:${server.port('http')}`, look);
    await signIn(opened.page, alice, password);
    await opened.page.goto('/contacts');
    await opened.page.locator('h1').waitFor();
    return opened;
  };

  test('a contact is written down, found by its reading, put into a group, changed, deleted and taken back', async () => {
    const { page, wrong } = await open({ language: 'ja' });
    await page.getByText('連絡先はまだありません').waitFor();
    await page.getByRole('button', { name: '新しい連絡先' }).first().click();
    await page.getByLabel('姓', { exact: true }).fill('髙橋');
    await page.getByLabel('名', { exact: true }).fill('一郎');
    await page.getByLabel('姓のふりがな').fill('たかはし');
    await page.getByLabel('名のふりがな').fill('いちろう');
    await page.getByLabel('アドレス', { exact: true }).fill('ichiro@there.test');
    await page.getByLabel('会社・団体').fill('飛脚株式会社');
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: '保存' }).click();
    await page.getByRole('heading', { name: '髙橋 一郎' }).waitFor();
    const rows = page.getByRole('list', { name: '連絡先' }).getByRole('listitem');
    await page.getByLabel('名前・読み・アドレスで検索').fill('たかは');
    await rows.filter({ hasText: '髙橋 一郎' }).waitFor();
    await page.getByLabel('名前・読み・アドレスで検索').fill('山田');
    await page.getByText('見つかりませんでした').waitFor();
    await page.getByLabel('名前・読み・アドレスで検索').fill('');
    await page.getByRole('button', { name: 'その他' }).click();
    await page.getByRole('menuitem', { name: '新しいグループ' }).click();
    await page.getByLabel('グループの名前').fill('得意先');
    await page.getByRole('button', { name: '作る' }).click();
    await page.getByText('連絡先を開き、「グループ」で').waitFor();
    await page.getByRole('button', { name: 'すべて', exact: true }).click();
    await page.getByRole('button', { name: 'グループ', exact: true }).click();
    await page.getByRole('menuitemcheckbox', { name: '得意先' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: '得意先' }).click();
    await rows.filter({ hasText: '髙橋' }).waitFor();
    await page.getByRole('button', { name: '編集' }).click();
    await page.getByLabel('役職').fill('部長');
    await page.getByRole('button', { name: '保存' }).click();
    await page.getByText('飛脚株式会社 · 部長').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: '削除' }).click();
    await rows.filter({ hasText: '髙橋' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: '元に戻す' }).click();
    await rows.filter({ hasText: '髙橋' }).waitFor();
    assert.deepEqual(wrong, []);
    await page.context().close();
  });

  test('vCards of an old telephone come in, and go out; writing begins from a contact; on a phone as well', async () => {
    const { page } = await open({ phone: true });
    const old = Buffer.concat([
      Buffer.from('BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:'),
      // 山田;花子
      Buffer.from('=8ER=93c;=89=D4=8Eq\r\n'),
      Buffer.from('SOUND;X-IRMC-N;CHARSET=SHIFT_JIS:'),
      Buffer.from([0xd4, 0xcf, 0xc0, 0xde, 0x3b, 0xca, 0xc5, 0xba]),
      Buffer.from('\r\nEMAIL;INTERNET:hanako@there.test\r\nEND:VCARD\r\n'),
    ]);
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'phone.vcf', mimeType: 'text/x-vcard', buffer: old });
    await page.getByText('1 came in, 0 were brought up to date').waitFor();
    await page.getByRole('button', { name: '山田 花子' }).click();
    await page.getByRole('heading', { name: '山田 花子' }).waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: 'All contacts' }).click();
    await page.getByRole('button', { name: 'More' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Export as vCard 4.0' }).click(),
    ]);
    const file = await readFile(await download.path(), 'utf8');
    assert.match(file, /VERSION:4\.0[^]*山田;花子/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: '山田 花子' }).click();
    await page.getByRole('button', { name: 'hanako@there.test' }).click();
    await page.getByRole('region', { name: 'Write' }).getByText('hanako@there.test').waitFor();
    await page.context().close();
  });
});
