/**
 * What is known of a destination's encryption when its plan is made: the operator's rule, MTA-STS, and whether DNSSEC vouches for its MX.
 * From it follows what each host must prove (demand.ts), and which destinations may share connections.
 */
import type { DeliveryOptions, RouteTls, TlsLevel, TlsRule } from '../options.ts';
import { isListedMx } from '../../proto/mta-sts/policy.ts';
import type { StsState } from './sts-policies.ts';

/** `auto`: what the destination itself asks for by DANE and MTA-STS, else encryption where it works. */
export type Level = 'auto' | 'implicit' | TlsLevel;

export interface Security {
  /** The next-hop domain: whose policies count. */
  readonly domain: string;
  readonly level: Level;
  /** The operator's rule that gave the level. */
  readonly rule: TlsRule | undefined;
  /** The names of the hosts can be believed: DNSSEC vouches for them, or the operator gave them. */
  readonly hostsProved: boolean;
  /** TLSA records count. */
  readonly dane: boolean;
  /** Names besides its own that a host's certificate may carry with DANE-TA: the domain, and what it is an alias of. */
  readonly domainNames: readonly string[];
  readonly sts: StsState | undefined;
}

/** The longest match wins, as for routes. */
export function tlsRuleFor(rules: readonly TlsRule[], domain: string): TlsRule | undefined {
  for (let name = domain, exact = true; ; exact = false) {
    const found = rules.find((rule) => rule.domain === (exact ? name : `.${name}`));
    if (found !== undefined) return found;
    const dot = name.indexOf('.');
    if (dot === -1) return rules.find((rule) => rule.domain === '*');
    name = name.slice(dot + 1);
  }
}

const levels: Readonly<Record<RouteTls, Level>> = {
  opportunistic: 'auto',
  verify: 'verify',
  require: 'encrypt',
  implicit: 'implicit',
  never: 'none',
};

/** Of hosts that the operator named, or of an address literal: nothing is looked up. */
export function givenSecurity(
  options: DeliveryOptions,
  domain: string,
  tls: RouteTls,
  hostsProved: boolean,
): Security {
  const rule = tls === 'implicit' ? undefined : tlsRuleFor(options.tlsRules, domain);
  const level = rule?.level ?? levels[tls];
  return { domain, level, rule, hostsProved, dane: false, domainNames: [], sts: undefined };
}

/** Of hosts that MX records named. */
export interface MxFacts {
  readonly domain: string;
  /** The domain itself when it is no alias. */
  readonly canonicalName: string;
  readonly authenticated: boolean;
  readonly tls: RouteTls;
}

export function mxSecurity(options: DeliveryOptions, mx: MxFacts, sts: StsState | undefined): Security {
  const given = givenSecurity(options, mx.domain, mx.tls, mx.authenticated);
  return {
    ...given,
    dane: options.dane && mx.authenticated && looksUp(given.level),
    domainNames: [...new Set([mx.domain, mx.canonicalName])],
    sts,
  };
}

/** With `none` and `may` the operator has decided against what the destination asks for; `secure` asks for more. */
export function looksUp(level: Level): boolean {
  return level === 'auto' || level === 'encrypt' || level === 'verify' || level === 'dane';
}

/** The policy that must be obeyed: in force, and not only being tested. */
export const enforcedSts = ({ sts }: Security) =>
  sts?.kept?.policy.mode === 'enforce' ? sts.kept : undefined;

/**
 * What sets a destination apart from others with the same hosts: connections are shared by those of one class, so that the broken policy of one
 * never touches the others. `''` for plain opportunistic encryption.
 */
export function securityClass(security: Security, hosts: readonly string[]): string {
  const { level, rule, dane, domain } = security;
  const marks: string[] = [];
  if (level === 'secure') marks.push(`secure ${secureNames(rule, domain).join(' ')}`);
  else if (level !== 'auto' && level !== 'implicit') marks.push(level);
  const sts = enforcedSts(security);
  if (sts !== undefined && looksUp(level)) {
    const listed = hosts.filter((host) => isListedMx(sts.policy, host));
    if (listed.length === hosts.length) marks.push('sts');
    else marks.push(listed.length === 0 ? `sts of ${domain}` : `sts ${listed.join(' ')}`);
  }
  if (dane) marks.push(hosts.some((host) => host.endsWith(`.${domain}`)) ? `dane ${domain}` : 'dane');
  return marks.join(', ');
}

/** The names that the certificate must carry at level `secure`; `.example.jp` is any name below it. */
export function secureNames(rule: TlsRule | undefined, domain: string): readonly string[] {
  return rule !== undefined && rule.names.length > 0 ? rule.names : [domain, `.${domain}`];
}
