/**
 * The TLSA records of one mail host, found as RFC 7672, 2.2 has it: only where everything on the way there was validated by DNSSEC, so that
 * nobody can hide them; and where they cannot be had although they should, the host is not used.
 */
import type { DnsStep } from '../../events/event.ts';
import type { Answer, RecordTypes, Resolver } from '../../net/resolver.ts';
import { usableTlsa } from '../../proto/dane/tlsa.ts';

export type TlsaRecord = RecordTypes['TLSA'];

export type DaneState =
  /** The host has none, or DNSSEC does not reach it. */
  | { readonly is: 'none' }
  | {
      readonly is: 'records';
      /** Where they lie: the server is asked for this name, and its certificate may carry it. */
      readonly base: string;
      readonly all: readonly TlsaRecord[];
      /** May be empty: encryption is promised, and no proof can be had (RFC 7672, 2.2). */
      readonly usable: readonly TlsaRecord[];
    }
  /** There may be some, and they could not be had: bogus signatures look like this, and so does an attack. */
  | { readonly is: 'unknown'; readonly base: string; readonly detail: string };

export interface DaneAnswer {
  readonly state: DaneState;
  readonly steps: readonly DnsStep[];
}

/** `addresses` are the answers to A and AAAA of the host. */
export async function daneOf(
  resolver: Pick<Resolver, 'tlsa' | 'cname'>,
  host: string,
  port: number,
  addresses: readonly Answer<string>[],
): Promise<DaneAnswer> {
  const steps: DnsStep[] = [];
  for (const base of await basesOf(resolver, host, addresses)) {
    const answer = await resolver.tlsa(`_${port}._tcp.${base}`);
    steps.push(answer.step);
    if (answer.is === 'failure')
      return { state: { is: 'unknown', base, detail: `${answer.reason}: ${answer.detail}` }, steps };
    if (answer.is !== 'records' || !answer.authenticated) continue;
    return { state: { is: 'records', base, all: answer.records, usable: usableTlsa(answer.records) }, steps };
  }
  return { state: { is: 'none' }, steps };
}

/** The end of a chain of aliases first, then its beginning; only names that DNSSEC vouches for (RFC 7672, 2.2.2). */
async function basesOf(
  resolver: Pick<Resolver, 'cname'>,
  host: string,
  addresses: readonly Answer<string>[],
): Promise<readonly string[]> {
  const found = addresses.filter((answer) => answer.is === 'records');
  const secure = found.find((answer) => answer.authenticated);
  if (secure !== undefined) return [...new Set([secure.canonicalName, host])];
  const alias = found.find((answer) => answer.canonicalName !== host);
  if (alias === undefined) return [];
  const first = await resolver.cname(host);
  return first.is === 'records' && first.authenticated ? [host] : [];
}
