/** Webmail in a real browser: read, searched, moved and taken back; hostile mail runs nothing and tells nobody. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createTransport } from 'nodemailer';
import type { Browser } from 'playwright-core';
import { missingBrowser, openBrowser, openPage, signIn } from '../browser.ts';
import { password, RunningServer } from '../running-server.ts';

const alice = 'alice@here.test';
const bob = 'bob@here.test';

/** Ways by which a mail has run scripts, or told its sender that it was read, in one reader or another. */
const hostile = `<p>harmless words</p>
<style>@import url(https://evil.test/a.css); body{background:url(https://evil.test/b.png)} @font-face{font-family:x;src:url(https://evil.test/f)}
a[href^="x"]{list-style:image-set("https://evil.test/s" 1x)} p{position:fixed;top:0;left:0;width:100%;height:100%}</style>
<script>top.pwned=1</script><img src=x onerror="top.pwned=2"><svg onload="top.pwned=3"><image href="https://evil.test/g.png"/></svg>
<iframe src="https://evil.test/i" srcdoc="<script>top.pwned=4</script>"></iframe><object data="https://evil.test/o"></object>
<a href="javascript:top.pwned=5">click me</a><form action="https://evil.test/form"><input name=q autofocus onfocus="top.pwned=6"><button>go</button></form>
<math><mtext><table><mglyph><style><img src=x onerror="top.pwned=7"></style></mglyph></table></mtext></math>
<noscript><p title="</noscript><img src=x onerror=top.pwned=8>"></noscript><link rel=stylesheet href="https://evil.test/l.css"><meta http-equiv=refresh content="0;url=https://evil.test/m">
<base href="https://evil.test/"><img src="https://evil.test/pixel.gif" width=1 height=1><div style="background:u\\72l(https://evil.test/u)">styled</div>
<video poster="https://evil.test/p"><source src="https://evil.test/v"></video><details open ontoggle="top.pwned=9">d</details>`;

interface Styled {
  getComputedStyle(element: unknown): { readonly position: string };
}

describe('webmail', { skip: missingBrowser, timeout: 180_000 }, () => {
  let server: RunningServer;
  let browser: Browser;

  before(async () => {
    browser = await openBrowser();
    server = await RunningServer.start({ listeners: { lmtp: {}, http: {} }, accounts: [alice, bob] });
    const mailer = createTransport({
      host: '127.0.0.1',
      port: server.port('lmtp'),
      lmtp: true,
      secure: false,
      ignoreTLS: true,
    });
    const send = (subject: string, more: object): Promise<unknown> =>
      mailer.sendMail({
        from: '髙橋 一郎 <ichiro@there.test>',
        to: alice,
        subject,
        newline: 'windows',
        ...more,
      });
    await send('見積の件', {
      text: '添付の見積をご確認ください。',
      attachments: [{ filename: '見積.txt', content: 'x' }],
    });
    await send('Hostile', { html: hostile, text: 'plain' });
    for (let i = 0; i < 60; i++) await send(`Report ${i}`, { text: `Numbers of day ${i}` });
  });
  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const open = async (look: Parameters<typeof openPage>[2] = {}) => {
    const opened = await openPage(browser, `http://127.0.0.1:${server.port('http')}`, look);
    await signIn(opened.page, alice, password);
    await opened.page.goto('/mail');
    await opened.page.getByText('Report 59').first().waitFor();
    return opened;
  };

  test('mail is found by words and operators, and read with its attachments', async () => {
    const { page } = await open();
    await page.locator('[data-search]').fill('見積');
    await page.getByText('見積の件').first().click();
    await page.getByRole('heading', { name: '見積の件' }).waitFor();
    await page.getByText('添付の見積をご確認ください。').last().waitFor();
    const file = page.getByRole('link', { name: '見積.txt' });
    const [download] = await Promise.all([page.waitForEvent('download'), file.click()]);
    assert.equal(download.suggestedFilename(), '見積.txt');
    await page.locator('[data-search]').fill('subject:"Report 7" -from:nobody');
    await page.getByText('Numbers of day 7').first().waitFor();
    const found = page.getByRole('list', { name: 'Messages' }).getByRole('listitem');
    await found.nth(1).waitFor({ state: 'detached' });
    assert.equal(await found.count(), 1);
    await page.context().close();
  });

  test('keys archive and Undo takes back; what is done in one window is seen in the other', async () => {
    const { page } = await open();
    const other = await open();
    const gone = page.getByRole('listitem').filter({ hasText: 'Report 58' });
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('e');
    await gone.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await gone.waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Report/ }).waitFor();
    await page
      .locator('article')
      .getByText(/Numbers of day/)
      .last()
      .waitFor();
    await other.page.context().close();
    await page.context().close();
  });

  test('hostile mail runs nothing, lays itself over nothing, and tells nobody that it was read', async () => {
    const { page, elsewhere } = await open();
    await page.locator('[data-search]').fill('subject:Hostile');
    await page.getByText('Hostile').first().click();
    const body = page.frameLocator('article iframe');
    await body.getByText('harmless words').waitFor();
    await body.getByText('click me').click();
    await page.waitForTimeout(500);
    assert.equal(await page.evaluate(() => (globalThis as { pwned?: number }).pwned), undefined);
    assert.deepEqual(elsewhere, []);
    assert.equal(
      await page.locator('article iframe').getAttribute('sandbox'),
      'allow-same-origin allow-popups allow-popups-to-escape-sandbox',
    );
    assert.equal(
      await body
        .locator('script, form, input, object, iframe, svg, base, meta[http-equiv=refresh], link')
        .count(),
      0,
    );
    assert.notEqual(
      await body
        .getByText('harmless words')
        .evaluate((p) => (globalThis as unknown as Styled).getComputedStyle(p).position),
      'fixed',
    );
    assert.match(page.url(), /\/mail\?/);
    await page.context().close();
  });

  test('what is written is asked about, sent, and taken back while there is time', async () => {
    const { page } = await open();
    const write = async (subject: string): Promise<void> => {
      await page.getByRole('button', { name: 'Write' }).click();
      await page.getByRole('combobox', { name: 'To' }).fill(bob);
      await page.keyboard.press('Enter');
      await page.getByLabel('Subject').fill(subject);
      await page.getByLabel('Text of the message').fill('添付をご確認ください。');
      await page.getByText('Kept as a draft').waitFor();
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByText('It speaks of an attachment').waitFor();
      await page.getByRole('button', { name: 'Send anyway' }).click();
      await page.getByText('Sent', { exact: true }).last().waitFor();
    };
    await write('Taken back');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('region', { name: 'Write' }).waitFor();
    assert.equal(await page.getByLabel('Subject').inputValue(), 'Taken back');
    await page.getByRole('button', { name: 'Discard' }).click();
    await write('見積の返事');
    const other = await openPage(browser, `http://127.0.0.1:${server.port('http')}`);
    await signIn(other.page, bob, password);
    await other.page.goto('/mail');
    await other.page.getByText('見積の返事').first().click();
    await other.page.frameLocator('article iframe').getByText('添付をご確認ください。').last().waitFor();
    assert.equal(await other.page.getByText('Taken back').count(), 0);
    await page.getByRole('navigation', { name: 'Mailboxes' }).getByRole('button', { name: 'Sent' }).click();
    await page.getByRole('list', { name: 'Messages' }).getByText('見積の返事').waitFor();
    await other.page.context().close();
    await page.context().close();
  });

  test('in Japanese, on a phone: the list, a mail, and back', async () => {
    const { page } = await open({ language: 'ja', phone: true });
    await page.getByText('Report 59').first().click();
    await page.getByText('Numbers of day 59').last().waitFor();
    assert.equal(await page.getByText('Report 40').first().isVisible(), false);
    await page.getByRole('button', { name: /一覧に戻る|Back/ }).click();
    await page.getByText('Report 58').first().waitFor();
    await page.context().close();
  });
});
