/**
 * The base subject exactly as SORT and THREAD of IMAP define it (RFC 5256, 2.1), with the three marks of the RFC and no others; threads of our own use
 * `baseSubject`, which knows the marks of other languages.
 *
 * Linear: each step takes something away at one of the two ends.
 */

/** Longer subjects are cut: they are compared, not shown. */
const subjectMax = 2000;

const reply = /^(?:re|fwd?)[ \t]*(?:\[[^[\]]*\][ \t]*)?:/i;
const blob = /^\[[^[\]]*\][ \t]*/;

export interface ExactBaseSubject {
  readonly base: string;
  readonly isReplyOrForward: boolean;
}

/** Of a decoded subject. */
export function exactBaseSubject(subject: string): ExactBaseSubject {
  let text = subject.slice(0, subjectMax).replace(/[\s]+/gu, ' ').trimEnd();
  let marked = false;
  for (;;) {
    const trailed = withoutTrailers(text);
    if (trailed !== text.trimEnd()) marked = true;
    const led = withoutLeaders(trailed);
    if (led.marked) marked = true;
    text = led.text;
    // (6): "[fwd:" around all of it.
    if (!/^\[fwd:/i.test(text) || !text.endsWith(']')) return { base: text, isReplyOrForward: marked };
    marked = true;
    text = text.slice(5, -1);
  }
}

/** (2): "(fwd)" and blanks at the end. */
function withoutTrailers(subject: string): string {
  let text = subject.trimEnd();
  while (/\(fwd\)$/i.test(text)) text = text.slice(0, -5).trimEnd();
  return text;
}

/** (3) to (5): blobs and marks at the beginning; a blob alone stays if nothing else would be left. */
function withoutLeaders(subject: string): { text: string; marked: boolean } {
  let text = subject.trimStart();
  let marked = false;
  for (;;) {
    const blobs = blobsOf(text);
    const found = reply.exec(text.slice(blobs));
    if (found === null) return { text: withoutBlobs(text), marked };
    text = text.slice(blobs + found[0].length).trimStart();
    marked = true;
  }
}

function withoutBlobs(subject: string): string {
  let text = subject;
  for (let found = blob.exec(text); found !== null && found[0].length < text.length; found = blob.exec(text))
    text = text.slice(found[0].length);
  return text;
}

/** Length of the blobs at the beginning. */
function blobsOf(text: string): number {
  let at = 0;
  for (let found = blob.exec(text); found !== null; found = blob.exec(text.slice(at))) at += found[0].length;
  return at;
}
