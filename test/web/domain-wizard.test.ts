/** The domain wizard in a real browser against name servers of a test: nothing there, something wrong there, all there. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startDnsTestServer, type DnsTestServer } from '../../src/net/dns-test-server.ts';
import type { ZoneRecord } from '../../src/net/zone.ts';
import { cannotBrowse, World, type Visitor } from './world.ts';

interface DnsAnswer {
  readonly records: readonly {
    readonly record: ZoneRecord & { readonly purpose: string };
    readonly status: string;
  }[];
  readonly zone: string;
}

const base: readonly ZoneRecord[] = [
  { name: 'here.test', type: 'NS', data: 'ns.here.test' },
  { name: 'ns.here.test', type: 'A', data: '127.0.0.1' },
  { name: '192.in-addr.arpa', type: 'NS', data: 'ns.here.test' },
];

describe('the domain wizard', { skip: cannotBrowse }, () => {
  let dns: DnsTestServer;
  let world: World;
  let admin: Visitor;
  before(async () => {
    dns = await startDnsTestServer(base);
    const { port } = dns.address;
    world = await World.open({
      addresses: ['192.0.2.1'],
      mtaSts: { mode: 'testing' },
      dns: { servers: [`127.0.0.1:${port}`], authoritativePort: port },
    });
    admin = await world.visitor();
    await admin.signIn();
  });
  after(async () => {
    try {
      await admin[Symbol.asyncDispose]();
    } finally {
      await world[Symbol.asyncDispose]();
      await dns[Symbol.asyncDispose]();
    }
  });

  const wanted = (): Promise<DnsAnswer> =>
    admin.page.evaluate(async () => {
      const headers = { 'x-hikyaku-page': '1' };
      const { org } = (await (await fetch('/api/v1/session')).json()) as { org: string };
      const path = `/api/v1/admin/orgs/${org}/domains/here.test/dns`;
      return (await (await fetch(path, { headers })).json()) as DnsAnswer;
    });

  test('records that are missing are shown to copy, what is wrong with its difference, and all turn pine by themselves', async () => {
    const { page } = admin;
    await admin.open('/console/domains/here.test');
    await page.getByText('0 of').waitFor();
    const { records } = await wanted();
    const spf = page.getByRole('article').filter({ hasText: 'v=spf1' }).first();
    await spf.getByText('Missing').waitFor();
    dns.serve([
      ...base,
      { name: 'here.test', type: 'TXT', data: 'v=spf1 include:other.test -all' },
      { name: 'other.test', type: 'TXT', data: 'v=spf1 ip4:198.51.100.1 -all' },
      { name: 'here.test', type: 'MX', data: '10 old.here.test' },
    ]);
    await page.getByRole('button', { name: 'Check now' }).click();
    await spf.getByText('Different').waitFor();
    await spf.getByText('include:other.test').first().waitFor();
    const mx = page.getByRole('article').filter({ hasText: '10 old.here.test' });
    await mx.locator('mark').filter({ hasText: 'old.here.test' }).waitFor();
    assert.deepEqual(await admin.accessibilityFaults(), []);
    const file = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Zone file' }).click();
    assert.match((await file).suggestedFilename(), /here\.test\.zone/);
    // All that is asked for; nobody presses anything: the page looks by itself.
    dns.serve([...base, ...records.map(({ record: { name, type, data } }) => ({ name, type, data }))]);
    await page.getByText(`${records.length} of ${records.length}`).waitFor({ timeout: 60_000 });
    assert.deepEqual(
      (await wanted()).records.filter(({ status }) => status !== 'ok').map(({ record }) => record.name),
      [],
    );
    assert.equal(await page.getByText('Missing').count(), 0);
  });
});
