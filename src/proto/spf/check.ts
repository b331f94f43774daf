/**
 * Whether a host may send mail for a domain: `check_host()` of RFC 7208.
 *
 * Pure but for the questions it asks: the resolver is given, and with it all time limits but one: whoever waits no longer says so by `expired`, and no
 * further question is asked. Bounds of RFC 7208, 4.6.4: ten terms that ask DNS, two of them in vain, ten MX hosts and ten PTR names.
 */
import { recordsOf, type Found, type NameLookup } from '../dns/lookup.ts';
import { dotted, formatIp, matches, parseIp, type Ip } from './ip.ts';
import { asDomain, expand, parseMacroString, type MacroString } from './macro.ts';
import { isSpfRecord, parseSpfRecord, type Directive, type Mechanism, type SpfRecord } from './record.ts';

export type SpfVerdict = 'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'temperror' | 'permerror';

export interface SpfResult {
  readonly result: SpfVerdict;
  /** What decided: the mechanism as its domain wrote it, or what is wrong, in a few words. */
  readonly why: string;
  /** What the domain says of a `fail` (`exp=`), or `''`. */
  readonly explanation: string;
}

export interface SpfQuestion {
  readonly ip: string;
  /** The domain that is asked for its record: of the sender, or the name in HELO. */
  readonly domain: string;
  /** `local@domain`; for HELO and the null sender `postmaster@` and the name in HELO (RFC 7208, 2.4). */
  readonly sender: string;
  readonly helo: string;
  /** Our own name, for explanations. */
  readonly receiver: string;
  readonly nowSeconds: number;
}

export interface SpfParts {
  readonly dns: NameLookup;
  /** True when nobody waits for the result any more. */
  readonly expired?: () => boolean;
}

const termsMax = 10;
const voidsMax = 2;
const mxMax = 10;
const ptrMax = 10;
/** Records within records, all of them counted as terms as well. */
const depthMax = 12;

export async function checkHost(question: SpfQuestion, parts: SpfParts): Promise<SpfResult> {
  const ip = parseIp(question.ip);
  if (ip === undefined) return { result: 'permerror', why: 'not an IP address', explanation: '' };
  if (!isName(question.domain)) return { result: 'none', why: 'not a domain with a record', explanation: '' };
  return new Check(question, ip, parts).result();
}

/** RFC 7208, 4.3: a name of several labels, each of at most 63 octets. */
function isName(domain: string): boolean {
  const labels = domain.replace(/\.$/, '').split('.');
  return (
    labels.length > 1 &&
    domain.length <= 254 &&
    labels.every((label) => label.length > 0 && label.length <= 63 && /^[\x21-\x7e]+$/.test(label)) &&
    !domain.startsWith('[')
  );
}

/** What ends the whole check: nothing after it counts. */
class Ended extends Error {
  readonly result: 'temperror' | 'permerror';

  constructor(result: 'temperror' | 'permerror', why: string) {
    super(why);
    this.result = result;
  }
}

const verdictOf: Readonly<Record<Directive['qualifier'], SpfVerdict>> = {
  '+': 'pass',
  '-': 'fail',
  '~': 'softfail',
  '?': 'neutral',
};

class Check {
  readonly #question: SpfQuestion;
  readonly #ip: Ip;
  readonly #parts: SpfParts;
  #terms = 0;
  #voids = 0;

  constructor(question: SpfQuestion, ip: Ip, parts: SpfParts) {
    this.#question = question;
    this.#ip = ip;
    this.#parts = parts;
  }

  async result(): Promise<SpfResult> {
    try {
      return await this.#evaluate(asDomain(this.#question.domain), 0);
    } catch (error) {
      if (error instanceof Ended) return { result: error.result, why: error.message, explanation: '' };
      throw error;
    }
  }

  /** The record of `domain`, evaluated for our host. `none` when there is no record. */
  async #evaluate(domain: string, depth: number): Promise<SpfResult> {
    const record = await this.#record(domain);
    if (record === undefined) return { result: 'none', why: `${domain} has no SPF record`, explanation: '' };
    for (const { qualifier, mechanism, text } of record.directives) {
      if (!(await this.#matches(mechanism, { domain, depth, text }))) continue;
      const result = verdictOf[qualifier];
      const explained = result === 'fail' && depth === 0;
      return { result, why: text, explanation: explained ? await this.#explanation(record, domain) : '' };
    }
    if (record.redirect) return this.#redirected(record.redirect, domain, depth);
    return { result: 'neutral', why: 'nothing in the record is about this host', explanation: '' };
  }

  async #record(domain: string): Promise<SpfRecord | undefined> {
    const found = await this.#ask(() => this.#parts.dns.txt(domain));
    const records = found.filter((text) => isSpfRecord(text));
    if (records.length > 1) throw new Ended('permerror', `${domain} has ${records.length} SPF records`);
    if (records.length === 0) return undefined;
    const record = parseSpfRecord(records[0]!);
    if ('wrong' in record)
      throw new Ended('permerror', `not in an SPF record: ${record.wrong.slice(0, 100)}`);
    return record;
  }

  /** RFC 7208, 6.1. The explanation is that of the record it leads to. */
  async #redirected(to: MacroString, domain: string, depth: number): Promise<SpfResult> {
    this.#count();
    const target = await this.#expanded(to, domain);
    if (depth >= depthMax) throw new Ended('permerror', 'redirected too often');
    if (!isName(target)) throw new Ended('permerror', `redirected to ${target}, which is no domain`);
    const result = await this.#evaluate(target, depth);
    if (result.result === 'none')
      throw new Ended('permerror', `redirected to ${target}, which has no record`);
    return result;
  }

  async #matches(mechanism: Mechanism, place: Place): Promise<boolean> {
    switch (mechanism.is) {
      case 'all':
        return true;
      case 'ip':
        return matches(this.#ip, mechanism.ip, mechanism.prefix);
      case 'include':
        return this.#includes(mechanism.domain, place);
      case 'exists':
        return this.#exists(mechanism.domain, place.domain);
      case 'a':
        return this.#isAddressOf(await this.#target(mechanism.domain, place.domain), mechanism);
      case 'mx':
        return this.#isMxOf(await this.#target(mechanism.domain, place.domain), mechanism);
      default:
        return this.#isNamed(await this.#target(mechanism.domain, place.domain));
    }
  }

  /** RFC 7208, 5.2. */
  async #includes(what: MacroString, { domain, depth }: Place): Promise<boolean> {
    this.#count();
    const target = await this.#expanded(what, domain);
    if (depth >= depthMax) throw new Ended('permerror', 'included too deeply');
    if (!isName(target)) throw new Ended('permerror', `${target} is included, which is no domain`);
    const { result } = await this.#evaluate(target, depth + 1);
    if (result === 'none') throw new Ended('permerror', `${target} is included, which has no record`);
    return result === 'pass';
  }

  async #exists(what: MacroString, domain: string): Promise<boolean> {
    this.#count();
    const target = await this.#expanded(what, domain);
    // RFC 7208, 5.7: A records, whatever family the host is of.
    return (await this.#counted(target, () => this.#parts.dns.a(target))).length > 0;
  }

  async #isAddressOf(target: string, { prefix4, prefix6 }: Prefixes): Promise<boolean> {
    const addresses = await this.#counted(target, () => this.#addresses(target));
    return this.#among(addresses, { prefix4, prefix6 });
  }

  async #isMxOf(target: string, prefixes: Prefixes): Promise<boolean> {
    const hosts = await this.#counted(target, () => this.#parts.dns.mx(target));
    const named = hosts.filter(({ exchange }) => exchange !== '' && exchange !== '.');
    if (named.length > mxMax) throw new Ended('permerror', `${target} has more than ${mxMax} MX hosts`);
    for (const { exchange } of named) {
      if (this.#among(await this.#ask(() => this.#addresses(exchange)), prefixes)) return true;
    }
    return false;
  }

  async #isNamed(target: string): Promise<boolean> {
    const names = await this.#validatedNames();
    const wanted = target.toLowerCase();
    return names.some((name) => name === wanted || name.endsWith(`.${wanted}`));
  }

  #among(addresses: readonly string[], { prefix4, prefix6 }: Prefixes): boolean {
    const prefix = this.#ip.length === 4 ? prefix4 : prefix6;
    return addresses.some((text) => {
      const address = parseIp(text);
      return address !== undefined && matches(this.#ip, address, prefix);
    });
  }

  #addresses(name: string): Promise<Found<string>> {
    return this.#ip.length === 4 ? this.#parts.dns.a(name) : this.#parts.dns.aaaa(name);
  }

  #names: Promise<readonly string[]> | undefined;

  /** Names of the host that lead back to it (RFC 7208, 5.5). Errors of DNS make it nameless. */
  #validatedNames(): Promise<readonly string[]> {
    this.#names ??= this.#findNames();
    return this.#names;
  }

  async #findNames(): Promise<readonly string[]> {
    const found = recordsOf(await this.#parts.dns.ptr(formatIp(this.#ip))) ?? [];
    if (found.length === 0) this.#voidLookup();
    const valid: string[] = [];
    for (const name of found.slice(0, ptrMax)) {
      if (this.#parts.expired?.()) throw new Ended('temperror', 'it took too long');
      const addresses = recordsOf(await this.#addresses(name)) ?? [];
      if (this.#among(addresses, { prefix4: 32, prefix6: 128 }))
        valid.push(name.toLowerCase().replace(/\.$/, ''));
    }
    return valid;
  }

  /** The domain of a mechanism, and the term counted. */
  async #target(what: MacroString | undefined, domain: string): Promise<string> {
    this.#count();
    return what === undefined ? domain : this.#expanded(what, domain);
  }

  async #expanded(what: MacroString, domain: string): Promise<string> {
    return asDomain(await expand(what, (letter) => this.#value(letter, domain)));
  }

  async #value(letter: string, domain: string): Promise<string> {
    const { sender, helo, receiver, nowSeconds } = this.#question;
    const at = sender.lastIndexOf('@');
    switch (letter) {
      case 's':
        return sender;
      case 'l':
        return sender.slice(0, at);
      case 'o':
        return sender.slice(at + 1);
      case 'd':
        return domain;
      case 'i':
        return dotted(this.#ip);
      case 'p':
        return this.#name(domain);
      case 'h':
        return helo;
      case 'c':
        return formatIp(this.#ip);
      case 'r':
        return receiver;
      case 't':
        return String(nowSeconds);
      default:
        return this.#ip.length === 4 ? 'in-addr' : 'ip6';
    }
  }

  /** `%{p}`: the domain itself if it is one of the host's names, then one below it, then any (RFC 7208, 7.3). */
  async #name(domain: string): Promise<string> {
    const names = await this.#validatedNames();
    const wanted = domain.toLowerCase();
    return (
      names.find((name) => name === wanted) ??
      names.find((name) => name.endsWith(`.${wanted}`)) ??
      names[0] ??
      'unknown'
    );
  }

  #count(): void {
    this.#terms += 1;
    if (this.#terms > termsMax) throw new Ended('permerror', `more than ${termsMax} terms ask DNS`);
  }

  #voidLookup(): void {
    this.#voids += 1;
    if (this.#voids > voidsMax) throw new Ended('permerror', `more than ${voidsMax} names do not exist`);
  }

  /** Asks, and counts an answer of nothing. A name that DNS cannot hold is not asked for: it has no records. */
  async #counted<T>(name: string, ask: () => Promise<Found<T>>): Promise<readonly T[]> {
    const records = name === '' ? [] : await this.#ask(ask);
    if (records.length === 0) this.#voidLookup();
    return records;
  }

  async #ask<T>(ask: () => Promise<Found<T>>): Promise<readonly T[]> {
    if (this.#parts.expired?.()) throw new Ended('temperror', 'it took too long');
    const records = recordsOf(await ask());
    if (records === undefined) throw new Ended('temperror', 'DNS did not answer');
    return records;
  }

  /** RFC 7208, 6.2: whatever goes wrong, there is no explanation. */
  async #explanation({ explanation }: SpfRecord, domain: string): Promise<string> {
    if (explanation === undefined) return '';
    try {
      const target = await this.#expanded(explanation, domain);
      if (!isName(target)) return '';
      const records = await this.#ask(() => this.#parts.dns.txt(target));
      const text = records.length === 1 ? records[0]! : '';
      const parts = /^[\x20-\x7e]*$/.test(text) ? parseMacroString(text, { explanation: true }) : undefined;
      return parts === undefined ? '' : await expand(parts, (letter) => this.#value(letter, domain));
    } catch (error) {
      if (error instanceof Ended) return '';
      throw error;
    }
  }
}

interface Place {
  readonly domain: string;
  readonly depth: number;
  readonly text: string;
}

interface Prefixes {
  readonly prefix4: number;
  readonly prefix6: number;
}
