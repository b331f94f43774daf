/** IP25B (line.ts) as findings: at the door, and as a check of the chain, asked as soon as a mail comes and told at its end. */
import type { Check, CheckedMail, Finding } from './check.ts';
import { lineOf, type Line, type LineParts } from './line.ts';

export interface LineCheckParts extends LineParts {
  /** Done whatever the sum of the weights; undefined: nothing but the weight counts. */
  readonly action: 'junk' | 'refuse' | undefined;
}

/** Below every usual threshold: a line alone never decides. */
const weights = { name: 3, network: 3.5, list: 3.5 } as const;
const timeoutMs = 10_000;

/** What the address alone says: for the door, where mail has not come yet. */
export type LineFinder = (ip: string) => Promise<readonly Finding[]>;

export const lineFinder =
  (parts: LineCheckParts): LineFinder =>
  async (ip) =>
    findingsOf(await lineOf(ip, parts), ip, parts.action);

export function lineCheck(find: LineFinder): Check {
  return {
    name: 'ip25b',
    stage: 'connection',
    rules: Object.fromEntries(Object.entries(weights).map(([by, weight]) => [`ip25b.${by}`, weight])),
    timeoutMs,
    onFailure: 'accept',
    begin({ direction, ip }: CheckedMail) {
      if (direction === 'out') return undefined;
      const finding = find(ip);
      // Heard at the end, or never when the mail is given up before.
      finding.catch(() => undefined);
      return { finish: async () => ({ findings: await finding }) };
    },
  };
}

function findingsOf(line: Line, ip: string, action: LineCheckParts['action']): readonly Finding[] {
  if (line.is !== 'dynamic') return [];
  return [
    {
      rule: `ip25b.${line.by}`,
      weight: weights[line.by],
      detail: line.detail,
      reply: `${ip} looks like a line with a dynamic address, from which no mail is taken at port 25: send by the mail server of your provider, port 587 (IP25B)`,
      ...(action === undefined ? {} : { action }),
    },
  ];
}
