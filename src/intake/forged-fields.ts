/**
 * Fields that only we may have written, as readers and mailers believe them: Authentication-Results with our name (RFC 8601, 5), and BIMI's
 * where-the-logo-is, the verdict of the filters, warnings of attachments. In mail that comes in they are forged, or stale, and are taken out.
 */
import { scoreFieldPrefix } from '../policy/score-fields.ts';
import { parseResults } from '../proto/authres/parse.ts';
import type { HeaderBlock, HeaderField } from '../proto/mime/headers.ts';

const ourOwn: ReadonlySet<string> = new Set([
  'bimi-location',
  'bimi-indicator',
  'bimi-logo-preference',
  'x-attachment-warning',
]);

/** The header without them: the same buffer when there are none, as in nearly all mail. */
export function withoutForged(header: Buffer, block: HeaderBlock, authservId: string): Buffer {
  const forged = block.fields.filter((field) => isForged(header, field, authservId));
  if (forged.length === 0) return header;
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end } of forged) {
    pieces.push(header.subarray(at, start));
    at = end;
  }
  pieces.push(header.subarray(at));
  return Buffer.concat(pieces);
}

function isForged(header: Buffer, field: HeaderField, authservId: string): boolean {
  if (ourOwn.has(field.name) || field.name.startsWith(scoreFieldPrefix)) return true;
  if (field.name !== 'authentication-results') return false;
  const value = header.toString('latin1', field.valueStart, field.end);
  const { authservId: id } = parseResults(value);
  // One that cannot be read may still be read by others.
  return (
    id === authservId.toLowerCase() || (id === '' && value.toLowerCase().includes(authservId.toLowerCase()))
  );
}
