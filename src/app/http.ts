/** HTTP of one thread: the listeners of the settings, and in the first thread the control socket of the command line. */
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/clock.ts';
import { replyMeaning } from '../delivery/reply-meaning.ts';
import { Contacts } from '../contact/contacts.ts';
import { Proofs } from '../certificate/proofs.ts';
import { Administration } from '../directory/administration.ts';
import { serverSecret } from '../directory/server-secret.ts';
import type { Meaning } from '../events/journey.ts';
import { after, end } from '../events/ledger.ts';
import { search } from '../events/operations.ts';
import { sent } from '../events/sent.ts';
import { keepOnce, keptFor } from '../queue/once.ts';
import { fetchLink } from '../relay/link.ts';
import { Templates } from '../relay/templates.ts';
import { ScriptDesk } from '../delivery/script-desk.ts';
import { ScriptRunner } from '../sieve/runner.ts';
import { numberOfMailbox } from '../mailbox/ids.ts';
import { voteForMailbox } from '../mailbox/junk-votes.ts';
import { Parcels } from '../parcel/parcels.ts';
import { Profiles } from '../profile/profiles.ts';
import { forgetAccount, learnedOf } from '../policy/lessons.ts';
import { parcelOptions } from './part-options.ts';
import type { Store } from '../store/store.ts';
import type { HttpListener, HttpParts } from '../httpd/parts.ts';
import { webhookDesk } from './webhooks.ts';
import { orderDesk } from './order-desk.ts';
import { identityProviders } from './identity-providers.ts';
import { invite } from './invitation.ts';
import { reputationDesk } from './reputation.ts';
import { drawFrom } from '../relay/requests.ts';
import { unsubscribeDesk } from './unsubscribing.ts';
import { traceDesk } from './trace-desk.ts';
import { explain } from '../shaping/explain.ts';
import { startPushSender } from '../httpd/push-sender.ts';
import { newVapidKey } from '../proto/webpush/vapid.ts';
import { startHttp } from '../httpd/server.ts';
import { Snoozes } from '../mailbox/snoozes.ts';
import { Imports } from '../mailbox/imports.ts';
import type { Settings } from '../config/schema.ts';
import { onlyPublic } from '../net/dialer.ts';
import { linkGuard } from './link-guard.ts';
import { openKeyBox } from './signing.ts';
import { dataFolder } from './data-folder.ts';
import type { MainLine } from './main-line.ts';
import { deadAddresses, type DeadAddress } from './settings-addresses.ts';
import { Publication } from './publication.ts';
import type { BoundListener, Health } from './thread-messages.ts';
import type { ThreadParts } from './thread-parts.ts';

export interface ThreadHttp {
  readonly listeners: readonly BoundListener[];
  /** Other settings for what is published. */
  reload(settings: Settings): void;
  stop(): Promise<void>;
}

/** What a reply means, with what can be done about it. */
export const meaning: Meaning = (reply, phase, language) => {
  const { what, advice } = replyMeaning({ reply, phase, host: '' }, language);
  return [what, advice].filter((text) => text !== '').join(' ');
};

export async function startThreadHttp(parts: ThreadParts, main: MainLine): Promise<ThreadHttp> {
  const { index, listeners, settings } = parts.facts;
  const proofs = new Proofs(parts.facts.store, systemClock);
  const { acme } = settings.tls;
  const byTls = acme.directory !== '' && acme.challenge === 'tls-alpn-01';
  const challenge = byTls ? { challengeFor: (name: string) => proofs.forHost(name) } : {};
  const wanted = listeners.filter((one) => one.kind === 'http' || one.kind === 'https');
  const tcp = wanted.map((one): HttpListener => {
    const place = { is: 'tcp', host: one.host, port: one.port, reusePort: true } as const;
    return one.kind === 'https' ? { ...place, tls: { contexts: parts.tls, ...challenge } } : place;
  });
  const control: HttpListener[] =
    index === 0 ? [{ is: 'control', path: dataFolder(settings.data).controlSocket }] : [];
  if (tcp.length + control.length === 0) return { listeners: [], reload: () => {}, stop: async () => {} };
  const publication = new Publication({
    ...parts,
    settings,
    listeners,
    certificates: async () => (await main.health()).certificates,
  });
  const given = httpParts(parts, main, { proofs, publication });
  const server = await startHttp(given, [...tcp, ...control]);
  const sender = index === 0 ? await startPushSender(given) : undefined;
  return {
    listeners: wanted.map(({ kind }, i) => ({
      kind,
      host: server.bound[i]!.host,
      port: server.bound[i]!.port,
    })),
    reload: (newSettings) => publication.reload(newSettings),
    async stop() {
      await sender?.[Symbol.asyncDispose]();
      await server.stop();
    },
  };
}

interface Published {
  readonly proofs: Proofs;
  readonly publication: Publication;
}

function httpParts(parts: ThreadParts, main: MainLine, { proofs, publication }: Published): HttpParts {
  const { store, log, metrics, settings } = parts.facts;
  const { directory, queue, mailboxes, deliverer, scripts, library, workshop, reporting } = parts;
  return {
    clock: systemClock,
    log,
    metrics,
    directory,
    administration: new Administration({
      store,
      clock: systemClock,
      directory,
      keyBox: openKeyBox(settings),
    }),
    signs: settings.signing.sign,
    send: sendParts(parts, publication),
    queue,
    quarantine: quarantineDesk(parts),
    filterRules: parts.filterRules,
    classifier: classifierDesk(store),
    sending: parts.sending,
    suppressions: parts.suppressions,
    scripts,
    contacts: new Contacts({ store }),
    profiles: new Profiles({ store }),
    parcels: new Parcels({ store, clock: systemClock, options: parcelOptions(settings) }),
    pushTarget: {
      resolver: parts.resolver,
      clock: systemClock,
      log,
      guard: onlyPublic,
      vapidKey: () => serverSecret(store, 'vapid', newVapidKey),
      contact: `mailto:postmaster@${settings.hostname}`,
    },
    reports: reporting.desk,
    sentReports: sentReports(parts),
    scriptDesk: new ScriptDesk({
      store,
      clock: systemClock,
      directory,
      mailboxes,
      library,
      runner: new ScriptRunner(workshop),
      hostname: settings.hostname,
    }),
    events: {
      search: (query, limit) => store.scan(search, { query, limit }),
      after: (seq, limit) => store.read(() => after(seq, limit)),
      end: () => store.read(() => end()),
    },
    traces: traceDesk(store),
    reputation: reputationDesk(parts),
    oidc: identityProviders(settings),
    invite: (invitation) => invite(parts, invitation),
    orders: orderDesk(store),
    webhooks: webhookDesk(parts),
    nextHop: (domain) => deliverer.nextHop(domain),
    whyWaits: async (destination, mail) => {
      const { site, hosts = [] } = await deliverer.route(destination);
      return explain(parts.shaper, { site, hosts, destination }, mail);
    },
    usageOf: (accounts) => mailboxes.usage(accounts),
    mailboxes,
    imports: new Imports({ store, clock: systemClock, mailboxes }),
    snoozes: new Snoozes({ store, clock: systemClock }),
    mailAccess: mailboxes.access,
    meaning,
    ready: async () => readiness(await main.health(), await deadAddresses(settings, directory)),
    published: {
      unsubscribe: unsubscribeDesk({
        store,
        clock: systemClock,
        directory,
        suppressions: parts.suppressions,
      }),
      proofFor: (token) => proofs.forToken(token),
      takeTlsReport: async (report) =>
        void (await reporting.received.take(undefined, 'file', async () => report)),
      stsPolicyOf: (domain) => publication.stsPolicyOf(domain),
      mailSetupOf: (domain) => publication.mailSetupOf(domain),
    },
    webFolder: fileURLToPath(new URL('../../web/dist', import.meta.url)),
    dnsOf: (domain, check) => publication.dnsOf(domain, check),
    metricsText: () => main.metricsText(),
  };
}

function sendParts(parts: ThreadParts, publication: Publication): HttpParts['send'] {
  const { facts, outgoingIntake, queue, resolver, renderer } = parts;
  const { store, settings } = facts;
  const guard = linkGuard(settings);
  return {
    intake: outgoingIntake,
    messageMaxBytes: outgoingIntake.options.messageMaxBytes,
    hostName: settings.hostname,
    requestsPerMinute: settings.sendApi.requestsPerMinute,
    drawRequests: drawFrom(store, () => systemClock.nowMs()),
    templates: new Templates(store, systemClock),
    renderer,
    fetchLink: (link, at) => fetchLink({ resolver, clock: systemClock, guard }, link, at),
    kept: (scope, key) => store.read(() => keptFor(scope, key, systemClock.nowMs())),
    keep: (once) => store.write(keepOnce, { once, nowMs: systemClock.nowMs() }),
    reschedule: (id, to) => queue.reschedule(id, to),
    recordsOf: (domain) => publication.sendingRecords(domain),
    sent: (query) => store.scan(sent, query),
  };
}

function classifierDesk(store: Store): HttpParts['classifier'] {
  return {
    learned: (scope) => learnedOf(store, scope),
    teach: ({ mailbox, ...lesson }) =>
      store.write(voteForMailbox, { ...lesson, mailbox: numberOfMailbox(mailbox) }),
    forget: (account, org) => forgetAccount(store, account, org),
  };
}

function sentReports({ reportSender, reporting, deliverer }: ThreadParts): HttpParts['sentReports'] {
  return {
    jobs: () => reportSender.jobs(),
    async send(day, domain) {
      await Promise.all([reporting.counter.flush(), deliverer.flushTlsResults()]);
      const count = await reportSender.hurry(day, domain);
      await reportSender.run();
      return count;
    },
  };
}

function quarantineDesk({ quarantine, facts }: ThreadParts): HttpParts['quarantine'] {
  return {
    list: (filter, page) => quarantine.list(filter, page),
    get: (message, org) => quarantine.get(message, org),
    end: (action, of, deed) => quarantine.end(action, of, deed),
    text: async (message, org) => facts.store.bodies.stream(await quarantine.body(message, org)),
  };
}

/** A certificate in trouble does not make the server unready: with an old one mail still flows. Nor does a postmaster who is gone. */
function readiness(
  { ready, problems, certificates, port25Closed }: Health,
  dead: readonly DeadAddress[],
): Awaited<ReturnType<HttpParts['ready']>> {
  const own = problems.map((detail) => ({ name: 'server', ok: false, detail }));
  const shown = certificates.map(({ names, source, issuer, expiresAtMs, problem }) => ({
    name: `certificate ${names.join(' ')}`,
    ok: problem === '',
    detail: [
      source,
      ...(expiresAtMs === 0 ? [] : [`by ${issuer}, until ${new Date(expiresAtMs).toISOString()}`]),
      ...(problem === '' ? [] : [problem]),
    ].join(': '),
  }));
  const way = { name: 'port 25', ok: false, detail: 'closed on the way out: mail goes by the smart host' };
  const addresses = dead.map(({ setting: name, address, why }) => ({
    name,
    ok: false,
    detail: `${address} ${why}`,
  }));
  return { ready, checks: [...own, ...shown, ...(port25Closed ? [way] : []), ...addresses] };
}
