/**
 * Fields that a message gets on its way through our addresses: Return-Path and Delivered-To with final delivery (RFC 5321, 4.4), Delivered-To alone
 * when it is sent on from an alias, a group or a forward.
 *
 * Delivered-To is how a message that comes round again is known, from whichever server it comes (RFC 5321, 6.3).
 */
import { fieldText, findFields, parseHeaders } from '../proto/mime/headers.ts';
import { formatPath, isAsciiText, splitAddress } from '../proto/smtp/path.ts';
import type { QueuedRecipient, Through } from '../queue/message.ts';

/** How much of a message is looked at for its header. */
export const traceHeaderMaxBytes = 64 * 1024;
/** A message that has been delivered this often goes in circles. */
const deliveredToMax = 20;

/** On top of what a mailbox gets. X-Original-To is the address the sender wrote, when that was another one of ours. */
export function deliveryStamp(sender: string, { address, orcpt, through }: QueuedRecipient): Buffer {
  const written = through?.addresses[0];
  return Buffer.from(
    `Return-Path: ${formatPath(splitAddress(sender))}\r\nDelivered-To: ${oneLine(address)}\r\n` +
      (written === undefined ? '' : `X-Original-To: ${oneLine(written)}\r\n`) +
      // RFC 8098, 2.3: a receipt that the reader sends names what the sender asked for.
      (orcpt === '' ? '' : `Original-Recipient: ${oneLine(orcpt)}\r\n`),
  );
}

/** On top of what is sent on: in ASCII, so that it asks no more of the next server than before. */
export function passedOnStamp({ addresses }: Through): Buffer {
  return Buffer.from(
    addresses
      .filter(isAsciiText)
      .map((address) => `Delivered-To: ${oneLine(address)}\r\n`)
      .toReversed()
      .join(''),
  );
}

/** Whether a message with this beginning has been at one of these addresses of ours before, or at too many. */
export function hasComeRound(head: Buffer, addresses: readonly string[]): boolean {
  if (!mayHave(head, 'elivered-')) return false;
  const seen = findFields(parseHeaders(head), 'delivered-to').map((field) =>
    fieldText(head, field).trim().toLowerCase(),
  );
  return seen.length >= deliveredToMax || addresses.some((address) => seen.includes(address.toLowerCase()));
}

/** A Return-Path that came with the message is not ours (RFC 5321, 4.4). */
export function withoutReturnPath(bytes: Buffer): Buffer {
  if (!mayHave(bytes, 'eturn-')) return bytes;
  const fields = findFields(parseHeaders(bytes), 'return-path');
  if (fields.length === 0) return bytes;
  const pieces: Buffer[] = [];
  let at = 0;
  for (const field of fields) {
    pieces.push(bytes.subarray(at, field.start));
    at = field.end;
  }
  pieces.push(bytes.subarray(at));
  return Buffer.concat(pieces);
}

/** Quicker than a look at every field, and nearly always no. */
const mayHave = (bytes: Buffer, text: string): boolean =>
  bytes.includes(text, 0, 'latin1') || bytes.includes(text.toUpperCase(), 0, 'latin1');

const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f]+/g, ' ');
