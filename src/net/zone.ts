/**
 * The built-in zone: DNS records from the settings, asked before the network. For demos, tests and split-horizon networks.
 *
 * It is authoritative for its apexes and all below: a name that is not listed there does not exist, unless a wildcard covers it (RFC 4592) or
 * a listed name lies below it. Names elsewhere are none of its business.
 */
import { labelsOf, normalName } from './dns/name.ts';
import { parseRecord } from './dns/record-text.ts';
import type { RecordType, RecordTypes } from './dns/record.ts';

/** One record. `data` is written as in a zone file: "10 mx.here.test", "127.0.0.1", "0 0 25 host.here.test"; TXT is the bare text. */
export interface ZoneRecord {
  readonly name: string;
  readonly type: RecordType;
  readonly data: string;
  /** Seconds; default 300. */
  readonly ttl?: number;
}

export interface ZoneOptions {
  readonly records: readonly ZoneRecord[];
  /** Names the zone answers for, with all below. Default: every listed name that is not below another listed one. */
  readonly apexes?: readonly string[];
}

export type ZoneAnswer<T extends RecordType> =
  | { readonly is: 'records'; readonly records: readonly RecordTypes[T][]; readonly ttl: number }
  | { readonly is: 'alias'; readonly name: string; readonly ttl: number }
  | { readonly is: 'noData' | 'nxDomain' };

export interface Zone {
  readonly apexes: readonly string[];
  /** Undefined: not a name of this zone. The name is in text form (lower case, no final dot). */
  find<T extends RecordType>(name: string, type: T): ZoneAnswer<T> | undefined;
}

const ttlDefaultSeconds = 300;

interface Entry {
  readonly type: RecordType;
  readonly record: RecordTypes[RecordType];
  readonly ttl: number;
}

/** Throws a RangeError that names the record which cannot be one. */
export function createZone(options: ZoneOptions): Zone {
  const entries = new Map<string, Entry[]>();
  for (const given of options.records) {
    const record = parseRecord(given.type, given.data);
    if (record === undefined) throw new RangeError(`${given.name}: not ${given.type} data: ${given.data}`);
    const entry = { type: given.type, record, ttl: given.ttl ?? ttlDefaultSeconds };
    entries.set(required(given.name), [...(entries.get(required(given.name)) ?? []), entry]);
  }
  const listed = [...entries.keys()];
  const apexes =
    options.apexes?.map(required) ?? listed.filter((name) => !aboveOf(name).some((one) => entries.has(one)));
  return new ListedZone(entries, apexes);
}

class ListedZone implements Zone {
  readonly apexes: readonly string[];
  readonly #apexes: ReadonlySet<string>;
  readonly #entries: ReadonlyMap<string, readonly Entry[]>;
  /** Listed names and all between them and their apex: these exist, if only as empty non-terminals. */
  readonly #existing = new Set<string>();

  constructor(entries: ReadonlyMap<string, readonly Entry[]>, apexes: readonly string[]) {
    this.#entries = entries;
    this.apexes = apexes;
    this.#apexes = new Set(apexes);
    for (const name of [...entries.keys(), ...apexes]) {
      for (const ancestor of upwards(name)) if (this.#covers(ancestor)) this.#existing.add(ancestor);
    }
  }

  find<T extends RecordType>(name: string, type: T): ZoneAnswer<T> | undefined {
    if (!this.#covers(name)) return undefined;
    if (this.#existing.has(name)) return answerOf(this.#entries.get(name) ?? [], type);
    const encloser = upwards(name).find((ancestor) => this.#existing.has(ancestor));
    const wildcard = this.#entries.get(encloser === '.' ? '*' : `*.${encloser}`);
    return wildcard === undefined ? { is: 'nxDomain' } : answerOf(wildcard, type);
  }

  #covers(name: string): boolean {
    return upwards(name).some((ancestor) => this.#apexes.has(ancestor));
  }
}

function answerOf<T extends RecordType>(entries: readonly Entry[], type: T): ZoneAnswer<T> {
  const found = entries.filter((entry) => entry.type === type);
  if (found.length > 0) {
    const records = found.map((entry) => entry.record as RecordTypes[T]);
    return { is: 'records', records, ttl: Math.min(...found.map((entry) => entry.ttl)) };
  }
  const alias = entries.find((entry) => entry.type === 'CNAME');
  if (alias !== undefined) return { is: 'alias', name: alias.record as string, ttl: alias.ttl };
  return { is: 'noData' };
}

/** The name and all above it, the root last. */
function upwards(name: string): string[] {
  const labels = labelsOf(name);
  return [...labels.map((_, i) => labels.slice(i).join('.')), '.'];
}

const aboveOf = (name: string): string[] => upwards(name).slice(1);

function required(name: string): string {
  const normal = normalName(name);
  if (normal === undefined) throw new RangeError(`not a domain name: ${name}`);
  return normal;
}
