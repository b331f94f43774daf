/**
 * The built-in zone: DNS records from the settings, asked before the network. For demos, tests and split-horizon networks.
 *
 * It is authoritative for its apexes and all below: a name that is not listed there does not exist.
 */
import type { RecordType } from './dns/record.ts';

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

export interface Zone {
  readonly apexes: readonly string[];
}

export declare function createZone(options: ZoneOptions): Zone;
