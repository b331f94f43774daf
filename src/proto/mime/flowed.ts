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
