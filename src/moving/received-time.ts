/** When a message was received, by its own words: the Received field on top, else Date. */
import { parseDate } from '../proto/mime/date.ts';
import { fieldText, findField, parseHeaders } from '../proto/mime/headers.ts';

const headMaxBytes = 256 * 1024;

export function receivedTime(bytes: Buffer): number | undefined {
  const head = bytes.subarray(0, headMaxBytes);
  const headers = parseHeaders(head);
  const received = findField(headers, 'received');
  if (received !== undefined) {
    const text = fieldText(head, received);
    const at = text.lastIndexOf(';');
    const date = at === -1 ? undefined : parseDate(text.slice(at + 1));
    if (date !== undefined) return usable(date.atMs);
  }
  const field = findField(headers, 'date');
  const date = field && parseDate(fieldText(head, field));
  return date && usable(date.atMs);
}

/** IMAP has years of four digits, and the store no times before 1970. */
const usable = (atMs: number): number | undefined =>
  atMs >= 0 && atMs < 253_402_300_800_000 ? atMs : undefined;
