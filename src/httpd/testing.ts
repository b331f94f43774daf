/** The admin API for tests: a directory with two organisations, each with one of everything, and calls as callers make them. */
import { createHash } from 'node:crypto';
import { generateKeyPairSync } from 'node:crypto';
import type { AccountId, OrgId } from '../base/ids.ts';
import { systemActor } from '../directory/actor.ts';
import type { Role } from '../directory/account.ts';
import { openTestDirectory, type TestDirectory } from '../directory/testing.ts';
import { buildApp, type App } from './admin-api/app.ts';
import type { ScriptOwner } from '../sieve/script.ts';
import { migrations as contactMigrations } from '../contact/migrations.ts';
import { operations as contactOperations } from '../contact/operations.ts';
import { migrations as mailboxMigrations } from '../mailbox/migrations.ts';
import { operations as mailboxOperations } from '../mailbox/operations.ts';
import { migrations as directoryMigrations } from '../directory/migrations.ts';
import { operations as directoryOperations } from '../directory/operations.ts';
import { migrations as parcelMigrations } from '../parcel/migrations.ts';
import { operations as parcelOperations } from '../parcel/operations.ts';
import { migrations as profileMigrations } from '../profile/migrations.ts';
import { operations as profileOperations } from '../profile/operations.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { operations as eventOperations } from '../events/operations.ts';
import { migrations as relayMigrations } from '../relay/migrations.ts';
import { operations as relayOperations } from '../relay/operations.ts';
import { migrations as queueMigrations } from '../queue/migrations.ts';
import { operations as queueOperations } from '../queue/operations.ts';
import { migrations as suppressionMigrations } from '../suppression/migrations.ts';
import { operations as suppressionOperations } from '../suppression/operations.ts';
import { migrations as sieveMigrations } from '../sieve/migrations.ts';
import { operations as sieveOperations } from '../sieve/operations.ts';
import { openTestStore } from '../store/testing.ts';
import type { HttpParts } from './parts.ts';
import { type Managed, testParts } from './testing-parts.ts';

export const testPassword = 'correct horse';

export const testSigningKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });

/** An organisation with one of everything. */
export interface Tenant {
  readonly org: OrgId;
  readonly domain: string;
  readonly owner: { readonly id: AccountId; readonly name: string };
  readonly appPassword: string;
  readonly key: { readonly id: string; readonly key: string };
  /** A certificate that lets a program submit. */
  readonly submitter: string;
  /** A route of mail to a program. */
  readonly inbound: string;
}

export interface TestApi extends AsyncDisposable {
  readonly t: TestDirectory;
  readonly app: App;
  readonly parts: HttpParts;
  readonly a: Tenant;
  readonly b: Tenant;
  /** Calls of `queue.manage`, as they came. */
  readonly managed: Managed[];
  /** A request with a body in JSON; `as` is an Authorization header, or `control`. */
  readonly call: (
    method: string,
    path: string,
    options?: { as?: string; body?: unknown; headers?: Record<string, string> },
  ) => Promise<Answer>;
  readonly addUser: (tenant: Tenant, roles: readonly Role[], name?: string) => Promise<string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // The tests know what they asked for.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export function basic(name: string): string {
  return `Basic ${Buffer.from(`${name}:${testPassword}`).toString('base64')}`;
}

/** `changed`: parts that the test has of its own, perhaps on the store of the test. */
export async function openTestApi(
  changed: Partial<HttpParts> | ((t: TestDirectory, parts: HttpParts) => Partial<HttpParts>) = {},
): Promise<TestApi> {
  const store = await openTestStore({
    migrations: [
      ...directoryMigrations,
      ...mailboxMigrations,
      ...sieveMigrations,
      ...contactMigrations,
      ...profileMigrations,
      ...parcelMigrations,
      ...eventMigrations,
      ...queueMigrations,
      ...suppressionMigrations,
      ...relayMigrations,
    ],
    operations: [
      ...directoryOperations,
      ...mailboxOperations,
      ...sieveOperations,
      ...contactOperations,
      ...profileOperations,
      ...parcelOperations,
      ...eventOperations,
      ...queueOperations,
      ...suppressionOperations,
      ...relayOperations,
    ],
  });
  const t = await openTestDirectory(store);
  const a = await makeTenant(t, t.org.id, 'here.test');
  const other = await t.office.orgs.create(systemActor, { name: 'There' });
  await t.office.domains.create(systemActor, other.id, { name: 'there.test' });
  const b = await makeTenant(t, other.id, 'there.test');
  const managed: Managed[] = [];
  const given = testParts(t, [a.org, b.org], managed);
  const parts = { ...given, ...(typeof changed === 'function' ? changed(t, given) : changed) };
  await fillScripts(parts, [a, b]);
  for (const { org } of [a, b])
    await parts.send.templates.put(org, 'main', { texts: { text: 'Hello' } }, 'test');
  const app = await buildApp({
    parts,
    stopping: new AbortController().signal,
    maySeeMetrics: () => true,
    originOf: ({ headers }) => {
      const control = headers['x-control'] === '1';
      return { ip: '192.0.2.7', control, confidential: headers['x-plain'] === undefined, secure: true };
    },
  });
  return {
    t,
    app,
    parts,
    a,
    b,
    managed,
    async call(method, path, { as, body, headers = {} } = {}) {
      const who: Record<string, string> =
        as === undefined ? {} : as === 'control' ? { 'x-control': '1' } : { authorization: as };
      const response = await app.inject({
        method: method as 'GET',
        url: path,
        headers: { ...who, ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      const text = response.body;
      const isJson = String(response.headers['content-type']).includes('json');
      return {
        status: response.statusCode,
        headers: response.headers,
        body: text === '' ? undefined : isJson ? (JSON.parse(text) as unknown) : text,
      };
    },
    async addUser({ org, domain }, roles, name = roles.join('-') || 'none') {
      const made = await t.office.accounts.create(systemActor, org, {
        name: `${name}@${domain}`,
        password: testPassword,
        roles,
      });
      return basic(made.name);
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await t[Symbol.asyncDispose]();
    },
  };
}

async function makeTenant({ office }: TestDirectory, org: OrgId, domain: string): Promise<Tenant> {
  const owner = await office.accounts.create(systemActor, org, {
    name: `owner@${domain}`,
    password: testPassword,
    roles: ['owner'],
  });
  const app = await office.accounts.createAppPassword(systemActor, { org, id: owner.id }, { name: 'app' });
  for (const kind of ['alias', 'group', 'forward'] as const) {
    await office.routes.create(
      systemActor,
      { org, kind, address: `${kind}@${domain}` },
      { targets: ['x@remote.test'] },
    );
  }
  await office.rewrites.put(systemActor, org, {
    direction: 'out',
    from: `old@${domain}`,
    to: `new@${domain}`,
  });
  // The first one signs, and leaves something to do for the other.
  for (const selector of ['first', 'selector'])
    await office.dkim.import(systemActor, { org, domain }, { selector, privateKey: testSigningKey() });
  const key = await office.keys.create(systemActor, org, { name: 'key', scopes: ['all'] });
  const submitter = await office.submitters.create(systemActor, org, {
    kind: 'certificate',
    value: createHash('sha256').update(domain).digest('hex'),
    name: 'program',
  });
  await office.streams.put(systemActor, org, { name: 'stream', kind: 'bulk' });
  const inbound = await office.inbound.create(systemActor, org, {
    address: `program@${domain}`,
    url: 'https://hooks.test/',
  });
  await office.sendingDomains.put(systemActor, org, { purpose: 'tracking', name: `links.${domain}` });
  return {
    org,
    domain,
    owner: { id: owner.id, name: owner.name },
    appPassword: app.id,
    key: { id: key.id, key: key.key },
    submitter: submitter.id,
    inbound: inbound.id,
  };
}

/** A script called `main` everywhere. */
async function fillScripts({ scripts }: HttpParts, tenants: readonly Tenant[]): Promise<void> {
  const owners: ScriptOwner[] = tenants.flatMap(({ org, domain, owner }): ScriptOwner[] => [
    { is: 'account', id: owner.id },
    { is: 'domain', org, name: domain },
    { is: 'org', id: org },
  ]);
  for (const owner of [...owners, { is: 'server' } as const])
    await scripts.put(owner, 'main', Buffer.from('keep;'));
}
