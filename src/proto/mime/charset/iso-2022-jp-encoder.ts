/**
 * Text to ISO-2022-JP (RFC 1468) with the characters that Japanese readers take under that label: JIS X 0208, NEC row 13 and the
 * NEC-selected IBM kanji (CP50220). Half-width kana become full-width, as the label demands. The table is TextDecoder's EUC-JP
 * turned round, made at first use (about 5 ms).
 */
let table: Map<string, number> | undefined;

/** Unicode has several characters for some of JIS; TextDecoder gives only the first of each. */
const alsoWritten: readonly (readonly [string, string])[] = [
  ['\u301c', '～'],
  ['\u2212', '－'],
  ['\u2016', '∥'],
  ['\u2014', '―'],
  ['\u00a2', '￠'],
  ['\u00a3', '￡'],
  ['\u00ac', '￢'],
  ['\u00a6', '￤'],
];

type Mode = 'ascii' | 'roman' | 'jis0208';
const escape: Record<Mode, string> = { ascii: '\x1b(B', roman: '\x1b(J', jis0208: '\x1b$B' };

/** Undefined when the text has a character that the charset cannot carry. Line ends and the end of the text are in ASCII. */
export function encodeIso2022Jp(text: string): Buffer | undefined {
  table ??= inverted();
  let out = '';
  let mode: Mode = 'ascii';
  const enter = (wanted: Mode): void => {
    if (mode !== wanted) out += escape[wanted];
    mode = wanted;
  };
  for (const character of widened(text)) {
    const code = character.codePointAt(0)!;
    const jis = code < 0x80 ? undefined : table.get(character);
    if (code === 0x1b || code === 0x0e || code === 0x0f) return undefined;
    if (code < 0x80) {
      enter('ascii');
      out += character;
    } else if (jis !== undefined) {
      enter('jis0208');
      out += String.fromCharCode(jis >> 8, jis & 0xff);
    } else if (code === 0xa5 || code === 0x203e) {
      enter('roman');
      out += code === 0xa5 ? '\\' : '~';
    } else {
      return undefined;
    }
  }
  enter('ascii');
  return Buffer.from(out, 'latin1');
}

/** Half-width kana and their voiced marks become full-width kana. */
function widened(text: string): string {
  return text.replace(/[\uff61-\uff9f]+/g, (kana) =>
    kana.normalize('NFKC').replaceAll('\u3099', '゛').replaceAll('\u309a', '゜'),
  );
}

function inverted(): Map<string, number> {
  const decoder = new TextDecoder('euc-jp');
  const found = new Map<string, number>();
  for (let lead = 0x21; lead < 0x7f; lead++) {
    const row = new Uint8Array(94 * 2);
    for (let cell = 0; cell < 94; cell++) row.set([lead | 0x80, (cell + 0x21) | 0x80], cell * 2);
    Array.from(decoder.decode(row)).forEach((character, cell) => {
      if (character !== '\ufffd' && !found.has(character)) found.set(character, lead * 256 + cell + 0x21);
    });
  }
  for (const [other, known] of alsoWritten) {
    const jis = found.get(known);
    if (jis !== undefined && !found.has(other)) found.set(other, jis);
  }
  return found;
}
