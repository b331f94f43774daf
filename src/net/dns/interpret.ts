/**
 * What a response says to a question: follows CNAMEs within the answer section and believes nothing else.
 *
 * Only records of the question's name, or of a name that a CNAME chain leads to from there, count; anything else in the answer, and the whole
 * additional section, is ignored (that is how caches were poisoned). Pure; throws DnsFormatError for data it cannot read.
 */
import { isWithin, DnsFormatError } from './name.ts';
import { rcodes, type DnsMessage, type RawRecord } from './message.ts';
import { decodeRdata, typeCodes } from './rdata.ts';
import type { RecordType, RecordTypes } from './record.ts';

export type Reading<T extends RecordType = RecordType> =
  | {
      readonly is: 'records';
      readonly records: readonly RecordTypes[T][];
      readonly name: string;
      readonly ttl: number;
    }
  | { readonly is: 'noData' | 'nxDomain'; readonly name: string; readonly ttl: number }
  /** The chain leads out of this response: ask for `name`. */
  | { readonly is: 'alias'; readonly name: string; readonly ttl: number };

/** Longest chain of CNAMEs followed, over all responses of a lookup. Unbound gives up at 11, BIND at 16. */
export const aliasesMax = 12;
/** Longest time a negative answer is kept (RFC 2308, 5 proposes one to three hours). */
const negativeTtlMaxSeconds = 3 * 3600;

const IN = 1;

/** For responses whose code is NOERROR or NXDOMAIN. */
export function interpret<T extends RecordType>(message: DnsMessage, name: string, type: T): Reading<T> {
  let at = name;
  let ttl = Infinity;
  const passed = new Set<string>();
  while (!passed.has(at) && passed.size <= aliasesMax) {
    passed.add(at);
    const own = message.answers.filter((record) => record.name === at && record.class === IN);
    const found = own.filter((record) => record.type === typeCodes[type]);
    if (found.length > 0) return recordsOf(message, type, found, { name: at, ttl });
    const alias = own.find((record) => record.type === typeCodes.CNAME);
    if (alias === undefined) return absence(message, at, ttl, passed.size > 1);
    ttl = Math.min(ttl, alias.ttl);
    at = decodeRdata('CNAME', message.bytes, alias.start, alias.end);
  }
  throw new DnsFormatError('CNAME loop');
}

function recordsOf<T extends RecordType>(
  message: DnsMessage,
  type: T,
  found: readonly RawRecord[],
  reached: { readonly name: string; readonly ttl: number },
): Reading<T> {
  return {
    is: 'records',
    records: found.map((record) => decodeRdata(type, message.bytes, record.start, record.end)),
    name: reached.name,
    ttl: Math.min(reached.ttl, ...found.map((record) => record.ttl)),
  };
}

function absence(message: DnsMessage, name: string, chainTtl: number, followed: boolean): Reading<never> {
  const soa = message.authority.find(
    (record) => record.type === typeCodes.SOA && record.class === IN && isWithin(name, record.name),
  );
  if (message.rcode === rcodes.noError && soa === undefined && followed)
    return { is: 'alias', name, ttl: chainTtl };
  const ttl = Math.min(chainTtl, soa === undefined ? 0 : negativeTtl(message, soa));
  return { is: message.rcode === rcodes.nameError ? 'nxDomain' : 'noData', name, ttl };
}

/** RFC 2308, 5: the lesser of the SOA's own TTL and its minimum field. Without a SOA nothing is kept. */
function negativeTtl(message: DnsMessage, soa: RawRecord): number {
  const { minimum } = decodeRdata('SOA', message.bytes, soa.start, soa.end);
  return Math.min(soa.ttl, minimum, negativeTtlMaxSeconds);
}
