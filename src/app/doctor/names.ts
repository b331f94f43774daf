/** How DNS is, and whether the world finds this server by its name and back. */
import { systemClock } from '../../base/clock.ts';
import type { Settings } from '../../config/schema.ts';
import type { Resolver } from '../../net/resolver.ts';
import { finding, type Finding } from './finding.ts';

/** Signed since 2010: a resolver that validates says so of it. */
const signedZone = '.';

export async function resolverFindings({ dns }: Settings, resolver: Resolver): Promise<readonly Finding[]> {
  const startedMs = systemClock.monotonicMs();
  const root = await resolver.lookup(signedZone, 'NS');
  const ms = Math.round(systemClock.monotonicMs() - startedMs);
  if (root.is === 'failure') return [finding('bad', 'dnsSilent', { why: `${root.reason}: ${root.detail}` })];
  const server = dns.servers.length === 0 ? '/etc/resolv.conf' : dns.servers.join(', ');
  const answers = finding('good', 'dnsAnswers', { server, ms });
  if (!dns.trustAuthenticated) return [answers, finding('note', 'dnssecNotTrusted', {})];
  return [
    answers,
    root.authenticated ? finding('good', 'dnssecOn', {}) : finding('warning', 'dnssecBroken', {}),
  ];
}

export async function hostFindings(
  { hostname }: Settings,
  own: readonly string[],
  resolver: Resolver,
): Promise<readonly Finding[]> {
  const answers = await Promise.all([resolver.a(hostname), resolver.aaaa(hostname)]);
  const found = answers.flatMap((answer) => (answer.is === 'records' ? answer.records : []));
  if (found.length === 0) {
    const failed = answers.find((answer) => answer.is === 'failure');
    const why = failed?.is === 'failure' ? failed.reason : 'no A or AAAA record';
    return [finding('bad', 'hostUnknown', { hostname, why })];
  }
  if (own.length === 0) return [finding('note', 'addressesUnknown', {})];
  const addresses = found.join(', ');
  const elsewhere = found.filter((ip) => !own.includes(ip));
  return elsewhere.length === 0
    ? [finding('good', 'hostResolves', { hostname, addresses })]
    : [finding('bad', 'hostElsewhere', { hostname, found: elsewhere.join(', '), own: own.join(', ') })];
}

/** The name of each address must be ours, and lead back to it (RFC 1912, 2.1): many servers refuse mail otherwise. */
export function reverseFindings(
  { hostname }: Settings,
  own: readonly string[],
  resolver: Resolver,
): Promise<readonly Finding[]> {
  return Promise.all(
    own.map(async (address): Promise<Finding> => {
      const answer = await resolver.ptr(address);
      if (answer.is === 'failure')
        return finding('warning', 'reverseUnknown', { address, why: answer.reason });
      if (answer.is !== 'records') return finding('bad', 'reverseMissing', { address, hostname });
      const names = answer.records;
      if (names.includes(hostname.toLowerCase()))
        return finding('good', 'reverseGood', { address, name: hostname });
      const leadingBack = await Promise.all(names.map((name) => leadsBack(resolver, name, address)));
      const level = leadingBack.includes(true) ? 'warning' : 'bad';
      return finding(level, 'reverseOther', { address, found: names.join(', '), hostname });
    }),
  );
}

async function leadsBack(resolver: Resolver, name: string, address: string): Promise<boolean> {
  const answer = await (address.includes(':') ? resolver.aaaa(name) : resolver.a(name));
  return answer.is === 'records' && answer.records.includes(address);
}
