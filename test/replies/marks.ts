/** Short replies of many mail servers, each with the reason a person reads out of it: apart from the mails that rules were written with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { classifyRefusal } from '../../src/proto/bounce/classify.ts';
import type { BouncePhase, Verdict } from '../../src/proto/bounce/verdict.ts';

export interface ReplyMark {
  readonly text: string;
  readonly reasons: readonly string[];
  readonly verdict: Verdict;
  readonly right: boolean;
}

export function replyMarks(): ReplyMark[] {
  const lines = readFileSync(join(import.meta.dirname, 'replies.tsv'), 'utf8')
    .trim()
    .split('\n');
  return lines.filter((line) => !line.startsWith('#')).map(markOf);
}

function markOf(line: string): ReplyMark {
  const [wanted = '', phase = '', host = '', text = ''] = line.split('\t');
  const reasons = wanted.split('|');
  const verdict = classifyRefusal({ phase: phase as BouncePhase, host, recipient: '', text, status: '' });
  return { text, reasons, verdict, right: reasons.includes(verdict.reason) };
}
