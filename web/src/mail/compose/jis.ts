/**
 * What ISO-2022-JP can carry, as old receivers read it: JIS X 0208 with the characters of NEC and IBM that they take under that label. The server writes it; here
 * is only asked what it could not write, and what it would change. The table is the browser's own of EUC-JP.
 */
let table: ReadonlySet<string> | undefined;

/** Unicode has several characters for some of JIS. */
const alsoWritten = '\u301c\u2212\u2016\u2014\u00a2\u00a3\u00ac\u00a6\u00a5\u203e';
const halfKana = /[\uff61-\uff9f]+/g;

function known(): ReadonlySet<string> {
  if (table !== undefined) return table;
  const decoder = new TextDecoder('euc-jp');
  const found = new Set<string>(alsoWritten);
  for (let lead = 0xa1; lead < 0xff; lead++) {
    const row = new Uint8Array(94 * 2);
    for (let cell = 0; cell < 94; cell++) row.set([lead, 0xa1 + cell], cell * 2);
    for (const character of decoder.decode(row)) if (character !== '\ufffd') found.add(character);
  }
  table = found;
  return table;
}

const widened = (text: string): string =>
  text.replaceAll(halfKana, (kana) =>
    kana.normalize('NFKC').replaceAll('\u3099', '゛').replaceAll('\u309a', '゜'),
  );

const isControl = (code: number): boolean => code === 0x1b || code === 0x0e || code === 0x0f;

/** Characters without a form in it, each once, in the order of the text. */
export function unwritable(text: string): readonly string[] {
  const forms = known();
  const found = new Set<string>();
  for (const character of widened(text)) {
    const code = character.codePointAt(0)!;
    if (code < 0x80 ? isControl(code) : !forms.has(character)) found.add(character);
  }
  return [...found];
}

/** Half-width kana arrive full-width: what becomes of which, each once. */
export function changedBy(text: string): readonly (readonly [before: string, after: string])[] {
  const found = new Map<string, string>();
  for (const [kana] of text.matchAll(halfKana)) found.set(kana, widened(kana));
  return [...found];
}
