/** The console's pages of delivery and of programs in a real browser: the queue with its orders, suppression, webhooks, keys, streams, templates. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { cannotBrowse, reader, slow, World, type Visitor } from './world.ts';

const pages = [
  '/console/queue?view=destinations',
  `/console/queue?open=${slow}`,
  '/console/queue?provider=-',
  '/console/deliverability',
  '/console/deliverability?provider=-&days=1',
  '/console/deliverability?tab=failures',
  '/console/deliverability?tab=rules',
  '/console/deliverability?tab=warmUps',
  '/console/deliverability?tab=blockLists',
  '/console/suppressions',
  '/console/webhooks',
  '/console/programs',
  '/console/programs?tab=streams',
  '/console/programs?tab=submitters',
  '/console/programs?tab=inbound',
  '/console/programs?tab=domains',
  '/console/scripts',
  '/console/scripts?make=1',
  '/console/templates',
  '/console/templates?make=new',
];

describe('delivery and programs in the console', { skip: cannotBrowse }, () => {
  let world: World;
  let admin: Visitor;
  let hooks: Server;
  /** What the program answers, and what it was told. */
  let status = 200;
  const told: string[] = [];
  before(async () => {
    hooks = createServer((request, response) => {
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString()));
      request.on('end', () => {
        told.push(body);
        response.writeHead(status).end(status === 200 ? 'ok' : 'out of order');
      });
    });
    hooks.listen(0, '127.0.0.1');
    await once(hooks, 'listening');
    world = await World.open({ webhooks: { allow: ['127.0.0.1'], plainHttp: true } });
    await world.send(`x@${slow}`, 'An order that waits');
    admin = await world.visitor();
    await admin.signIn();
  });
  after(async () => {
    hooks.close();
    try {
      await admin[Symbol.asyncDispose]();
    } finally {
      await world[Symbol.asyncDispose]();
    }
  });

  for (const language of ['en', 'ja'] as const) {
    test(`each page stands, in ${language}, without faults that axe finds`, async () => {
      await using visitor = await world.visitor({
        language,
        dark: language === 'ja',
        phone: language === 'ja',
      });
      await visitor.signIn();
      for (const path of pages) {
        await visitor.open(path);
        await visitor.page.waitForLoadState('load');
        await visitor.page.locator('main [role=status][aria-label]').waitFor({ state: 'detached' });
        assert.deepEqual(await visitor.accessibilityFaults(), [], path);
        const width = await visitor.page.evaluate<number>('document.documentElement.scrollWidth');
        if (language === 'ja') assert.equal(width <= 390, true, `${path} is ${width} wide`);
      }
    });
  }

  test('the queue shows providers; a destination tells why it waits, is suspended with a reason, and resumed', async () => {
    const { page } = admin;
    await admin.open('/console/queue');
    await page.getByRole('row').filter({ hasText: 'Other destinations' }).click();
    await page.waitForURL((url) => url.searchParams.get('provider') === '-');
    const group = page.getByRole('complementary', { name: 'Other destinations' });
    await group.getByRole('button', { name: slow }).click();
    const drawer = page.getByRole('complementary', { name: slow });
    await drawer.getByRole('heading', { name: 'Why it waits' }).waitFor();
    await drawer.getByRole('button', { name: 'Limits and what was learned' }).click();
    await drawer.getByText('Taken, last minute').waitFor();
    await drawer.getByRole('button', { name: 'Suspend…' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('Their servers are moving');
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend…' }).click();
    await drawer.getByText('Their servers are moving').waitFor();
    const kept = await api<{ items: { is: string; domain: string; why: string }[] }>(
      admin,
      'GET',
      '/queue/orders',
    );
    assert.deepEqual(
      kept.items.map(({ is, domain, why }) => [is, domain, why]),
      [['suspend', slow, 'Their servers are moving']],
    );
    await drawer.getByRole('button', { name: `Resume ${slow}` }).click();
    await page.getByText('The order has ended.').waitFor();
    assert.equal((await api<{ items: unknown[] }>(admin, 'GET', '/queue/orders')).items.length, 0);
  });

  test('a destination is limited, and a rate that is none is told at its field', async () => {
    const { page } = admin;
    await admin.open(`/console/queue?open=${slow}`);
    const drawer = page.getByRole('complementary', { name: slow });
    await drawer.getByRole('button', { name: 'Limit…' }).click();
    await page.getByRole('dialog').getByLabel('Copies').fill('30');
    await page.getByRole('dialog').getByLabel('Why').fill('slowly');
    await page.getByRole('dialog').getByRole('button', { name: 'Limit…' }).click();
    await drawer.getByText('At most 30/min').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await drawer.getByText('At most 30/min').waitFor({ state: 'detached' });
  });

  test('deliverability shows the provider with its numbers, failures with what to do, and the rules of providers', async () => {
    const { page } = admin;
    await admin.open('/console/deliverability?days=1');
    await page
      .getByRole('region', { name: 'Trouble by provider and time' })
      .getByRole('button', { name: 'Others' })
      .click();
    const drawer = page.getByRole('complementary', { name: 'Others' });
    await drawer.getByRole('button', { name: 'Show as a table' }).click();
    await drawer.getByRole('table').waitFor();
    await drawer.getByText('Waiting').first().waitFor();
    await drawer.getByRole('link', { name: 'What servers answer' }).click();
    await page
      .getByText(/Connection refused/)
      .first()
      .waitFor();
    await page.getByText('The server of the recipient does not answer.', { exact: false }).first().waitFor();
    await page.getByRole('link', { name: 'One of them' }).first().click();
    await page.waitForURL('**/console/journey/**');
    await admin.open('/console/deliverability?tab=rules');
    await page.getByRole('row').filter({ hasText: 'DMARC' }).getByText('Required in bulk').first().waitFor();
    await page.getByRole('row').filter({ hasText: 'One-click unsubscribe' }).waitFor();
  });

  test('addresses are suppressed, found, released with a way back, exported and imported', async () => {
    const { page } = admin;
    await admin.open('/console/suppressions');
    await page.getByRole('button', { name: 'Add addresses' }).first().click();
    await page.getByRole('dialog').getByLabel('Addresses').fill('one@example.jp, two@example.jp');
    await page.getByRole('dialog').getByLabel('Why').fill('asked by telephone');
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('2 addresses were added.').waitFor();
    await page.locator('[data-search]').fill('one@');
    await page.waitForURL((url) => url.searchParams.get('q') === 'one@', { waitUntil: 'commit' });
    await page.getByRole('row').filter({ hasText: 'two@example.jp' }).waitFor({ state: 'detached' });
    await page.getByRole('row').filter({ hasText: 'one@example.jp' }).click();
    const drawer = page.getByRole('complementary', { name: 'one@example.jp' });
    await drawer.getByText('asked by telephone').waitFor();
    await drawer.getByRole('button', { name: 'Release' }).click();
    await page.getByText('one@example.jp gets mail again.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('row').filter({ hasText: 'one@example.jp' }).waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Import from a file' }).click();
    await page.locator('input[type=file]').setInputFiles({
      name: 'list.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('email,reason\nthree@example.jp,bounced\nnot an address,x\n'),
    });
    await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('dialog').getByText('1 address was added.').waitFor();
    await page.getByRole('dialog').getByText('1 line was passed over').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('button', { name: 'More' }).click();
    const file = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Export as CSV' }).click();
    const text = await (await file).createReadStream().then(textOf);
    assert.match(text, /three@example\.jp/);
  });

  test('a whole kind is released at once', async () => {
    const { page } = admin;
    await admin.open('/console/suppressions');
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Release many' }).click();
    await page.getByRole('dialog').getByLabel('Only of this domain').fill('example.jp');
    await page.getByRole('dialog').getByLabel('Cause').click();
    await page.getByRole('option', { name: 'All causes' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Release', exact: true }).click();
    await page.getByText('3 entries were released.').waitFor();
    await page.getByText('Nobody is suppressed').waitFor();
  });

  test('a webhook is added, its secret told once; it is tried, fails, is paused and told again', async () => {
    const { page } = admin;
    const url = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/mail`;
    await admin.open('/console/webhooks');
    await page.getByRole('button', { name: 'Add a webhook' }).first().click();
    await page.getByRole('dialog').getByLabel('URL').fill(url);
    await page.getByRole('dialog').getByLabel('What it is for').fill('shop');
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    const secret = page.getByRole('dialog', { name: 'The secret that signs' });
    assert.match((await secret.locator('code').textContent())!, /^whsec_/);
    await secret.getByRole('button', { name: 'Close' }).last().click();
    const drawer = page.getByRole('complementary', { name: url });
    await drawer.getByRole('button', { name: 'Test' }).click();
    await page.getByText('It answered 200').waitFor();
    assert.equal(
      told.some((body) => body.includes('webhook.test')),
      true,
    );
    status = 500;
    await drawer.getByRole('button', { name: 'Test' }).click();
    await page.getByText('The test failed: 500').waitFor();
    status = 200;
    await drawer.getByRole('button', { name: 'Pause' }).click();
    await drawer.getByText('Events wait until it is resumed.').waitFor();
    await drawer.getByRole('button', { name: 'Resume' }).click();
    await drawer.getByText('It takes what it is told.').waitFor();
    const before = told.length;
    await drawer.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Tell again from a time on' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Tell again' }).click();
    await page.getByText('It is told again from then on.').waitFor();
    while (!told.slice(before).some((body) => body.includes('message.accepted')))
      await page.waitForTimeout(100);
    await drawer.getByText('200', { exact: true }).first().waitFor();
    await drawer.getByRole('button', { name: 'Delete' }).click();
    await page.getByLabel(/Type shop/).fill('shop');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No webhooks yet').waitFor();
  });

  test('a try at a server is shown as a waterfall, with its questions to DNS', async () => {
    const { page } = admin;
    await admin.open('/console/log?q=order');
    await page.getByRole('row').filter({ hasText: 'An order that waits' }).first().click();
    await page.waitForURL('**/console/journey/**');
    const steps = page.getByRole('region').or(page.locator('main')).locator('ol button[aria-expanded]');
    await steps.first().waitFor();
    for (const step of await steps.all()) await step.click();
    const waterfall = page.getByRole('table', { name: 'What the try consisted of' }).first();
    await waterfall.getByRole('rowheader', { name: 'DNS MX' }).waitFor();
    await waterfall.getByText(/mx\.slow\.test.*Connection refused/).waitFor();
    assert.deepEqual(await admin.accessibilityFaults(), []);
  });

  test('a script is looked over, stored, run before those of people, and deleted with a way back', async () => {
    const { page } = admin;
    await admin.open('/console/scripts?make=1');
    await page.getByLabel('Name').fill('lists');
    await page.getByLabel('Script', { exact: true }).fill('fileinto "Lists";');
    await page.getByRole('button', { name: 'Look it over' }).click();
    await page.getByText('Line 1:1').first().waitFor();
    await page
      .getByLabel('Script', { exact: true })
      .fill('require "fileinto";\nif header :is "List-Id" "x" { fileinto "Lists"; }');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('“lists” was stored.').waitFor();
    const drawer = page.getByRole('complementary', { name: 'lists' });
    await drawer.getByLabel('Runs').click();
    await page.getByRole('option', { name: 'Before those of people' }).click();
    await page.getByRole('row').filter({ hasText: 'Before those of people' }).waitFor();
  });

  test('a key for one stream, a stream, a route of mail to a program, and a template that is tried', async () => {
    const { page } = admin;
    await admin.open('/console/programs?tab=streams');
    await page.getByRole('button', { name: 'New stream' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('receipts');
    await page.getByRole('dialog').getByRole('button', { name: 'Make' }).click();
    await page.getByRole('row').filter({ hasText: 'receipts' }).waitFor();
    await admin.open('/console/programs?tab=inbound');
    await page.getByRole('button', { name: 'New route' }).click();
    await page.getByRole('dialog').getByLabel('Address').fill('ticket-*@here.test');
    await page.getByRole('dialog').getByLabel('URL').fill('https://app.example.jp/tickets');
    await page.getByRole('dialog').getByRole('button', { name: 'Make' }).click();
    const secret = page.getByRole('dialog', { name: 'The secret that signs' });
    assert.match((await secret.locator('code').textContent())!, /^whsec_/);
    await secret.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('row').filter({ hasText: 'ticket-*@here.test' }).waitFor();
    await admin.open('/console/keys');
    await page.getByRole('button', { name: 'New key' }).first().click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Name').fill('shop');
    await form.getByLabel('Streams').fill('receipts');
    await form.getByLabel('Streams').press('Enter');
    await form.getByLabel('Test key').check();
    await form.getByRole('button', { name: 'Make' }).click();
    const key = (await page.getByRole('dialog', { name: 'The new key' }).locator('code').textContent())!;
    const answer = await fetch(`${world.base}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ from: reader, to: 'delivered@simulator.test', subject: 'x', text: 'x' }),
    });
    assert.equal(answer.status, 202, await answer.text());
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await admin.open('/console/templates?make=new');
    await page.getByLabel('Name').fill('receipt');
    await page.getByLabel('Subject').fill('{{ name }}様');
    await page.getByLabel('Plain text').fill('{{ name }}様 ありがとうございます');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('髙橋 一郎様 ありがとうございます').waitFor();
    await page.getByRole('button', { name: 'Save as a new version' }).click();
    await page.getByText('“receipt” is at version 1.').waitFor();
    await page.getByRole('row').filter({ hasText: 'receipt' }).waitFor();
  });
});

/** Called by the page's own means, as it does. */
function api<T>(visitor: Visitor, method: string, path: string): Promise<T> {
  return visitor.page.evaluate(
    async ([verb, at]) =>
      (
        await fetch(`/api/v1/admin${at}`, { method: verb!, headers: { 'x-hikyaku-page': '1' } })
      ).json() as Promise<T>,
    [method, path],
  );
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += String(piece);
  return text;
}
