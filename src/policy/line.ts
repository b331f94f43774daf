/**
 * IP25B: whether mail comes straight from a line whose address changes from day to day, where customers of a provider sit and no mail server does.
 *
 * It is told by networks that the operator has listed, by lists in DNS (RFC 5782), and by the name of the address. An address whose name was chosen for
 * it and leads back to it is spared, whatever the lists say: whoever can have that has a line for servers. What cannot be found out speaks for nothing.
 */
import {
  addressKind,
  anyBlockContains,
  parseAddress,
  reverseName,
  type AddressBlock,
} from '../net/address-block.ts';
import { recordsOf, type NameLookup } from '../proto/dns/lookup.ts';
import { lineName } from './line-name.ts';

export interface LineParts {
  readonly dns: NameLookup;
  readonly networks: readonly AddressBlock[];
  readonly lists: readonly DynamicList[];
}

/** A list in DNS, and which of its answers say that an address is dynamic; none: any. */
export interface DynamicList {
  readonly zone: string;
  readonly answers: readonly string[];
}

export type Line =
  | { readonly is: 'dynamic'; readonly by: 'network' | 'list' | 'name'; readonly detail: string }
  /** `server`: a name of its own that leads back. `unknown`: nothing says what it is. */
  | { readonly is: 'server' | 'unknown'; readonly detail: string };

/** Names of one address that are looked at: some have hundreds. */
const namesMax = 5;

export async function lineOf(ip: string, parts: LineParts): Promise<Line> {
  const address = parseAddress(ip);
  if (address === undefined || addressKind(ip) === 'private' || addressKind(ip) === 'loopback')
    return { is: 'unknown', detail: ip };
  const [names, listed] = await Promise.all([namesOf(ip, parts.dns), listedBy(ip, parts)]);
  const told = names.map((name) => ({ name, ...lineName(name, ip) }));
  const chosen = told.filter(({ is }) => is === 'own' || is === 'fixed');
  const confirmed = await Promise.all(chosen.map(({ name }) => leadsBack(name, address, parts.dns)));
  const server = chosen.find((_, i) => confirmed[i]);
  if (server !== undefined) return { is: 'server', detail: server.name };
  if (anyBlockContains(parts.networks, ip)) return { is: 'dynamic', by: 'network', detail: ip };
  if (listed !== undefined) return { is: 'dynamic', by: 'list', detail: listed };
  const dynamic = told.find(({ is }) => is === 'dynamic');
  if (dynamic !== undefined) return { is: 'dynamic', by: 'name', detail: dynamic.name };
  return { is: 'unknown', detail: names[0] ?? '' };
}

async function namesOf(ip: string, dns: NameLookup): Promise<readonly string[]> {
  return (recordsOf(await dns.ptr(ip)) ?? []).slice(0, namesMax);
}

async function leadsBack(name: string, address: AddressBlock, dns: NameLookup): Promise<boolean> {
  const found = recordsOf(await (address.family === 4 ? dns.a(name) : dns.aaaa(name))) ?? [];
  return found.some((ip) => parseAddress(ip)?.bits === address.bits);
}

async function listedBy(ip: string, { dns, lists }: LineParts): Promise<string | undefined> {
  const query = reverseName(ip)!.replace(/\.(in-addr|ip6)\.arpa$/, '');
  const hits = await Promise.all(
    lists.map(async ({ zone, answers }) => {
      const found = recordsOf(await dns.a(`${query}.${zone}`)) ?? [];
      return found.some((answer) => saysListed(answer, answers));
    }),
  );
  return lists.find((_, i) => hits[i])?.zone;
}

/** Answers are of 127/8 (RFC 5782, 2.1); 127.255.255.0/24 is how lists complain about the question. */
function saysListed(answer: string, wanted: readonly string[]): boolean {
  if (!answer.startsWith('127.') || answer.startsWith('127.255.255.')) return false;
  return wanted.length === 0 || wanted.includes(answer);
}
