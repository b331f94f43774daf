/**
 * The addresses of a plan, looked up when a connection is to be opened, each with what its server must prove.
 */
import { shuffled } from '../../base/ids.ts';
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

/** The addresses of a plan in the order in which they are tried: by preference, equals shuffled, the families of a host in turn. */
export async function placesOf(parts: PlanParts, plan: HostPlan, variant: Variant): Promise<Places> {
  const places: Place[] = [];
  const skipped: Skipped[] = [];
  const steps: DnsStep[] = [];
  let problem = '451 4.4.4 None of the hosts of the domain has an address';
  for (const target of inOrder(plan)) {
    if (places.length >= placesMax) break;
    const { host, port } = target;
    const found = await addressesOf(parts.resolver, host, parts.options.ipv6);
    steps.push(...found.answers.map(stepOf).filter((step, i) => i === 0 || tells(step, found.ips)));
    if (found.failure !== undefined) problem = `451 4.4.3 DNS did not answer for ${host}: ${found.failure}`;
    const wrong = found.ips.filter((ip) => !plan.trusted && !mayConnect(parts.options, ip, port));
    if (wrong.length > 0) problem = whyNot(parts.options, host, wrong.at(-1)!);
    const ips = found.ips.filter((ip) => !wrong.includes(ip));
    if (ips.length === 0) continue;
    const dane = await daneFor(parts, plan, target, variant, found.answers);
    steps.push(...dane.steps);
    const demand = demandOn(plan.security, variant, host, dane.state);
    if ('problem' in demand) {
      skipped.push({ host, dane: dane.state, unfit: demand });
      problem = demand.reply;
    } else places.push(...ips.map((ip) => ({ host, ip, port, demand, dane: dane.state })));
  }
  return { places: places.slice(0, placesMax), skipped, steps, problem };
}

/** Failures and what was used; that a host has no IPv6 is no news. */
const tells = ({ answer }: DnsStep, ips: readonly string[]): boolean =>
  answer.length === 0 || answer.some((text) => ips.includes(text));

function whyNot({ ownAddresses }: DeliveryOptions, host: string, ip: string): string {
  if (ownAddresses.includes(ip)) return `554 5.4.6 ${host} is this server, which does not have the domain`;
  return `451 4.4.4 ${host} has the address ${ip}, which is not on the Internet`;
}

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

/** Targets of a route keep the operator's order; MX hosts of equal preference share the load. */
function inOrder(plan: HostPlan): readonly Target[] {
  const groups = Map.groupBy(plan.targets, (t) => t.preference);
  return [...groups.values()].flatMap((group) => shuffled(group));
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
