/**
 * The addresses of a plan, looked up when a connection is to be opened, each with what its server must prove.
 */
import { randomFraction, shuffled } from '../../base/ids.ts';
import type { DnsStep } from '../../events/event.ts';
import { onlyPublic } from '../../net/dialer.ts';
import type { Answer, Resolver } from '../../net/resolver.ts';
import type { DeliveryOptions } from '../options.ts';
import { daneOf, type DaneAnswer, type DaneState } from '../tls/dane-records.ts';
import { demandOn, type Demand, type Unfit, type Variant } from '../tls/demand.ts';
import { stepOf, type HostPlan, type PlanParts, type Target } from './plan.ts';

/** An address to connect to. */
export interface Place {
  readonly host: string;
  readonly ip: string;
  readonly port: number;
  readonly demand: Demand;
  readonly dane: DaneState;
}

/** A host that has addresses and must not be used. */
export interface Skipped {
  readonly host: string;
  readonly dane: DaneState;
  readonly unfit: Unfit;
}

export interface Places {
  readonly places: readonly Place[];
  readonly skipped: readonly Skipped[];
  readonly steps: readonly DnsStep[];
  /** Nothing to connect to, and why. */
  readonly problem: string;
}

/** Addresses tried for one connection. */
const placesMax = 12;

/**
 * The addresses of a plan in the order in which they are tried: by preference, equals shuffled, the families of a host in turn. Where one of them is
 * our own, it and all that is no better would only lead back to us (RFC 5321, 5.1).
 */
export async function placesOf(parts: PlanParts, plan: HostPlan, variant: Variant): Promise<Places> {
  const found: Found = {
    places: [],
    skipped: [],
    steps: [],
    problem: '451 4.4.4 None of the hosts of the domain has an address',
  };
  for (const group of inOrder(plan)) {
    if (found.places.length >= placesMax) break;
    const before = found.places.length;
    const isOurs = await addGroup(found, { parts, plan, variant }, group);
    if (!isOurs) continue;
    found.places.length = before;
    break;
  }
  return { ...found, places: found.places.slice(0, placesMax) };
}

interface Found {
  readonly places: Place[];
  readonly skipped: Skipped[];
  readonly steps: DnsStep[];
  problem: string;
}

interface About {
  readonly parts: PlanParts;
  readonly plan: HostPlan;
  readonly variant: Variant;
}

/** True when one of the group is this server. */
async function addGroup(found: Found, about: About, group: readonly Target[]): Promise<boolean> {
  let isOurs = false;
  for (const target of group) {
    const { host, port } = target;
    const { resolver, options } = about.parts;
    const looked = await addressesOf(resolver, host, options.ipv6);
    const { ips } = looked;
    found.steps.push(...looked.answers.map(stepOf).filter((step, i) => i === 0 || tells(step, ips)));
    if (looked.failure !== undefined)
      found.problem = `451 4.4.3 DNS did not answer for ${host}: ${looked.failure}`;
    const wrong = ips.filter((ip) => !about.plan.trusted && !mayConnect(options, ip, port));
    if (wrong.length > 0)
      found.problem = `451 4.4.4 ${host} has the address ${wrong.at(-1)!}, which is not on the Internet`;
    isOurs ||= wrong.some((ip) => options.ownAddresses.includes(ip));
    const usable = ips.filter((ip) => !wrong.includes(ip) && hasSource(about.plan, ip));
    if (usable.length > 0) await addTarget(found, about, { target, ips: usable, answers: looked.answers });
    else if (ips.length > wrong.length)
      found.problem = `451 4.4.4 ${host} has no address of the kind that we send from`;
  }
  if (isOurs) found.problem = loopReply(group.map(({ host }) => host).join(', '));
  return isOurs;
}

async function addTarget(
  found: Found,
  { parts, plan, variant }: About,
  { target, ips, answers }: { target: Target; ips: readonly string[]; answers: readonly Answer<string>[] },
): Promise<void> {
  const { host, port } = target;
  const dane = await daneFor(parts, plan, target, variant, answers);
  found.steps.push(...dane.steps);
  const demand = demandOn(plan.security, variant, host, dane.state);
  if ('problem' in demand) {
    found.skipped.push({ host, dane: dane.state, unfit: demand });
    found.problem = demand.reply;
  } else found.places.push(...ips.map((ip) => ({ host, ip, port, demand, dane: dane.state })));
}

/** With addresses of our own to send from, a family that none of them is of cannot be used. */
function hasSource({ localAddresses }: HostPlan, ip: string): boolean {
  return localAddresses.length === 0 || localAddresses.some((own) => isIpv6(own) === isIpv6(ip));
}

export const isIpv6 = (ip: string): boolean => ip.includes(':');

/** Failures and what was used; that a host has no IPv6 is no news. */
const tells = ({ answer }: DnsStep, ips: readonly string[]): boolean =>
  answer.length === 0 || answer.some((text) => ips.includes(text));

const loopReply = (host: string): string =>
  `554 5.4.6 ${host} is this server, which does not have the domain`;

async function daneFor(
  { resolver }: PlanParts,
  { security }: HostPlan,
  { host, port }: Target,
  variant: Variant,
  answers: readonly Answer<string>[],
): Promise<DaneAnswer> {
  const looked = security.dane && (variant !== 'waived' || security.level === 'dane');
  return looked ? daneOf(resolver, host, port, answers) : { state: { is: 'none' }, steps: [] };
}

/** By preference; equals share the load, by their weights. */
function inOrder({ targets }: HostPlan): readonly (readonly Target[])[] {
  return [...Map.groupBy(targets, (t) => t.preference).values()].map(weighted);
}

/** Who waits for the shortest time goes first, and the mean of each one's waits is the inverse of its weight. */
function weighted(targets: readonly Target[]): readonly Target[] {
  if (targets.every(({ weight = 1 }) => weight === 1)) return shuffled(targets);
  const waits = new Map(targets.map((t) => [t, -Math.log(1 - randomFraction()) / (t.weight ?? 1)]));
  return targets.toSorted((a, b) => waits.get(a)! - waits.get(b)!);
}

interface Addresses {
  readonly ips: readonly string[];
  readonly answers: readonly Answer<string>[];
  readonly failure: string | undefined;
}

async function addressesOf(resolver: Resolver, host: string, ipv6: boolean): Promise<Addresses> {
  if (/^[\d.]+$|:/.test(host)) return { ips: [host], answers: [], failure: undefined };
  const [a, aaaa] = await Promise.all([resolver.a(host), ipv6 ? resolver.aaaa(host) : undefined]);
  const four = a.is === 'records' ? shuffled(a.records) : [];
  const six = aaaa?.is === 'records' ? shuffled(aaaa.records) : [];
  const answers = aaaa === undefined ? [a] : [a, aaaa];
  const failed = answers.find((answer) => answer.is === 'failure');
  return { ips: inTurn(six, four), answers, failure: failed?.is === 'failure' ? failed.reason : undefined };
}

function inTurn(a: readonly string[], b: readonly string[]): string[] {
  const result: string[] = [];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] !== undefined) result.push(a[i]!);
    if (b[i] !== undefined) result.push(b[i]!);
  }
  return result;
}

/** Strangers choose MX records: they must not make us talk to ourselves or to our neighbours. */
function mayConnect(options: DeliveryOptions, ip: string, port: number): boolean {
  if (options.ownAddresses.includes(ip) && port === options.smtpPort) return false;
  return options.allowPrivateAddresses || onlyPublic(ip);
}
