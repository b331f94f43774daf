/** What the HTTP server is given: parts as they are, and the rest as functions, so that it depends on no composition. */
import type { Clock } from '../base/clock.ts';
import type { AccountId, MailboxId, MessageId, OrgId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Contacts } from '../contact/contacts.ts';
import type { Administration } from '../directory/administration.ts';
import type { Directory } from '../directory/directory.ts';
import type { Domain, SendingDomain } from '../directory/entities.ts';
import type { MailEvent } from '../events/event.ts';
import type { SentQuery } from '../events/sent.ts';
import type { Intake, Kept } from '../intake/intake.ts';
import type { OnceKey } from '../queue/message.ts';
import type { Fetched } from '../relay/link.ts';
import type { drawFrom } from '../relay/requests.ts';
import type { Renderer } from '../relay/renderer.ts';
import type { Templates } from '../relay/templates.ts';
import type { ScriptDesk } from '../delivery/script-desk.ts';
import type { NextHop } from '../delivery/next-hop.ts';
import type { Meaning } from '../events/journey.ts';
import type { LedgerEvent } from '../events/ledger.ts';
import type { SearchResult } from '../events/operations.ts';
import type { Retention } from '../events/retention.ts';
import type { SavedView } from '../events/saved-views.ts';
import type { TraceCount } from '../events/trace-counts.ts';
import type { TracePage, TraceQuery } from '../events/trace-search.ts';
import type { Snoozes } from '../mailbox/snoozes.ts';
import type { MailAccess } from '../mailbox/access.ts';
import type { Imports } from '../mailbox/imports.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import type { TlsFrontOptions } from '../net/tls-front.ts';
import type { Order } from '../queue/orders.ts';
import type { FailureGroup } from '../events/failures.ts';
import type { Quarantine } from '../queue/quarantine.ts';
import type { Parcels } from '../parcel/parcels.ts';
import type { Profiles } from '../profile/profiles.ts';
import type { Queue } from '../queue/queue.ts';
import type { ReportDesk } from '../reporting/report-desk.ts';
import type { ListedJob } from '../reporting/report-sender.ts';
import type { Asked, Explained } from '../shaping/explain.ts';
import type { WebhookDesk } from '../webhook/desk.ts';
import type { Scripts } from '../sieve/scripts.ts';
import type { Suppressions } from '../suppression/suppressions.ts';
import type { Given } from './admin-api/contract.ts';
import type { OidcProvider } from './session/oidc.ts';
import type { PushTarget } from './jmap/push/sender.ts';
import type { Readiness } from './admin-api/contract-mail.ts';
import type { AccountSending, SendingUse } from './admin-api/contract-sending.ts';
import type { DnsAnswer } from './admin-api/contract-dns.ts';

/** Reads the event ledger. */
export interface EventReader {
  /** By message id, Message-ID or address. */
  search(query: string, limit: number): Promise<SearchResult>;
  /** Events after this number, oldest first. */
  after(seq: number, limit: number): Promise<readonly LedgerEvent[]>;
  /** The number of the newest event. */
  end(): Promise<number>;
}

/** Orders of operators. */
export interface OrderDesk {
  list(): Promise<readonly Order[]>;
  give(order: Order): Promise<void>;
  /** `org`: only an order about this organisation. Refusal `notFound`. */
  end(id: string, org: string | undefined): Promise<void>;
  isRate(text: string): boolean;
  isProvider(name: string): boolean;
}

/** The log by recipient. */
export interface TraceDesk {
  /** Newest first, behind `before` of the page before. */
  search(query: TraceQuery, before: number | undefined, max: number): Promise<TracePage>;
  /** By hour and outcome; of one organisation, or (`''`) of all. */
  counts(org: string, fromMs: number): Promise<readonly TraceCount[]>;
  /** Mail that came back or waits, by cause; `org` undefined: all. */
  failures(org: string | undefined, fromMs: number): Promise<readonly FailureGroup[]>;
  views(org: string): Promise<readonly SavedView[]>;
  /** Refusal `limitReached`. */
  saveView(org: string, view: SavedView): Promise<void>;
  dropView(org: string, name: string): Promise<boolean>;
  retentions(org: string): Promise<readonly Retention[]>;
  /** `days` null: as long as the server keeps it. */
  setRetention(rule: Omit<Retention, 'days'> & { readonly days: number | null }): Promise<void>;
}

/** Recipients of one provider that came to one end in one step of time. */
export interface ProviderCount {
  readonly provider: string;
  readonly title: string;
  readonly atMs: number;
  readonly status: TraceCount['status'];
  /** Class of `tookSteps`; -1: not delivered. */
  readonly took: number;
  readonly count: number;
}

/** A new source, or a new domain of senders, on its way to be known by a receiver. */
export interface WarmUpNow {
  readonly source: string;
  readonly receiver: string;
  readonly receiverTitle: string;
  /** Sending day, from 1. */
  readonly day: number;
  readonly sent: number;
  /** A bad sign was seen on this day. */
  readonly bad: boolean;
  readonly atMs: number;
  /** Copies of each day, from the first. */
  readonly plan: readonly number[];
}

export interface BlockListVerdict {
  readonly address: string;
  readonly list: string;
  readonly is: 'listed' | 'clean' | 'unknown';
  readonly why: string;
}

/** A link that lets somebody choose the password of a new account. */
export interface Invitation {
  /** Where the person reads mail now. */
  readonly to: string;
  /** The new account. */
  readonly address: string;
  readonly orgName: string;
  readonly link: string;
  readonly untilMs: number;
  readonly language: 'en' | 'ja';
}

/** How mail to others goes, and how we stand with them. */
export interface ReputationDesk {
  /** Of one organisation, or (`''`) of all. */
  byProvider(org: string, fromMs: number, stepMs: number): Promise<readonly ProviderCount[]>;
  warmUps(): Promise<readonly WarmUpNow[]>;
  blockLists(): Promise<readonly BlockListVerdict[]>;
}

/** Mail that filters keep back. */
export interface QuarantineDesk extends Pick<Quarantine, 'list' | 'get' | 'end'> {
  /** The message itself, in pieces. Refusal `notFound`. */
  text(message: MessageId, org?: string): Promise<AsyncIterable<Uint8Array>>;
}

/** What the classifier of mail has learned. */
export interface ClassifierDesk {
  learned(scope: { readonly is: 'account' | 'org'; readonly id: string }): Promise<Learned>;
  /** Says what the newest mails of a mailbox are: they are learned in the background. Gives how many they are. */
  teach(lesson: {
    readonly account: AccountId;
    readonly mailbox: MailboxId;
    readonly says: 'junk' | 'wanted' | 'nothing';
    readonly limit: number;
  }): Promise<number>;
  /** Gives how many lessons there were. */
  forget(account: AccountId, org: OrgId): Promise<number>;
}

/** What accounts may send. Kinds of limits: of one account, of one credential, of the whole organisation. */
export interface SendingDesk {
  uses(
    of:
      | { readonly org: string }
      | { readonly org: string; readonly account: string; readonly credential: string },
  ): Promise<readonly SendingUse[]>;
  ownLimits(org: string): Promise<ReadonlyMap<string, number>>;
  setLimit(org: string, kind: SendingUse['limit'], perDay: number | null, id?: string): Promise<void>;
  pauses(account: string): Promise<readonly AccountSending['pauses'][number][]>;
  /** Gives whether it was not paused before. */
  pause(
    pause: AccountSending['pauses'][number] & { readonly account: string; readonly org: string },
  ): Promise<boolean>;
  /** Gives how many logins can send again; only an operator resumes what an operator has paused. */
  resume(account: string, operator: boolean): Promise<number>;
}

export interface Learned {
  readonly spam: number;
  readonly ham: number;
  readonly speaks: boolean;
  readonly speaksFrom: number;
}

/** Reports that we send. */
export interface SentReports {
  readonly jobs: () => Promise<readonly ListedJob[]>;
  /** Sends those of a day now, of one domain or (`''`) of all. Gives how many are on their way. */
  readonly send: (day: string, domain: string) => Promise<number>;
}

/** A record that a domain of bounces or links should have. */
export interface SendingRecord {
  readonly record: { readonly type: string; readonly name: string; readonly data: string };
  readonly status: 'ok' | 'missing' | 'different' | 'unknown' | 'unchecked';
  readonly found: readonly string[];
}

/** What programs send with. */
export interface SendParts {
  readonly intake: Pick<Intake, 'begin'>;
  readonly messageMaxBytes: number;
  readonly hostName: string;
  /** Of one organisation, in all threads and nodes. */
  readonly requestsPerMinute: number;
  /** Takes requests out of the bucket of an organisation. */
  readonly drawRequests: ReturnType<typeof drawFrom>;
  readonly templates: Templates;
  readonly renderer: Pick<Renderer, 'render'>;
  readonly fetchLink: (link: string, at: string) => Promise<Fetched>;
  /** What is kept for an idempotency key. */
  kept(scope: string, key: string): Promise<Kept | undefined>;
  /** Keeps the answer of a request of several mails; gives what was kept before. */
  keep(once: OnceKey): Promise<Kept | undefined>;
  readonly reschedule: Queue['reschedule'];
  /** What DNS should say of a domain of bounces or links, and what it does. */
  recordsOf(domain: SendingDomain): Promise<readonly SendingRecord[]>;
  sent(query: SentQuery): Promise<readonly MailEvent<'accepted'>[]>;
}

export interface HttpParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly directory: Directory;
  readonly administration: Administration;
  /** Whether mail is signed: then a new domain gets keys. */
  readonly signs: boolean;
  readonly send: SendParts;
  readonly queue: Pick<Queue, 'list' | 'show' | 'summary' | 'manage' | 'sweeps' | 'endSweep'>;
  readonly quarantine: QuarantineDesk;
  /** The rules of the filters that are known by name, as an organisation weighs them. */
  readonly filterRules: (
    org: string,
  ) => Promise<readonly { readonly rule: string; readonly weight: number; readonly changed: boolean }[]>;
  readonly classifier: ClassifierDesk;
  readonly sending: SendingDesk;
  readonly suppressions: Suppressions;
  readonly scripts: Scripts;
  readonly contacts: Contacts;
  readonly profiles: Profiles;
  /** Large files by link. */
  readonly parcels: Parcels;
  /** How push messages get out. */
  readonly pushTarget: PushTarget;
  /** Reports that others send about our domains. */
  readonly reports: Pick<ReportDesk, 'dmarcReports' | 'tlsReports' | 'sources' | 'path' | 'take'>;
  readonly sentReports: SentReports;
  readonly scriptDesk: Pick<ScriptDesk, 'test' | 'testGiven' | 'apply'>;
  readonly events: EventReader;
  readonly traces: TraceDesk;
  readonly reputation: ReputationDesk;
  /** Identity providers that people may sign in with in the browser. */
  readonly oidc: readonly OidcProvider[];
  /** Sends an invitation by mail, durable when it is done. */
  readonly invite: (invitation: Invitation) => Promise<void>;
  readonly orders: OrderDesk;
  readonly webhooks: Pick<
    WebhookDesk,
    | 'list'
    | 'get'
    | 'add'
    | 'edit'
    | 'rotate'
    | 'pause'
    | 'resume'
    | 'drop'
    | 'replayFrom'
    | 'replayEvents'
    | 'dead'
    | 'revive'
    | 'attempts'
    | 'test'
  >;
  readonly nextHop: (domain: string) => Promise<NextHop>;
  /** What holds mail for a domain back. */
  readonly whyWaits: (destination: string, mail: Asked) => Promise<Explained>;
  /** Room taken by accounts, those that have any. */
  readonly usageOf: (
    accounts: readonly AccountId[],
  ) => Promise<ReadonlyMap<AccountId, { readonly usedBytes: number; readonly emails: number }>>;
  readonly mailboxes: Mailboxes;
  readonly imports: Imports;
  readonly snoozes: Snoozes;
  /** How accounts are read. */
  readonly mailAccess: MailAccess;
  /** What a reply means in plain words (delivery knows). */
  readonly meaning: Meaning;
  /** Whether the server can do its work now, with what was checked. */
  readonly ready: () => Promise<Readiness>;
  readonly published: PublishedParts;
  /** The folder of the built page. */
  readonly webFolder: string;
  /** The DNS records of a domain, held against what its name servers have, or not. */
  readonly dnsOf: (domain: Domain, check: boolean) => Promise<Given<DnsAnswer>>;
  /** All metrics of the process in Prometheus' text format. */
  readonly metricsText: () => Promise<string>;
}

/** What is published to anybody. */
export interface PublishedParts {
  /** The answer to a certificate authority that comes with this token. */
  proofFor(token: string): Promise<string | undefined>;
  /** The MTA-STS policy of a domain of ours that has one. */
  stsPolicyOf(domain: string): Promise<string | undefined>;
  /** A TLS report that somebody posts. Refusal `rateLimited`. */
  takeTlsReport(report: Uint8Array): Promise<void>;
  /** Readers who want no more of a program's mail; undefined: the link is none of ours. */
  readonly unsubscribe: {
    read(token: string): Promise<{ readonly address: string } | undefined>;
    /** `how`: for people who read the list. */
    take(token: string, how: string): Promise<{ readonly address: string } | undefined>;
  };
  /** How mailers reach the mail of a domain of ours. */
  mailSetupOf(domain: string): Promise<MailSetup | undefined>;
}

/** A service for mailers, as the world reaches it. */
export interface MailService {
  readonly kind: 'submission' | 'submissions' | 'imap' | 'imaps' | 'pop3' | 'pop3s' | 'managesieve';
  readonly port: number;
}

export interface MailSetup {
  /** A-labels. */
  readonly domain: string;
  /** For people. */
  readonly displayName: string;
  readonly hostname: string;
  readonly services: readonly MailService[];
}

export type HttpListener =
  | {
      readonly is: 'tcp';
      readonly host: string;
      /** 0 takes a free one. */
      readonly port: number;
      readonly reusePort?: boolean;
      /** Absent: plain HTTP, where credentials are taken from this machine only. */
      readonly tls?: Pick<TlsFrontOptions, 'contexts' | 'challengeFor'>;
      /** A proxy in front of a plain listener does TLS: take credentials from everywhere, and the client's address from X-Forwarded-For. */
      readonly behindProxy?: boolean;
      /** Who may read `/metrics` without credentials: everyone, or this machine only (default). */
      readonly openMetrics?: boolean;
    }
  /** A Unix socket, mode 0600: whoever may open it is the operator. */
  | { readonly is: 'control'; readonly path: string };
