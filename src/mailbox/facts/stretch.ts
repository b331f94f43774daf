/** The index of a message from that of its squeezed form: offsets and line counts as if nothing had been left out. */
import type { MessageIndex, Part } from '../../proto/mime/structure.ts';
import type { Gap, Squeezed } from './squeezer.ts';

/** Undefined when something was left out of a header: then only the whole message tells. */
export function stretchIndex(index: MessageIndex, { gaps, sizeBytes }: Squeezed): MessageIndex | undefined {
  if (!sound(index.root, gaps)) return undefined;
  return { ...index, sizeBytes, root: stretched(index.root, gaps) };
}

function stretched(part: Part, gaps: readonly Gap[]): Part {
  const { parts, message, lines } = part;
  return {
    ...part,
    headerStart: offset(part.headerStart, gaps),
    bodyStart: offset(part.bodyStart, gaps),
    bodyEnd: offset(part.bodyEnd, gaps),
    ...(lines === undefined ? {} : { lines: lines + linesWithin(part, gaps) }),
    ...(parts === undefined ? {} : { parts: parts.map((each) => stretched(each, gaps)) }),
    ...(message === undefined ? {} : { message: { ...message, root: stretched(message.root, gaps) } }),
  };
}

function offset(at: number, gaps: readonly Gap[]): number {
  let before = 0;
  for (const gap of gaps) {
    if (gap.at > at) break;
    before += gap.bytes;
  }
  return at + before;
}

function linesWithin({ bodyStart, bodyEnd }: Part, gaps: readonly Gap[]): number {
  let lines = 0;
  for (const gap of gaps) if (gap.at > bodyStart && gap.at <= bodyEnd) lines += gap.lines;
  return lines;
}

/** No gap lies in a header or at an edge of one. */
function sound(part: Part, gaps: readonly Gap[]): boolean {
  const { headerStart, bodyStart, parts = [], message } = part;
  if (gaps.some((gap) => gap.at >= headerStart && gap.at <= bodyStart)) return false;
  return parts.every((each) => sound(each, gaps)) && (message === undefined || sound(message.root, gaps));
}
