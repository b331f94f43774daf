/**
 * Where everybody is: the loopback addresses of the mail servers, their names, and the zone that leads to them.
 *
 * Each provider has some addresses in a row; its mail servers share them in turn, so ten thousand sites need no more than a few.
 */
import { reverseName } from '../net/address-block.ts';
import type { ZoneRecord } from '../net/zone.ts';
import type { Provider } from './options.ts';

export interface Place {
  readonly ip: string;
  /** The name the server there says it has. */
  readonly hostname: string;
  readonly provider: string;
}

export interface Places {
  readonly places: readonly Place[];
  readonly records: readonly ZoneRecord[];
  readonly apexes: readonly string[];
}

const ttl = 300;

/** `first`: an address of 127.0.0.0/8; the others follow it. */
export function placesOf(providers: readonly Provider[], first: string): Places {
  const places: Place[] = [];
  const records = new Map<string, ZoneRecord>();
  const add = (record: ZoneRecord): void => {
    records.set(`${record.name} ${record.type} ${record.data}`, { ttl, ...record });
  };
  let next = numberOf(first);
  for (const provider of providers) {
    const ips = Array.from({ length: provider.addresses }, (_, i) => addressOf(next + i));
    next += provider.addresses;
    const servers = serversOf(provider);
    servers.forEach((name, i) => add({ name, type: 'A', data: ips[i % ips.length]! }));
    ips.forEach((ip, i) => {
      const hostname = servers[i % Math.max(1, servers.length)] ?? `mx.${provider.name}.example`;
      places.push({ ip, hostname, provider: provider.name });
      add({ name: reverseName(ip)!, type: 'PTR', data: hostname });
    });
    for (const [domain, hosts] of domainsOf(provider)) {
      hosts.forEach((host, i) => add({ name: domain, type: 'MX', data: `${(i + 1) * 10} ${host}` }));
      add({ name: domain, type: 'TXT', data: 'v=spf1 -all' });
    }
  }
  return { places, records: [...records.values()], apexes: apexesOf([...records.values()]) };
}

/** Every domain a provider receives for, with its mail servers in the order of preference. */
export function* domainsOf(provider: Provider): Generator<[domain: string, hosts: readonly string[]]> {
  const servers = serversOf(provider);
  const named = provider.mx.length > 0 ? provider.mx : [`mx.${provider.name}.example`];
  for (const domain of provider.domains) if (domain !== '*') yield [domain.toLowerCase(), named];
  if (provider.pattern === '') return;
  const own = servers.slice(servers.length - sitesOf(provider));
  for (let i = 0; i < provider.count; i++) yield [numbered(provider.pattern, i + 1), [own[i % own.length]!]];
}

function serversOf(provider: Provider): string[] {
  const named = provider.domains.some((domain) => domain !== '*')
    ? provider.mx.length > 0
      ? provider.mx
      : [`mx.${provider.name}.example`]
    : [];
  const own =
    provider.pattern === ''
      ? []
      : Array.from({ length: sitesOf(provider) }, (_, i) => `mx.${numbered(provider.pattern, i + 1)}`);
  return [...named, ...own];
}

const sitesOf = ({ sites, count }: Provider): number => (sites === 0 ? count : Math.min(sites, count));
const numbered = (pattern: string, number: number): string =>
  pattern.replace('*', String(number)).toLowerCase();

/** Names that are not below another one. */
function apexesOf(records: readonly ZoneRecord[]): string[] {
  const names = new Set(records.map(({ name }) => name));
  const isBelow = (name: string): boolean => {
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1))
      if (names.has(name.slice(dot + 1))) return true;
    return false;
  };
  return [...names].filter((name) => !isBelow(name));
}

const numberOf = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** Octets that end in 0 or 255 are addresses like others on loopback. */
const addressOf = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
