/** SPF: the suites of openspf.org for RFC 7208, and for RFC 4408 where the two agree. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { Found, NameLookup } from '../../src/proto/dns/lookup.ts';
import { checkHost } from '../../src/proto/spf/check.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';

type RecordData = string | readonly string[] | readonly [number, string];
type Entry = 'TIMEOUT' | Readonly<Record<string, RecordData>>;

interface Scenario {
  readonly description: string;
  readonly tests: Readonly<Record<string, Case>>;
  readonly zonedata: Readonly<Record<string, readonly Entry[]>>;
}

interface Case {
  readonly helo: string;
  readonly mailfrom: string;
  readonly host: string;
  readonly result: string | readonly string[];
  readonly explanation?: string;
}

/** A record given as SPF is a TXT record too, unless the name has a TXT entry. A name with TIMEOUT answers for no other type than it lists. */
class ZoneLookup implements NameLookup {
  readonly #zone = new Map<string, readonly Entry[]>();

  constructor(zone: Scenario['zonedata']) {
    for (const [name, entries] of Object.entries(zone)) this.#zone.set(name.toLowerCase(), entries ?? []);
  }

  txt = async (name: string): Promise<Found<string>> =>
    this.#find(name, 'TXT', (data) => (data === 'NONE' ? undefined : textOf(data)));
  a = async (name: string): Promise<Found<string>> => this.#find(name, 'A', String);
  aaaa = async (name: string): Promise<Found<string>> => this.#find(name, 'AAAA', String);
  mx = async (name: string): Promise<Found<{ preference: number; exchange: string }>> =>
    this.#find(name, 'MX', (data) => ({ preference: data[0] as number, exchange: data[1] }));
  ptr = async (ip: string): Promise<Found<string>> => this.#find(reverse(ip), 'PTR', String);

  #find<T>(name: string, type: string, read: (data: RecordData) => T | undefined, hops = 0): Found<T> {
    if (name.split('.').some((label) => label.length > 63)) return { is: 'failure', reason: 'invalidName' };
    const entries = this.#zone.get(name.toLowerCase().replace(/\.$/, ''));
    if (entries === undefined) return { is: 'nxDomain', canonicalName: name };
    const listed = entries.filter(
      (entry): entry is Readonly<Record<string, RecordData>> => entry !== 'TIMEOUT',
    );
    const alias = listed.find((entry) => 'CNAME' in entry)?.['CNAME'];
    if (alias !== undefined) {
      return hops > 10
        ? { is: 'failure', reason: 'malformed' }
        : this.#find(textOf(alias), type, read, hops + 1);
    }
    const kind = type === 'TXT' && !listed.some((entry) => 'TXT' in entry) ? 'SPF' : type;
    const records = listed
      .flatMap((entry) => (kind in entry ? [read(entry[kind]!)] : []))
      .filter((r) => r !== undefined);
    if (records.length > 0) return { is: 'records', records };
    return entries.includes('TIMEOUT')
      ? { is: 'failure', reason: 'timeout' }
      : { is: 'noData', canonicalName: name };
  }
}

const textOf = (data: RecordData): string => (typeof data === 'string' ? data : data.join(''));

function reverse(ip: string): string {
  if (!ip.includes(':')) return `${ip.split('.').reverse().join('.')}.in-addr.arpa`;
  const halves = ip.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - halves.flat().length;
  const words =
    halves.length === 1 ? halves[0]! : [...halves[0]!, ...Array<string>(missing).fill('0'), ...halves[1]!];
  const digits = words.map((word) => word.padStart(4, '0')).join('');
  return `${Array.from(digits).reverse().join('.')}.ip6.arpa`;
}

function scenarios(file: string): Scenario[] {
  const text = readFileSync(join(conformanceFolder('spf-openspf')!, file), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as Scenario);
}

interface Outcome {
  readonly name: string;
  readonly wrong: string | undefined;
}

async function run({ tests, zonedata }: Scenario, zone = new ZoneLookup(zonedata)): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [name, given] of Object.entries(tests)) {
    const { helo, mailfrom, host } = given;
    const local = mailfrom.slice(0, Math.max(0, mailfrom.lastIndexOf('@')));
    const domain = mailfrom === '' ? helo : mailfrom.slice(mailfrom.lastIndexOf('@') + 1);
    const question = {
      ip: host,
      domain,
      sender: `${local || 'postmaster'}@${domain}`,
      helo,
      receiver: 'receiver.test',
      nowSeconds: 1_700_000_000,
    };
    const { result, why, explanation } = await checkHost(question, { dns: zone });
    const wanted = [given.result].flat();
    const explained =
      given.explanation === undefined || given.explanation === 'DEFAULT' ? '' : given.explanation;
    const problems = [
      ...(wanted.includes(result) ? [] : [`${result} (${why}), not ${wanted.join(' or ')}`]),
      ...(given.explanation === undefined || explanation === explained
        ? []
        : [`says "${explanation}", not "${explained}"`]),
    ];
    outcomes.push({ name, wrong: problems.length === 0 ? undefined : `${name}: ${problems.join('; ')}` });
  }
  return outcomes;
}

test(
  'RFC 7208: every case of the suite has its result and explanation',
  skipWithout('spf-openspf'),
  async () => {
    const outcomes = (
      await Promise.all(scenarios('rfc7208-tests.yml').map((scenario) => run(scenario)))
    ).flat();
    assert.equal(outcomes.length, 203);
    assert.deepEqual(
      outcomes.flatMap(({ wrong }) => wrong ?? []),
      [],
    );
  },
);

test('RFC 4408: every case of the older suite has its result', skipWithout('spf-openspf'), async () => {
  const outcomes = (
    await Promise.all(scenarios('rfc4408-tests.yml').map((scenario) => run(scenario)))
  ).flat();
  assert.deepEqual(
    outcomes.flatMap(({ wrong }) => wrong ?? []),
    [],
  );
});
