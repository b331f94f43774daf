/** Writing mail in a real browser on the real server: with forms and without, as whom, when, in which encoding, with what is asked before. */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { cannotBrowse, owner, reader, World } from './world.ts';
import { addCards, arrived, bodyOf, enter, mailOf, sheetOf, write } from './writing.ts';

interface Keys {
  readonly KeyboardEvent: new (type: string, how: object) => Event;
}

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

describe('writing mail', { skip: cannotBrowse, timeout: 300_000 }, () => {
  let world: World;
  before(async () => {
    world = await World.open();
  });
  after(() => world[Symbol.asyncDispose]());

  test('text with forms and a picture is written, kept, opened again as it was, and arrives with plain text beside it', async () => {
    await using me = await enter(world, owner);
    await using other = await enter(world, reader);
    const { page } = me;
    const sheet = await write(page, reader, 'Forms');
    const body = sheet.getByRole('textbox', { name: 'Text of the message' });
    await body.click();
    await page.keyboard.type('Hello ');
    await page.keyboard.press('Control+b');
    await page.keyboard.type('bold');
    await page.keyboard.press('Control+b');
    await page.keyboard.press('Enter');
    await page.keyboard.type('- one');
    await page.keyboard.press('Enter');
    await page.keyboard.type('two');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.keyboard.type('see ');
    await sheet.getByRole('button', { name: 'Link', exact: true }).click();
    await page.getByLabel('Leads to').fill('example.test/page');
    await page.keyboard.press('Enter');
    await sheet
      .locator('[role=toolbar] input[type=file]')
      .setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: pixel });
    await body.locator('img[alt="dot.png"]').waitFor();
    await sheet.getByText('Kept as a draft').waitFor();
    await sheet.getByRole('button', { name: 'Close and keep as a draft' }).click();
    await page
      .getByRole('navigation', { name: 'Mailboxes' })
      .getByRole('button', { name: /^Drafts/ })
      .click();
    await page.getByRole('list', { name: 'Messages' }).getByText('Forms').click();
    await body.locator('strong', { hasText: 'bold' }).waitFor();
    assert.equal(await body.locator('li').count(), 2);
    assert.equal(await body.locator('img[data-cid]').count(), 1);
    assert.equal(await body.locator('a').getAttribute('href'), 'https://example.test/page');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Sent', { exact: true }).last().waitFor();
    const mail = await arrived(other.page, 'Forms');
    assert.equal(mail.bodyStructure.type, 'multipart/alternative');
    assert.deepEqual(
      mail.bodyStructure.subParts!.map(({ type }) => type),
      ['text/plain', 'multipart/related'],
    );
    assert.equal(
      bodyOf(mail, mail.textBody).trim(),
      'Hello bold\n- one\n- two\nsee example.test/page[dot.png]',
    );
    const html = bodyOf(mail, mail.htmlBody);
    assert.match(html, /<strong>bold<\/strong>/);
    const [picture] = mail.attachments;
    assert.equal(html.includes(`src="cid:${picture!.cid}"`), true);
    assert.equal(picture!.disposition, 'inline');
    assert.deepEqual(
      await mailOf(page, 'Forms').then((all) => all.length),
      1,
      'one in Sent, none left in Drafts',
    );
    await other.page.getByRole('list', { name: 'Messages' }).getByText('Forms').first().click();
    const shown = other.page.frameLocator('article iframe').locator('img');
    await shown.waitFor();
    assert.equal(
      await shown.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      1,
    );
    // Its answer quotes it with its forms and its picture.
    await other.page.getByRole('button', { name: 'Reply', exact: true }).last().click();
    const answer = sheetOf(other.page);
    await answer.getByRole('textbox', { name: 'Text of the message' }).click();
    await other.page.keyboard.type('Thank you');
    await answer.getByRole('button', { name: 'Show what is quoted' }).click();
    await answer.frameLocator('iframe').locator('strong', { hasText: 'bold' }).waitFor();
    await other.page.keyboard.press('Control+Enter');
    await answer
      .getByRole('button', { name: 'Send', exact: true })
      .click()
      .catch(() => undefined);
    await page
      .getByRole('navigation', { name: 'Mailboxes' })
      .getByRole('button', { name: /^Inbox/ })
      .click();
    const back = await arrived(page, 'Re: Forms');
    assert.match(bodyOf(back, back.htmlBody), /Thank you[\s\S]*<blockquote[\s\S]*<strong>bold<\/strong>/);
    assert.match(bodyOf(back, back.textBody), /^Thank you\n+.*:\n> Hello bold\n/);
    assert.equal(back.attachments[0]!.cid, picture!.cid);
  });

  test('each address has its name and signature, and an answer goes from the address that was written to', async () => {
    await using me = await enter(world, owner);
    const { page } = me;
    await page.getByRole('button', { name: 'Names and signatures' }).click();
    const dialog = page.getByRole('dialog', { name: 'Names and signatures' });
    await dialog.getByRole('combobox', { name: 'Address' }).click();
    await page.getByRole('option', { name: 'shop@here.test' }).click();
    await dialog.getByLabel('Name that receivers see').fill('飛脚商店');
    await dialog.getByRole('textbox', { name: 'Signature' }).click();
    await page.keyboard.type('飛脚商店 受付');
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await dialog.waitFor({ state: 'detached' });
    await world.send('shop@here.test', 'To the shop');
    await page.getByRole('list', { name: 'Messages' }).getByText('To the shop').first().click();
    await page.getByRole('button', { name: 'Reply', exact: true }).last().click();
    const sheet = sheetOf(page);
    assert.equal(
      await sheet.getByRole('combobox', { name: 'From' }).inputValue(),
      '飛脚商店 <shop@here.test>',
    );
    const body = sheet.getByRole('textbox', { name: 'Text of the message' });
    await body.getByText('飛脚商店 受付').waitFor();
    // Another address, another signature: that one has none.
    await sheet.getByRole('combobox', { name: 'From' }).click();
    await page.getByRole('option', { name: 'owner@here.test' }).click();
    await body.getByText('飛脚商店 受付').waitFor({ state: 'detached' });
    await sheet.getByRole('combobox', { name: 'From' }).click();
    await page.getByRole('option', { name: /shop@here\.test/ }).click();
    await body.getByText('飛脚商店 受付').waitFor();
    await sheet.getByRole('button', { name: 'Discard' }).click();
    assert.deepEqual(await me.accessibilityFaults(), []);
  });

  test('mail leaves at its time: it is listed, put off, and taken back into the drafts', async () => {
    await using me = await enter(world, owner);
    const { page } = me;
    const sheet = await write(page, reader, 'For later');
    await sheet.getByRole('button', { name: 'Send later' }).click();
    const choosing = page.getByRole('dialog', { name: 'Send later' });
    assert.deepEqual(await me.accessibilityFaults(), []);
    await choosing.getByRole('button', { name: /^Tomorrow morning/ }).click();
    await sheet.getByText(/^Leaves /).waitFor();
    await sheet.getByRole('button', { name: 'Schedule', exact: true }).click();
    await page.getByText(/^It will leave /).waitFor();
    await page.getByRole('button', { name: /^Scheduled/ }).click();
    const list = page.getByRole('dialog', { name: 'Scheduled' });
    const row = list.getByRole('listitem').filter({ hasText: 'For later' });
    await row.waitFor();
    const [first] = await mailOf(page, 'For later');
    await row.getByRole('button', { name: 'Another time' }).click();
    await page.getByLabel('Another time').fill('2026-12-24T10:00');
    await page.getByRole('button', { name: 'Leave at this time' }).click();
    await row.getByText(/24/).waitFor();
    const moved = await mailOf(page, 'For later');
    assert.equal(moved.length, 1);
    assert.notEqual(moved[0]!.sentAt, first!.sentAt);
    // In the time zone of the browser.
    assert.equal(moved[0]!.sentAt, '2026-12-24T01:00:00Z');
    await row.getByRole('button', { name: 'Do not send' }).click();
    await list.getByText('Nothing waits for its time').waitFor();
    await page.keyboard.press('Escape');
    await page
      .getByRole('navigation', { name: 'Mailboxes' })
      .getByRole('button', { name: /^Drafts/ })
      .click();
    await page.getByRole('list', { name: 'Messages' }).getByText('For later').waitFor();
  });

  test('a text is kept as a template on the server and put into another mail', async () => {
    await using me = await enter(world, owner);
    const { page } = me;
    const sheet = await write(page, reader, 'Thanks');
    await sheet.getByRole('textbox', { name: 'Text of the message' }).click();
    await page.keyboard.type('Thank you for your order.');
    await sheet.getByRole('button', { name: 'How it is written' }).click();
    await page.getByRole('menuitem', { name: 'Templates' }).click();
    const dialog = page.getByRole('dialog', { name: 'Templates' });
    await dialog.getByLabel('Keep what is written as a template').fill('Order');
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await dialog.getByRole('listitem').filter({ hasText: 'Order' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await sheet.getByRole('button', { name: 'Discard' }).click();
    // Another browser has it too.
    await using elsewhere = await enter(world, owner, { language: 'ja' });
    const next = await write(elsewhere.page, reader, '');
    await next.getByRole('button', { name: '書式と送信方法' }).click();
    await elsewhere.page.getByRole('menuitem', { name: 'テンプレート' }).click();
    assert.deepEqual(await elsewhere.accessibilityFaults(), []);
    await elsewhere.page.getByRole('button', { name: '挿入' }).click();
    await next.getByRole('textbox', { name: '本文' }).getByText('Thank you for your order.').waitFor();
    assert.equal(await next.getByLabel('件名').inputValue(), 'Order');
    await next.getByRole('button', { name: '破棄' }).click();
  });

  test('recipients are completed by name, reading and address; a group becomes its people', async () => {
    await using me = await enter(world, owner);
    const { page } = me;
    await addCards(page, [
      {
        uid: 'urn:uuid:1',
        name: {
          components: [
            { kind: 'surname', value: '髙橋', phonetic: 'たかはし' },
            { kind: 'given', value: '花子', phonetic: 'はなこ' },
          ],
        },
        emails: { e: { address: 'hanako@there.test' } },
      },
      { uid: 'urn:uuid:2', name: { full: 'Bob Baker' }, emails: { e: { address: 'bob@there.test' } } },
      {
        uid: 'urn:uuid:3',
        kind: 'group',
        name: { full: '営業部' },
        members: { 'urn:uuid:1': true, 'urn:uuid:2': true },
      },
    ]);
    await page.getByRole('button', { name: 'Write' }).first().click();
    const to = sheetOf(page).getByRole('combobox', { name: 'To' });
    for (const typed of ['たかはし', '髙橋様', 'hanako@']) {
      await to.fill(typed);
      await page.getByRole('option', { name: '髙橋 花子 <hanako@there.test>' }).waitFor();
    }
    await to.fill('営業');
    await page.getByRole('option', { name: '営業部 (2)' }).click();
    await sheetOf(page).getByText('髙橋 花子 <hanako@there.test>').waitFor();
    await sheetOf(page).getByText('Bob Baker <bob@there.test>').waitFor();
    await sheetOf(page).getByRole('button', { name: 'Send', exact: true }).click();
    const alert = sheetOf(page).getByRole('alert');
    await alert.getByText('It has no subject.').waitFor();
    await alert.getByText('bob@there.test').waitFor();
    await sheetOf(page).getByRole('button', { name: 'Discard' }).click();
  });

  test('for old receivers: what has no form is shown, and what can be written leaves in ISO-2022-JP', async () => {
    await using me = await enter(world, owner, { language: 'ja', dark: true });
    await using other = await enter(world, reader, { language: 'ja', phone: true });
    const { page } = me;
    const sheet = await write(page, reader, '旧環境 ①');
    const body = sheet.getByRole('textbox', { name: '本文' });
    await body.fill('髙橋様 ｶﾅ 😀');
    await sheet.getByRole('button', { name: '書式と送信方法' }).click();
    await page.getByRole('menuitemcheckbox', { name: /ISO-2022-JP/ }).click();
    await page.keyboard.press('Escape');
    await sheet.locator('kbd', { hasText: '😀' }).waitFor();
    await sheet.getByText('ｶﾅ → カナ').waitFor();
    assert.deepEqual(await me.accessibilityFaults(), []);
    await sheet.getByRole('button', { name: '送信', exact: true }).click();
    await sheet.getByRole('alert').getByText('UTF-8 で送ってください').waitFor();
    await body.fill('髙橋様 お世話になっております');
    await sheet.getByText('すべての文字を ISO-2022-JP で送れます。').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('送信しました', { exact: true }).waitFor();
    const mail = await arrived(other.page, '旧環境 ①');
    assert.deepEqual(
      [...mail.textBody, ...mail.htmlBody].map(({ charset }) => charset?.toLowerCase()),
      ['iso-2022-jp', 'iso-2022-jp'],
    );
    assert.equal(bodyOf(mail, mail.textBody).trim(), '髙橋様 お世話になっております');
    await other.page.getByRole('button', { name: '新規作成' }).filter({ visible: true }).click();
    await sheetOf(other.page).getByRole('combobox', { name: '宛先' }).waitFor();
    assert.deepEqual(await other.accessibilityFaults(), []);
  });

  test('an Enter that ends a conversion sends nothing, in either form; plain text is chosen for one mail and for all', async () => {
    await using me = await enter(world, owner);
    const { page } = me;
    const sheet = await write(page, reader, 'Conversion');
    await sheet.getByRole('button', { name: 'How it is written' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Begin in plain text' }).click();
    await page.keyboard.press('Escape');
    await sheet.getByRole('button', { name: 'Discard' }).click();
    const plain = await write(page, reader, 'Conversion');
    const body = plain.locator('textarea');
    await body.fill('かな');
    for (const field of [body, plain.getByLabel('Subject')]) {
      await field.evaluate((element) => {
        const { KeyboardEvent: Key } = globalThis as unknown as Keys;
        const how = { key: 'Enter', ctrlKey: true, isComposing: true, bubbles: true };
        (element as unknown as EventTarget).dispatchEvent(new Key('keydown', how));
      });
    }
    await plain.getByText('Kept as a draft').waitFor();
    await plain.getByRole('button', { name: 'Close and keep as a draft' }).click();
    assert.equal((await mailOf(page, 'Conversion')).length, 1);
    await page
      .getByRole('navigation', { name: 'Mailboxes' })
      .getByRole('button', { name: /^Drafts/ })
      .click();
    await page.getByRole('list', { name: 'Messages' }).getByText('Conversion').click();
    assert.equal(await sheetOf(page).locator('textarea').inputValue(), 'かな');
    await sheetOf(page).getByRole('button', { name: 'Discard' }).click();
  });

  test('a large file goes as a link, which leads to it with its password until it is ended', async () => {
    await using me = await enter(world, owner);
    const { page } = me;
    const sheet = await write(page, reader, 'Large');
    const content = Buffer.alloc(16 * 1024 * 1024, 'x');
    await sheet
      .locator('footer input[type=file]')
      .setInputFiles({ name: '図面.zip', mimeType: 'application/zip', buffer: content });
    const dialog = page.getByRole('dialog', { name: 'Send as a link' });
    await dialog.getByLabel('Password').fill('ひみつ');
    assert.deepEqual(await me.accessibilityFaults(), []);
    await dialog.getByRole('button', { name: 'Put the link in' }).click();
    await dialog.waitFor({ state: 'detached' });
    const link = sheet
      .getByRole('textbox', { name: 'Text of the message' })
      .getByRole('link', { name: '図面.zip' });
    const url = await link.getAttribute('href');
    await sheet.getByRole('button', { name: 'Discard' }).click();
    await using stranger = await world.visitor({ language: 'ja', phone: true });
    await stranger.page.goto(url!);
    await stranger.page.getByRole('heading', { name: 'ファイルが届いています' }).waitFor();
    assert.deepEqual(await stranger.accessibilityFaults(), []);
    await stranger.page.getByLabel('パスワード').fill('ちがう');
    await stranger.page.getByRole('button', { name: 'ダウンロード' }).click();
    await stranger.page.getByText('パスワードが違います。').waitFor();
    await stranger.page.getByLabel('パスワード').fill('ひみつ');
    const [download] = await Promise.all([
      stranger.page.waitForEvent('download'),
      stranger.page.getByRole('button', { name: 'ダウンロード' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), '図面.zip');
    assert.equal((await stat(await download.path())).size, content.length);
    await page.getByRole('button', { name: 'Files by link' }).click();
    const list = page.getByRole('dialog', { name: 'Files by link' });
    await list.getByText('図面.zip').waitFor();
    await list.getByRole('button', { name: 'End the link' }).click();
    await list.getByText('No files are handed out').waitFor();
    await stranger.page.goto(url!);
    await stranger.page.getByRole('heading', { name: 'このリンクは使えません' }).waitFor();
  });
});
