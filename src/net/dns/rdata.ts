/**
 * The data of each record type: wire form both ways (RFC 1035, 3.3; 3596; 2782; 6698; 8659).
 */
import { formatGroups, parseAddress } from '../address-block.ts';
import { decodeName, DnsFormatError, encodeName } from './name.ts';
import type { RecordType, RecordTypes } from './record.ts';

export const typeCodes = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  TLSA: 52,
  CAA: 257,
} as const satisfies Record<RecordType, number>;

/** Longest character string (RFC 1035, 3.3): longer texts are several. */
const stringMax = 255;

interface Codec<T> {
  decode(message: Buffer, start: number, end: number): T;
  encode(record: T): Buffer;
}

const names: Codec<string> = {
  decode: (message, start, end) => nameAt(message, start, end),
  encode: nameBytes,
};

const codecs: { readonly [K in RecordType]: Codec<RecordTypes[K]> } = {
  A: { decode: v4, encode: addressBytes },
  AAAA: { decode: v6, encode: addressBytes },
  NS: names,
  CNAME: names,
  PTR: names,
  MX: {
    decode: (message, start, end) => ({
      preference: u16(message, start, end),
      exchange: nameAt(message, start + 2, end),
    }),
    encode: (mx) => Buffer.concat([u16Bytes(mx.preference), nameBytes(mx.exchange)]),
  },
  TXT: { decode: text, encode: textBytes },
  SRV: {
    decode: (message, start, end) => ({
      priority: u16(message, start, end),
      weight: u16(message, start + 2, end),
      port: u16(message, start + 4, end),
      target: nameAt(message, start + 6, end),
    }),
    encode: (srv) => Buffer.concat([u16Bytes(srv.priority, srv.weight, srv.port), nameBytes(srv.target)]),
  },
  TLSA: {
    decode(message, start, end) {
      if (end - start < 3) throw new DnsFormatError('TLSA cut short');
      return {
        usage: message[start]!,
        selector: message[start + 1]!,
        matchingType: message[start + 2]!,
        data: Uint8Array.from(message.subarray(start + 3, end)),
      };
    },
    encode: (tlsa) => Buffer.from([tlsa.usage, tlsa.selector, tlsa.matchingType, ...tlsa.data]),
  },
  CAA: {
    decode(message, start, end) {
      const tagEnd = start + 2 + (message[start + 1] ?? 0);
      if (end - start < 2 || tagEnd > end) throw new DnsFormatError('CAA cut short');
      return {
        critical: (message[start]! & 0x80) !== 0,
        tag: message.toString('latin1', start + 2, tagEnd).toLowerCase(),
        value: message.toString('utf8', tagEnd, end),
      };
    },
    encode: (caa) =>
      Buffer.concat([Buffer.of(caa.critical ? 0x80 : 0, caa.tag.length), Buffer.from(caa.tag + caa.value)]),
  },
  SOA: {
    decode(message, start, end) {
      const primary = decodeName(message, start);
      const mailbox = decodeName(message, primary.end);
      if (mailbox.end + 20 !== end) throw new DnsFormatError('SOA has a wrong length');
      const number = (i: number): number => message.readUInt32BE(mailbox.end + 4 * i);
      return {
        primary: primary.name,
        mailbox: mailbox.name,
        serial: number(0),
        refresh: number(1),
        retry: number(2),
        expire: number(3),
        minimum: number(4),
      };
    },
    encode(soa) {
      const numbers = Buffer.alloc(20);
      [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum].forEach((n, i) =>
        numbers.writeUInt32BE(n, 4 * i),
      );
      return Buffer.concat([nameBytes(soa.primary), nameBytes(soa.mailbox), numbers]);
    },
  },
};

/** Throws a DnsFormatError. `start` and `end` bound the data within the whole message, which compressed names may point into. */
export function decodeRdata<T extends RecordType>(
  type: T,
  message: Buffer,
  start: number,
  end: number,
): RecordTypes[T] {
  return codecs[type].decode(message, start, end);
}

export function encodeRdata<T extends RecordType>(type: T, record: RecordTypes[T]): Buffer {
  return codecs[type].encode(record);
}

function u16(message: Buffer, at: number, end: number): number {
  if (at + 2 > end) throw new DnsFormatError('record cut short');
  return message.readUInt16BE(at);
}

function nameAt(message: Buffer, start: number, end: number): string {
  const decoded = decodeName(message, start);
  if (decoded.end !== end) throw new DnsFormatError('name and data differ in length');
  return decoded.name;
}

function v4(message: Buffer, start: number, end: number): string {
  if (end - start !== 4) throw new DnsFormatError('A has a wrong length');
  return message.subarray(start, end).join('.');
}

function v6(message: Buffer, start: number, end: number): string {
  if (end - start !== 16) throw new DnsFormatError('AAAA has a wrong length');
  // Unlike the address of a socket, `::ffff:192.0.2.1` stays as it is: a peculiar AAAA record.
  return formatGroups(Array.from({ length: 8 }, (_, i) => message.readUInt16BE(start + 2 * i)));
}

function text(message: Buffer, start: number, end: number): string {
  const strings: Buffer[] = [];
  let at = start;
  while (at < end) {
    const next = at + 1 + message[at]!;
    if (next > end) throw new DnsFormatError('TXT cut short');
    strings.push(message.subarray(at + 1, next));
    at = next;
  }
  return (strings.length === 1 ? strings[0]! : Buffer.concat(strings)).toString('utf8');
}

function textBytes(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  const parts: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += stringMax) {
    const string = bytes.subarray(at, at + stringMax);
    parts.push(Buffer.of(string.length), string);
  }
  return Buffer.concat(parts);
}

function nameBytes(name: string): Buffer {
  const bytes = encodeName(name);
  if (bytes === undefined) throw new DnsFormatError(`not a domain name: ${name}`);
  return bytes;
}

function addressBytes(ip: string): Buffer {
  const address = parseAddress(ip);
  if (address === undefined) throw new DnsFormatError(`not an address: ${ip}`);
  if (address.family === 4 && !ip.includes(':')) return Buffer.from(ip.split('.').map(Number));
  const bits = address.family === 4 ? address.bits | (0xffffn << 32n) : address.bits;
  return Buffer.from(bits.toString(16).padStart(32, '0'), 'hex');
}

function u16Bytes(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeUInt16BE(value, 2 * i));
  return bytes;
}
