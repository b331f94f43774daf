/**
 * A piece of a text that shows what was found in it, as HTML with `<mark>` (RFC 8621, 5): escaped, no larger than asked, not cut within a character or, where words have blanks
 * between them, within a word.
 */
import { foldWithMap, type Highlight, highlightsIn } from './folded-map.ts';

/** RFC 8621, 5: a preview is at most this large. */
export const snippetMaxBytes = 255;
/** Characters that are looked through for highlights. */
const textMax = 512 * 1024;
/** What is shown in front of the first highlight, as a part of the whole. */
const leadPart = 0.25;
const markBytes = '<mark></mark>'.length;
const ellipsis = '…';

/** Undefined when nothing of `wanted`, which is folded, is in the text. */
export function snippet(
  text: string,
  wanted: readonly string[],
  maxBytes = snippetMaxBytes,
): string | undefined {
  const plain = text.slice(0, textMax).replace(/\s+/g, ' ').trim();
  const highlights = highlightsIn(foldWithMap(plain), wanted);
  if (highlights.length === 0) return undefined;
  return markedHtml(plain, highlights, windowIn(plain, highlights, maxBytes));
}

/** The whole text with its highlights; undefined when there are none. */
export function marked(text: string, wanted: readonly string[]): string | undefined {
  const highlights = highlightsIn(foldWithMap(text), wanted);
  return highlights.length === 0 ? undefined : markedHtml(text, highlights, { start: 0, end: text.length });
}

/** What fits, from some way before the highlight that has the most others close behind it. */
function windowIn(text: string, highlights: readonly Highlight[], maxBytes: number): Highlight {
  const reach = maxBytes / 2;
  let best = 0;
  let bestCount = 0;
  for (let first = 0, last = 0; first < highlights.length; first++) {
    while (last < highlights.length && highlights[last]!.end - highlights[first]!.start <= reach) last += 1;
    if (last - first > bestCount) [best, bestCount] = [first, last - first];
  }
  const anchor = highlights[best]!.start;
  const costs = new Costs(text, highlights);
  const room = maxBytes - 2 * Buffer.byteLength(ellipsis);
  const start = wordStart(text, costs.back(anchor, room * leadPart), anchor);
  const end = wordEnd(text, costs.forth(start, room), Math.min(highlights[best]!.end, text.length));
  return { start, end };
}

/** Bytes that pieces of a text take as HTML, marks included. */
class Costs {
  readonly #text: string;
  readonly #marks: ReadonlySet<number>;

  constructor(text: string, highlights: readonly Highlight[]) {
    this.#text = text;
    this.#marks = new Set(highlights.map(({ start }) => start));
  }

  /** How far back from `from` one may begin for so many bytes. */
  back(from: number, room: number): number {
    let left = room;
    let at = from;
    while (at > 0) {
      const before = at - (isLow(this.#text, at - 1) ? 2 : 1);
      left -= this.#cost(before, at);
      if (left < 0) break;
      at = before;
    }
    return at;
  }

  forth(from: number, room: number): number {
    // The first may begin within a highlight that is cut: its mark counts too.
    let left = room - markBytes;
    let at = from;
    while (at < this.#text.length) {
      const next = at + (isLow(this.#text, at + 1) ? 2 : 1);
      left -= this.#cost(at, next);
      if (left < 0) break;
      at = next;
    }
    return at;
  }

  #cost(from: number, to: number): number {
    const mark = this.#marks.has(from) ? markBytes : 0;
    return mark + Buffer.byteLength(escaped(this.#text.slice(from, to)));
  }
}

function isLow(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit < 0xe000;
}

const letter = /[\p{L}\p{N}]/u;
/** Scripts that have no blanks between words are cut anywhere. */
const unspaced = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/;

const joins = (text: string, at: number): boolean =>
  at > 0 &&
  at < text.length &&
  [text[at - 1]!, text[at]!].every((each) => letter.test(each) && !unspaced.test(each));

function wordStart(text: string, from: number, atMost: number): number {
  let at = from;
  while (at < atMost && (joins(text, at) || text[at] === ' ')) at += 1;
  return at;
}

function wordEnd(text: string, from: number, atLeast: number): number {
  let at = from;
  while (at > atLeast && (joins(text, at) || text[at - 1] === ' ')) at -= 1;
  return at <= atLeast ? from : at;
}

function markedHtml(text: string, highlights: readonly Highlight[], { start, end }: Highlight): string {
  let html = start > 0 ? ellipsis : '';
  let at = start;
  for (const each of highlights) {
    if (each.end <= start || each.start >= end) continue;
    const from = Math.max(each.start, start);
    const to = Math.min(each.end, end);
    html += `${escaped(text.slice(at, from))}<mark>${escaped(text.slice(from, to))}</mark>`;
    at = to;
  }
  return html + escaped(text.slice(at, end)) + (end < text.length ? ellipsis : '');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (each) => entities[each]!);
