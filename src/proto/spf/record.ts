/** An SPF record, read (RFC 7208, 4.6, 12). A record with one wrong term is wrong as a whole. */
import { parseIpv4, parseIpv6, type Ip } from './ip.ts';
import { isDomainSpec, parseMacroString, type MacroString } from './macro.ts';

export type Qualifier = '+' | '-' | '~' | '?';

export type Mechanism =
  | { readonly is: 'all' }
  | { readonly is: 'include' | 'exists'; readonly domain: MacroString }
  | { readonly is: 'ptr'; readonly domain: MacroString | undefined }
  | {
      readonly is: 'a' | 'mx';
      readonly domain: MacroString | undefined;
      readonly prefix4: number;
      readonly prefix6: number;
    }
  | { readonly is: 'ip'; readonly ip: Ip; readonly prefix: number };

export interface Directive {
  readonly qualifier: Qualifier;
  readonly mechanism: Mechanism;
  /** As written, for people. */
  readonly text: string;
}

export interface SpfRecord {
  readonly directives: readonly Directive[];
  readonly redirect: MacroString | undefined;
  readonly explanation: MacroString | undefined;
}

/** RFC 7208, 4.5: what makes a TXT record an SPF record. */
export function isSpfRecord(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

/** Terms of one record: more can only be meant to tire us. */
const termsMax = 500;

/** The record, or the term that is wrong. */
export function parseSpfRecord(text: string): SpfRecord | { readonly wrong: string } {
  const directives: Directive[] = [];
  const modifiers = new Map<'redirect' | 'exp', MacroString>();
  const terms = text
    .slice('v=spf1'.length)
    .split(' ')
    .filter((term) => term !== '');
  if (terms.length > termsMax) return { wrong: `more than ${termsMax} terms` };
  for (const term of terms) {
    const modifier = parseModifier(term);
    if (modifier === 'unknown') continue;
    if (modifier !== undefined) {
      if (modifier === 'wrong' || modifiers.has(modifier.name)) return { wrong: term };
      modifiers.set(modifier.name, modifier.domain);
      continue;
    }
    const directive = parseDirective(term);
    if (directive === undefined) return { wrong: term };
    directives.push(directive);
  }
  return { directives, redirect: modifiers.get('redirect'), explanation: modifiers.get('exp') };
}

type Modifier = { readonly name: 'redirect' | 'exp'; readonly domain: MacroString };

function parseModifier(term: string): Modifier | 'unknown' | 'wrong' | undefined {
  const match = /^([a-z][a-z0-9._-]*)=(.*)$/is.exec(term);
  if (match === null) return undefined;
  const name = match[1]!.toLowerCase();
  const value = parseMacroString(match[2]!);
  if (value === undefined) return 'wrong';
  if (name !== 'redirect' && name !== 'exp') return 'unknown';
  return isDomainSpec(value) ? { name, domain: value } : 'wrong';
}

function parseDirective(term: string): Directive | undefined {
  const match = /^([+\-~?]?)([a-z0-9]+)(?::(.*?))?((?:\/\d+)?(?:\/\/\d+)?)$/is.exec(term);
  if (match === null) return undefined;
  const [, qualifier, name, argument, cidr] = match as unknown as [string, string, string, string?, string?];
  const mechanism = parseMechanism(name.toLowerCase(), argument, cidr ?? '');
  return mechanism && { qualifier: (qualifier || '+') as Qualifier, mechanism, text: term };
}

function parseMechanism(name: string, argument: string | undefined, cidr: string): Mechanism | undefined {
  switch (name) {
    case 'all':
      return argument === undefined && cidr === '' ? { is: 'all' } : undefined;
    case 'include':
    case 'exists': {
      const domain = domainSpec(argument === undefined ? undefined : argument + cidr);
      return domain && { is: name, domain };
    }
    case 'ptr': {
      if (argument === undefined) return cidr === '' ? { is: 'ptr', domain: undefined } : undefined;
      const domain = domainSpec(argument + cidr);
      return domain && { is: 'ptr', domain };
    }
    case 'a':
    case 'mx':
      return hostMechanism(name, argument, cidr);
    case 'ip4':
      return network(argument && parseIpv4(argument), cidr, 32);
    case 'ip6':
      return network(argument && parseIpv6(argument), cidr, 128);
    default:
      return undefined;
  }
}

function domainSpec(text: string | undefined): MacroString | undefined {
  const parts = text === undefined ? undefined : parseMacroString(text);
  return parts && isDomainSpec(parts) ? parts : undefined;
}

function hostMechanism(is: 'a' | 'mx', argument: string | undefined, cidr: string): Mechanism | undefined {
  const lengths = /^(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(cidr);
  const prefix4 = prefix(lengths?.[1], 32);
  const prefix6 = prefix(lengths?.[2], 128);
  if (lengths === null || prefix4 === undefined || prefix6 === undefined) return undefined;
  if (argument === undefined) return { is, domain: undefined, prefix4, prefix6 };
  const domain = domainSpec(argument);
  return domain && { is, domain, prefix4, prefix6 };
}

function network(ip: Ip | '' | undefined, cidr: string, bits: number): Mechanism | undefined {
  const length = prefix(cidr === '' ? undefined : cidr.slice(1), bits);
  return ip && length !== undefined ? { is: 'ip', ip, prefix: length } : undefined;
}

/** `bits` when it is not given; undefined when it is no prefix length. */
function prefix(text: string | undefined, bits: number): number | undefined {
  if (text === undefined) return bits;
  return /^(?:0|[1-9]\d{0,2})$/.test(text) && Number(text) <= bits ? Number(text) : undefined;
}
