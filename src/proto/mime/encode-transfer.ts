/** Transfer encodings for writing (RFC 2045, 6.7 and 6.8): CRLF line ends, lines of at most 76 characters. */
export { encodeBase64Lines } from './base64.ts';

const lineMax = 76;
/** RFC 5322, 2.1.1: without the CRLF. */
const plainLineMax = 998;

/** Text in CRLF to quoted-printable. Blanks at line ends, `=` and all that is not printable ASCII are encoded; so are `.` alone and `From ` at line starts, which gateways change. */
export function encodeQuotedPrintable(bytes: Buffer): Buffer {
  const out: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const crlf = bytes.indexOf('\r\n', at, 'latin1');
    const end = crlf === -1 ? bytes.length : crlf;
    encodeLine(bytes.subarray(at, end), out);
    if (crlf !== -1) out.push('\r\n');
    at = crlf === -1 ? end : crlf + 2;
  }
  return Buffer.from(out.join(''), 'latin1');
}

function encodeLine(line: Buffer, out: string[]): void {
  let column = 0;
  for (let i = 0; i < line.length; i++) {
    const token = encodeByte(line, i);
    const last = i === line.length - 1;
    if (column + token.length > (last ? lineMax : lineMax - 1)) {
      out.push('=\r\n');
      column = 0;
    }
    out.push(token);
    column += token.length;
  }
}

function encodeByte(line: Buffer, i: number): string {
  const byte = line[i]!;
  const blank = byte === 0x20 || byte === 0x09;
  const plain = blank ? i < line.length - 1 : byte > 0x20 && byte < 0x7f && byte !== 0x3d;
  const fragile =
    i === 0 && ((byte === 0x2e && line.length === 1) || line.toString('latin1', 0, 5) === 'From ');
  return plain && !fragile
    ? String.fromCharCode(byte)
    : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The encoding that suits a text in CRLF: as it is, or the shorter of the two. With `escapes`, ESC is text (ISO-2022-JP). */
export function chooseEncoding(bytes: Buffer, escapes = false): '7bit' | 'quoted-printable' | 'base64' {
  let foreign = 0;
  let line = 0;
  let long = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    line = byte === 0x0a ? 0 : line + 1;
    if (line > plainLineMax) long = true;
    const control = byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09;
    if (byte >= 0x7f || (control && !(escapes && byte === 0x1b))) foreign++;
  }
  if (foreign === 0 && !long) return '7bit';
  return foreign * 6 > bytes.length ? 'base64' : 'quoted-printable';
}
