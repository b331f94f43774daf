/**
 * The records that mail asks DNS for, decoded. Names are in lower case, without the final dot; the root is `.`.
 */
export interface MxRecord {
  readonly preference: number;
  /** `.` says that the domain takes no mail (RFC 7505). */
  readonly exchange: string;
}

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Uint8Array;
}

export interface CaaRecord {
  readonly critical: boolean;
  readonly tag: string;
  readonly value: string;
}

export interface SoaRecord {
  readonly primary: string;
  readonly mailbox: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

/** What each type's records are read as. TXT: the strings of one record joined, as UTF-8. */
export interface RecordTypes {
  A: string;
  AAAA: string;
  MX: MxRecord;
  TXT: string;
  PTR: string;
  CNAME: string;
  NS: string;
  SRV: SrvRecord;
  TLSA: TlsaRecord;
  CAA: CaaRecord;
  SOA: SoaRecord;
}

export type RecordType = keyof RecordTypes;
