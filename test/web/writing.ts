/** Writing mail by the page, and what came of it by JMAP, in tests. */
import type { Locator, Page } from 'playwright-core';
import type { Visitor, VisitorOptions, World } from './world.ts';

export interface Mail {
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

export async function enter(world: World, as: string, options: VisitorOptions = {}): Promise<Visitor> {
  const visitor = await world.visitor(options);
  await visitor.signIn(as);
  await visitor.page.goto('/mail');
  await visitor.page
    .getByRole('button', { name: /^(Write|新規作成)$/ })
    .filter({ visible: true })

    .waitFor();
  return visitor;
}
export const sheetOf = (page: Page): Locator => page.getByRole('region', { name: /^(Write|新規作成)$/ });
export async function write(page: Page, to: string, subject: string): Promise<Locator> {
  await page
    .getByRole('button', { name: /^(Write|新規作成)$/ })
    .filter({ visible: true })

    .click();
  const sheet = sheetOf(page);
  await sheet.getByRole('combobox', { name: /^(To|宛先)$/ }).fill(to);
  await page.keyboard.press('Enter');
  await sheet.getByLabel(/^(Subject|件名)$/).fill(subject);
  return sheet;
}
/** As JMAP has it, in the page's own session. */
export const mailOf = async (page: Page, subject: string): Promise<readonly Mail[]> =>
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
export async function arrived(page: Page, subject: string): Promise<Mail> {
  await page
    .getByRole('list', { name: /^(Messages|メール)$/ })
    .getByText(subject)
    .first()

    .waitFor();
  const [mail] = await mailOf(page, subject);
  return mail!;
}
export const bodyOf = (mail: Mail, parts: readonly Part[]): string =>
  parts.map(({ partId }) => mail.bodyValues[partId ?? '']?.value ?? '').join('\n');

/** Into the first address book. */
export const addCards = async (page: Page, cards: readonly object[]): Promise<void> =>
  page.evaluate(async (given) => {
    const headers = { 'content-type': 'application/json', 'x-hikyaku-page': '1' };
    const session = (await (await fetch('/jmap/session', { headers })).json()) as Session;
    const accountId = session.primaryAccounts['urn:ietf:params:jmap:mail'];
    const using = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:contacts'];
    const create = Object.fromEntries(
      given.map((card, i) => [
        `c${i}`,
        { '@type': 'Card', version: '1.0', addressBookIds: { b1: true }, ...card },
      ]),
    );
    const methodCalls = [
      ['AddressBook/get', { accountId, ids: null }, 'b'],
      ['ContactCard/set', { accountId, create }, 's'],
    ];
    const body = JSON.stringify({ using, methodCalls });
    const answer = await (await fetch('/jmap/api', { method: 'POST', headers, body })).text();
    if (!answer.includes('"notCreated":null')) throw new Error(answer);
  }, cards);
