/** What a reader learns of a sender, and does about one: first mail, look-alike domains, blocked, a rule, a contact; pictures looked at in place. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createTransport } from 'nodemailer';
import type { Browser } from 'playwright-core';
import { missingBrowser, openBrowser, openPage, signIn } from '../browser.ts';
import { password, RunningServer } from '../running-server.ts';
import { accessibilityFaults } from '../web/axe.ts';

const alice = 'alice@here.test';
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('reading mail', { skip: missingBrowser, timeout: 240_000 }, () => {
  let server: RunningServer;
  let browser: Browser;

  before(async () => {
    browser = await openBrowser();
    server = await RunningServer.start({ listeners: { lmtp: {}, http: {} }, accounts: [alice] });
    const mailer = createTransport({
      host: '127.0.0.1',
      port: server.port('lmtp'),
      lmtp: true,
      secure: false,
      ignoreTLS: true,
    });
    const send = (from: string, subject: string, more: object = {}): Promise<unknown> =>
      mailer.sendMail({ from, to: alice, subject, newline: 'windows', text: subject, ...more });
    await send('Rogue <boss@h-ere.test>', 'Look alike');
    await send('News <news@letters.example>', 'With a picture', {
      attachments: [{ filename: 'dot.png', content: Buffer.from(pixel, 'base64') }],
    });
    await send('News <news@letters.example>', 'Again');
    mailer.close();
  });
  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test('a first mail and a look-alike are told; the sender is blocked, made a contact, given a rule', async () => {
    const { page, wrong } = await openPage(browser, `http://127.0.0.1:${server.port('http')}`);
    await signIn(page, alice, password);
    await page.goto('/mail');
    const rows = page.getByRole('list', { name: 'Messages' }).getByRole('listitem');
    await rows
      .filter({ hasText: 'Look alike' })
      .getByRole('button', { name: /Look alike/ })
      .click();
    await page.getByText('h-ere.test looks like here.test, but is another domain.').waitFor();
    await page.locator('article').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Block the sender' }).click();
    await page.getByText('Mail from boss@h-ere.test goes to the junk').waitFor();
    await rows
      .filter({ hasText: 'With a picture' })
      .getByRole('button', { name: /With a picture/ })
      .click();
    console.log(await page.locator('article').allInnerTexts(), page.url());
    await page.getByText('This is the first mail from this sender.').waitFor();
    await page.getByRole('button', { name: 'Look at dot.png' }).click();
    const picture = page.getByRole('dialog').getByRole('img', { name: 'dot.png' });
    await picture.waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.keyboard.press('Escape');
    await picture.waitFor({ state: 'detached' });
    await rows.filter({ hasText: 'Again' }).getByRole('button', { name: /Again/ }).click();
    await page.locator('article').getByText('news@letters.example').waitFor();
    await page.locator('article').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Add to contacts' }).click();
    assert.equal(await page.getByLabel('Surname', { exact: true }).inputValue(), 'News');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'News' }).waitFor();
    await page.goto('/mail/settings?tab=rules&from=news@letters.example');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.goto('/mail/settings?tab=blocked');
    await page.getByRole('button', { name: 'Unblock boss@h-ere.test' }).waitFor();
    assert.deepEqual(wrong, []);
    await page.context().close();
  });
});
