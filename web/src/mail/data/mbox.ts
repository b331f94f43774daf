/** An mbox file cut into its messages as it is read (RFC 4155): at lines that begin with `From ` behind an empty one; `>From ` gets its `>` taken away (mboxrd). */

const LF = 0x0a;
const messageMaxBytes = 100 * 1024 * 1024;

export async function* messagesOfMbox(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Blob> {
  let lines: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  let empty = true;
  for await (const line of linesOf(stream)) {
    if (empty && startsWith(line, 'From ')) {
      if (lines.length > 0) yield new Blob(withoutLastEmpty(lines));
      lines = [];
      bytes = 0;
    } else {
      bytes += line.length;
      if (bytes > messageMaxBytes) throw new Error('A message of the file is larger than 100 MiB.');
      lines.push(isQuotedFrom(line) ? line.subarray(1) : line);
    }
    empty = line.every((byte) => byte === LF || byte === 0x0d);
  }
  if (lines.length > 0) yield new Blob(withoutLastEmpty(lines));
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let rest: Uint8Array<ArrayBuffer>[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    let from = 0;
    for (let at = value.indexOf(LF); at !== -1; at = value.indexOf(LF, from)) {
      yield joined([...rest, value.subarray(from, at + 1)]);
      rest = [];
      from = at + 1;
    }
    if (from < value.length) rest.push(value.subarray(from));
  }
  if (rest.length > 0) yield joined(rest);
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const startsWith = (line: Uint8Array, text: string): boolean =>
  Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)).every((code, i) => line[i] === code);

function isQuotedFrom(line: Uint8Array): boolean {
  let at = 0;
  while (line[at] === 0x3e) at++;
  return at > 0 && startsWith(line.subarray(at), 'From ');
}

/** The empty line in front of the next `From ` belongs to the file, not to the message. */
function withoutLastEmpty(lines: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>[] {
  const last = lines.at(-1)!;
  const isEmpty = last.length <= 2 && last.every((byte) => byte === LF || byte === 0x0d);
  return lines.slice(0, isEmpty && lines.length > 1 ? -1 : undefined);
}
