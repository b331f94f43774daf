/**
 * What a filter answers: go on, a verdict, or a change of the message. Everything in an answer is a stranger's word: it is bounded, and what would
 * break a message or a reply apart (line ends, NUL, a field name that is none) is a MilterError, never passed on.
 */
import { milterActions } from './constants.ts';
import { has, type Negotiated } from './negotiation.ts';
import { MilterError, PacketText, type Packet } from './packet.ts';

export type MilterVerdict =
  /** Nothing more needs to be asked about this message (or this session). */
  | { readonly is: 'accept' }
  | { readonly is: 'discard' }
  /** A reply of the filter's own, or none. */
  | { readonly is: 'reject'; readonly reply: MilterReply | undefined }
  | { readonly is: 'defer'; readonly reply: MilterReply | undefined }
  /** 421, and the session is over. */
  | { readonly is: 'close'; readonly reply: MilterReply | undefined };

/** `550`, `5.7.1` (or ''), and text of printable ASCII. */
export interface MilterReply {
  readonly code: number;
  readonly enhanced: string;
  readonly lines: readonly string[];
}

/** `value` is all that stands behind the colon, with CRLF where it is folded and none at the end. */
export type MilterChange =
  | { readonly is: 'addHeader'; readonly name: string; readonly value: string }
  /** `index` 0: before our own Received field; 1: behind it; counted from there. Beyond the last: at the end. */
  | { readonly is: 'insertHeader'; readonly index: number; readonly name: string; readonly value: string }
  /** The index-th field of that name, 0 and 1 the first; an empty value removes it. Where there are not as many, it is added. */
  | { readonly is: 'changeHeader'; readonly index: number; readonly name: string; readonly value: string }
  | { readonly is: 'changeSender'; readonly address: string }
  | { readonly is: 'addRecipient'; readonly address: string }
  | { readonly is: 'deleteRecipient'; readonly address: string }
  | { readonly is: 'replaceBody'; readonly bytes: Buffer }
  | { readonly is: 'quarantine'; readonly reason: string };

export type MilterAnswer =
  | { readonly is: 'continue' }
  /** No more of the body is wanted. */
  | { readonly is: 'skip' }
  /** Still at work: the time limit starts anew. */
  | { readonly is: 'progress' }
  | { readonly is: 'verdict'; readonly verdict: MilterVerdict }
  | { readonly is: 'change'; readonly change: MilterChange };

export function parseAnswer({ kind, data }: Packet, agreed: Negotiated): MilterAnswer {
  const plain = verdictOf(kind, data);
  if (plain !== undefined) return plain;
  const allowed = needed[kind];
  if (allowed === undefined) throw new MilterError(`an answer ${JSON.stringify(kind)} that does not exist`);
  if ((agreed.actions & allowed) === 0)
    throw new MilterError(`does what it did not ask for: ${JSON.stringify(kind)}`);
  return { is: 'change', change: changeOf(kind, data, has(agreed, 'leadingSpace')) };
}

function verdictOf(kind: string, data: Buffer): MilterAnswer | undefined {
  switch (kind) {
    case 'c':
      return { is: 'continue' };
    case 's':
      return { is: 'skip' };
    case 'p':
      return { is: 'progress' };
    case 'a':
      return { is: 'verdict', verdict: { is: 'accept' } };
    case 'd':
      return { is: 'verdict', verdict: { is: 'discard' } };
    case 'r':
      return { is: 'verdict', verdict: { is: 'reject', reply: undefined } };
    case 't':
    case 'f':
      return { is: 'verdict', verdict: { is: 'defer', reply: undefined } };
    case '4':
      return { is: 'verdict', verdict: { is: 'close', reply: undefined } };
    case 'y':
      return { is: 'verdict', verdict: replied(data) };
    default:
      return undefined;
  }
}

/** The action that each change needs. A header may be inserted by whoever may add one. */
const needed: Readonly<Record<string, number>> = {
  h: milterActions.addHeader,
  i: milterActions.addHeader,
  m: milterActions.changeHeader,
  e: milterActions.changeSender,
  '+': milterActions.addRecipient,
  '2': milterActions.addRecipientWithParams,
  '-': milterActions.deleteRecipient,
  b: milterActions.replaceBody,
  q: milterActions.quarantine,
};

function changeOf(kind: string, data: Buffer, withSpace: boolean): MilterChange {
  const isIndexed = kind === 'i' || kind === 'm';
  if (kind === 'b') return { is: 'replaceBody', bytes: Buffer.from(data) };
  if (isIndexed && data.length < 4) throw new MilterError('an index cut short');
  const text = new PacketText(data, isIndexed ? 4 : 0);
  if (kind === 'h' || isIndexed) {
    const name = fieldName(text.next());
    const given = fieldValue(text.next());
    const value = withSpace || given === '' ? given : ` ${given}`;
    text.end();
    if (!isIndexed) return { is: 'addHeader', name, value };
    return { is: kind === 'i' ? 'insertHeader' : 'changeHeader', index: data.readUInt32BE(0), name, value };
  }
  if (kind === 'q') return { is: 'quarantine', reason: printable(text.next()).slice(0, reasonMaxChars) };
  // Parameters of ESMTP may follow an address: none of them changes how we deliver.
  const address = bareAddress(text.next());
  if (kind === 'e') return { is: 'changeSender', address };
  if (address === '') throw new MilterError('a recipient without an address');
  return { is: kind === '-' ? 'deleteRecipient' : 'addRecipient', address };
}

const fieldMaxChars = 64 * 1024;
const reasonMaxChars = 500;
const addressMaxChars = 1000;

function fieldName(name: string): string {
  if (!/^[!-9;-~]{1,200}$/.test(name)) throw new MilterError('a header field without a proper name');
  return name;
}

/** Folded with LF by most filters, with CRLF by some: CRLF here. A line that would end the field, or the header, is refused. */
function fieldValue(text: string): string {
  if (text.length > fieldMaxChars) throw new MilterError('a header field too long');
  // Some end the value with a line end, which is not part of it.
  const value = text.replace(/\r?\n$/, '').replace(/\r?\n/g, '\r\n');
  if (/\r(?!\n)|\r\n(?![ \t])|\r\n[ \t]*(?:\r\n|$)/.test(value))
    throw new MilterError('a header field that breaks the header apart');
  return value;
}

function bareAddress(text: string): string {
  const address = text.trim().replace(/^<([^]*)>$/, '$1');
  if (address.length > addressMaxChars || !/^[^\s<>\u0000-\u001f\u007f]*$/.test(address))
    throw new MilterError('an address that is none');
  return Buffer.from(address, 'latin1').toString('utf8');
}

const replyLine = /^([45])(\d\d)(?:[ -](?:(\1\.\d{1,3}\.\d{1,3})(?:\s+|$))?(.*))?$/s;
const replyLinesMax = 32;
const replyLineMaxChars = 400;

/** `550 5.7.1 text`, perhaps of several lines. `%%` is a percent sign, as in libmilter. */
function replied(data: Buffer): MilterVerdict {
  const text = new PacketText(data).next();
  const lines = text.replaceAll('%%', '%').split(/\r?\n/).filter(Boolean).slice(0, replyLinesMax);
  const parsed = lines.map((line) => replyLine.exec(line));
  const [first] = parsed;
  if (first === null || first === undefined) throw new MilterError('a reply that is none');
  const reply = {
    code: Number(`${first[1]}${first[2]}`),
    enhanced: first[3] ?? '',
    lines: parsed.map((found, i) => printable(found?.[4] ?? lines[i]!).slice(0, replyLineMaxChars)),
  };
  if (reply.code === 421) return { is: 'close', reply };
  return { is: first[1] === '5' ? 'reject' : 'defer', reply };
}

const printable = (text: string): string => text.replace(/[^ -~]+/g, '?').trim();
