/**
 * Forwarders that are trusted to tell what they have seen. A message they pass on fails SPF, and DKIM when they changed it; what it was when it reached
 * them is in their ARC set, or they are known by a signature or SPF of their own.
 */
import type { ArcSet } from '../proto/arc/chain.ts';
import type { ArcResult } from '../proto/arc/verify.ts';
import { parseResults } from '../proto/authres/parse.ts';
import type { Authentication } from './authentication.ts';

/** `example.jp` is itself and all below it; `*.example.jp` only what is below. */
export function fitsDomain(domain: string, pattern: string): boolean {
  const [name, rule] = [domain.toLowerCase(), pattern.toLowerCase()];
  if (rule.startsWith('*.')) return name.endsWith(rule.slice(1));
  return name === rule || name.endsWith(`.${rule}`);
}

const isTrusted = (domain: string, trusted: readonly string[]): boolean =>
  trusted.some((pattern) => fitsDomain(domain, pattern));

/**
 * The forwarder whose word is taken that DMARC passed when the message reached it. Every set from there on must be of a trusted forwarder: any other
 * could have written a new message into the chain. And the newest message signature must cover the whole: beside one that leaves out From, or the end of the body,
 * anybody could.
 */
export function vouchedByArc(
  { result, sets }: ArcResult,
  author: string,
  trusted: readonly string[],
): string | undefined {
  if (result !== 'pass' || trusted.length === 0 || !coversAll(sets.at(-1))) return undefined;
  let vouching: string | undefined;
  for (const { seal, results } of sets.toReversed()) {
    if (!isTrusted(seal.domain, trusted)) break;
    const dmarc = parseResults(results).results.find(({ method }) => method === 'dmarc');
    const about = dmarc?.properties.get('header.from')?.toLowerCase();
    if (dmarc?.result === 'pass' && (about === undefined || about === author)) vouching = seal.domain;
  }
  return vouching;
}

const coversAll = (set: ArcSet | undefined): boolean =>
  set !== undefined && set.message[0].headers.includes('from') && set.message[0].bodyLength === undefined;

/** A trusted forwarder that is known to have sent this itself: by SPF of the envelope's sender, or by its signature. */
export function knownForwarder(
  { spf, dkim }: Authentication,
  trusted: readonly string[],
): string | undefined {
  if (trusted.length === 0) return undefined;
  const known = [
    ...(spf.result === 'pass' && spf.identity === 'mailfrom' ? [spf.domain] : []),
    ...dkim.filter(({ result }) => result === 'pass').map(({ domain }) => domain),
  ];
  return known.find((domain) => isTrusted(domain, trusted));
}
