/** Writing mail in a real browser on the real server: with forms and without, as whom, when, in which encoding, with what is asked before. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { cannotBrowse, owner, reader, type Visitor, type VisitorOptions, World } from './world.ts';

interface Mail {
  readonly id: string;
  readonly subject: string;
  readonly sentAt: string;
  readonly bodyStructure: Part;
  readonly textBody: readonly Part[];
  readonly htmlBody: readonly Part[];
  readonly attachments: readonly Part[];
  readonly bodyValues: Readonly<Record<string, { readonly value: string }>>;
}

interface Part {
  readonly partId: string | null;
  readonly type: string;
  readonly charset: string | null;
  readonly cid: string | null;
  readonly disposition: string | null;
  readonly name: string | null;
  readonly subParts?: readonly Part[];
}

interface Answers {
  readonly methodResponses: readonly (readonly [string, { readonly list: readonly Mail[] }, string])[];
}

interface Session {
  readonly primaryAccounts: Readonly<Record<string, string>>;
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

  const enter = async (as: string, options: VisitorOptions = {}): Promise<Visitor> => {
    const visitor = await world.visitor(options);
    await visitor.signIn(as);
    await visitor.page.goto('/mail');
    await visitor.page
      .getByRole('button', { name: /^(Write|新規作成)$/ })
      .first()
      .waitFor();
    return visitor;
  };
  const sheetOf = (page: Page): Locator => page.getByRole('region', { name: /^(Write|新規作成)$/ });
  const write = async (page: Page, to: string, subject: string): Promise<Locator> => {
    await page
      .getByRole('button', { name: /^(Write|新規作成)$/ })
      .first()
      .click();
    const sheet = sheetOf(page);
    await sheet.getByRole('combobox', { name: /^(To|宛先)$/ }).fill(to);
    await page.keyboard.press('Enter');
    await sheet.getByLabel(/^(Subject|件名)$/).fill(subject);
    return sheet;
  };
  /** As JMAP has it, in the page's own session. */
  const mailOf = async (page: Page, subject: string): Promise<readonly Mail[]> =>
    page.evaluate(async (wanted) => {
      const headers = { 'content-type': 'application/json', 'x-hikyaku-page': '1' };
      const ask = async (methodCalls: unknown): Promise<Answers> => {
        const using = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'];
        const body = JSON.stringify({ using, methodCalls });
        return (await (await fetch('/jmap/api', { method: 'POST', headers, body })).json()) as Answers;
      };
      const session = (await (await fetch('/jmap/session', { headers })).json()) as Session;
      const accountId = session.primaryAccounts['urn:ietf:params:jmap:mail'];
      const { methodResponses } = await ask([
        [
          'Email/query',
          { accountId, filter: { subject: wanted }, sort: [{ property: 'receivedAt', isAscending: false }] },
          'q',
        ],
        [
          'Email/get',
          {
            accountId,
            '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' },
            properties: [
              'id',
              'subject',
              'sentAt',
              'bodyStructure',
              'textBody',
              'htmlBody',
              'attachments',
              'bodyValues',
            ],
            fetchTextBodyValues: true,
            fetchHTMLBodyValues: true,
          },
          'e',
        ],
      ]);
      return methodResponses[1]![1].list;
    }, subject);
  const arrived = async (page: Page, subject: string): Promise<Mail> => {
    await page
      .getByRole('list', { name: /^(Messages|メール)$/ })
      .getByText(subject)
      .first()
      .waitFor();
    const [mail] = await mailOf(page, subject);
    return mail!;
  };
  const bodyOf = (mail: Mail, parts: readonly Part[]): string =>
    parts.map(({ partId }) => mail.bodyValues[partId ?? '']?.value ?? '').join('\n');

  test('text with forms and a picture is written, kept, opened again as it was, and arrives with plain text beside it', async () => {
    await using me = await enter(owner);
    await using other = await enter(reader);
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
});
