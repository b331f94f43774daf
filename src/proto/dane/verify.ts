/**
 * Whether a server's certificate is the one its TLSA records speak of (RFC 7671, 5; RFC 7672, 3).
 *
 * DANE-EE(3): the certificate or its key matches, and that is all: names and dates are the DNS's business (RFC 7672, 3.1.1). DANE-TA(2): a
 * certificate above it matches, the chain up to there is sound, and the certificate names the server (3.1.2, 3.2.3).
 */
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { partsOf } from './certificate-parts.ts';
import { daneEe, daneTa, type Tlsa } from './tlsa.ts';

export interface DaneQuestion<T extends Tlsa> {
  /** Usable ones (`usableTlsa`). */
  readonly records: readonly T[];
  /** What the server showed, its own certificate first. */
  readonly chain: readonly X509Certificate[];
  /** Names any of which the certificate may carry: where the TLSA records lie, and the domain the mail is for. */
  readonly names: readonly string[];
  readonly nowMs: number;
}

export type DaneProblem = 'mismatch' | 'name' | 'expired' | 'chain';

export type DaneVerdict<T extends Tlsa> =
  | { readonly is: 'matched'; readonly record: T }
  /** `detail` is for people. The problem of the record that came closest. */
  | { readonly is: 'failed'; readonly problem: DaneProblem; readonly detail: string };

/** Certificates of one chain that are looked at. */
const chainMax = 12;
const serverAuth = '1.3.6.1.5.5.7.3.1';
const anyExtendedKeyUsage = '2.5.29.37.0';

export function verifyDane<T extends Tlsa>(question: DaneQuestion<T>): DaneVerdict<T> {
  const { records, chain } = question;
  const [leaf] = chain;
  if (leaf === undefined) return failed('chain', 'the server showed no certificate');
  const own = records.find((record) => record.usage === daneEe && matches(record, leaf));
  if (own !== undefined) return { is: 'matched', record: own };
  let closest: DaneVerdict<T> = failed('mismatch', 'no TLSA record matches the certificate of the server');
  for (const record of records) {
    if (record.usage !== daneTa) continue;
    const verdict = verifyAnchored(record, question);
    if (verdict.is === 'matched') return verdict;
    if (verdict.problem !== 'mismatch') closest = verdict;
  }
  return closest;
}

function failed(problem: DaneProblem, detail: string): Extract<DaneVerdict<never>, { is: 'failed' }> {
  return { is: 'failed', problem, detail };
}

function matches({ selector, matchingType, data }: Tlsa, certificate: X509Certificate): boolean {
  const selected = selector === 0 ? certificate.raw : partsOf(certificate.raw).publicKey;
  if (matchingType === 0) return Buffer.from(selected).equals(data);
  const digest = createHash(matchingType === 1 ? 'sha256' : 'sha512')
    .update(selected)
    .digest();
  return digest.equals(data);
}

/** From the server's certificate upwards until one matches, or one is signed by the key or certificate that the record itself holds. */
function verifyAnchored<T extends Tlsa>(record: T, question: DaneQuestion<T>): DaneVerdict<T> {
  const { chain, nowMs } = question;
  const given = record.matchingType === 0 && record.selector === 0 ? [new X509Certificate(record.data)] : [];
  const candidates = [...chain.slice(1, chainMax), ...given];
  let at = chain[0]!;
  for (let depth = 0; depth < chainMax; depth++) {
    const unsound = soundness(at, { depth, nowMs });
    if (unsound !== undefined) return unsound;
    if (record.matchingType === 0 && record.selector === 1 && at.verify(keyIn(record)))
      return named(record, question);
    const issuer = candidates.find((one) => one !== at && at.checkIssued(one) && at.verify(one.publicKey));
    if (issuer === undefined) break;
    if (matches(record, issuer)) {
      return soundness(issuer, { depth: depth + 1, nowMs, isAnchor: true }) ?? named(record, question);
    }
    at = issuer;
  }
  return failed('mismatch', 'the chain of the server does not lead to the authority of its TLSA record');
}

const keyIn = (record: Tlsa) =>
  createPublicKey({ key: Buffer.from(record.data), format: 'der', type: 'spki' });

interface Place {
  /** 0 for the server's own certificate. */
  readonly depth: number;
  readonly nowMs: number;
  /** Nobody relies on the anchor's own signature. */
  readonly isAnchor?: boolean;
}

/** What is wrong with one certificate of a chain, if anything (RFC 5280, 6.1, as far as mail servers' chains go). */
function soundness(
  certificate: X509Certificate,
  { depth, nowMs, isAnchor = false }: Place,
): Extract<DaneVerdict<never>, { is: 'failed' }> | undefined {
  const who = depth === 0 ? 'the certificate of the server' : `the authority ${nameOf(certificate)}`;
  if (certificate.validToDate.getTime() < nowMs) return failed('expired', `${who} has expired`);
  if (certificate.validFromDate.getTime() > nowMs) return failed('expired', `${who} is not valid yet`);
  if (!isAnchor && /md[245]|sha-?1(?!\d)/i.test(certificate.signatureAlgorithm ?? ''))
    return failed('chain', `${who} is signed with a broken hash`);
  const { pathLengthMax, unknownCritical } = partsOf(certificate.raw);
  if (unknownCritical.length > 0) return failed('chain', `${who} has conditions that are not understood`);
  if (depth === 0) {
    const purposes = certificate.keyUsage as readonly string[] | undefined;
    const fits =
      purposes === undefined || purposes.includes(serverAuth) || purposes.includes(anyExtendedKeyUsage);
    return fits ? undefined : failed('chain', `${who} is not for servers`);
  }
  if (!certificate.ca) return failed('chain', `${who} is not allowed to issue certificates`);
  if (pathLengthMax !== undefined && pathLengthMax < depth - 1)
    return failed('chain', `${who} is too far up`);
  return undefined;
}

function named<T extends Tlsa>(record: T, { chain, names }: DaneQuestion<T>): DaneVerdict<T> {
  const leaf = chain[0]!;
  const found = names.some((name) => leaf.checkHost(name, { partialWildcards: false }) !== undefined);
  return found
    ? { is: 'matched', record }
    : failed('name', `the certificate of the server is not for ${names.join(' or ')}`);
}

const nameOf = (certificate: X509Certificate): string => certificate.subject.replaceAll('\n', ', ');
