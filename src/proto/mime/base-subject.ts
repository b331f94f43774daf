/**
 * The base subject (RFC 5256, 2.1), with the reply and forward marks that mailers put in other languages, full-width ones of Japan
 * among them. Threads (RFC 8621, 3) and SORT compare it.
 */

/** Longer subjects are cut: they are compared, not shown. */
const subjectMax = 2000;

/** `re`, `fw` and `fwd` of the RFC; then German, Scandinavian, Spanish, Italian, Dutch, Polish, Chinese, Japanese, Korean. */
const marks =
  're|fwd?|aw|wg|sv|vs|vb|tr|rv|rif|ri|antw|odp|pd|ynt|res|enc|回复|回覆|答复|转发|轉寄|返信|転送|回答|답장|전달';
const mark = new RegExp(
  `^(?:${marks})\\s*(?:\\[[^\\[\\]]{0,100}\\]|\\(\\d{1,4}\\)|\\^\\d{1,4}|\\*\\d{1,4})?\\s*:\\s*`,
  'iu',
);
const blob = /^\[[^[\]]{0,200}\]\s*/u;
const trailer = /\s*\(fwd\)$/iu;
const wrapped = /^\[fwd:(.*)\]$/iu;

export interface BaseSubject {
  readonly base: string;
  readonly isReplyOrForward: boolean;
}

/** Of a decoded subject. Width is folded (`ＲＥ：` is `RE:`), blanks are squeezed; case is left to who compares. */
export function baseSubject(subject: string): BaseSubject {
  let text = subject.slice(0, subjectMax).normalize('NFKC').replace(/\s+/gu, ' ').trim();
  let marked = false;
  for (;;) {
    const before = text;
    text = cut(text, trailer, () => (marked = true));
    text = cutLeaders(text, () => (marked = true));
    const inside = wrapped.exec(text);
    if (inside) {
      marked = true;
      text = inside[1]!.trim();
    }
    if (text === before) return { base: text, isReplyOrForward: marked };
  }
}

function cut(text: string, what: RegExp, found: () => void): string {
  const next = text.replace(what, '');
  if (next !== text) found();
  return next;
}

/** `[blob] Re:`, `Re:`, `[blob]`, over and over; a blob stays if nothing else would be left. */
function cutLeaders(subject: string, found: () => void): string {
  let text = subject;
  for (;;) {
    const before = text;
    const blobs = /^(?:\[[^[\]]{0,200}\]\s*){0,20}/u.exec(text)![0];
    if (mark.test(text.slice(blobs.length))) {
      text = text.slice(blobs.length).replace(mark, '');
      found();
    } else {
      const rest = text.replace(blob, '');
      if (rest !== '') text = rest;
    }
    if (text === before) return text;
  }
}
