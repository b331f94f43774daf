/**
 * Message ids (RFC 5322, 3.6.4), read as they are written: an id is what stands between angle brackets, character for character, so
 * that two mailers who disagree with the grammar still mean the same thread. Bounded; never throws.
 */

/** Ids of one field that are kept: of more, the last ones (the nearest ancestors) and the first (the root). */
export const idsMax = 100;
/** A longer id is not kept: lines have 998 characters. */
const idLengthMax = 998;
const textMax = 256 * 1024;

/** The ids of a Message-ID, In-Reply-To or References value, without brackets, no one twice. */
export function parseMessageIds(text: string): string[] {
  const field = text.length > textMax ? text.slice(0, textMax) : text;
  const ids = new Set<string>();
  let at = 0;
  for (;;) {
    const open = field.indexOf('<', at);
    if (open === -1) break;
    const close = closeOf(field, open + 1);
    const id = field.slice(open + 1, close).trim();
    if (id !== '' && id.length <= idLengthMax) ids.add(id);
    at = close + 1;
  }
  const all = ids.size > 0 ? [...ids] : bare(field);
  return all.length <= idsMax ? all : [all[0]!, ...all.slice(1 - idsMax)];
}

/** The closing bracket, the next opening one, or the end. */
function closeOf(text: string, at: number): number {
  const close = text.indexOf('>', at);
  const end = close === -1 ? text.length : close;
  const next = text.slice(at, end).indexOf('<');
  return next === -1 ? end : at + next - 1;
}

/** No brackets at all: a single word is taken for the id. In-Reply-To phrases of old (`message of Monday`) are not. */
function bare(text: string): string[] {
  const word = text.trim();
  return word === '' || /\s/.test(word) || word.length > idLengthMax ? [] : [word];
}
