/**
 * Where the mail of a domain goes: its route from the settings, or its MX records (RFC 5321, 5.1; RFC 7505).
 *
 * A plan names hosts in groups of equal preference; their addresses are looked up when a connection is opened. Its site is
 * what destinations with the same hosts share.
 */
import type { DnsStep } from '../../events/event.ts';
import type { Answer, LookupFault, Resolver } from '../../net/resolver.ts';
import { literalAddress } from '../../proto/smtp/domain.ts';
import type { Answer as Said } from '../../queue/attempt.ts';
import type { DeliveryOptions, RouteOption } from '../options.ts';
import { readHop, routeFor } from './hop.ts';
import { givenSecurity, looksUp, mxSecurity, securityClass, type Security } from '../tls/security.ts';
import type { StsPolicies } from '../tls/sts-policies.ts';

export interface Target {
  /** Name, or an IP address. */
  readonly host: string;
  readonly port: number;
  readonly preference: number;
  /** Its part of the load among equals; 1 when absent. */
  readonly weight?: number;
}

export interface HostPlan {
  readonly is: 'hosts';
  readonly site: string;
  /** Best first; equals in the order of their names. */
  readonly targets: readonly Target[];
  /** In which order the hosts of the site are tried: the same text for the same order. `''` where the site leaves no choice. */
  readonly order: string;
  readonly lmtp: boolean;
  readonly security: Security;
  readonly auth: RouteOption['auth'];
  /** The operator named these hosts: they may be anywhere. */
  readonly trusted: boolean;
  /** As in `DeliveryOptions`. */
  readonly localAddresses: readonly string[];
  /** They are those of the route, whichever way the mail was to take. */
  readonly ownAddresses?: boolean;
  /** The way to go when none of the hosts can be reached. */
  readonly fallback?: HostPlan;
  readonly steps: readonly DnsStep[];
  readonly untilMs: number;
}

export interface NoPlan {
  readonly is: 'none';
  readonly site: string;
  readonly answer: Said;
  /** `undefined`: it may work later. */
  readonly why: 'unroutable' | 'loop' | undefined;
  readonly steps: readonly DnsStep[];
  readonly untilMs: number;
}

export type Plan = HostPlan | NoPlan;

export interface PlanParts {
  readonly resolver: Resolver;
  readonly options: DeliveryOptions;
  readonly nowMs: () => number;
  /** Absent: MTA-STS is not looked at. */
  readonly sts?: StsPolicies;
}

/** A plan is kept between these, whatever the TTL. */
const keptMinMs = 60_000;
const keptMaxMs = 3_600_000;
/** A plan that failed is kept this long. */
const failureKeptMs = 60_000;
/** MX hosts that are looked at. */
const hostsMax = 10;
const lmtpPort = 24;

/** `hop` is a destination, perhaps with the domain of the sender (hop.ts). */
export async function planFor(parts: PlanParts, hop: string): Promise<Plan> {
  const { destination, sender } = readHop(hop);
  const always = routeFor(parts.options.routes, { destination, sender, when: 'always' });
  if (always) return routedPlan(parts, always, destination);
  const literal = literalAddress(destination);
  const direct =
    literal === undefined
      ? await mxPlan(parts, { name: destination, port: parts.options.smtpPort, route: undefined })
      : literalPlan(parts, literal);
  const other = routeFor(parts.options.routes, { destination, sender, when: 'unreachable' });
  if (direct.is === 'none' || other === undefined) return direct;
  const fallback = await routedPlan(parts, other, destination);
  if (fallback.is === 'none') return direct;
  return { ...direct, fallback, site: `${direct.site} else ${fallback.site}` };
}

async function routedPlan(parts: PlanParts, route: RouteOption, destination: string): Promise<Plan> {
  const { options, nowMs } = parts;
  const lmtp = route.protocol === 'lmtp';
  const port = lmtp ? lmtpPort : route.tls === 'implicit' ? 465 : 25;
  const [first] = route.hosts;
  if (route.hosts.length === 1 && first?.mx === true) {
    return mxPlan(parts, { name: first.host, port: first.port ?? options.smtpPort, route });
  }
  const targets = targetsOf(route, port);
  const names = targets.map((t) => `${t.host}:${t.port}${t.weight === undefined ? '' : `*${t.weight}`}`);
  const security = givenSecurity(options, destination, route.tls ?? options.tls, true);
  return {
    is: 'hosts',
    site: classed(`${wayPrefix(route)}${names.join(' ')}${waySuffix(route)}`, securityClass(security, [])),
    targets,
    order: '',
    lmtp,
    security,
    auth: route.auth,
    trusted: true,
    localAddresses: route.localAddresses ?? options.localAddresses,
    ...(route.localAddresses && { ownAddresses: true }),
    steps: [],
    untilMs: nowMs() + keptMaxMs,
  };
}

/** In order, or with weights as equals. */
function targetsOf({ hosts }: RouteOption, port: number): readonly Target[] {
  const shared = hosts.some(({ weight }) => weight !== undefined);
  return hosts.map((h, i) => ({
    host: h.host,
    port: h.port ?? port,
    preference: shared ? 0 : i,
    ...(shared && { weight: h.weight ?? 1 }),
  }));
}

/** Strangers may give the names of our own hosts as their MX: they share nothing with what the operator named. */
function wayPrefix(route: RouteOption | undefined): string {
  return route === undefined ? '' : route.protocol === 'lmtp' ? 'lmtp ' : 'route ';
}

/** Connections are shared by routes that log in as the same user from the same address. */
function waySuffix(route: RouteOption | undefined): string {
  const user = route?.auth ? ` as ${route.auth.username}` : '';
  return route?.localAddresses ? `${user} from ${route.localAddresses.join(' ')}` : user;
}

function literalPlan({ options, nowMs }: PlanParts, ip: string): HostPlan {
  const security = givenSecurity(options, `[${ip}]`, options.tls, true);
  return {
    is: 'hosts',
    site: classed(`[${ip}]`, securityClass(security, [])),
    targets: [{ host: ip, port: options.smtpPort, preference: 0 }],
    order: '',
    lmtp: false,
    security,
    auth: undefined,
    trusted: false,
    localAddresses: options.localAddresses,
    steps: [],
    untilMs: nowMs() + keptMaxMs,
  };
}

interface MxQuestion {
  readonly name: string;
  readonly port: number;
  readonly route: RouteOption | undefined;
}

async function mxPlan(parts: PlanParts, question: MxQuestion): Promise<Plan> {
  const { resolver, options } = parts;
  const { name } = question;
  const answer = await resolver.mx(name);
  const steps = [stepOf(answer)];
  if (answer.is === 'failure') return later(parts, name, steps, answer.reason);
  if (answer.is === 'nxDomain') return never(parts, name, steps, '550 5.1.2 The domain does not exist');
  if (answer.is === 'noData') return implicitMx(parts, question, steps);
  const real = answer.records.filter((mx) => mx.exchange !== '' && mx.exchange !== '.');
  if (real.length === 0) return never(parts, name, steps, '556 5.1.10 The domain takes no mail (null MX)');
  const sorted = real
    .map((mx) => ({ host: withoutDot(mx.exchange), port: question.port, preference: mx.preference }))
    .sort((a, b) => a.preference - b.preference || (a.host < b.host ? -1 : 1));
  const self = sorted.find((t) => isOurs(options, t));
  // RFC 5321, 5.1: what is no better than ourselves would only come back.
  const targets = self ? sorted.filter((t) => t.preference < self.preference) : sorted;
  if (targets.length === 0) {
    return never(
      parts,
      name,
      steps,
      '554 5.4.6 The MX of the domain is this server, which does not have it',
      'loop',
    );
  }
  return hostPlan(parts, question, { ...answer, targets: targets.slice(0, hostsMax), steps });
}

/** No MX: the domain's own address, if it has one (RFC 5321, 5.1). */
async function implicitMx(parts: PlanParts, question: MxQuestion, steps: readonly DnsStep[]): Promise<Plan> {
  const { name, port } = question;
  const [a, aaaa] = await Promise.all([parts.resolver.a(name), parts.resolver.aaaa(name)]);
  const all = [...steps, stepOf(a), stepOf(aaaa)];
  const found = [a, aaaa].find((answer) => answer.is === 'records');
  if (found?.is === 'records') {
    const target: Target = { host: name, port, preference: 0 };
    return hostPlan(parts, question, { ...found, targets: [target], steps });
  }
  for (const answer of [a, aaaa]) if (answer.is === 'failure') return later(parts, name, all, answer.reason);
  return never(parts, name, all, '550 5.1.2 The domain has neither MX nor address');
}

interface Found {
  readonly targets: readonly Target[];
  readonly steps: readonly DnsStep[];
  readonly ttlSeconds: number;
  readonly authenticated: boolean;
  readonly canonicalName: string;
}

async function hostPlan(parts: PlanParts, question: MxQuestion, found: Found): Promise<HostPlan> {
  const { options, nowMs, sts } = parts;
  const { name, port, route } = question;
  const tls = route?.tls ?? options.tls;
  const mx = { domain: name, tls, authenticated: found.authenticated, canonicalName: found.canonicalName };
  const asks = looksUp(givenSecurity(options, name, tls, false).level);
  const state = asks ? await sts?.of(name) : undefined;
  const security = mxSecurity(options, mx, state);
  const names = [...new Set(found.targets.map((t) => t.host))].sort();
  const kept = Math.min(Math.max(found.ttlSeconds * 1000, keptMinMs), keptMaxMs);
  const shared = `${wayPrefix(route)}${port === 25 ? '' : `:${port} `}${names.join(' ')}${waySuffix(route)}`;
  return {
    is: 'hosts',
    site: classed(shared, securityClass(security, names)),
    targets: found.targets,
    order: orderOf(found.targets),
    lmtp: route?.protocol === 'lmtp',
    security,
    auth: route?.auth,
    trusted: route !== undefined,
    localAddresses: route?.localAddresses ?? options.localAddresses,
    ...(route?.localAddresses && { ownAddresses: true }),
    steps: state?.step ? [...found.steps, state.step] : found.steps,
    untilMs: nowMs() + kept,
  };
}

/** Equals side by side, those that are worse behind a bar. */
const orderOf = (targets: readonly Target[]): string =>
  [...Map.groupBy(targets, ({ preference }) => preference).values()]
    .map((equals) => equals.map(({ host }) => host).join(' '))
    .join(' | ');

const classed = (site: string, mark: string): string => (mark === '' ? site : `${site} (${mark})`);

function isOurs({ hostname, ownNames, smtpPort }: DeliveryOptions, target: Target): boolean {
  const host = target.host.toLowerCase();
  return target.port === smtpPort && (host === hostname.toLowerCase() || ownNames.includes(host));
}

function later(parts: PlanParts, name: string, steps: readonly DnsStep[], reason: LookupFault): NoPlan {
  return none(parts, {
    name,
    steps,
    reply: `451 4.4.3 DNS did not answer for ${name}: ${reason}`,
    why: undefined,
  });
}

function never(
  parts: PlanParts,
  name: string,
  steps: readonly DnsStep[],
  reply: string,
  why: NoPlan['why'] = 'unroutable',
): NoPlan {
  return none(parts, { name, steps, reply, why });
}

function none(
  { nowMs }: PlanParts,
  { name, steps, reply, why }: { name: string; steps: readonly DnsStep[]; reply: string; why: NoPlan['why'] },
): NoPlan {
  const answer: Said = { phase: 'dns', host: '', ip: '', reply };
  return { is: 'none', site: `? ${name}`, answer, why, steps, untilMs: nowMs() + failureKeptMs };
}

export function stepOf(answer: Answer<unknown>): DnsStep {
  return answer.step;
}

const withoutDot = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
