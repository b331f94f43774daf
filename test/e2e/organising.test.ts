/** Mail is organised in a real browser: labelled, put to sleep and back by the server while no page is open, rows one by one, three layouts, mailboxes of others. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { createTransport } from 'nodemailer';
import type { Browser } from 'playwright-core';
import { missingBrowser, openBrowser, openPage, signIn } from '../browser.ts';
import { password, RunningServer } from '../running-server.ts';
import { accessibilityFaults } from '../web/axe.ts';

const alice = 'alice@here.test';
const bob = 'bob@here.test';

describe('organising mail', { skip: missingBrowser, timeout: 240_000 }, () => {
  let server: RunningServer;
  let browser: Browser;
  const base = (): string => `http://127.0.0.1:${server.port('http')}`;

  before(async () => {
    browser = await openBrowser();
    server = await RunningServer.start({
      listeners: { lmtp: {}, http: {}, imaps: {} },
      accounts: [alice, bob],
    });
    const mailer = createTransport({
      host: '127.0.0.1',
      port: server.port('lmtp'),
      lmtp: true,
      secure: false,
      ignoreTLS: true,
    });
    const send = (to: string, subject: string, more: object = {}): Promise<unknown> =>
      mailer.sendMail({ from: 'x@there.test', to, subject, newline: 'windows', text: subject, ...more });
    for (const subject of ['First', 'Second', 'Third', 'Fourth']) await send(alice, subject);
    await send(alice, 'Asked', { messageId: '<asked@there.test>' });
    await send(alice, 'Re: Asked', { inReplyTo: '<asked@there.test>', references: '<asked@there.test>' });
    await send(bob, 'For Bob');
    mailer.close();
  });
  after(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const open = async (name = alice, look: Parameters<typeof openPage>[2] = {}) => {
    const opened = await openPage(browser, base(), look);
    await signIn(opened.page, name, password);
    await opened.page.goto('/mail');
    await opened.page.getByRole('list', { name: /Messages|メール/ }).waitFor();
    return opened;
  };

  test('a label is made, given to several by keys, shown, and taken away again', async () => {
    const { page, wrong } = await open();
    await page.goto('/mail/settings?tab=labels');
    await page.getByLabel('Name of the new label').fill('仕事');
    await page.getByRole('button', { name: 'Make a label' }).click();
    await page.getByRole('button', { name: 'Delete “仕事”' }).waitFor();
    await page.goto('/mail');
    const rows = page.getByRole('list', { name: 'Messages' }).getByRole('listitem');
    await rows.filter({ hasText: 'First' }).waitFor();
    for (let i = 0; i < 4; i++) await page.keyboard.press('j');
    await page.keyboard.press('Shift+J');
    await page.getByText('2 chosen').waitFor();
    await page.keyboard.press('l');
    await page.getByRole('menuitemcheckbox', { name: '仕事' }).click();
    await rows.filter({ hasText: '仕事' }).nth(1).waitFor();
    assert.equal(await rows.filter({ hasText: '仕事' }).count(), 2);
    assert.deepEqual(await accessibilityFaults(page), []);
    assert.deepEqual(wrong, []);
    await page.context().close();
  });

  test('mail that sleeps lies in a mailbox of its own and is back at its time, on top, also when no page was open', async () => {
    const { page } = await open();
    const rows = page.getByRole('list', { name: 'Messages' }).getByRole('listitem');
    const row = rows.filter({ hasText: 'First' });
    await row.getByRole('checkbox').click();
    await page.getByRole('button', { name: 'Snooze', exact: true }).click();
    await page.getByRole('menuitem', { name: /Tomorrow morning/ }).click();
    await row.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await row.waitFor();
    await row.getByRole('checkbox').click();
    await page.getByRole('button', { name: 'Snooze', exact: true }).click();
    await page.getByRole('menuitem', { name: /Tomorrow morning/ }).click();
    await row.waitFor({ state: 'detached' });
    const boxes = page.getByRole('navigation', { name: 'Mailboxes' });
    await boxes.getByRole('button', { name: 'Snoozed' }).click();
    await row.waitFor();
    // Nearer now, and nobody looks.
    const headers = { 'x-hikyaku-page': '1', 'content-type': 'application/json' };
    const api = `${base()}/api/v1/admin/me/snoozed`;
    const { items } = (await (await page.request.get(api)).json()) as { items: { email: string }[] };
    const box = new URL(page.url()).searchParams.get('box');
    await page.goto('about:blank');
    const data = { emails: [items[0]!.email], mailbox: box, untilMs: Date.now() + 1500 };
    const put = await page.request.post(api, { headers, data });
    assert.deepEqual(await put.json(), { failed: 0 });
    for (;;) {
      const left = (await (await page.request.get(api)).json()) as { items: unknown[] };
      if (left.items.length === 0) break;
    }
    await page.goto('/mail');
    await rows.first().filter({ hasText: 'First' }).waitFor();
    await page.context().close();
  });

  test('messages are rows of their own when one likes, and are read to the right, below, or in place of the list', async () => {
    const { page } = await open();
    const rows = page.getByRole('list', { name: 'Messages' }).getByRole('listitem');
    await rows.filter({ hasText: 'Asked' }).first().waitFor();
    assert.equal(await rows.filter({ hasText: 'Asked' }).count(), 1);
    await page.goto('/mail/settings?tab=look');
    await page.getByRole('switch', { name: 'Conversations' }).uncheck();
    await page.getByLabel('in place of the list').check();
    await page.goto('/mail');
    await rows.filter({ hasText: 'Asked' }).nth(1).waitFor();
    await rows.filter({ hasText: 'Re: Asked' }).getByRole('button', { name: /Asked/ }).click();
    await page.locator('article').first().waitFor();
    assert.equal(await page.locator('article').count(), 1);
    assert.equal(await rows.first().isVisible(), false);
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await rows.first().waitFor();
    await page.goto('/mail/settings?tab=look');
    await page.getByLabel('below the list').check();
    await page.goto('/mail');
    await rows.filter({ hasText: 'Third' }).getByRole('button', { name: /Third/ }).click();
    await page.locator('article').first().waitFor();
    const [list, reading] = await Promise.all([
      rows.first().boundingBox(),
      page.locator('article').first().boundingBox(),
    ]);
    assert.equal(reading!.y > list!.y, true);
    await page.context().close();
  });

  test('a mailbox that somebody shares stands in the column and is read there', async () => {
    const imap = connect({ port: server.port('imaps'), host: '127.0.0.1', rejectUnauthorized: false });
    const say = async (tag: string, line: string): Promise<void> => {
      const heard = once(imap, 'data');
      imap.write(`${tag} ${line}\r\n`);
      let [text] = (await heard) as [Buffer];
      while (!text.includes(`${tag} `)) [text] = (await once(imap, 'data')) as [Buffer];
      assert.match(text.toString(), new RegExp(`^${tag} OK`, 'm'));
    };
    await once(imap, 'data');
    await say('a', `LOGIN ${bob} "${password}"`);
    await say('b', `SETACL INBOX ${alice} lr`);
    imap.destroy();
    const { page } = await open();
    const column = page.getByRole('navigation', { name: bob });
    await column.getByRole('button', { name: 'Inbox' }).click();
    await page.getByRole('list', { name: 'Messages' }).getByText('For Bob').first().waitFor();
    await page.context().close();
  });
});
