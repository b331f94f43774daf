/**
 * JIS X 0213 in its three wrappings (ISO-2022-JP-3/-2004, EUC-JIS-2004, Shift_JIS-2004). Rare in mail, so charset.ts loads it
 * when it is first met. What the table lacks is as in EUC-JP: JIS X 0208, and JIS X 0212 in the rows plane 2 leaves free.
 */
import { jisx0213Rows } from './jisx0213-table.ts';

const eucJp = new TextDecoder('euc-jp');
const cells = new Map<number, string>();

for (const [plane, row, runs] of jisx0213Rows) {
  for (const run of runs.split(' ')) {
    const colon = run.indexOf(':');
    let cell = Number(run.slice(0, colon));
    const characters = run.slice(colon + 1);
    if (characters.length > 1 && characters.startsWith('!'))
      cells.set(key(plane, row, cell), characters.slice(1));
    else for (const character of characters) cells.set(key(plane, row, cell++), character);
  }
}

function key(plane: number, row: number, cell: number): number {
  return (plane * 128 + row) * 128 + cell;
}

/** Plane, row and cell count from 1. */
export function jisx0213Character(plane: 1 | 2, row: number, cell: number): string {
  const found = cells.get(key(plane, row, cell));
  if (found !== undefined) return found;
  const pair = [row + 0xa0, cell + 0xa0];
  return eucJp.decode(Uint8Array.from(plane === 1 ? pair : [0x8f, ...pair]));
}

/** Rows of plane 2 in the lead bytes F0 to F4 of Shift_JIS-2004, two for each. */
const shiftedRows = [1, 8, 3, 4, 5, 12, 13, 14, 15, 78];

export function decodeJisx0213(bytes: Uint8Array, charset: string): string {
  return charset === 'euc-jisx0213' ? decodeEuc(bytes) : decodeShifted(bytes);
}

function decodeEuc(bytes: Uint8Array): string {
  const out: string[] = [];
  for (let i = 0; i < bytes.length; ) {
    const byte = bytes[i]!;
    const three = byte === 0x8f;
    const lead = three ? bytes[i + 1] : byte;
    const trail = bytes[three ? i + 2 : i + 1];
    if (byte < 0x80) {
      out.push(String.fromCharCode(byte));
      i++;
    } else if (byte === 0x8e && trail !== undefined && trail >= 0xa1 && trail <= 0xdf) {
      out.push(String.fromCharCode(0xff61 + trail - 0xa1));
      i += 2;
    } else if (lead !== undefined && lead > 0xa0 && trail !== undefined && trail > 0xa0 && trail < 0xff) {
      out.push(jisx0213Character(three ? 2 : 1, lead - 0xa0, trail - 0xa0));
      i += three ? 3 : 2;
    } else {
      out.push('\ufffd');
      i++;
    }
  }
  return out.join('');
}

function decodeShifted(bytes: Uint8Array): string {
  const out: string[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const trail = bytes[i + 1];
    if (byte < 0x80) out.push(roman(byte));
    else if (byte >= 0xa1 && byte <= 0xdf) out.push(String.fromCharCode(0xff61 + byte - 0xa1));
    else if (trail === undefined || trail < 0x40 || trail === 0x7f || trail > 0xfc || byte > 0xfc)
      out.push('\ufffd');
    else {
      out.push(shiftedCharacter(byte, trail));
      i++;
    }
  }
  return out.join('');
}

/** ASCII, as mailers mean it: not the yen sign and overline of the standard. */
function roman(byte: number): string {
  return String.fromCharCode(byte);
}

function shiftedCharacter(lead: number, trail: number): string {
  const second = trail >= 0x9f ? 1 : 0;
  const cell = second ? trail - 0x9e : trail - 0x3f - (trail > 0x7f ? 1 : 0);
  const pair = lead - (lead < 0xa0 ? 0x81 : 0xc1);
  if (lead < 0xf0) return jisx0213Character(1, pair * 2 + 1 + second, cell);
  const index = (lead - 0xf0) * 2 + second;
  const row = shiftedRows[index] ?? 79 + (index - shiftedRows.length);
  return jisx0213Character(2, row, cell);
}
