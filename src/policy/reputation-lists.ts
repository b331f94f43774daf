/**
 * Lists of addresses and domains that are asked by DNS (RFC 5782): block lists, and lists of those with a good name.
 *
 * A list is believed only while it behaves like one. Before its first answer counts, and once an hour, it is asked for an entry that no list may
 * have (127.0.0.1, `invalid`; RFC 5782, 5): one that lists everything, as a domain does that has been given up, counts for nothing. An answer that is
 * no 127.0.0.0/8, or that says that we may not ask (127.255.255.0/24), switches the list off for as long. Failures find nothing.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { addressKind, blockContains, parseBlock, reverseName } from '../net/address-block.ts';
import { recordsOf, type Found, type NameLookup } from '../proto/dns/lookup.ts';
import type { Finding } from './check.ts';

export interface ReputationList {
  readonly zone: string;
  readonly of: 'address' | 'domain';
  /** Of any answer that has no weight of its own; below 0 for a list of those with a good name. */
  readonly weight: number;
  /** Answers that count otherwise: `127.0.0.2`, `127.0.0.4-7`, `127.0.2.0/24`. The first that fits. */
  readonly answers: readonly AnswerWeight[];
}

export interface AnswerWeight {
  readonly answer: string;
  readonly weight: number;
}

export interface ReputationParts {
  readonly dns: Pick<NameLookup, 'a' | 'txt'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly lists: readonly ReputationList[];
}

const probeEveryMs = 3_600_000;
const reasonMaxChars = 150;
const loopback = parseBlock('127.0.0.0/8')!;
/** Not about what was asked for, but about who asks. */
const aboutUs = parseBlock('127.255.255.0/24')!;

interface Health {
  readonly untilMs: number;
  readonly isSound: Promise<boolean>;
}

export class ReputationLists {
  readonly #parts: ReputationParts;
  readonly #health = new Map<string, Health>();

  constructor(parts: ReputationParts) {
    this.#parts = parts;
  }

  /** By name, with the weight of an answer that has none of its own. */
  get rules(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#parts.lists.map((list) => [of(list, list.weight), list.weight]));
  }

  has(of: ReputationList['of']): boolean {
    return this.#parts.lists.some((list) => list.of === of);
  }

  /** What lists of addresses say. Addresses that are nobody's in the world are not asked for. */
  async address(ip: string): Promise<readonly Finding[]> {
    const name =
      addressKind(ip) === 'global' ? reverseName(ip)?.replace(/\.(?:in-addr|ip6)\.arpa$/, '') : undefined;
    return name === undefined ? [] : this.#ask('address', name, ip);
  }

  /** What lists of domains say of a host name or domain, in A-labels. */
  domain(name: string): Promise<readonly Finding[]> {
    return this.#ask('domain', name, name);
  }

  async #ask(of: ReputationList['of'], name: string, shown: string): Promise<readonly Finding[]> {
    const lists = this.#parts.lists.filter((list) => list.of === of);
    const found = await Promise.all(lists.map((list) => this.#askOne(list, name, shown)));
    return found.flatMap((finding) => finding ?? []);
  }

  async #askOne(list: ReputationList, name: string, shown: string): Promise<Finding | undefined> {
    const { dns } = this.#parts;
    const asked = `${name}.${list.zone}`;
    const [sound, found] = await Promise.all([this.#isSound(list), dns.a(asked)]);
    const answers = recordsOf(found) ?? [];
    if (answers.length === 0 || !sound) return undefined;
    const wrong = answers.find(isNoAnswer);
    if (wrong !== undefined) {
      this.#switchOff(list, `it answers ${wrong}`);
      return undefined;
    }
    const weighed = answers
      .map((answer) => ({ answer, weight: weightOf(list, answer) }))
      .toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight))[0]!;
    if (weighed.weight === 0) return undefined;
    const reason = weighed.weight > 0 ? reasonIn(await dns.txt(asked)) : '';
    const rule = of(list, weighed.weight);
    const detail = `${shown}: ${answers.join(' ')}${reason === '' ? '' : `, ${reason}`}`;
    const reply = list.of === 'address' ? `${shown} is listed by ${list.zone}` : undefined;
    return {
      rule,
      weight: weighed.weight,
      detail,
      ...(reply !== undefined && weighed.weight > 0 && { reply }),
    };
  }

  #isSound(list: ReputationList): Promise<boolean> {
    const nowMs = this.#parts.clock.monotonicMs();
    const known = this.#health.get(list.zone);
    if (known && known.untilMs > nowMs) return known.isSound;
    const isSound = this.#probe(list);
    this.#health.set(list.zone, { untilMs: nowMs + probeEveryMs, isSound });
    return isSound;
  }

  async #probe(list: ReputationList): Promise<boolean> {
    const name = list.of === 'address' ? '1.0.0.127' : 'invalid';
    const answers = recordsOf(await this.#parts.dns.a(`${name}.${list.zone}`)) ?? [];
    if (answers.length === 0) return true;
    this.#tell(list, `it lists ${name}, which no list may have`);
    return false;
  }

  #switchOff(list: ReputationList, why: string): void {
    const untilMs = this.#parts.clock.monotonicMs() + probeEveryMs;
    this.#health.set(list.zone, { untilMs, isSound: Promise.resolve(false) });
    this.#tell(list, why);
  }

  #tell({ zone }: ReputationList, why: string): void {
    this.#parts.log.warn({ list: zone, why }, 'a list is not asked for an hour');
  }
}

const of = (list: ReputationList, weight: number): string =>
  `${list.of === 'domain' ? 'uribl' : weight > 0 ? 'dnsbl' : 'dnswl'}.${list.zone}`;

const isNoAnswer = (answer: string): boolean =>
  !blockContains(loopback, answer) || blockContains(aboutUs, answer);

const weightOf = (list: ReputationList, answer: string): number =>
  list.answers.find((one) => fitsAnswer(one.answer, answer))?.weight ?? list.weight;

/** `127.0.0.4-7`: the last number from 4 to 7. */
export function fitsAnswer(pattern: string, answer: string): boolean {
  const range = /^(\d+\.\d+\.\d+\.)(\d+)-(\d+)$/.exec(pattern);
  if (range === null) {
    const block = parseBlock(pattern);
    return block !== undefined && blockContains(block, answer);
  }
  const [, start, first, last] = range as unknown as [string, string, string, string];
  const number = answer.startsWith(start) ? Number(answer.slice(start.length)) : Number.NaN;
  return number >= Number(first) && number <= Number(last);
}

const reasonIn = (found: Found<string>): string =>
  (recordsOf(found)?.[0] ?? '').replace(/[^ -~]+/g, ' ').slice(0, reasonMaxChars);
