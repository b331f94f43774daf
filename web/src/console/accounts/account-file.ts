/** Accounts in a CSV file (RFC 4180): columns by their names in the first line, in English or Japanese, or address, name, password in this order. */
export interface ImportedAccount {
  readonly name: string;
  readonly displayName: string;
  readonly password?: string;
}

const heads = {
  name: /^(address|e-?mail|mail|login|メールアドレス|アドレス)$/i,
  displayName: /^(name|display ?name|氏名|名前|表示名)$/i,
  password: /^(password|パスワード)$/i,
} as const;
type Field = keyof typeof heads;

export function accountsIn(bytes: Uint8Array): readonly ImportedAccount[] {
  const [first = [], ...rest] = rowsOf(decoded(bytes));
  const named = (Object.keys(heads) as Field[]).map((field) =>
    first.findIndex((cell) => heads[field].test(cell.trim())),
  );
  const hasHead = named[0] !== -1;
  const [name, displayName, password] = hasHead ? named : [0, 1, 2];
  return (hasHead ? rest : [first, ...rest])
    .map((row) => ({
      name: row[name!]?.trim() ?? '',
      displayName: row[displayName!]?.trim() ?? '',
      ...(row[password!] ? { password: row[password!]! } : {}),
    }))
    .filter((row) => row.name.includes('@'));
}

/** What is not UTF-8 is what spreadsheets in Japan write. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('shift_jis').decode(bytes);
  }
}

function rowsOf(text: string): readonly string[][] {
  const rows: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n|\n|\r|$)/y;
  while (cell.lastIndex < text.length) {
    const [, value = '', end = ''] = cell.exec(text) ?? [];
    rows.at(-1)!.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === '') break;
    if (end !== ',') rows.push([]);
  }
  return rows.filter((row) => row.some((value) => value.trim() !== ''));
}
