/**
 * Responses in wire form (RFC 1035, 4), for the test server: names uncompressed, extended errors on request (RFC 8914).
 */
import type { DnsMessage } from './message.ts';
import { encodeName } from './name.ts';
import { encodeRdata, typeCodes } from './rdata.ts';
import type { RecordType, RecordTypes } from './record.ts';

export interface AnswerRecord {
  readonly name: string;
  readonly type: RecordType;
  readonly record: RecordTypes[RecordType];
  readonly ttl: number;
}

export interface Response {
  readonly query: DnsMessage;
  /** Default: the query's own, byte for byte. */
  readonly question?: { readonly name: string; readonly type: number };
  readonly lowerCase?: boolean;
  readonly flags: number;
  readonly answers: readonly AnswerRecord[];
  readonly authority?: readonly AnswerRecord[];
  readonly extendedError?: number;
}

export function encodeMessage(response: Response): Buffer {
  const { query, answers, authority = [], extendedError } = response;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(query.id, 0);
  header.writeUInt16BE(response.flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt16BE(authority.length, 8);
  header.writeUInt16BE(extendedError === undefined ? 0 : 1, 10);
  return Buffer.concat([
    header,
    questionBytes(response),
    ...answers.map(recordBytes),
    ...authority.map(recordBytes),
    ...(extendedError === undefined ? [] : [optWithError(extendedError)]),
  ]);
}

function questionBytes({ query, question, lowerCase }: Response): Buffer {
  const asked = query.question!;
  const name = question || lowerCase ? encodeName(question?.name ?? asked.name)! : asked.rawName;
  return Buffer.concat([name, u16s(question?.type ?? asked.type, 1)]);
}

function recordBytes({ name, type, record, ttl }: AnswerRecord): Buffer {
  const data = encodeRdata(type, record);
  const fixed = u16s(typeCodes[type], 1, Math.trunc(ttl / 65_536), ttl % 65_536, data.length);
  return Buffer.concat([encodeName(name)!, fixed, data]);
}

/** The root name, type OPT, payload size, flags, then one option: code 15 with an info code and no text. */
const optWithError = (code: number): Buffer =>
  Buffer.concat([Buffer.of(0), u16s(41, 1232, 0, 0, 6, 15, 2, code)]);

function u16s(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeUInt16BE(value, 2 * i));
  return bytes;
}
