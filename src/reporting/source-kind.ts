/** Whose mail a source sends in the name of a domain, as far as reports tell: pure. */
import type { SourceDetail, SourceSum } from './rows/received.ts';

/**
 * `own`: this server, or one that is said to be ours. `aligned`: sends as the domain, and proves it. `service`: proves to be somebody else who sends in the domain's name: it
 * wants a key of the domain. `partly`: proves the domain for some of its mail only. `forwarder`: hands on mail that others sent. `unknown`: proves nothing: forged, or a
 * sender that was never set up.
 */
export type SourceKind = 'own' | 'aligned' | 'partly' | 'service' | 'forwarder' | 'unknown';

export interface NamedSource extends SourceSum {
  readonly kind: SourceKind;
  /** What is known of who it is: a name of the host, `''` without one. */
  readonly host: string;
  /** A domain: its own or of who signs its mail; `''`: none. */
  readonly organisation: string;
}

export interface Known {
  readonly domain: string;
  readonly ownAddresses: readonly string[];
  /** By address: its name, confirmed by that name's own record. */
  readonly hosts: ReadonlyMap<string, string>;
}

/** Of a source's mail, above which it is taken to be set up. */
const alignedShare = 0.99;
const partlyShare = 0.05;
const forwardedReasons: ReadonlySet<string> = new Set(['forwarded', 'mailing_list', 'trusted_forwarder']);

export function nameSource(sum: SourceSum, details: readonly SourceDetail[], known: Known): NamedSource {
  const host = known.hosts.get(sum.sourceIp) ?? '';
  const kind = kindOf(sum, details, known);
  const signer = heaviest(details.flatMap((detail) => signersOf(detail, known.domain)));
  return { ...sum, kind, host, organisation: signer || organisationOf(host) };
}

function kindOf(
  sum: SourceSum,
  details: readonly SourceDetail[],
  { domain, ownAddresses }: Known,
): SourceKind {
  if (ownAddresses.includes(sum.sourceIp)) return 'own';
  const share = sum.messages === 0 ? 0 : sum.passed / sum.messages;
  if (share >= alignedShare) return 'aligned';
  const failed = details.filter(({ dkim, spf }) => dkim !== 'pass' && spf !== 'pass');
  const weight = (of: readonly SourceDetail[]): number => of.reduce((total, { count }) => total + count, 0);
  const isMost = (is: (detail: SourceDetail) => boolean): boolean =>
    failed.length > 0 && weight(failed.filter(is)) * 2 >= weight(failed);
  // A signature of the domain that no longer fits: the mail was the domain's, and was changed on its way.
  if (
    isMost(
      ({ details: { reasons, dkimResults } }) =>
        reasons.some(({ type }) => forwardedReasons.has(type)) ||
        dkimResults.some(
          (one) => isWithin(one.domain, domain) && one.result !== 'pass' && one.result !== 'none',
        ),
    )
  )
    return 'forwarder';
  if (share >= partlyShare) return 'partly';
  return isMost((detail) => signersOf(detail, domain).length > 0) ? 'service' : 'unknown';
}

interface Weighed {
  readonly name: string;
  readonly weight: number;
}

/** Others who proved to stand behind the mail. */
function signersOf({ count, details }: SourceDetail, domain: string): Weighed[] {
  const passed = [...details.dkimResults, ...details.spfResults]
    .filter(({ result, domain: of }) => result === 'pass' && of !== '' && !isWithin(of, domain))
    .map(({ domain: of }) => organisationOf(of));
  return [...new Set(passed)].map((name) => ({ name, weight: count }));
}

function heaviest(all: readonly Weighed[]): string {
  const sums = new Map<string, number>();
  for (const { name, weight } of all) sums.set(name, (sums.get(name) ?? 0) + weight);
  return [...sums].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

const isWithin = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`);

/** Second-level names under which others are registered, as `co.jp`: a guess that is good enough to name somebody to a person. */
const shared = /^(?:ac|ad|co|com|ed|edu|go|gob|gov|gr|lg|mil|ne|net|nom|or|org)$/;

/** `mail-12.eu.sender.example` → `sender.example`. */
export function organisationOf(host: string): string {
  const labels = host.toLowerCase().replace(/\.$/, '').split('.');
  if (labels.length < 2) return '';
  const three = labels.length > 2 && labels.at(-1)!.length === 2 && shared.test(labels.at(-2)!);
  return labels.slice(three ? -3 : -2).join('.');
}
