/**
 * DNS messages (RFC 1035, 4; EDNS(0): RFC 6891; extended errors: RFC 8914): questions out, answers in.
 *
 * Decoding reads the frame only; the data of a record is decoded when someone wants it (rdata.ts), so a strange record that nobody asked for
 * spoils nothing. Everything wrong is a DnsFormatError.
 */
import { decodeName, DnsFormatError } from './name.ts';

/** Where a record lies in its message. */
export interface RawRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly start: number;
  readonly end: number;
}

export interface DnsMessage {
  readonly bytes: Buffer;
  readonly id: number;
  readonly isResponse: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticated: boolean;
  /** With the upper bits from EDNS. */
  readonly rcode: number;
  /** The first one; other than one question is an error or a message without any. */
  readonly question:
    | { readonly name: string; readonly type: number; readonly class: number; readonly rawName: Buffer }
    | undefined;
  readonly answers: readonly RawRecord[];
  readonly authority: readonly RawRecord[];
  /** Extended DNS error, as "6 DNSSEC bogus"; '' for none. */
  readonly extendedError: string;
}

export const rcodes = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
} as const;

const headerBytes = 12;
const IN = 1;
const OPT = 41;
const extendedErrorOption = 15;
/** UDP answers up to this size: one that passes every path unfragmented (DNS flag day 2020). */
export const udpPayloadBytes = 1232;
/** Records looked at in one section; an answer for mail has a few dozen at most. */
const recordsMax = 1_000;

export interface Query {
  readonly id: number;
  /** Wire form. */
  readonly name: Buffer;
  readonly type: number;
  readonly edns: boolean;
  /** Ask for the AD bit (RFC 6840, 5.7). */
  readonly wantAuthenticated: boolean;
}

export function encodeQuery(query: Query): Buffer {
  const bytes = Buffer.alloc(headerBytes + query.name.length + 4 + (query.edns ? 11 : 0));
  bytes.writeUInt16BE(query.id, 0);
  bytes[2] = 0x01; // recursion desired
  bytes[3] = query.wantAuthenticated ? 0x20 : 0;
  bytes.writeUInt16BE(1, 4);
  let at = headerBytes + query.name.copy(bytes, headerBytes);
  at = bytes.writeUInt16BE(query.type, at);
  at = bytes.writeUInt16BE(IN, at);
  if (query.edns) {
    bytes.writeUInt16BE(1, 10);
    at = bytes.writeUInt16BE(OPT, at + 1); // after the root name
    bytes.writeUInt16BE(udpPayloadBytes, at);
  }
  return bytes;
}

export function decodeMessage(bytes: Buffer): DnsMessage {
  if (bytes.length < headerBytes) throw new DnsFormatError('message cut short');
  const flags = bytes.readUInt16BE(2);
  const questions = bytes.readUInt16BE(4);
  if (questions > 1) throw new DnsFormatError('more than one question');
  const question = questions === 1 ? questionAt(bytes) : undefined;
  const truncated = (flags & 0x0200) !== 0;
  // The rest of a truncated answer is not looked at: it is asked again over TCP.
  const counts = truncated
    ? [0, 0, 0]
    : [bytes.readUInt16BE(6), bytes.readUInt16BE(8), bytes.readUInt16BE(10)];
  const answers = section(bytes, question?.end ?? headerBytes, counts[0]!);
  const authority = section(bytes, answers.end, counts[1]!);
  const additional = section(bytes, authority.end, counts[2]!);
  const opt = additional.records.find((record) => record.type === OPT);
  return {
    bytes,
    id: bytes.readUInt16BE(0),
    isResponse: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    authoritative: (flags & 0x0400) !== 0,
    truncated,
    recursionAvailable: (flags & 0x80) !== 0,
    authenticated: (flags & 0x20) !== 0,
    rcode: (flags & 0xf) | (opt ? Math.trunc(opt.ttl / 2 ** 24) << 4 : 0),
    question,
    answers: answers.records,
    authority: authority.records,
    extendedError: opt ? extendedErrorIn(bytes, opt) : '',
  };
}

function questionAt(bytes: Buffer): NonNullable<DnsMessage['question']> & { end: number } {
  const { name, end } = decodeName(bytes, headerBytes);
  if (end + 4 > bytes.length) throw new DnsFormatError('question cut short');
  return {
    name,
    type: bytes.readUInt16BE(end),
    class: bytes.readUInt16BE(end + 2),
    rawName: bytes.subarray(headerBytes, end),
    end: end + 4,
  };
}

function section(bytes: Buffer, offset: number, count: number): { records: RawRecord[]; end: number } {
  if (count > recordsMax) throw new DnsFormatError('too many records');
  const records: RawRecord[] = [];
  let at = offset;
  for (let i = 0; i < count; i++) {
    const { name, end } = decodeName(bytes, at);
    if (end + 10 > bytes.length) throw new DnsFormatError('record cut short');
    const start = end + 10;
    at = start + bytes.readUInt16BE(end + 8);
    if (at > bytes.length) throw new DnsFormatError('record cut short');
    const type = bytes.readUInt16BE(end);
    records.push({
      name,
      type,
      class: bytes.readUInt16BE(end + 2),
      ttl: type === OPT ? bytes.readUInt32BE(end + 4) : ttlOf(bytes.readUInt32BE(end + 4)),
      start,
      end: at,
    });
  }
  return { records, end: at };
}

/** A TTL with the top bit set is zero (RFC 2181, 8). */
const ttlOf = (raw: number): number => (raw >= 2 ** 31 ? 0 : raw);

/** RFC 8914, 4: the few that tell an administrator something. */
const extendedErrors: Readonly<Record<number, string>> = {
  1: 'unsupported DNSKEY algorithm',
  3: 'stale answer',
  6: 'DNSSEC bogus',
  7: 'signature expired',
  8: 'signature not yet valid',
  9: 'DNSKEY missing',
  10: 'RRSIGs missing',
  12: 'NSEC missing',
  15: 'blocked',
  16: 'censored',
  17: 'filtered',
  18: 'prohibited',
  20: 'not authoritative',
  22: 'no reachable authority',
  23: 'network error',
};

function extendedErrorIn(bytes: Buffer, opt: RawRecord): string {
  let at = opt.start;
  while (at + 4 <= opt.end) {
    const next = at + 4 + bytes.readUInt16BE(at + 2);
    if (next > opt.end) return '';
    if (bytes.readUInt16BE(at) === extendedErrorOption && next >= at + 6) {
      const code = bytes.readUInt16BE(at + 4);
      return `${code} ${extendedErrors[code] ?? 'other'}`;
    }
    at = next;
  }
  return '';
}
