/** format=flowed (RFC 3676): lines that end in a blank go on in the next one of the same quote depth. */

/** Text in LF lines, with paragraphs on one line each; quote marks are kept. */
export function unflow(text: string, delSp: boolean): string {
  const out: string[] = [];
  let open: { depth: number } | undefined;
  for (const line of text.split('\n')) {
    const depth = quoteDepth(line);
    const content = unstuffed(line.slice(depth));
    const isSignature = content === '-- ';
    const flows = content.endsWith(' ') && !isSignature;
    const kept = flows && delSp ? content.slice(0, -1) : content;
    if (open !== undefined && open.depth === depth && !isSignature) out[out.length - 1] += kept;
    else out.push(depth === 0 ? kept : `${'>'.repeat(depth)} ${kept}`);
    open = flows ? { depth } : undefined;
  }
  return out.join('\n');
}

function quoteDepth(line: string): number {
  let depth = 0;
  while (line[depth] === '>') depth++;
  return depth;
}

function unstuffed(line: string): string {
  return line.startsWith(' ') ? line.slice(1) : line;
}

/** Columns of a line before its blank: RFC 3676, 4.2 wants at most 78 in all. */
const columnsMax = 72;

/** Text in LF lines, with paragraphs broken into short lines; what `unflow` joins again (`DelSp=yes`: between characters of Japanese as well). */
export function flow(text: string): string {
  return text
    .split('\n')
    .flatMap((line) => flowLine(line))
    .join('\n');
}

function flowLine(line: string): string[] {
  if (line === '-- ') return [line];
  const depth = quoteDepth(line);
  // What was quoted before was broken by others: it stays as it is.
  const whole = line.trimEnd();
  if (depth > 0) return [whole];
  const out: string[] = [];
  let rest = whole;
  while (columns(rest) > columnsMax) {
    const at = breakAt(rest);
    if (at === rest.length) break;
    out.push(`${stuffed(rest.slice(0, at))} `);
    rest = rest.slice(at);
  }
  out.push(stuffed(rest));
  return out;
}

/** RFC 3676, 4.4. */
const stuffed = (line: string): string => (/^(?: |>|From )/.test(line) ? ` ${line}` : line);

/** A place behind a blank, or between two characters of a script that is written without. */
function breakAt(text: string): number {
  let column = 0;
  let best = 0;
  let at = 0;
  for (const character of text) {
    column += columns(character);
    if (column > columnsMax && best > 0) return best;
    at += character.length;
    if (character === ' ' && text[at] !== ' ') best = at;
    else if (wide.test(character) && wide.test(text[at] ?? '') && !closing.test(text[at]!)) best = at;
  }
  return text.length;
}

const wide = /[\u3041-\u30ff\u3400-\u9fff\uff01-\uff60\u3001-\u3011]/;
/** No line begins with these (JIS X 4051). */
const closing =
  /[、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ]/;

const columns = (text: string): number => {
  let count = 0;
  for (const character of text) count += character > '\u2e7f' ? 2 : 1;
  return count;
};
