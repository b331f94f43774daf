/**
 * The SPF record that a domain should have, made of what it has and what this server needs, and how many questions to DNS it costs whoever checks it
 * (RFC 7208, 4.6.4: ten are allowed).
 *
 * What others put into the record stays: other senders of the domain are none of our business. Where several records stand side by side, which
 * makes all of them void, they become one.
 */
import { recordsOf, type NameLookup } from '../proto/dns/lookup.ts';
import { checkHost } from '../proto/spf/check.ts';
import type { MacroString } from '../proto/spf/macro.ts';
import { isSpfRecord, parseSpfRecord, type SpfRecord } from '../proto/spf/record.ts';

export interface SpfNeed {
  readonly domain: string;
  readonly hostname: string;
  readonly addresses: readonly string[];
  /** For a domain that has none. */
  readonly first: string;
}

export interface MergedSpf {
  readonly text: string;
  /** Of `text`; undefined when a record that it includes could not be read. */
  readonly lookups: number | undefined;
  /** A term that is no SPF, for which the whole record is void. */
  readonly wrong: string | undefined;
}

export const spfLookupsMax = 10;
/** Records within records that are followed: no honest one has so many. */
const depthMax = 10;
const recordsMax = 60;

export async function mergedSpf(
  texts: readonly string[],
  need: SpfNeed,
  dns: NameLookup,
): Promise<MergedSpf> {
  const present = texts.filter(isSpfRecord);
  const [first] = present;
  const asPlanned = planned(need, dns);
  if (first === undefined)
    return { text: need.first, lookups: await spfLookups(need.first, asPlanned), wrong: undefined };
  const joined = present.slice(1).reduce(join, first);
  const parsed = parseSpfRecord(joined);
  if ('wrong' in parsed) return { text: joined, lookups: undefined, wrong: parsed.wrong };
  const candidates = [joined, ...additions(need).map((term) => withTerm(joined, term))];
  for (const text of candidates) {
    const lookups = await spfLookups(text, asPlanned);
    const fits = text === joined || (lookups ?? 0) <= spfLookupsMax;
    if (fits && (await covers(text, need, asPlanned))) return { text, lookups, wrong: undefined };
  }
  const text = candidates.at(-1)!;
  return { text, lookups: await spfLookups(text, asPlanned), wrong: undefined };
}

/** What can be added for us: the shortest first, then what costs no question. */
const additions = ({ hostname, addresses }: SpfNeed): readonly string[] => [
  'mx',
  `a:${hostname}`,
  ...(addresses.length === 0
    ? []
    : [addresses.map((ip) => `${ip.includes(':') ? 'ip6' : 'ip4'}:${ip}`).join(' ')]),
];

/** Directly behind the version: the sooner it matches the better. */
const withTerm = (text: string, term: string): string =>
  text.replace(/^v=spf1/i, (version) => `${version} ${term}`);

/** The terms of the other that are not there yet, in front of the first `all`, `redirect` or `exp`. */
function join(text: string, other: string): string {
  const terms = text.split(' ').filter((term) => term !== '');
  const more = other
    .split(' ')
    .slice(1)
    .filter((term) => term !== '' && !isLast(term) && !terms.includes(term));
  const at = terms.findIndex(isLast);
  return [...terms.slice(0, at === -1 ? undefined : at), ...more, ...(at === -1 ? [] : terms.slice(at))].join(
    ' ',
  );
}

const isLast = (term: string): boolean => /^[+\-~?]?all$|^(?:redirect|exp)=/i.test(term);

/** Whether mail from every address of ours passes. Without known addresses: whether the record speaks of us by name. */
async function covers(
  text: string,
  { domain, hostname, addresses }: SpfNeed,
  dns: NameLookup,
): Promise<boolean> {
  if (addresses.length === 0)
    return text.split(' ').some((term) => term === 'mx' || term === `a:${hostname}`);
  const own: NameLookup = {
    ...dns,
    txt: async (name) => (name === domain ? { is: 'records', records: [text] } : dns.txt(name)),
  };
  for (const ip of addresses) {
    const question = {
      ip,
      domain,
      sender: `postmaster@${domain}`,
      helo: hostname,
      receiver: hostname,
      nowSeconds: 0,
    };
    if ((await checkHost(question, { dns: own })).result !== 'pass') return false;
  }
  return true;
}

/** DNS as it will be: our addresses under our name, and our name as an MX of the domain. */
function planned({ domain, hostname, addresses }: SpfNeed, dns: NameLookup): NameLookup {
  const families = [
    addresses.filter((ip) => !ip.includes(':')),
    addresses.filter((ip) => ip.includes(':')),
  ] as const;
  const own = (
    records: readonly string[],
    ask: () => ReturnType<NameLookup['a']>,
  ): ReturnType<NameLookup['a']> =>
    records.length > 0 ? Promise.resolve({ is: 'records', records }) : ask();
  return {
    txt: (name) => dns.txt(name),
    ptr: (ip) => dns.ptr(ip),
    a: (name) => (name === hostname ? own(families[0], () => dns.a(name)) : dns.a(name)),
    aaaa: (name) => (name === hostname ? own(families[1], () => dns.aaaa(name)) : dns.aaaa(name)),
    mx: async (name) => {
      const found = await dns.mx(name);
      if (name !== domain) return found;
      const others =
        found.is === 'records' ? found.records.filter(({ exchange }) => exchange !== hostname) : [];
      return { is: 'records', records: [{ preference: 10, exchange: hostname }, ...others] };
    },
  };
}

/** Terms that ask DNS, with those of the records that are included. */
export async function spfLookups(text: string, dns: NameLookup): Promise<number | undefined> {
  const budget = { left: recordsMax };
  const count = async (record: SpfRecord, depth: number): Promise<number | undefined> => {
    let sum = 0;
    const inner: string[] = [];
    for (const { mechanism } of record.directives) {
      if (mechanism.is === 'all' || mechanism.is === 'ip') continue;
      sum += 1;
      if (mechanism.is === 'include') inner.push(literal(mechanism.domain));
    }
    const ends = record.directives.some(({ mechanism }) => mechanism.is === 'all');
    if (record.redirect !== undefined && !ends) {
      sum += 1;
      inner.push(literal(record.redirect));
    }
    for (const name of inner) {
      const below = await countOf(name, depth + 1);
      if (below === undefined) return undefined;
      sum += below;
    }
    return sum;
  };
  const countOf = async (name: string, depth: number): Promise<number | undefined> => {
    // What depends on the sender cannot be followed.
    if (name === '') return 0;
    if (depth > depthMax || budget.left-- <= 0) return undefined;
    const found = recordsOf(await dns.txt(name))?.find(isSpfRecord);
    const parsed = found === undefined ? undefined : parseSpfRecord(found);
    return parsed === undefined || 'wrong' in parsed ? undefined : count(parsed, depth);
  };
  const parsed = parseSpfRecord(text);
  return 'wrong' in parsed ? undefined : count(parsed, 0);
}

/** The name, when it is one for every sender; `''` otherwise. */
function literal(parts: MacroString): string {
  const texts = parts.map((part) => (part.is === 'text' ? part.text : undefined));
  return texts.includes(undefined) ? '' : texts.join('').toLowerCase().replace(/\.$/, '');
}
