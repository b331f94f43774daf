/**
 * Plays a conversation against a server, so that a test of a line protocol reads like the protocol.
 *
 *   C: text     the client sends the line with CRLF
 *   C~ text     the client sends the text as it is, with the escapes of a JSON string (\r \n \u0000) and no line end of its own
 *   S: text     the next line from the server must be this; `...` stands for anything within the line
 *   S* text     lines are passed over until one is this
 *   S(closed)   the server must close, with no line before
 *   #           a remark
 *
 * With several clients, each line begins with the name of its client (`1C: NOOP`, `2S: * 1 EXISTS`), and all but the
 * last word of the name is free: `alice C: NOOP` is fine too. Text is UTF-8. A failure shows the conversation so far.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

/** How long one line of the server may take. */
const waitMs = 20_000;
const nothing = `(nothing for ${waitMs} ms)`;

interface Entry {
  readonly raw: string;
  readonly client: string;
  readonly kind: 'C:' | 'C~' | 'S:' | 'S*' | 'S(closed)';
  readonly text: string;
}

/** Plays `script` with one client, or with several by name. The streams stay open, and what they still send can be read. */
export async function converse(
  clients: Duplex | Readonly<Record<string, Duplex>>,
  script: string,
): Promise<void> {
  const byName: Readonly<Record<string, Duplex>> = isDuplex(clients) ? { '': clients } : clients;
  const heard = new Map(Object.entries(byName).map(([name, stream]) => [name, new HeardLines(stream)]));
  const done: string[] = [];
  try {
    for (const raw of script.split('\n').map((line) => line.trim())) {
      if (raw !== '' && !raw.startsWith('#')) {
        const entry = parseEntry(raw);
        const lines = heard.get(entry.client);
        assert(lines, `no client is called "${entry.client}": ${raw}`);
        await play(entry, byName[entry.client]!, lines, done);
      }
      done.push(raw);
    }
  } finally {
    for (const lines of heard.values()) lines.stop();
  }
}

/** The text of `test/transcripts/<name>.txt`, for a script that is long or shared. */
export function transcript(name: string): string {
  return readFileSync(join(import.meta.dirname, 'transcripts', `${name}.txt`), 'utf8');
}

function parseEntry(raw: string): Entry {
  const [, client, kind, text] = /^(.*?)\s*(C:|C~|S:|S\*|S\(closed\)) ?(.*)$/.exec(raw) ?? [];
  assert(kind !== undefined, `not a line of a conversation: ${raw}`);
  return { raw, client: client!, kind: kind as Entry['kind'], text: text! };
}

async function play(entry: Entry, stream: Duplex, lines: HeardLines, done: readonly string[]): Promise<void> {
  const { kind, text } = entry;
  if (kind === 'C:') return void stream.write(`${text}\r\n`);
  if (kind === 'C~') return void stream.write(JSON.parse(`"${text.replaceAll('"', '\\"')}"`) as string);
  const pattern = new RegExp(
    `^${text
      .split('...')
      .map((part) => RegExp.escape(part))
      .join('.*')}$`,
    'u',
  );
  for (;;) {
    const got = await lines.next();
    const fits = kind === 'S(closed)' ? got === undefined : got !== undefined && pattern.test(got);
    if (fits) return;
    if (kind === 'S*' && got !== undefined && got !== nothing) continue;
    assert.fail(`after:\n${done.join('\n')}\nexpected  ${entry.raw}\nreceived  ${got ?? '(closed)'}`);
  }
}

/** Lines of a stream as they come, without their CRLF. A line that ends otherwise shows it (`\n` without `\r` stays visible). */
class HeardLines {
  readonly #stream: Duplex;
  readonly #lines: string[] = [];
  #rest = Buffer.alloc(0);
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', this.#take);
    for (const name of ['end', 'close', 'error']) stream.on(name, this.#end);
    // An earlier conversation on this stream left it paused.
    stream.resume();
  }

  stop(): void {
    this.#stream.off('data', this.#take);
    for (const name of ['end', 'close']) this.#stream.off(name, this.#end);
    this.#stream.pause();
    const unread = Buffer.concat([...this.#lines.map((line) => Buffer.from(`${line}\r\n`)), this.#rest]);
    if (unread.length > 0 && !this.#stream.readableEnded) this.#stream.unshift(unread);
  }

  /** Undefined when the stream has ended. */
  async next(): Promise<string | undefined> {
    if (this.#lines.length === 0 && !this.#closed) await this.#more();
    return this.#lines.shift();
  }

  async #more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(() => {
      this.#lines.push(nothing);
      resolve();
    }, waitMs);
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }

  readonly #take = (chunk: Buffer): void => {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let lf = this.#rest.indexOf(10); lf !== -1; lf = this.#rest.indexOf(10)) {
      const end = lf > 0 && this.#rest[lf - 1] === 13 ? lf - 1 : lf + 1;
      this.#lines.push(this.#rest.toString('utf8', 0, end));
      this.#rest = this.#rest.subarray(lf + 1);
    }
    if (this.#lines.length > 0) this.#wake?.();
  };

  readonly #end = (): void => {
    this.#closed = true;
    this.#wake?.();
  };
}

function isDuplex(value: Duplex | Readonly<Record<string, Duplex>>): value is Duplex {
  return typeof (value as Duplex).write === 'function' && typeof (value as Duplex).on === 'function';
}
