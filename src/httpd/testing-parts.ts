/** The parts of an HTTP server for tests: what a test directory has is real; queue, ledger, quarantine and reports are stand-ins with one of each for every organisation. */
import { suppressionDefaults } from '../suppression/policy.ts';
import { Suppressions } from '../suppression/suppressions.ts';
import { Contacts } from '../contact/contacts.ts';
import type { EntryId, MessageId, OrgId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { newVapidKey } from '../proto/webpush/vapid.ts';
import { serverSecret } from '../directory/server-secret.ts';
import { testWebhooks } from './testing-webhooks.ts';
import type { TestDirectory } from '../directory/testing.ts';
import type { Tried } from '../delivery/script-desk.ts';
import type { LedgerEvent } from '../events/ledger.ts';
import type { TraceRow } from '../events/trace.ts';
import type { ListedEntry, QueueFilter } from '../queue/filter.ts';
import type { Order } from '../queue/orders.ts';
import type { QueuedMessage } from '../queue/message.ts';
import { Snoozes } from '../mailbox/snoozes.ts';
import { Imports } from '../mailbox/imports.ts';
import { Mailboxes } from '../mailbox/mailboxes.ts';
import { MailAccess } from '../mailbox/access.ts';
import { Scripts } from '../sieve/scripts.ts';
import { Workshop } from '../sieve/workshop.ts';
import { parcelDefaults } from '../parcel/options.ts';
import { Parcels } from '../parcel/parcels.ts';
import { Profiles } from '../profile/profiles.ts';
import { Refusal } from '../base/refusal.ts';
import type { Quarantined } from '../queue/quarantine.ts';
import { Templates } from '../relay/templates.ts';
import type { HttpParts, ProviderCount, PublishedParts, QuarantineDesk, SendParts } from './parts.ts';

/** A call of `queue.manage`, as it came. */
export interface Managed {
  readonly action: string;
  readonly filter: QueueFilter;
  readonly by: string;
}

/** Templates, keys and streams are real; mail is kept by nobody. */
function testSend({ store, clock }: TestDirectory): SendParts {
  return {
    intake: { begin: () => Promise.reject(new Refusal('storageBusy', 'not in this test')) },
    hostName: 'mx.here.test',
    messageMaxBytes: 1_000_000,
    requestsPerMinute: 600,
    drawRequests: async (_, { want }) => ({ granted: want, fullAtUs: 0 }),
    templates: new Templates(store, clock),
    renderer: { render: async ({ texts }) => ({ is: 'rendered', texts }) },
    fetchLink: async (_, at) => Promise.reject(new Refusal('invalid', 'not in this test', { at })),
    kept: async () => undefined,
    keep: async () => undefined,
    reschedule: async () => 'absent',
    sent: async () => [],
    recordsOf: async () => [],
  };
}

export function testParts(t: TestDirectory, orgs: readonly OrgId[], managed: Managed[]): HttpParts {
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
    send: testSend(t),
    queue: {
      list: async (filter) => ({ items: match(filter), next: undefined }),
      summary: async (org) => [
        {
          destination: 'remote.test',
          waiting: org === undefined ? 2 : match({ org }).length,
          held: 0,
          oldestAtMs: 1,
          nextTryAtMs: 2,
          last: undefined,
        },
      ],
      async show(id) {
        const entry = entries.find(({ message }) => message === id);
        return entry && { message: { id, org: entry.org } as QueuedMessage, entries: [entry] };
      },
      async manage(action, filter, by) {
        managed.push({ action, filter, by });
        return { count: match(filter).length, sweep: undefined };
      },
      sweeps: async () => [],
      endSweep: async () => {},
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
    suppressions: new Suppressions({ store: t.store, clock: t.clock, policy: suppressionDefaults }),
    classifier: {
      learned: async () => ({ spam: 1, ham: 2, speaks: false, speaksFrom: 30 }),
      teach: async ({ limit }) => Math.min(limit, 7),
      forget: async () => 3,
    },
    contacts: new Contacts({ store: t.store }),
    profiles: new Profiles({ store: t.store }),
    parcels: new Parcels({ store: t.store, clock: t.clock, options: parcelDefaults }),
    pushTarget: {
      resolver: { a: noRecords, aaaa: noRecords },
      clock: t.clock,
      log: silentLog,
      vapidKey: () => serverSecret(t.store, 'vapid', newVapidKey),
      contact: 'mailto:postmaster@here.test',
    },
    scripts: new Scripts({
      store: t.store,
      clock: t.clock,
      workshop: new Workshop({ clock: t.clock, log: silentLog }),
    }),
    scriptDesk: testDesk,
    reports: testReports(orgs),
    sentReports: { jobs: async () => [], send: async () => 0 },
    whyWaits: async (destination) => ({
      site: `mx.${destination}`,
      hosts: [`mx.${destination}`],
      provider: '',
      providerTitle: '',
      pool: '',
      sources: [],
      now: [],
    }),
    events: {
      async search(query) {
        const found = ledger.filter(({ message }) => message === query);
        if (found.length > 0) return { is: 'message', events: found };
        return { is: 'several', found: orgs.map((org) => ({ message: `m-${org}`, at: 1 })) };
      },
      after: async (seq, limit) => ledger.filter((event) => event.seq > seq).slice(0, limit),
      end: async () => ledger.length,
    },
    webhooks: testWebhooks(orgs),
    oidc: [],
    invite: async () => {},
    reputation: {
      byProvider: async (org) => testCounts(org, orgs),
      warmUps: async () => [],
      blockLists: async () => [{ address: '192.0.2.1', list: 'list.test', is: 'clean', why: '' }],
    },
    orders: {
      list: async () => orgs.map((org) => testOrder(org)),
      give: async () => {},
      end: async () => {},
      isRate: () => true,
      isProvider: () => true,
    },
    traces: {
      failures: async () => [],
      search: async ({ org }, before) => ({
        items:
          before === undefined ? orgs.filter((each) => org === undefined || each === org).map(testTrace) : [],
        next: undefined,
      }),
      counts: async (org) =>
        orgs
          .filter((each) => org === '' || each === org)
          .map(() => ({ atMs: 0, status: 'delivered' as const, count: 3 })),
      views: async () => [],
      saveView: async () => {},
      dropView: async () => true,
      retentions: async (org) => [{ org, stream: '', days: 30 }],
      setRetention: async () => {},
    },
    nextHop: async (domain) => ({ by: 'mx', hosts: [`mx.${domain}`], problem: '' }),
    mailboxes,
    imports: new Imports({ store: t.store, clock: t.clock, mailboxes }),
    snoozes: new Snoozes({ store: t.store, clock: t.clock }),
    mailAccess: new MailAccess(t.store),
    usageOf: async (accounts) => new Map(accounts.map((id) => [id, { usedBytes: 5, emails: 1 }])),
    meaning: () => '',
    ready: async () => ({
      ready: true,
      checks: [{ name: 'certificate mta-sts.there.test', ok: true, detail: '' }],
    }),
    published,
    webFolder: '/nowhere',
    dnsOf: async ({ name }) => ({ records: [], zone: `; ${name}\n` }),
    metricsText: async () => 'hikyaku_up 1\n',
  };
}

const noRecords = async () => ({ is: 'records', records: [], ttlSeconds: 1 }) as never;

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

const testOrder = (org: OrgId): Order => ({
  id: `order-${org}`,
  is: 'suspend',
  org,
  rate: '',
  why: 'x',
  by: 'x',
  madeAtMs: 1,
  untilMs: 2,
});

const testTrace = (org: OrgId): TraceRow => ({
  id: 1,
  message: `m-${org}`,
  org,
  recipient: 'r@remote.test',
  sender: '=s@x.test',
  subject: 'a "b", c',
  header_id: '<1@x.test>',
  stream: '',
  labels: '{"tags":["one","two"]}',
  status: 'deferred',
  reply: '450 later',
  host: 'mx.remote.test',
  accepted_at: 1,
  changed_at: 2,
});

/** One token is known; what is taken off is told by the page alone. */
const asks = async (token: string): Promise<{ address: string } | undefined> =>
  token === 'known.token' ? { address: '<bob>@a.test' } : undefined;

const published: PublishedParts = {
  unsubscribe: { read: asks, take: asks },
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

/** Of each organisation, one mail that was delivered within a second and one that waits. */
const testCounts = (org: string, orgs: readonly OrgId[]): readonly ProviderCount[] =>
  orgs
    .filter((one) => org === '' || org === one)
    .flatMap((one) =>
      (['delivered', 'deferred'] as const).map((status) => ({
        provider: `p-${one}`,
        title: '',
        atMs: 0,
        status,
        took: status === 'delivered' ? 3 : -1,
        count: 1,
      })),
    );
