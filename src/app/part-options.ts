/** From settings, which people write, to the options of each part. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ListenerSettings, RouteSettings, Settings, TlsRuleSettings } from '../config/schema.ts';
import {
  deliveryDefaults,
  type DeliveryOptions,
  type RouteHost,
  type RouteOption,
  type RouteTls,
  type TlsRule,
} from '../delivery/options.ts';
import { defaultOptions as imapDefaults, type ImapOptions } from '../imapd/options.ts';
import { intakeDefaults, type IntakeOptions } from '../intake/options.ts';
import { defaultOptions as pop3Defaults, type Pop3Options } from '../pop3d/options.ts';
import type { ParcelOptions } from '../parcel/options.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import type { AuthenticationOptions } from '../policy/options.ts';
import type { SendingOptions } from '../policy/sending.ts';
import type { VerdictRules } from '../policy/verdict.ts';
import type { DkimCareOptions } from './dkim-care.ts';
import { queueDefaults, type QueueOptions } from '../queue/options.ts';
import type { ReportingOptions } from '../reporting/options.ts';
import { defaultOptions as manageSieveDefaults, type ManageSieveOptions } from '../sieved/options.ts';
import { smtpdDefaults, type SmtpdOptions } from '../smtpd/options.ts';

const mebibyte = 1024 * 1024;
const secondMs = 1000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export function intakeOptions(settings: Settings): IntakeOptions {
  return {
    ...intakeDefaults,
    hostName: settings.hostname,
    authservId: settings.authentication.name || settings.hostname,
    language: settings.language,
    postmaster: settings.smtp.postmaster,
    messageMaxBytes: settings.smtp.messageMiB * mebibyte,
    recipientsMax: settings.smtp.recipientsMax,
    lifetimeMs: settings.queue.expiryHours * hourMs,
  };
}

export function sendingOptions({ sending }: Settings): SendingOptions {
  return {
    account: sending.accountPerDay,
    credential: sending.credentialPerDay,
    org: sending.orgPerDay,
    delayMaxMs: sending.delayMaxHours * hourMs,
  };
}

export function parcelOptions({ files }: Settings): ParcelOptions {
  return {
    fileMaxBytes: files.fileMiB * mebibyte,
    accountMaxBytes: files.accountMiB * mebibyte,
    days: Math.min(files.days, files.daysMax),
    daysMax: files.daysMax,
    offerFromBytes: files.offerFromMiB * mebibyte,
  };
}

export function reportingOptions({ hostname, reports }: Settings): ReportingOptions {
  return {
    hostname: hostname.toLowerCase(),
    organisation: reports.organisation || hostname,
    sender: reports.sender,
    sendDmarc: reports.sendDmarc,
    sendTls: reports.sendTls,
    addresses: reports.addresses.map((address) => address.toLowerCase()),
    maxBytes: reports.maxMiB * mebibyte,
  };
}

/** In settings a score of 0 is what `null` is within. */
export function verdictRules({ filters }: Settings): VerdictRules {
  const score = (value: number): number | null => (value === 0 ? null : value);
  return {
    mark: score(filters.mark),
    junk: score(filters.junk),
    quarantine: score(filters.quarantine),
    refuse: score(filters.refuse),
    quarantineDays: filters.quarantineDays,
    weights: Object.fromEntries(filters.weights.map((one) => [one.rule, one.weight])),
  };
}

export function authenticationOptions({ hostname, authentication: given }: Settings): AuthenticationOptions {
  return {
    authservId: given.name || hostname,
    dmarc: given.dmarc,
    spareLists: given.mailingLists === 'junk',
    spfFail: given.spfFail,
    unclearAuthor: given.unclearAuthor,
    missingAuthor: given.missingAuthor,
    trustedForwarders: given.trustedForwarders,
    senders: given.senders,
    onTemporaryError: given.temporaryError,
    timeoutMs: given.timeoutSeconds * secondMs,
    bimi: given.bimi,
  };
}

export function dkimCareOptions({ signing }: Settings): DkimCareOptions {
  return {
    rotateAfterMs: signing.rotateDays * dayMs,
    settleMs: signing.settleHours * hourMs,
    retireMs: signing.retireDays * dayMs,
  };
}

export function queueOptions(settings: Settings): QueueOptions {
  const { queue, delivery } = settings;
  return {
    ...queueDefaults,
    retryFirstMs: Math.min(queue.firstRetrySeconds * secondMs, queueDefaults.retryFirstMs),
    retryBaseMs: queue.firstRetrySeconds * secondMs,
    retryMaxMs: queue.retryMaxSeconds * secondMs,
    delayNoticeAfterMs: queue.delayWarningHours * hourMs,
    expireAfterMs: queue.expiryHours * hourMs,
    bodyMemoryBytes: queue.memoryMiB * mebibyte,
    siteConnectionsMax: delivery.connectionsPerSiteMax,
    siteConnectionsStart: Math.min(queueDefaults.siteConnectionsStart, delivery.connectionsPerSiteMax),
    attemptsMax: delivery.connectionsMax,
  };
}

/** `ownAddresses`: what this server listens on, so that it finds itself among the hosts of an MX. */
export function deliveryOptions(settings: Settings, ownAddresses: readonly string[]): DeliveryOptions {
  const { delivery } = settings;
  return {
    ...deliveryDefaults,
    hostname: settings.hostname,
    routes: settings.routes.map(routeOption),
    smtpPort: delivery.port,
    allowPrivateAddresses: delivery.ownNetworksAllowed,
    ownAddresses,
    ownNames: [hostname()],
    connectionMessagesMax: delivery.messagesPerConnectionMax,
    ipv6: delivery.ipv6,
    detailMailbox: delivery.detailMailbox,
    noticeLifetimeMs: settings.queue.expiryHours * hourMs,
    eightBitAnyway: delivery.eightBitAnyway,
    timeouts: {
      connectMs: delivery.connectSeconds * secondMs,
      greetingMs: delivery.greetingSeconds * secondMs,
      commandMs: delivery.commandSeconds * secondMs,
      dataMs: delivery.dataSeconds * secondMs,
      blockMs: delivery.blockSeconds * secondMs,
      dotMs: delivery.dotSeconds * secondMs,
    },
    ...(settings.queue.doubleBounces === '' ? {} : { doubleBounceTo: settings.queue.doubleBounces }),
    dane: delivery.dane,
    mtaSts: delivery.mtaSts,
    stsPort: delivery.policyPort,
    tlsRules: settings.tlsRules.map(tlsRule),
    unanswered: settings.unanswered.map(({ org, domain, policy }) => ({
      ...(org !== '' && { org }),
      domains: [below(domain)],
      policy,
    })),
    ...(delivery.authorities === '' ? {} : { caCertificates: readAuthorities(delivery.authorities) }),
    localAddresses: delivery.localAddresses,
  };
}

/** The certificates of a PEM file; throws when it has none. */
export function readAuthorities(path: string): readonly string[] {
  const found = readFileSync(path, 'utf8').match(
    /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g,
  );
  if (found === null) throw new Error(`${path} has no certificate in it`);
  return found;
}

function tlsRule(rule: TlsRuleSettings): TlsRule {
  return { domain: below(rule.domain), level: rule.level, names: rule.names.map(below) };
}

/** `*.example.jp` of the settings is `.example.jp` within; names in Unicode become A-labels. */
function below(domain: string): string {
  const lower = domain.toLowerCase();
  const ascii = (name: string): string => domainToAscii(name) ?? name;
  return lower.startsWith('*.') ? `.${ascii(lower.slice(2))}` : ascii(lower);
}

const routeTls: Readonly<Record<RouteSettings['tls'], RouteTls>> = {
  opportunistic: 'opportunistic',
  required: 'require',
  verified: 'verify',
  implicit: 'implicit',
  none: 'never',
};

function routeOption(route: RouteSettings): RouteOption {
  const logsIn = route.username !== '';
  return {
    domains: [below(route.domain)],
    hosts: route.hosts.map((host, i) => {
      const weight = route.weights[i];
      return weight === undefined ? routeHost(host) : { ...routeHost(host), weight };
    }),
    protocol: route.protocol,
    when: route.when,
    // A password goes to nobody who has not proved its name.
    tls: logsIn && route.tls === 'opportunistic' ? 'verify' : routeTls[route.tls],
    ...(route.senders.length === 0 ? {} : { senders: route.senders.map(below) }),
    ...(route.localAddresses.length === 0 ? {} : { localAddresses: route.localAddresses }),
    ...(logsIn && { auth: { username: route.username, password: route.password } }),
  };
}

/** `host`, `host:port`, `[2001:db8::1]:port`, `mx:domain`; an IPv6 address without brackets has no port. */
export function routeHost(text: string): RouteHost {
  const mx = text.startsWith('mx:');
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(mx ? text.slice(3) : text);
  if (match === null) return { host: text };
  const host = (match[1] ?? match[2])!;
  return { host, ...(match[3] !== undefined && { port: Number(match[3]) }), ...(mx && { mx }) };
}

export function smtpdOptions(settings: Settings, listener: ListenerSettings): SmtpdOptions {
  return {
    ...smtpdDefaults,
    hostName: listener.hostname === '' ? settings.hostname : listener.hostname,
    trustedNetworks: listener.trustedNetworks,
    authRequiresTls: !settings.submission.plainTextLogin,
    channelBinding: settings.submission.channelBinding,
  };
}

export function imapOptions(settings: Settings): ImapOptions {
  return {
    ...imapDefaults,
    hostname: settings.hostname,
    messageMaxBytes: settings.smtp.messageMiB * mebibyte,
    sessionsPerAccountMax: settings.imap.connectionsPerAccountMax,
    plaintextLogin: settings.imap.plainTextLogin,
    literalMinus: settings.imap.shortLiterals,
    messageLimit: settings.imap.messagesPerCommandMax,
  };
}

export function pop3Options(settings: Settings): Pop3Options {
  return {
    ...pop3Defaults,
    hostname: settings.hostname,
    plaintextLogin: settings.pop3.plainTextLogin,
    loginDelaySeconds: settings.pop3.loginDelaySeconds,
    accountsExpire: settings.pop3.accountsExpire,
  };
}

export function manageSieveOptions(settings: Settings): ManageSieveOptions {
  return {
    ...manageSieveDefaults,
    hostname: settings.hostname,
    language: settings.language,
    plaintextLogin: settings.managesieve.plainTextLogin,
  };
}
