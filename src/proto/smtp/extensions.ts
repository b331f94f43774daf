/**
 * What a server says it can do: the lines of a reply to EHLO (RFC 5321, 4.1.1.1), parsed for the client, formatted for the server.
 * Keywords are compared without case; unknown ones are kept.
 */
import type { Reply } from './reply.ts';

export class Extensions {
  readonly #byKeyword: ReadonlyMap<string, readonly string[]>;

  constructor(byKeyword: ReadonlyMap<string, readonly string[]>) {
    this.#byKeyword = byKeyword;
  }

  /** Of a server that knows only HELO. */
  static readonly none = new Extensions(new Map());

  /** `keyword` in upper case. */
  has(keyword: string): boolean {
    return this.#byKeyword.has(keyword);
  }

  /** Words after the keyword, as sent; empty when it has none or is absent. */
  params(keyword: string): readonly string[] {
    return this.#byKeyword.get(keyword) ?? [];
  }

  /** RFC 1870: largest message, or undefined when not offered or without a fixed limit. */
  get sizeMaxBytes(): number | undefined {
    const size = Number(this.params('SIZE')[0] ?? 0);
    return Number.isSafeInteger(size) && size > 0 ? size : undefined;
  }

  /** SASL mechanisms in upper case (RFC 4954). */
  get mechanisms(): readonly string[] {
    return this.params('AUTH').map((name) => name.toUpperCase());
  }

  /** RFC 9422: `RCPTMAX`, `MAILMAX` and `RCPTDOMAINMAX`; undefined when not told. */
  limit(name: 'RCPTMAX' | 'MAILMAX' | 'RCPTDOMAINMAX'): number | undefined {
    for (const word of this.params('LIMITS')) {
      const [key, value] = word.split('=', 2);
      if (key?.toUpperCase() === name && /^[1-9]\d{0,5}$/.test(value ?? '')) return Number(value);
    }
    return undefined;
  }
}

/** Reads a 250 reply to EHLO. The first line is the greeting; lines that are no keyword are passed over. */
export function parseExtensions(reply: Reply): Extensions {
  const found = new Map<string, readonly string[]>();
  for (const line of reply.lines.slice(1)) {
    // "AUTH=PLAIN" is how servers of the nineties wrote it, and some still add it beside the right line.
    const [, keyword, rest] = /^([A-Za-z0-9][A-Za-z0-9-]*)[ =]?(.*)$/.exec(line.trim()) ?? [];
    if (keyword === undefined) continue;
    const name = keyword.toUpperCase();
    const words = rest!.split(/\s+/).filter((word) => word !== '');
    found.set(name, found.has(name) ? [...found.get(name)!, ...words] : words);
  }
  return new Extensions(found);
}

/** The whole 250 reply: greeting line, then one extension a line. */
export function formatExtensions(greeting: string, extensions: readonly string[]): string {
  const lines = [greeting, ...extensions];
  return lines.map((line, i) => `250${i === lines.length - 1 ? ' ' : '-'}${line}\r\n`).join('');
}
