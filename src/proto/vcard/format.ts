/** Writes vCards of version 3.0 (RFC 2426) or 4.0 (RFC 6350): UTF-8, lines of at most 75 octets, folded between characters. */
import type { Vcard, VcardProperty } from './vcard.ts';

const lineMaxBytes = 75;

export function formatVcards(cards: readonly Vcard[]): string {
  return cards.map(formatVcard).join('');
}

function formatVcard({ version, properties }: Vcard): string {
  const lines = ['BEGIN:VCARD', `VERSION:${version}`, ...properties.map(formatProperty), 'END:VCARD'];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function formatProperty({ group, name, params, value, isBinary }: VcardProperty): string {
  const all = isBinary ? [...params, ['ENCODING', ['b']] as const] : [...params];
  const written = all
    .filter(([, values]) => values.length > 0)
    .map(([key, values]) => `;${key}=${values.map(formatParam).join(',')}`);
  return `${group === '' ? '' : `${group}.`}${name}${written.join('')}:${value.replace(/\r\n|\r|\n/g, '\\n')}`;
}

function formatParam(value: string): string {
  const escaped = value
    .replace(/\^/g, '^^')
    .replace(/\r\n|\r|\n/g, '^n')
    .replace(/"/g, "^'");
  const plain = escaped.replace(/[\u0000-\u001f\u007f]/g, '');
  return /[,;:]/.test(plain) || plain === '' ? `"${plain}"` : plain;
}

function folded(line: string): string {
  if (Buffer.byteLength(line) <= lineMaxBytes) return line;
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const char of line) {
    const size = Buffer.byteLength(char);
    if (used + size > lineMaxBytes) {
      pieces.push(piece);
      piece = '';
      // The blank of the fold counts.
      used = 1;
    }
    piece += char;
    used += size;
  }
  pieces.push(piece);
  return pieces.join('\r\n ');
}
