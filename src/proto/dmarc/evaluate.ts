/**
 * DMARC: whether the domain in From stands behind a message, and what it wants done otherwise (RFC 9989, 4.4, 4.10, 5.3).
 */
import type { AddressLookup, TxtLookup } from '../dns/lookup.ts';
import type { AlignmentMode, DmarcRecord, Policy } from './record.ts';
import { organizationalDomain, policyRecord, TreeWalker } from './tree-walk.ts';

export type DmarcVerdict = 'pass' | 'fail' | 'none' | 'temperror';

/** A domain that SPF or DKIM speaks for. `temperror`: it might have, had DNS answered. */
export interface Identifier {
  readonly domain: string;
  readonly result: 'pass' | 'temperror' | 'other';
}

export interface DmarcQuestion {
  /** A-labels in lower case. */
  readonly author: string;
  /** Of the envelope: the sender's domain, or the HELO name when there is no sender. */
  readonly spf: Identifier | undefined;
  readonly dkim: readonly Identifier[];
}

export interface DmarcResult {
  readonly result: DmarcVerdict;
  readonly author: string;
  /** Where the record was found; `''` when there is none. */
  readonly policyDomain: string;
  readonly record: DmarcRecord | undefined;
  /** What the record says of mail of this author; undefined when it is not known. */
  readonly policy: Policy | undefined;
  /** What is asked for now: one step weaker than `policy` in test mode. */
  readonly applied: Policy | undefined;
  /** Which identifiers align, whether they passed first. `''`: none. */
  readonly spfAligned: string;
  readonly dkimAligned: string;
}

export type DmarcDns = TxtLookup & Pick<AddressLookup, 'a'>;

/** Domains whose own organization is looked for: more signatures than that say nothing good. */
const walksMax = 10;

export async function evaluateDmarc(question: DmarcQuestion, dns: DmarcDns): Promise<DmarcResult> {
  const walker = new TreeWalker(dns);
  const { author } = question;
  const walk = await walker.walk(author);
  const placed = policyRecord(author, walk);
  const nothing = { author, policyDomain: '', record: undefined, policy: undefined, applied: undefined };
  const unaligned = { spfAligned: '', dkimAligned: '' };
  // The author's own record counts whatever is above it; otherwise a failure hides which record counts.
  if (walk.failed && placed?.domain !== author) return { result: 'temperror', ...nothing, ...unaligned };
  if (placed === undefined) return { result: 'none', ...nothing, ...unaligned };
  const { record, domain: policyDomain } = placed;
  // RFC 9989, 4.10.1: a policy nobody can read, and nobody to be told.
  if (record.policyUnreadable && record.rua.length === 0) return { result: 'none', ...nothing, ...unaligned };
  const aligned = await new Alignment(
    walker,
    question,
    walk.failed ? undefined : organizationalDomain(author, walk),
  ).of(record);
  const policy = await policyFor(author, { record, policyDomain, dns });
  return {
    result: aligned.verdict === 'fail' && policy === undefined ? 'temperror' : aligned.verdict,
    author,
    policyDomain,
    record,
    policy,
    applied: policy && record.testing ? weaker[policy] : policy,
    spfAligned: aligned.spf,
    dkimAligned: aligned.dkim,
  };
}

const weaker: Readonly<Record<Policy, Policy>> = { reject: 'quarantine', quarantine: 'none', none: 'none' };

interface PolicyAt {
  readonly record: DmarcRecord;
  readonly policyDomain: string;
  readonly dns: DmarcDns;
}

/** Undefined when it hangs on whether the author's domain exists, and that cannot be found out. */
async function policyFor(
  author: string,
  { record, policyDomain, dns }: PolicyAt,
): Promise<Policy | undefined> {
  const { p, sp = p, np = sp } = record;
  if (policyDomain === author) return p;
  if (sp === np) return sp;
  const exists = await domainExists(author, dns);
  return exists === undefined ? undefined : exists ? sp : np;
}

/** RFC 8020: a name without records of one type may still exist. An alias exists wherever it leads. */
async function domainExists(domain: string, dns: DmarcDns): Promise<boolean | undefined> {
  const found = await dns.a(domain);
  if (found.is === 'failure') return found.reason === 'invalidName' ? false : undefined;
  return found.is !== 'nxDomain' || found.canonicalName.toLowerCase().replace(/\.$/, '') !== domain;
}

class Alignment {
  readonly #walker: TreeWalker;
  readonly #question: DmarcQuestion;
  readonly #organization: string | undefined;
  #walks = 0;

  constructor(walker: TreeWalker, question: DmarcQuestion, organization: string | undefined) {
    this.#walker = walker;
    this.#question = question;
    this.#organization = organization;
  }

  async of(
    record: DmarcRecord,
  ): Promise<{ verdict: 'pass' | 'fail' | 'temperror'; spf: string; dkim: string }> {
    const { spf, dkim } = this.#question;
    const bySpf = await this.#best(spf === undefined ? [] : [spf], record.aspf);
    const byDkim = await this.#best(dkim, record.adkim);
    const passed = bySpf.result === 'pass' || byDkim.result === 'pass';
    const unsure = bySpf.result === 'temperror' || byDkim.result === 'temperror';
    return {
      verdict: passed ? 'pass' : unsure ? 'temperror' : 'fail',
      spf: bySpf.result === 'pass' ? bySpf.domain : '',
      dkim: byDkim.result === 'pass' ? byDkim.domain : '',
    };
  }

  /** The identifier that says most for the author. */
  async #best(identifiers: readonly Identifier[], mode: AlignmentMode): Promise<Identifier> {
    let best: Identifier = { domain: '', result: 'other' };
    for (const one of identifiers) {
      if (one.result === 'other') continue;
      const aligned = await this.#isAligned(one.domain.toLowerCase(), mode);
      if (aligned === true && one.result === 'pass') return one;
      // One that may align, or may have passed.
      if (aligned !== false) best = { domain: one.domain, result: 'temperror' };
    }
    return best;
  }

  /** Undefined: DNS does not tell. */
  async #isAligned(domain: string, mode: AlignmentMode): Promise<boolean | undefined> {
    const { author } = this.#question;
    if (domain === author) return true;
    if (mode === 'strict') return false;
    const organization = this.#organization;
    if (organization === undefined) return shareTop(domain, author) ? undefined : false;
    // A domain's organization is itself or above it: only what lies within the author's can have the same.
    if (domain !== organization && !domain.endsWith(`.${organization}`)) return false;
    this.#walks += 1;
    if (this.#walks > walksMax) return undefined;
    const walk = await this.#walker.walk(domain);
    return walk.failed ? undefined : organizationalDomain(domain, walk) === organization;
  }
}

const shareTop = (a: string, b: string): boolean => a.split('.').at(-1) === b.split('.').at(-1);
