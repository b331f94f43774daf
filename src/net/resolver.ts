/**
 * DNS as mail needs it: asks recursive servers, caches by TTL, and says what it asked and heard.
 *
 * Answers are values, never exceptions: "there is none" and "could not find out" lead to different decisions everywhere in mail, so the
 * compiler makes callers tell them apart. Names are A-labels (IDNA is the caller's), with or without the final dot, any case; they
 * are absolute: no search list. Records from the built-in zone (zone.ts) come before the network.
 */
import type { Clock } from '../base/clock.ts';
import type { Metrics } from '../base/metrics.ts';
import type { RecordType, RecordTypes } from './dns/record.ts';
import type { Zone } from './zone.ts';

export type {
  CaaRecord,
  MxRecord,
  RecordType,
  RecordTypes,
  SoaRecord,
  SrvRecord,
  TlsaRecord,
} from './dns/record.ts';

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
  /** The name exists without records of the type, or does not exist at all (RFC 8020: nor does anything below it). */
  | ({ readonly is: 'noData' | 'nxDomain' } & Found)
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
  /** Its AD bit is believed: it validates, and the way to it is safe (usually: on this machine). */
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
  /** Random case in the questions (draft-vixie-dnsext-dns0x20): for servers across an unsafe network. */
  readonly mixedCase?: boolean;
  /** Default `/etc/resolv.conf`. */
  readonly resolvConf?: string;
}

export declare function createResolver(options: ResolverOptions): Resolver;
