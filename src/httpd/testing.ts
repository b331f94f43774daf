/** An HTTP server's parts for tests: a directory with two organisations, and stand-ins for the queue and the ledger. */
import { generateKeyPairSync } from 'node:crypto';
import type { AccountId, EntryId, MessageId, OrgId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { systemActor } from '../directory/actor.ts';
import type { Role } from '../directory/account.ts';
import { openTestDirectory, type TestDirectory } from '../directory/testing.ts';
import type { Tried } from '../delivery/script-desk.ts';
import type { LedgerEvent } from '../events/ledger.ts';
import type { ListedEntry, QueueFilter } from '../queue/filter.ts';
import type { QueuedMessage } from '../queue/message.ts';
import { buildApp, type App } from './admin-api/app.ts';
import { Imports } from '../mailbox/imports.ts';
import { Mailboxes } from '../mailbox/mailboxes.ts';
import { MailAccess } from '../mailbox/access.ts';
import { migrations as mailboxMigrations } from '../mailbox/migrations.ts';
import { operations as mailboxOperations } from '../mailbox/operations.ts';
import { migrations as directoryMigrations } from '../directory/migrations.ts';
import { operations as directoryOperations } from '../directory/operations.ts';
import { migrations as sieveMigrations } from '../sieve/migrations.ts';
import { operations as sieveOperations } from '../sieve/operations.ts';
import type { ScriptOwner } from '../sieve/script.ts';
import { Scripts } from '../sieve/scripts.ts';
import { Workshop } from '../sieve/workshop.ts';
import { openTestStore } from '../store/testing.ts';
import { Refusal } from '../base/refusal.ts';
import type { Quarantined } from '../queue/quarantine.ts';
import type { HttpParts, PublishedParts, QuarantineDesk } from './parts.ts';

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
}

export interface TestApi extends AsyncDisposable {
  readonly t: TestDirectory;
  readonly app: App;
  readonly parts: HttpParts;
  readonly a: Tenant;
  readonly b: Tenant;
  /** Calls of `queue.manage`, as they came. */
  readonly managed: { readonly action: string; readonly filter: QueueFilter; readonly by: string }[];
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

export async function openTestApi(): Promise<TestApi> {
  const store = await openTestStore({
    migrations: [...directoryMigrations, ...mailboxMigrations, ...sieveMigrations],
    operations: [...directoryOperations, ...mailboxOperations, ...sieveOperations],
  });
  const t = await openTestDirectory(store);
  const a = await makeTenant(t, t.org.id, 'here.test');
  const other = await t.office.orgs.create(systemActor, { name: 'There' });
  await t.office.domains.create(systemActor, other.id, { name: 'there.test' });
  const b = await makeTenant(t, other.id, 'there.test');
  const managed: TestApi['managed'][number][] = [];
  const parts = testParts(t, [a.org, b.org], managed);
  await fillScripts(parts, [a, b]);
  const app = await buildApp({
    parts,
    stopping: new AbortController().signal,
    maySeeMetrics: () => true,
    originOf: ({ headers }) => {
      const control = headers['x-control'] === '1';
      return { ip: '192.0.2.7', control, confidential: headers['x-plain'] === undefined };
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
  return {
    org,
    domain,
    owner: { id: owner.id, name: owner.name },
    appPassword: app.id,
    key: { id: key.id, key: key.key },
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

function testParts(
  t: TestDirectory,
  orgs: readonly OrgId[],
  managed: TestApi['managed'][number][],
): HttpParts {
  const mailboxes = new Mailboxes({ store: t.store, clock: t.clock, log: silentLog, metrics: noMetrics });
  const entries = orgs.map(testEntry);
  const ledger = orgs.map(testEvent);
  const match = ({ org }: QueueFilter) => entries.filter((entry) => org === undefined || entry.org === org);
  return {
    clock: t.clock,
    log: silentLog,
    metrics: noMetrics,
    directory: t.directory,
    administration: t.office,
    signs: true,
    queue: {
      list: async (filter) => ({ items: match(filter), next: undefined }),
      summary: async () => [
        { destination: 'remote.test', waiting: 2, held: 0, oldestAtMs: 1, nextTryAtMs: 2, last: undefined },
      ],
      async show(id) {
        const entry = entries.find(({ message }) => message === id);
        return entry && { message: { id, org: entry.org } as QueuedMessage, entries: [entry] };
      },
      async manage(action, filter, by) {
        managed.push({ action, filter, by });
        return match(filter).length;
      },
    },
    quarantine: testQuarantine(orgs),
    filterRules: async () => [{ rule: 'header.no-date', weight: 1, changed: false }],
    sending: {
      uses: async () => [{ limit: 'account', credential: '', perDay: 100, used: 3, nextAtMs: 1 }],
      ownLimits: async () => new Map([['account', 100]]),
      setLimit: async () => {},
      pauses: async () => [],
      pause: async () => true,
      resume: async () => 1,
    },
    classifier: {
      learned: async () => ({ spam: 1, ham: 2, speaks: false, speaksFrom: 30 }),
      teach: async ({ limit }) => Math.min(limit, 7),
      forget: async () => 3,
    },
    scripts: new Scripts({
      store: t.store,
      clock: t.clock,
      workshop: new Workshop({ clock: t.clock, log: silentLog }),
    }),
    scriptDesk: testDesk,
    reports: testReports(orgs),
    sentReports: { jobs: async () => [], send: async () => 0 },
    events: {
      async search(query) {
        const found = ledger.filter(({ message }) => message === query);
        if (found.length > 0) return { is: 'message', events: found };
        return { is: 'several', found: orgs.map((org) => ({ message: `m-${org}`, at: 1 })) };
      },
      after: async (seq, limit) => ledger.filter((event) => event.seq > seq).slice(0, limit),
      end: async () => ledger.length,
    },
    nextHop: async (domain) => ({ by: 'mx', hosts: [`mx.${domain}`], problem: '' }),
    mailboxes,
    imports: new Imports({ store: t.store, clock: t.clock, mailboxes }),
    mailAccess: new MailAccess(t.store),
    usageOf: async (accounts) => new Map(accounts.map((id) => [id, { usedBytes: 5, emails: 1 }])),
    meaning: () => '',
    ready: async () => ({
      ready: true,
      checks: [{ name: 'certificate mta-sts.there.test', ok: true, detail: '' }],
    }),
    published,
    dnsOf: async ({ name }) => ({ records: [], zone: `; ${name}\n` }),
    metricsText: async () => 'hikyaku_up 1\n',
  };
}

/** One report of each organisation. */
function testReports(orgs: readonly OrgId[]): HttpParts['reports'] {
  const head = (org: string) => ({
    org,
    domain: '',
    id: `r-${org}`,
    reporter: 'Elsewhere',
    reportId: '1',
    beganAtMs: 1,
    endedAtMs: 2,
    receivedAtMs: 3,
    messages: 4,
    passed: 3,
  });
  const policy = {
    domain: '',
    p: 'none',
    sp: '',
    np: '',
    adkim: '',
    aspf: '',
    pct: '',
    fo: '',
    testing: '',
    discovery: '',
  };
  const coverage = { reports: 1, reporters: 1, firstAtMs: 1, lastAtMs: 2, messages: 4, passed: 3 };
  const refused = { own: 0, aligned: 0, partly: 0, service: 0, forwarder: 0, unknown: 1 };
  const answer = {
    safe: false,
    obstacles: [{ is: 'noReports' }],
    next: undefined,
    refused,
    days: 1,
  } as const;
  const of = (org: string): string[] => orgs.filter((each) => each === org);
  return {
    dmarcReports: async ({ org }) => of(org).map((each) => ({ ...head(each), policy })),
    tlsReports: async ({ org }) =>
      of(org).map((each) => ({ ...head(each), successes: 1, failures: 0, policies: [] })),
    sources: async () => [],
    path: async () => ({ ...answer, coverage, policy: 'none', sources: [] }),
    take: async ({ domain }) => [{ kind: 'dmarc', domain, isNew: true }],
  };
}

/** Says what it was asked. */
const testDesk: HttpParts['scriptDesk'] = {
  test: async (owner, script, piece, traced) => ({
    items: [triedMail(`${owner.name} ${piece.mailbox}`, { source: script.source, traced: traced === true })],
    next: 7,
  }),
  testGiven: async (_, { source }, { message }) => triedMail(String(message), { source, traced: true }),
  apply: async (owner, { source }) => ({
    items: [triedMail(`applied ${owner.name}`, { source, traced: false })],
    next: undefined,
  }),
};

function triedMail(
  subject: string,
  { source, traced }: { readonly source: Uint8Array; readonly traced: boolean },
): Tried {
  const step = { line: 1, column: 1, depth: 0, what: Buffer.from(source).toString() };
  return {
    uid: 1,
    subject,
    from: 'x@there.test',
    receivedAtMs: 1,
    actions: [],
    kept: true,
    flags: [],
    problem: undefined,
    steps: traced ? [step] : [],
  };
}

/** One message of each organisation. */
function testQuarantine(orgs: readonly OrgId[]): QuarantineDesk {
  const items = orgs.map(
    (org): Quarantined => ({
      message: `q-${org}` as MessageId,
      org,
      sender: 'spam@elsewhere.test',
      recipients: ['alice@here.test'],
      subject: 'Win',
      sizeBytes: 20,
      atMs: 1,
      expiresAtMs: 2,
      score: 9,
      rules: [{ rule: 'a', weight: 9, detail: '' }],
    }),
  );
  const found = (message: MessageId, org?: string): Quarantined => {
    const one = items.find((item) => item.message === message && (org === undefined || item.org === org));
    if (one === undefined) throw new Refusal('notFound', 'no such message is in quarantine');
    return one;
  };
  return {
    list: async ({ org }) => ({
      items: items.filter((item) => org === undefined || item.org === org),
      next: undefined,
    }),
    get: async (message, org) => found(message, org),
    end: async (_, { message, org }) => found(message, org).recipients.length,
    async text(message, org) {
      found(message, org);
      return (async function* () {
        yield Buffer.from('Subject: Win\r\n\r\nNow\r\n');
      })();
    },
  };
}

function testEntry(org: OrgId): ListedEntry {
  const message = `m-${org}` as MessageId;
  return {
    id: `${message}-0` as EntryId,
    message,
    org,
    sender: 's@x.test',
    recipient: 'r@remote.test',
    subject: 'secret',
    sizeBytes: 1,
    destination: 'remote.test',
    state: 'waiting',
    acceptedAtMs: 1,
    nextTryAtMs: 2,
    tries: 1,
    last: { phase: 'rcpt', host: 'mx.remote.test', reply: '450 later', atMs: 1 },
  };
}

function testEvent(org: OrgId, index: number): LedgerEvent {
  const data = { phase: 'rcpt', host: 'mx.remote.test', reply: '450 later', nextTryAtMs: 2, try: 1 } as const;
  const message = `m-${org}` as MessageId;
  return { is: 'deferred', seq: index + 1, atMs: 1, message, org, recipient: 'r@remote.test', data };
}

const published: PublishedParts = {
  takeTlsReport: async () => {},
  proofFor: async (token) => (token === 'known' ? 'known.proof' : undefined),
  stsPolicyOf: async (domain) => (domain === 'a.test' ? 'version: STSv1\r\n' : undefined),
  mailSetupOf: async (domain) =>
    domain === 'a.test'
      ? {
          domain,
          displayName: 'A & B',
          hostname: 'mx.a.test',
          services: [
            { kind: 'imaps', port: 993 },
            { kind: 'imap', port: 143 },
            { kind: 'submissions', port: 465 },
          ],
        }
      : undefined,
};
