/** Ways in, in a real browser: by an identity provider (oidc-provider, a certified one, on this machine), and by an invitation. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Provider } from 'oidc-provider';
import { cannotBrowse, owner, reader, World } from './world.ts';

describe('ways in', { skip: cannotBrowse }, () => {
  let world: World;
  let idp: Server;
  before(async () => {
    idp = createServer();
    idp.listen(0, '127.0.0.1');
    await once(idp, 'listening');
    const issuer = `http://127.0.0.1:${(idp.address() as AddressInfo).port}`;
    world = await World.open({
      oidc: [
        {
          name: 'office',
          title: 'Office',
          issuer,
          clientId: 'hikyaku',
          domains: ['here.test'],
          plainHttp: true,
        },
      ],
    });
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: 'hikyaku',
          token_endpoint_auth_method: 'none',
          redirect_uris: [`${world.base}/api/v1/session/oidc/office/callback`],
          application_type: 'native',
        },
      ],
      claims: { email: ['email', 'email_verified'] },
      features: { devInteractions: { enabled: true } },
      findAccount: (_, id) => ({
        accountId: id,
        claims: async () => ({ sub: id, email: id, email_verified: true }),
      }),
    });
    const answer = provider.callback();
    idp.on('request', (request, response) => void answer(request, response));
  });
  after(async () => {
    idp.closeAllConnections();
    idp.close();
    await world[Symbol.asyncDispose]();
  });

  test('one signs in by an identity provider, and comes to where one wanted to be; strangers come back to the door', async () => {
    await using visitor = await world.visitor();
    const { page } = visitor;
    await page.goto('/console/audit');
    await page.waitForURL('**/sign-in**');
    assert.deepEqual(await visitor.accessibilityFaults(), []);
    const asks = async (name: string): Promise<void> => {
      await page.getByRole('link', { name: 'Sign in with Office' }).click();
      await page.locator('input[name=login]').fill(name);
      await page.locator('input[name=password]').fill('x');
      await page.locator('button[type=submit]').click();
      await page.getByText('Continue').click();
    };
    await asks(owner);
    await page.waitForURL('**/console/audit');
    await page.getByRole('heading', { name: 'Audit log', level: 1 }).waitFor();
    visitor.faults.length = 0;
    await using stranger = await world.visitor();
    await stranger.page.goto('/sign-in');
    await stranger.page.getByRole('link', { name: 'Sign in with Office' }).click();
    await stranger.page.locator('input[name=login]').fill('nobody@here.test');
    await stranger.page.locator('input[name=password]').fill('x');
    await stranger.page.locator('button[type=submit]').click();
    await stranger.page.getByText('Continue').click();
    await stranger.page.getByText('there is no account with your address here', { exact: false }).waitFor();
    stranger.faults.length = 0;
  });

  test('an account is made without a password, its owner invited by mail, and chooses one by the link, once', async () => {
    await using admin = await world.visitor();
    await admin.signIn();
    const { page } = admin;
    await admin.open('/console/accounts');
    await page.getByRole('button', { name: 'New account' }).click();
    await page.getByRole('dialog').getByLabel('Address').fill('hanako@here.test');
    await page.getByRole('button', { name: 'Make' }).click();
    const drawer = page.getByRole('complementary', { name: 'hanako@here.test' });
    await drawer.getByRole('button', { name: 'Invite' }).click();
    // The reader's mailbox stands for the one that the person has now.
    await page.getByRole('dialog').getByLabel('Send it to').fill(reader);
    await page.getByRole('dialog').getByRole('button', { name: 'Make the link' }).click();
    const link = (await page.getByRole('dialog').locator('code').textContent())!;
    await using old = await world.visitor();
    await old.signIn(reader);
    await old.page.getByText('Your new mail account at Here').first().waitFor();
    await using guest = await world.visitor({ language: 'ja', phone: true });
    await guest.page.goto(link);
    await guest.page.getByText('hanako@here.test').waitFor();
    assert.deepEqual(await guest.accessibilityFaults(), []);
    await guest.page.locator('input[name=password]').fill('a long one of mine');
    await guest.page.locator('input[name=again]').fill('another');
    await guest.page.getByRole('button', { name: 'パスワードを設定して始める' }).click();
    await guest.page.getByText('2 つのパスワードが一致しません。').waitFor();
    await guest.page.locator('input[name=again]').fill('a long one of mine');
    await guest.page.getByRole('button', { name: 'パスワードを設定して始める' }).click();
    await guest.page.waitForURL('**/mail**');
    await using late = await world.visitor();
    await late.page.goto(link);
    await late.page.getByRole('heading', { name: 'This link is over' }).waitFor();
  });
});
