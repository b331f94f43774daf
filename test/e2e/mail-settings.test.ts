/** Settings of a mailbox's owner in a real browser: rules by forms, tried, applied and moved; a script of another program survives; away, blocked, forwarded, taken out. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { createTransport } from 'nodemailer';
import type { Browser, Page } from 'playwright-core';
import { unzip } from '../../src/proto/archive/unpack.ts';
import { missingBrowser, openBrowser, openPage, signIn } from '../browser.ts';
import { password, RunningServer } from '../running-server.ts';
import { accessibilityFaults } from '../web/axe.ts';

const alice = 'alice@here.test';

describe('settings of mail', { skip: missingBrowser, timeout: 240_000 }, () => {
  let server: RunningServer;
  let browser: Browser;
  const base = (): string => `http://127.0.0.1:${server.port('http')}`;

  const send = async (from: string, subject: string): Promise<void> => {
    const mailer = createTransport({
      host: '127.0.0.1',
      port: server.port('lmtp'),
      lmtp: true,
      secure: false,
      ignoreTLS: true,
    });
    await mailer.sendMail({ from, to: alice, subject, newline: 'windows', text: subject });
    mailer.close();
  };

  before(async () => {
    browser = await openBrowser();
    server = await RunningServer.start({ listeners: { lmtp: {}, http: {} }, accounts: [alice] });
    await send('boss@there.test', '請求書 3月');
    await send('news@there.test', 'News of the day');
  });
  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const open = async (tab: string, look: Parameters<typeof openPage>[2] = {}) => {
    const opened = await openPage(browser, base(), look);
    await signIn(opened.page, alice, password);
    await opened.page.goto(`/mail/settings?tab=${tab}`);
    await opened.page.locator('h2').first().waitFor();
    return opened;
  };
  const admin = async (page: Page, method: string, path: string, data?: object) => {
    const answer = await page.request.fetch(`${base()}/api/v1/admin${path}`, {
      method,
      headers: { 'x-hikyaku-page': '1', 'content-type': 'application/json' },
      ...(data && { data }),
    });
    assert.equal(answer.ok(), true, `${path} ${answer.status()} ${await answer.text()}`);
    return answer.status() === 204 ? undefined : ((await answer.json()) as { source?: string });
  };
  const rowNames = (page: Page) =>
    page
      .locator('ol > li strong')
      .evaluateAll((all) => all.map((each) => (each as { textContent: string }).textContent));

  test('a rule is made by a form, tried, applied, followed by new mail, moved by keys, deleted and taken back', async () => {
    const { page, wrong } = await open('rules');
    const make = async (name: string, text: string): Promise<void> => {
      await page.getByRole('button', { name: 'New rule' }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel('Name', { exact: true }).fill(name);
      await form.getByLabel('What is looked at').selectOption('subject');
      await form.getByLabel('Text', { exact: true }).fill(text);
      await form.getByLabel('Mailbox', { exact: true }).selectOption({ label: 'Archive' });
      await form.getByRole('button', { name: 'Save' }).click();
      await form.waitFor({ state: 'detached' });
    };
    await make('Invoices', '請求書');
    await page.getByText('Subject contains “請求書”').waitFor();
    await page.getByRole('button', { name: 'Try' }).click();
    await page.getByText('1 of 2 messages would be changed.').waitFor();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Done: 1 of 2 messages changed.').waitFor();
    await send('boss@there.test', '請求書 4月');
    await page.goto('/mail');
    await page
      .getByRole('navigation', { name: 'Mailboxes' })
      .getByRole('button', { name: 'Archive' })
      .click();
    await page.getByText('請求書 4月').first().waitFor();
    await page.getByText('請求書 3月').first().waitFor();
    await page.goto('/mail/settings?tab=rules');
    await make('Second', 'x');
    await page.getByText('Second', { exact: true }).waitFor();
    assert.deepEqual(await rowNames(page), ['Invoices', 'Second']);
    await page.getByRole('button', { name: '“Second”, place 2 of 2' }).focus();
    await page.keyboard.press('ArrowUp');
    await page.getByRole('button', { name: '“Second”, place 1 of 2' }).waitFor();
    assert.deepEqual(await rowNames(page), ['Second', 'Invoices']);
    await page.locator('ol > li').first().getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: '“Invoices”, place 1 of 1' }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: '“Second”, place 1 of 2' }).waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    assert.deepEqual(wrong, []);
    await page.context().close();
  });

  test('a script of another program is never changed: it runs behind the rules, or rests', async () => {
    const { page } = await open('rules');
    const foreign = '# made elsewhere\r\nkeep;\r\n';
    await admin(page, 'PUT', '/me/scripts/roundcube', { source: foreign });
    await admin(page, 'PUT', '/me/script-stages/active', { script: 'roundcube' });
    await page.reload();
    await page.getByText('The script “roundcube” of another program runs').waitFor();
    await page.getByRole('button', { name: 'Rules first, then the script' }).click();
    await page.getByText('Behind the rules runs the script “roundcube”, untouched.').waitFor();
    assert.equal((await admin(page, 'GET', '/me/scripts/roundcube'))?.source, foreign);
    // What is written by hand is checked before it is kept.
    await page
      .getByRole('listitem')
      .filter({ hasText: 'roundcube' })
      .getByRole('button', { name: 'Edit' })
      .click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Script').fill('fileinto "x";');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('alert').waitFor();
    await form.getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await admin(page, 'GET', '/me/scripts/roundcube'))?.source, foreign);
    // Rules that another program has changed are shown as text, and kept when new ones begin.
    const ours = (await admin(page, 'GET', '/me/scripts/webmail-rules'))?.source ?? '';
    await admin(page, 'PUT', '/me/scripts/webmail-rules', { source: `${ours}keep;\r\n` });
    await page.reload();
    await page.getByText('Another program has changed the script of the rules.').waitFor();
    await page.getByRole('button', { name: 'Begin new rules' }).click();
    await page.getByText('No rules yet').waitFor();
    const kept = await admin(page, 'GET', '/me/scripts/webmail-rules-changed');
    assert.equal(kept?.source, `${ours}keep;\r\n`);
    await page.context().close();
  });

  test('an answer while away, a blocked sender and a forward are set and hold', async () => {
    const { page } = await open('away');
    await page.getByRole('switch', { name: 'Answer' }).check();
    await page.getByLabel('First day').fill('2026-01-02');
    await page.getByLabel('Last day').fill('2026-01-01');
    await page.getByText('The last day is before the first.').waitFor();
    await page.getByLabel('Last day').fill('2026-01-05');
    await page.getByLabel('Text', { exact: true }).fill('不在です');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Mail is answered').waitFor();
    await page.reload();
    await page.getByText('不在です').waitFor();
    assert.equal(await page.getByLabel('Last day').inputValue(), '2026-01-05');
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.goto('/mail/settings?tab=blocked');
    await page.getByLabel('Address or domain').fill('nobody');
    await page.getByRole('button', { name: 'Block' }).click();
    await page.getByText('Write an address, or @ and a domain.').waitFor();
    await page.getByLabel('Address or domain').fill('@evil.test');
    await page.getByRole('button', { name: 'Block' }).click();
    await page.getByRole('button', { name: 'Unblock @evil.test' }).waitFor();
    await send('rogue@evil.test', 'Buy now');
    await page.goto('/mail');
    await page.getByRole('navigation', { name: 'Mailboxes' }).getByRole('button', { name: 'Junk' }).click();
    await page.getByText('Buy now').first().waitFor();
    await page.goto('/mail/settings?tab=forward');
    await page.getByLabel('Addresses').fill('me@elsewhere.test');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Mail is forwarded').waitFor();
    await page.reload();
    await page.getByText('me@elsewhere.test').waitFor();
    await page.context().close();
  });

  test('everything is taken out as a file, and mail from a file comes in once', async () => {
    const { page } = await open('room', { language: 'ja' });
    await page.getByRole('heading', { name: 'すべてを書き出す' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'ダウンロード' }).click(),
    ]);
    const zip = await readFile(await download.path());
    const names: string[] = [];
    for await (const { name } of unzip(zip, { bytes: 10_000_000, files: 100 }, () => true)) names.push(name);
    assert.equal(names.includes('Mail/INBOX.mbox') && names.includes('Contacts.vcf'), true, names.join());
    const mbox =
      'From x Mon Mar  2 09:30:00 2026\nSubject: from a file\nMessage-ID: <1@file>\n\nfrom the file\n';
    const file = { name: 'old.mbox', mimeType: 'application/mbox', buffer: Buffer.from(mbox) };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByText('1通を取り込みました。').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.context().close();
  });
});
