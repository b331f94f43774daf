/**
 * Records as people write them: the data column of a zone file, both ways (RFC 1035, 5.1). A TXT record is its bare text.
 */
import { isIP } from 'node:net';
import { normalAddress } from '../address-block.ts';
import { normalName } from './name.ts';
import type { RecordType, RecordTypes } from './record.ts';

interface Form<T> {
  print(record: T): string;
  /** Undefined when the text is not of this type. */
  parse(text: string): T | undefined;
}

const name: Form<string> = { print: (record) => record, parse: normalName };

const forms: { readonly [K in RecordType]: Form<RecordTypes[K]> } = {
  A: { print: (record) => record, parse: (text) => (isIP(text) === 4 ? text : undefined) },
  AAAA: { print: (record) => record, parse: (text) => (isIP(text) === 6 ? normalAddress(text) : undefined) },
  NS: name,
  CNAME: name,
  PTR: name,
  TXT: { print: (record) => record, parse: (text) => text },
  MX: {
    print: (record) => `${record.preference} ${record.exchange}`,
    parse(text) {
      const [preference, host, ...more] = text.split(/\s+/);
      const exchange = normalName(host ?? '');
      if (!areU16(preference) || exchange === undefined || more.length > 0) return undefined;
      return { preference: Number(preference), exchange };
    },
  },
  SRV: {
    print: (record) => `${record.priority} ${record.weight} ${record.port} ${record.target}`,
    parse(text) {
      const [priority, weight, port, host, ...more] = text.split(/\s+/);
      const target = normalName(host ?? '');
      if (!areU16(priority, weight, port) || target === undefined || more.length > 0) return undefined;
      return { priority: Number(priority), weight: Number(weight), port: Number(port), target };
    },
  },
  TLSA: {
    print: (record) =>
      `${record.usage} ${record.selector} ${record.matchingType} ${Buffer.from(record.data).toString('hex')}`,
    parse(text) {
      const match = /^(\d{1,3}) (\d{1,3}) (\d{1,3}) ((?:[0-9a-f]{2})+)$/i.exec(text.replace(/\s+/g, ' '));
      const [usage, selector, matchingType] = (match?.slice(1, 4) ?? ['256']).map(Number) as [
        number,
        number,
        number,
      ];
      if (match === null || Math.max(usage, selector, matchingType) > 255) return undefined;
      return { usage, selector, matchingType, data: Uint8Array.from(Buffer.from(match[4]!, 'hex')) };
    },
  },
  CAA: {
    print: (record) => `${record.critical ? 128 : 0} ${record.tag} "${record.value}"`,
    parse(text) {
      const match = /^(\d{1,3})\s+([a-z0-9]{1,15})\s+"?([^"]*)"?$/i.exec(text);
      if (match === null) return undefined;
      return { critical: Number(match[1]) >= 128, tag: match[2]!.toLowerCase(), value: match[3]! };
    },
  },
  SOA: {
    print: (soa) =>
      `${soa.primary} ${soa.mailbox} ${soa.serial} ${soa.refresh} ${soa.retry} ${soa.expire} ${soa.minimum}`,
    parse(text) {
      const [first, second, ...numbers] = text.split(/\s+/);
      const primary = normalName(first ?? '');
      const mailbox = normalName(second ?? '');
      if (primary === undefined || mailbox === undefined) return undefined;
      if (numbers.length !== 5 || !numbers.every((n) => /^\d{1,10}$/.test(n) && Number(n) < 2 ** 32))
        return undefined;
      const [serial, refresh, retry, expire, minimum] = numbers.map(Number) as [
        number,
        number,
        number,
        number,
        number,
      ];
      return { primary, mailbox, serial, refresh, retry, expire, minimum };
    },
  },
};

export function printRecord<T extends RecordType>(type: T, record: RecordTypes[T]): string {
  return forms[type].print(record);
}

/** Undefined when the text is not the data of such a record. */
export function parseRecord<T extends RecordType>(type: T, text: string): RecordTypes[T] | undefined {
  return forms[type].parse(text);
}

function areU16(...texts: readonly (string | undefined)[]): boolean {
  return texts.every((text) => text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= 65_535);
}
