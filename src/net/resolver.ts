/**
 * DNS as mail needs it: asks recursive servers, caches by TTL, and says what it asked and heard.
 *
 * Answers are values, never exceptions: "there is none" and "could not find out" lead to different decisions everywhere in mail, so the
 * compiler makes callers tell them apart. Names are A-labels (IDNA is the caller's), with or without the final dot, any case; they
 * are absolute: no search list. Records from the built-in zone (zone.ts) come before the network.
 */
import type { Clock } from '../base/clock.ts';
import { noMetrics, type Counter, type Metrics } from '../base/metrics.ts';
import { reverseName } from './address-block.ts';
import { TtlCache } from './dns/cache.ts';
import { Gate } from './dns/gate.ts';
import { aliasesMax, type Reading } from './dns/interpret.ts';
import { isWithin, normalName } from './dns/name.ts';
import { askNetwork, type NetworkOptions } from './dns/network.ts';
import { printRecord } from './dns/record-text.ts';
import type { RecordType, RecordTypes } from './dns/record.ts';
import { mayTrust, Servers, type Server } from './dns/servers.ts';
import type { Zone } from './zone.ts';

export type { RecordType, RecordTypes } from './dns/record.ts';

/** One question and what came of it, for the journey. */
export interface LookupStep {
  readonly name: string;
  readonly type: RecordType;
  /** Records as text ("10 mx.example.jp"), or why there are none ("NXDOMAIN", "no MX records", "timeout"). */
  readonly answer: readonly string[];
  readonly ms: number;
}

/** `overloaded`: too many questions were waiting already. `invalidName`: not a name DNS could hold, nothing was asked. */
export type LookupFault =
  | 'timeout'
  | 'servfail'
  | 'refused'
  | 'malformed'
  | 'network'
  | 'overloaded'
  | 'invalidName';

interface Found {
  /** DNSSEC-validated, as told by a resolver we trust (AD bit, RFC 4035, 3.2.3). */
  readonly authenticated: boolean;
  /** How long this may be kept, in seconds from now. */
  readonly ttlSeconds: number;
  /** The name that has (or lacks) the records, after CNAMEs. */
  readonly canonicalName: string;
}

export type Answer<T> = { readonly step: LookupStep } & (
  | ({ readonly is: 'records'; readonly records: readonly T[] } & Found)
  /** The name exists without records of the type. */
  | ({ readonly is: 'noData' } & Found)
  /** The name does not exist, nor does anything below it (RFC 8020). */
  | ({ readonly is: 'nxDomain' } & Found)
  | { readonly is: 'failure'; readonly reason: LookupFault; readonly detail: string }
);

export interface Resolver {
  lookup<T extends RecordType>(name: string, type: T): Promise<Answer<RecordTypes[T]>>;
  a(name: string): Promise<Answer<string>>;
  aaaa(name: string): Promise<Answer<string>>;
  mx(name: string): Promise<Answer<RecordTypes['MX']>>;
  txt(name: string): Promise<Answer<string>>;
  /** Names of an IP address. */
  ptr(ip: string): Promise<Answer<string>>;
  cname(name: string): Promise<Answer<string>>;
  srv(name: string): Promise<Answer<RecordTypes['SRV']>>;
  tlsa(name: string): Promise<Answer<RecordTypes['TLSA']>>;
  /** Forgets everything cached. */
  flush(): void;
}

export interface DnsServer {
  readonly ip: string;
  /** Default 53. */
  readonly port?: number;
  /** Its AD bit is believed: it validates. Only ever on this machine: elsewhere anybody could set it on the way. */
  readonly trusted?: boolean;
}

export interface ResolverOptions {
  readonly clock: Clock;
  /** Default: those of /etc/resolv.conf, read again when it changes. */
  readonly servers?: readonly DnsServer[];
  readonly zone?: Zone;
  readonly metrics?: Metrics;
  /** How long one server may take for one try. */
  readonly tryTimeoutMs?: number;
  /** How long a lookup may take in all. */
  readonly deadlineMs?: number;
  readonly cacheEntriesMax?: number;
  /** Longest time a positive answer is kept, whatever its TTL. */
  readonly ttlMaxSeconds?: number;
  /** Questions asked at one time; more wait. */
  readonly inFlightMax?: number;
  /** Random case in the questions (draft-vixie-dnsext-dns0x20), which whoever forges an answer has to guess. Default: to servers that are not on this machine. */
  readonly mixedCase?: boolean;
  /** Default `/etc/resolv.conf`. */
  readonly resolvConf?: string;
  /** Of the servers there, those on this machine validate. */
  readonly trustSystem?: boolean;
}

const tryTimeoutDefaultMs = 3_000;
const deadlineDefaultMs = 10_000;
const cacheEntriesDefault = 20_000;
/** What an answer may hold to count as one entry of the cache; strangers may well publish, and have us ask for, a hundred times as much. */
const entryOctets = 512;
/** A day: whoever changes records waits that long at most. */
const ttlMaxDefaultSeconds = 86_400;
const inFlightDefault = 256;
/** Lookups waiting for a free place; more fail at once. */
const waitingMax = 10_000;
/** RFC 9520, 3.2: a failure to resolve must be kept for a second at least, and for five minutes at most. */
const failureTtlSeconds = 5;

export function createResolver(options: ResolverOptions): Resolver {
  return new CachingResolver(options);
}

type Failure = { readonly is: 'failure'; readonly reason: LookupFault; readonly detail: string };
/** An answer without its step: what the cache keeps. */
type Result<T = unknown> =
  | ({ readonly is: 'records'; readonly records: readonly T[] } & Found)
  | ({ readonly is: 'noData' } & Found)
  | ({ readonly is: 'nxDomain' } & Found)
  | Failure;
/** What one source says to one name: a result, or where a CNAME leads. */
type Part = Result | ({ readonly is: 'alias' } & Found);

class CachingResolver implements Resolver {
  readonly #clock: Clock;
  readonly #zone: Zone | undefined;
  readonly #network: NetworkOptions;
  readonly #deadlineMs: number;
  readonly #ttlMax: number;
  readonly #cache: TtlCache<Part>;
  readonly #inFlight = new Map<string, Promise<Part>>();
  readonly #gate: Gate;
  readonly #lookups: Counter<'source' | 'outcome'>;

  constructor(options: ResolverOptions) {
    const { clock, servers, resolvConf = '/etc/resolv.conf', metrics = noMetrics } = options;
    this.#clock = clock;
    this.#zone = options.zone;
    this.#network = {
      clock,
      servers: new Servers(servers?.map(completed) ?? resolvConf, clock, options.trustSystem),
      tryTimeoutMs: options.tryTimeoutMs ?? tryTimeoutDefaultMs,
      mixedCase: options.mixedCase,
    };
    this.#deadlineMs = options.deadlineMs ?? deadlineDefaultMs;
    this.#ttlMax = options.ttlMaxSeconds ?? ttlMaxDefaultSeconds;
    this.#cache = new TtlCache(options.cacheEntriesMax ?? cacheEntriesDefault, clock);
    this.#gate = new Gate(options.inFlightMax ?? inFlightDefault, waitingMax);
    this.#lookups = metrics.counter(
      'hikyaku_net_dns_questions_total',
      'DNS questions by source and outcome.',
      ['source', 'outcome'],
    );
  }

  a = (name: string): Promise<Answer<string>> => this.lookup(name, 'A');
  aaaa = (name: string): Promise<Answer<string>> => this.lookup(name, 'AAAA');
  mx = (name: string): Promise<Answer<RecordTypes['MX']>> => this.lookup(name, 'MX');
  txt = (name: string): Promise<Answer<string>> => this.lookup(name, 'TXT');
  ptr = (ip: string): Promise<Answer<string>> => this.lookup(reverseName(ip) ?? '', 'PTR');
  cname = (name: string): Promise<Answer<string>> => this.lookup(name, 'CNAME');
  srv = (name: string): Promise<Answer<RecordTypes['SRV']>> => this.lookup(name, 'SRV');
  tlsa = (name: string): Promise<Answer<RecordTypes['TLSA']>> => this.lookup(name, 'TLSA');

  async lookup<T extends RecordType>(name: string, type: T): Promise<Answer<RecordTypes[T]>> {
    const startedMs = this.#clock.monotonicMs();
    const asked = normalName(name);
    const result =
      asked === undefined
        ? failure('invalidName', 'not a domain name')
        : ((await this.#resolve(asked, type, startedMs + this.#deadlineMs)) as Result<RecordTypes[T]>);
    const ms = Math.round(this.#clock.monotonicMs() - startedMs);
    return { ...result, step: { name: asked ?? name, type, answer: printed(result, type), ms } };
  }

  flush(): void {
    this.#cache.clear();
  }

  /** Follows CNAMEs from source to source; a chain is authenticated if each part is, and lives as long as its shortest part. */
  async #resolve(name: string, type: RecordType, deadlineMs: number): Promise<Result> {
    let at = name;
    let ttlSeconds = Infinity;
    let authenticated = true;
    const passed = new Set<string>();
    while (!passed.has(at) && passed.size <= aliasesMax) {
      passed.add(at);
      const part = await this.#part(at, type, deadlineMs);
      if (part.is === 'failure') return part;
      ttlSeconds = Math.min(ttlSeconds, part.ttlSeconds);
      authenticated &&= part.authenticated;
      if (part.is !== 'alias') return { ...part, ttlSeconds, authenticated };
      at = part.canonicalName;
    }
    return failure('malformed', 'CNAME loop');
  }

  #part(name: string, type: RecordType, deadlineMs: number): Part | Promise<Part> {
    const local = localhost(name, type) ?? this.#listed(name, type);
    if (local !== undefined) return this.#counted('zone', local);
    const key = `${type} ${name}`;
    const kept = this.#cache.get(key);
    if (kept !== undefined) return this.#counted('cache', withTtl(kept.value, kept.ttlSeconds));
    let asking = this.#inFlight.get(key);
    if (asking === undefined) {
      asking = this.#ask(name, type, deadlineMs).finally(() => this.#inFlight.delete(key));
      this.#inFlight.set(key, asking);
    }
    return asking;
  }

  async #ask(name: string, type: RecordType, deadlineMs: number): Promise<Part> {
    if (!(await this.#gate.enter())) return failure('overloaded', 'too many DNS questions are waiting');
    try {
      const answer = await askNetwork(name, type, deadlineMs, this.#network);
      const part = answer.is === 'failure' ? answer : this.#partOf(answer.reading, answer.authenticated);
      const ttlSeconds = part.is === 'failure' ? failureTtlSeconds : part.ttlSeconds;
      this.#cache.set(`${type} ${name}`, part, ttlSeconds, countOf(part));
      return this.#counted('network', part);
    } finally {
      this.#gate.leave();
    }
  }

  #partOf(reading: Reading, authenticated: boolean): Part {
    const found = {
      authenticated,
      ttlSeconds: Math.min(reading.ttl, this.#ttlMax),
      canonicalName: reading.name,
    };
    return reading.is === 'records'
      ? { is: 'records', records: reading.records, ...found }
      : { is: reading.is, ...found };
  }

  #listed(name: string, type: RecordType): Part | undefined {
    const answer = this.#zone?.find(name, type);
    if (answer === undefined) return undefined;
    if (answer.is === 'records') return { ...answer, ...certain(name, answer.ttl) };
    return answer.is === 'alias'
      ? { is: 'alias', ...certain(answer.name, answer.ttl) }
      : { is: answer.is, ...certain(name, 0) };
  }

  #counted(source: string, part: Part): Part {
    this.#lookups.add(1, { source, outcome: part.is === 'failure' ? part.reason : part.is });
    return part;
  }
}

/** From our own settings: nobody could have forged it. */
const certain = (canonicalName: string, ttlSeconds: number): Found => ({
  authenticated: true,
  ttlSeconds,
  canonicalName,
});

/** RFC 6761, 6.3: these names never go to the network. */
function localhost(name: string, type: RecordType): Part | undefined {
  if (!isWithin(name, 'localhost')) return undefined;
  if (type === 'A') return { is: 'records', records: ['127.0.0.1'], ...certain(name, 0) };
  if (type === 'AAAA') return { is: 'records', records: ['::1'], ...certain(name, 0) };
  return { is: 'noData', ...certain(name, 0) };
}

function completed(server: DnsServer): Server {
  return { ip: server.ip, port: server.port ?? 53, trusted: server.trusted === true && mayTrust(server.ip) };
}

function countOf(part: Part): number {
  return part.is === 'records' ? 1 + Math.floor(octetsOf(part.records) / entryOctets) : 1;
}

const numberOctets = 8;

/** About so much, with records one within the other. */
function octetsOf(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return numberOctets;
  return Object.values(value).reduce((sum: number, one) => sum + octetsOf(one), 0);
}

function withTtl(part: Part, ttlSeconds: number): Part {
  return part.is === 'failure' ? part : { ...part, ttlSeconds };
}

function failure(reason: LookupFault, detail: string): Failure {
  return { is: 'failure', reason, detail };
}

function printed<T extends RecordType>(result: Result<RecordTypes[T]>, type: T): readonly string[] {
  if (result.is === 'records') return result.records.map((record) => printRecord(type, record));
  if (result.is === 'noData') return [`no ${type} records`];
  if (result.is === 'nxDomain') return ['NXDOMAIN'];
  return [`${result.reason}: ${result.detail}`];
}
