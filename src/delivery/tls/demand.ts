/**
 * What one connection to one host must prove before mail goes over it, and afterwards, how it stands with each policy: for the journey, and for
 * reports to the destination (RFC 8460).
 *
 * Precedence (RFC 8461, 2; RFC 7672): the operator's rule; then TLSA records, which MTA-STS never overrides; then MTA-STS. What a policy asks for
 * is a minimum: several may hold at once.
 */
import type { TlsInfo, TlsPolicy, TlsProblem } from '../../events/event.ts';
import { shortTlsa } from '../../proto/dane/tlsa.ts';
import { isListedMx } from '../../proto/mta-sts/policy.ts';
import type { DaneState, TlsaRecord } from './dane-records.ts';
import { enforcedSts, looksUp, secureNames, type Security } from './security.ts';

/** `requireTls`: mail whose sender asks for proof all the way (RFC 8689). `waived`: mail whose sender asks not to mind policies. */
export type Variant = 'normal' | 'requireTls' | 'waived';

export type Proof =
  | { readonly is: 'none' }
  /** A certificate that chains to a trusted root and carries one of the names. */
  | { readonly is: 'pkix'; readonly names: readonly string[] }
  | {
      readonly is: 'dane';
      readonly base: string;
      readonly names: readonly string[];
      readonly records: readonly TlsaRecord[];
    };

export interface Demand {
  readonly encrypt: 'never' | 'offered' | 'always' | 'implicit';
  readonly proof: Proof;
  /** The server must offer REQUIRETLS. */
  readonly requireTls: boolean;
  /** Who asks for it, for the words of a failure: "MTA-STS of example.jp". `''`: nobody in particular. */
  readonly by: string;
}

/** The host is not to be used at all. */
export interface Unfit {
  readonly problem: TlsProblem;
  /** In the form of a reply. */
  readonly reply: string;
}

const none: Proof = { is: 'none' };

export function demandOn(
  security: Security,
  variant: Variant,
  host: string,
  dane: DaneState,
): Demand | Unfit {
  const { level, domain } = security;
  const requireTls = variant === 'requireTls';
  const demand = (encrypt: Demand['encrypt'], proof: Proof, by = ''): Demand => ({
    encrypt,
    proof,
    requireTls,
    by,
  });
  const pkix: Proof = { is: 'pkix', names: [host] };
  if (level === 'none') return demand('never', none, 'the rule');
  if (level === 'implicit') return demand('implicit', pkix, 'the route');
  if (level === 'secure')
    return demand('always', { is: 'pkix', names: secureNames(security.rule, domain) }, 'the rule');
  const sts = variant === 'waived' ? undefined : enforcedSts(security);
  if (sts !== undefined && looksUp(level) && !isListedMx(sts.policy, host)) {
    return {
      problem: 'validation-failure',
      reply: `451 4.7.5 MTA-STS of ${domain} does not list ${host} among its MX hosts`,
    };
  }
  if (requireTls && !isVouched(security, host)) {
    return {
      problem: 'validation-failure',
      reply: `550 5.7.30 Neither DNSSEC nor MTA-STS vouches for the mail server of ${domain}, and the sender asks for REQUIRETLS`,
    };
  }
  const byDane = variant === 'waived' && level !== 'dane' ? undefined : daneDemand(security, host, dane);
  if (byDane !== undefined) return 'problem' in byDane ? byDane : { ...byDane, requireTls };
  if (level === 'dane') {
    const reply = `451 4.7.5 ${host} has no TLSA record that DNSSEC vouches for, and the rule for ${domain} asks for DANE`;
    return { problem: 'dane-required', reply };
  }
  if (level === 'verify') return demand('always', pkix, security.rule === undefined ? '' : 'the rule');
  if (sts !== undefined && looksUp(level)) return demand('always', pkix, `MTA-STS of ${domain}`);
  if (requireTls) return demand('always', pkix, 'REQUIRETLS');
  const promised = dane.is === 'records' && variant !== 'waived';
  return level === 'encrypt' || promised
    ? demand('always', none, promised ? 'DANE' : '')
    : demand('offered', none);
}

/** RFC 8689, 4.2.1: the name of the host must come by DNSSEC or an MTA-STS policy, for a forged one could prove itself too. */
function isVouched({ hostsProved, sts }: Security, host: string): boolean {
  const policy = sts?.kept?.policy;
  return hostsProved || (policy !== undefined && policy.mode !== 'none' && isListedMx(policy, host));
}

/** Undefined: DANE asks for no proof here. */
function daneDemand(security: Security, host: string, dane: DaneState): Demand | Unfit | undefined {
  if (dane.is === 'unknown') {
    return {
      problem: 'dnssec-invalid',
      reply: `451 4.7.5 The TLSA records of ${host} cannot be had (${dane.detail}), so it cannot prove itself`,
    };
  }
  if (dane.is === 'none' || dane.usable.length === 0) return undefined;
  const below = host.endsWith(`.${security.domain}`);
  const names = [...new Set([dane.base, ...(below ? security.domainNames : [])])];
  const proof: Proof = { is: 'dane', base: dane.base, names, records: dane.usable };
  return { encrypt: 'always', proof, requireTls: false, by: `DANE of ${dane.base}` };
}

/** How encryption went on one connection, or why there was none. */
export interface SessionFacts {
  readonly tls: TlsInfo | null;
  /** The certificate was good by the authorities, for the host's name; else why not. `''`: good. */
  readonly certificate: string;
  /** What stopped the connection, when it was encryption. */
  readonly problem?: TlsProblem;
  readonly why?: string;
}

/** Every policy that the connection came under, with what was wrong. Reports count `dane` and `sts`; the journey tells all. */
export function policiesOf(
  security: Security,
  variant: Variant,
  place: { readonly host: string; readonly dane: DaneState },
  facts: SessionFacts,
): TlsPolicy[] {
  const told: TlsPolicy[] = [];
  const { rule, domain, sts, level } = security;
  if (rule !== undefined) told.push({ is: 'rule', of: rule.domain, detail: rule.level, ...stopped(facts) });
  if (variant === 'waived') return [...told, { is: 'waived', of: domain, detail: '' }];
  if (place.dane.is !== 'none')
    told.push({ is: 'dane', of: place.dane.base, ...daneTold(place.dane, facts) });
  if (sts !== undefined && looksUp(level)) {
    const { kept, failure } = sts;
    if (kept !== undefined && kept.policy.mode !== 'none')
      told.push({
        is: 'sts',
        of: domain,
        detail: kept.policy.mode,
        ...stsProblem(kept.policy.mx, place.host, facts),
      });
    else if (failure !== undefined)
      told.push({ is: 'sts', of: domain, detail: '', problem: failure.problem, why: failure.detail });
  }
  if (variant === 'requireTls') told.push({ is: 'requireTls', of: domain, detail: '', ...stopped(facts) });
  return told;
}

type Trouble = Pick<TlsPolicy, 'problem' | 'why'>;

function trouble(problem: TlsProblem | undefined, why = ''): Trouble {
  if (problem === undefined) return {};
  return why === '' ? { problem } : { problem, why };
}

const stopped = ({ problem, why }: SessionFacts): Trouble => trouble(problem, why);

function daneTold(
  dane: Exclude<DaneState, { is: 'none' }>,
  facts: SessionFacts,
): Pick<TlsPolicy, 'detail' | 'problem' | 'why'> {
  if (dane.is === 'unknown') return { detail: '', ...trouble('dnssec-invalid', dane.detail) };
  const detail = dane.all.map(shortTlsa).join(', ');
  if (dane.usable.length === 0)
    return { detail, ...trouble('tlsa-invalid', 'none of the records can be used') };
  return {
    detail,
    ...(facts.problem === undefined && facts.tls === null
      ? trouble('starttls-not-supported')
      : stopped(facts)),
  };
}

function stsProblem(mx: readonly string[], host: string, facts: SessionFacts): Trouble {
  if (!isListedMx({ mode: 'enforce', maxAgeSeconds: 0, mx }, host))
    return trouble('validation-failure', `${host} is not among its hosts`);
  if (facts.tls === null)
    return facts.problem === undefined ? trouble('starttls-not-supported') : stopped(facts);
  return facts.certificate === '' ? {} : trouble(certificateProblem(facts.certificate), facts.certificate);
}

/** The code of OpenSSL or Node.js in the words of reports. */
export function certificateProblem(code: string): TlsProblem {
  if (/ALTNAME|HOSTNAME/.test(code)) return 'certificate-host-mismatch';
  if (/EXPIRED|NOT_YET_VALID/.test(code)) return 'certificate-expired';
  if (/SELF_SIGNED|^UNABLE_TO_|UNTRUSTED|INVALID_CA|ISSUER/.test(code)) return 'certificate-not-trusted';
  return 'validation-failure';
}
