/** The console in a real browser: signing in, the pages of each section, what people do there, by mouse and by keyboard, in both languages and on a phone. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cannotBrowse, owner, reader, slow, stranger, World, type Visitor } from './world.ts';

const pages = [
  '/console',
  '/console/log',
  '/console/queue',
  '/console/quarantine',
  '/console/domains',
  '/console/domains/here.test',
  '/console/reports',
  '/console/sending',
  '/console/accounts',
  '/console/addresses',
  '/console/keys',
  '/console/audit',
  '/console/settings',
  '/console/organisations',
  '/me',
];

describe('the console', { skip: cannotBrowse }, () => {
  let world: World;
  let admin: Visitor;
  before(async () => {
    world = await World.open();
    admin = await world.visitor();
    await admin.signIn();
  });
  after(async () => {
    try {
      await admin[Symbol.asyncDispose]();
    } finally {
      await world[Symbol.asyncDispose]();
    }
  });

  test('whoever is not signed in comes to the door, and from there to where they wanted', async () => {
    await using visitor = await world.visitor();
    await visitor.page.goto('/console/queue?q=x');
    await visitor.page.waitForURL('**/sign-in**');
    await visitor.page.fill('input[name=name]', owner);
    await visitor.page.fill('input[name=password]', 'wrong');
    await visitor.page.click('button[type=submit]');
    await visitor.page.getByRole('alert').filter({ hasText: 'not right' }).waitFor();
    await visitor.page.fill('input[name=password]', 'a-test-password');
    await visitor.page.click('button[type=submit]');
    await visitor.page.waitForURL('**/console/queue?q=x');
  });

  test('the door leads nowhere outside', async () => {
    await using visitor = await world.visitor();
    await visitor.page.goto('/sign-in?to=https://evil.test/');
    await visitor.page.fill('input[name=name]', owner);
    await visitor.page.fill('input[name=password]', 'a-test-password');
    await visitor.page.click('button[type=submit]');
    await visitor.page.waitForURL('**/console');
    assert.equal(new URL(visitor.page.url()).origin, world.base);
  });

  for (const language of ['en', 'ja'] as const) {
    test(`each page stands, in ${language}, without faults that axe finds`, async () => {
      await using visitor = await world.visitor({ language, dark: language === 'ja' });
      await visitor.signIn();
      for (const path of pages) {
        await visitor.open(path);
        await visitor.page.waitForLoadState('networkidle');
        assert.deepEqual(await visitor.accessibilityFaults(), [], path);
        const title = await visitor.page.locator('h1').first().textContent();
        if (language === 'ja' && !path.includes('here.test'))
          assert.match(title!, /[ぁ-んァ-ヶ一-龠]|API/, path);
      }
    });
  }

  test('a mail is found in the log, and its journey shows where it waits and why', async () => {
    await world.send(`x@${slow}`, 'An order that waits');
    await admin.open('/console/log?q=order');
    const row = admin.page.getByRole('row').filter({ hasText: 'An order that waits' });
    await row.first().waitFor();
    await row.first().click();
    await admin.page.waitForURL('**/console/journey/**');
    await admin.page.getByRole('button', { name: /^Submitted/ }).waitFor();
    const panel = admin.page.locator('blockquote').first();
    await panel.waitFor();
    assert.match((await panel.textContent())!, /\d{3}|refused|connect/i);
  });

  test('the queue is held and released, with a way back', async () => {
    await admin.open(`/console/queue?open=${slow}`);
    const drawer = admin.page.getByRole('complementary', { name: slow });
    await drawer.getByRole('button', { name: 'Hold', exact: true }).click();
    const note = admin.page.getByText('1 recipient is held.');
    await note.waitFor();
    await admin.page.getByRole('button', { name: 'Undo' }).click();
    await drawer
      .getByRole('button', { name: 'Hold', exact: true })
      .and(admin.page.locator(':enabled'))
      .waitFor();
  });

  test('an account is made, changed and deleted', async () => {
    await admin.open('/console/accounts');
    await admin.page.getByRole('button', { name: 'New account' }).click();
    await admin.page.getByRole('dialog').getByLabel('Address').fill('new@here.test');
    await admin.page.getByRole('dialog').locator('input[name=password]').fill('short');
    await admin.page.getByRole('button', { name: 'Make' }).click();
    await admin.page.getByRole('dialog').getByText('must have at least 8 characters').waitFor();
    await admin.page.getByRole('dialog').locator('input[name=password]').fill('long enough now');
    await admin.page.getByRole('button', { name: 'Make' }).click();
    await admin.page.getByText('new@here.test was made.').waitFor();
    const drawer = admin.page.getByRole('complementary', { name: 'new@here.test' });
    await drawer.getByRole('button', { name: 'Delete' }).click();
    await admin.page.getByLabel(/Type new@here.test/).fill('new@here.test');
    await admin.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await admin.page.getByText('new@here.test was deleted.').waitFor();
  });

  test('a domain is added and its records are shown to copy', async () => {
    await admin.open('/console/domains');
    await admin.page.getByRole('button', { name: 'Add a domain' }).click();
    await admin.page.getByRole('dialog').getByLabel('Domain').fill('例え.test');
    await admin.page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
    await admin.page.waitForURL('**/console/domains/xn--r8jz45g.test');
    await admin.page.getByText('records are seen').waitFor();
    assert.equal((await admin.page.getByRole('button', { name: 'Copy the value' }).count()) > 5, true);
  });

  test('all is reached by the keyboard: the palette, g and a letter, rows, Escape', async () => {
    await admin.open('/console');
    await admin.page.keyboard.press('Control+k');
    await admin.page.getByRole('combobox', { name: 'Go anywhere' }).waitFor();
    await admin.page.keyboard.type('audit');
    await admin.page.keyboard.press('Enter');
    await admin.page.waitForURL('**/console/audit');
    await admin.page.getByRole('row').nth(1).waitFor();
    await admin.page.getByRole('row').nth(1).focus();
    await admin.page.keyboard.press('j');
    await admin.page.keyboard.press('Enter');
    await admin.page.getByRole('complementary').waitFor();
    await admin.page.keyboard.press('Escape');
    await admin.page.getByRole('complementary').waitFor({ state: 'detached' });
    await admin.page.keyboard.press('g');
    await admin.page.keyboard.press('a');
    await admin.page.waitForURL('**/console/accounts');
    await admin.page.locator('[data-search]').waitFor();
    // The page of the list, not the one that goes.
    await admin.page.getByRole('heading', { name: 'Accounts', level: 1 }).waitFor();
    await admin.page.keyboard.press('/');
    await admin.page.locator('[data-search]:focus').waitFor();
    await admin.page.keyboard.type('reader');
    await admin.page.waitForURL((url) => url.searchParams.get('q') === 'reader', { waitUntil: 'commit' });
  });

  test('a phone has all of it: sections behind a button, nothing wider than the screen', async () => {
    await using visitor = await world.visitor({ phone: true, language: 'ja' });
    await visitor.signIn();
    for (const path of ['/console', '/console/log', '/console/accounts', '/me']) {
      await visitor.open(path);
      const width = await visitor.page.evaluate<number>('document.documentElement.scrollWidth');
      assert.equal(width <= 390, true, `${path} is ${width} wide`);
    }
    await visitor.open('/console');
    await visitor.page.getByRole('button', { name: 'セクション' }).click();
    await visitor.page.getByRole('dialog').getByRole('link', { name: 'メールログ' }).click();
    await visitor.page.waitForURL('**/console/log');
  });

  test('a reader sees no console, and the API refuses what the page does not show', async () => {
    await using visitor = await world.visitor();
    await visitor.signIn(reader);
    await visitor.page.waitForURL('**/mail**');
    assert.equal(await visitor.page.getByRole('link', { name: 'Console' }).count(), 0);
    const status = await visitor.page.evaluate(async () => {
      const headers = { 'x-hikyaku-page': '1' };
      return (await fetch('/api/v1/admin/queue', { headers })).status;
    });
    assert.equal(status, 403);
  });

  test('the owner of another organisation sees nothing of this one', async () => {
    await using visitor = await world.visitor();
    await visitor.signIn(stranger);
    await visitor.open('/console/log');
    await visitor.page.waitForLoadState('networkidle');
    assert.equal(await visitor.page.getByText('An order that waits').count(), 0);
    await visitor.open('/console/accounts');
    await visitor.page.getByRole('row').filter({ hasText: stranger }).waitFor();
    assert.equal(await visitor.page.getByText(reader).count(), 0);
  });

  test('no other page may frame this one, and scripts of strangers do not run', async () => {
    await using visitor = await world.visitor();
    const answer = await visitor.page.goto('/sign-in');
    assert.match(answer!.headers()['content-security-policy']!, /frame-ancestors 'none'/);
    assert.equal(answer!.headers()['x-frame-options'], 'DENY');
    const ran = await visitor.page.evaluate<boolean>(`(() => {
      const script = document.createElement('script');
      try {
        script.textContent = 'globalThis.planted = true';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="globalThis.planted = true">');
      } catch {
        // Trusted Types refuse the text itself.
      }
      return globalThis.planted === true;
    })()`);
    assert.equal(ran, false);
    visitor.faults.length = 0;
  });
});
