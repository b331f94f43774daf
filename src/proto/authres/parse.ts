/** Reads Authentication-Results and what stands in ARC-Authentication-Results behind `i=N;` (RFC 8601, 2.2), as they come. Never throws; linear. */

export interface ReadResults {
  /** In lower case; `''` when there is none. */
  readonly authservId: string;
  readonly results: readonly ReadResult[];
}

export interface ReadResult {
  readonly method: string;
  readonly result: string;
  /** `smtp.mailfrom` → value; the first of a name. */
  readonly properties: ReadonlyMap<string, string>;
}

const resultsMax = 50;
const textMax = 64 * 1024;

export function parseResults(value: string): ReadResults {
  const [first = [], ...rest] = statements(value.slice(0, textMax));
  const authservId = (first[0] ?? '').toLowerCase();
  const results = rest.slice(0, resultsMax).flatMap((words) => readResult(words) ?? []);
  return { authservId, results };
}

/** `method[/version]=result` and `name=value` behind it, each a word. */
function readResult(words: readonly string[]): ReadResult | undefined {
  const [head = '', ...more] = words;
  const equals = head.indexOf('=');
  if (equals < 1) return undefined;
  const method = head.slice(0, equals).toLowerCase().replace(/\/.*$/, '');
  const properties = new Map<string, string>();
  for (const word of more) {
    const at = word.indexOf('=');
    const name = word.slice(0, at).toLowerCase();
    if (at > 0 && !properties.has(name)) properties.set(name, word.slice(at + 1));
  }
  return { method, result: head.slice(equals + 1).toLowerCase(), properties };
}

/** The words of each part between semicolons: comments gone, quotes resolved, blanks around `=`, `.` and `/` gone. */
function statements(text: string): string[][] {
  const parts: string[][] = [[]];
  let word = '';
  /** Blanks or a comment stand behind the word. */
  let ended = false;
  const end = (): void => {
    if (word !== '') parts.at(-1)!.push(word);
    word = '';
    ended = false;
  };
  const add = (piece: string, joins: boolean): void => {
    if (ended && !joins && !/[=./]$/.test(word)) end();
    word += piece;
    ended = false;
  };
  for (let at = 0; at < text.length; ) {
    const character = text[at]!;
    if (character === '(') {
      at = commentEnd(text, at);
      ended = true;
    } else if (character === '"') {
      const close = quoteEnd(text, at);
      add(text.slice(at + 1, close - 1).replace(/\\(.)/gs, '$1'), false);
      at = close;
    } else if (character === ';') {
      end();
      parts.push([]);
      at += 1;
    } else if (/[ \t\r\n]/.test(character)) {
      ended = true;
      at += 1;
    } else {
      plain.lastIndex = at;
      const run = '=./'.includes(character) ? character : plain.exec(text)![0];
      add(run, '=./'.includes(character));
      at += run.length;
    }
  }
  end();
  return parts;
}

/** What stands for itself. */
const plain = /[^ \t\r\n();"=./][^ \t\r\n();"=./]*|[)]/y;

/** Behind the quote that closes, or one behind the end as if it stood there. */
function quoteEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length + 1;
}

function commentEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i + 1;
  }
  return text.length;
}
