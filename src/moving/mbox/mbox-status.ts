/** What mailers write of a message's state into its header in an mbox: `Status: RO`, `X-Status: AF`, `X-Keywords: ...`. It belongs to the mailbox, not to the mail. */
import { fieldText, parseHeaders } from '../../proto/mime/headers.ts';
import { flagsFrom } from '../flag-words.ts';
import type { MessageFlags } from '../source.ts';

const fields = new Set(['status', 'x-status', 'x-keywords', 'x-uid', 'x-imap', 'x-imapbase']);
const letters = new Map([
  ['R', '\\Seen'],
  ['A', '\\Answered'],
  ['F', '\\Flagged'],
  ['D', '\\Deleted'],
  ['T', '\\Draft'],
]);

export interface Stated {
  /** Without the fields. */
  readonly bytes: Buffer;
  readonly flags: MessageFlags;
}

export function readStatus(bytes: Buffer): Stated {
  const header = parseHeaders(bytes);
  const words: string[] = [];
  const pieces: Buffer[] = [];
  let kept = 0;
  for (const field of header.fields) {
    if (!fields.has(field.name)) continue;
    words.push(...wordsOf(field.name, fieldText(bytes, field)));
    pieces.push(bytes.subarray(kept, field.start));
    kept = field.end;
  }
  return {
    bytes: pieces.length === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(kept)]),
    flags: flagsFrom(words),
  };
}

function wordsOf(name: string, text: string): string[] {
  if (name === 'x-keywords') return text.split(/\s+/).filter((word) => word !== '');
  if (name !== 'status' && name !== 'x-status') return [];
  return Array.from(text, (letter) => letters.get(letter)).filter((word) => word !== undefined);
}

/** The same as fields, to stand at the end of a header; always a Status field, so that what is unread is told too. */
export function statusFields({ system, keywords }: MessageFlags): string {
  const has = (flag: MessageFlags['system'][number]): boolean => system.includes(flag);
  const state = [
    has('answered') ? 'A' : '',
    has('flagged') ? 'F' : '',
    has('deleted') ? 'D' : '',
    has('draft') ? 'T' : '',
  ].join('');
  const lines = [`Status: ${has('seen') ? 'RO' : 'O'}`];
  if (state !== '') lines.push(`X-Status: ${state}`);
  if (keywords.length > 0) lines.push(`X-Keywords: ${keywords.join(' ')}`);
  return lines.map((line) => `${line}\n`).join('');
}
