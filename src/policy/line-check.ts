/** IP25B as a check of the chain (line.ts): asked as soon as a mail comes, told at its end. */
import type { Check, CheckedMail, Finding } from './check.ts';
import { lineOf, type Line, type LineParts } from './line.ts';

export interface LineCheckParts extends LineParts {
  /** Done whatever the sum of the weights; undefined: nothing but the weight counts. */
  readonly action: 'junk' | 'refuse' | undefined;
}

/** Below every usual threshold: a line alone never decides. */
const weights = { name: 3, network: 3.5, list: 3.5 } as const;
const timeoutMs = 10_000;

export function lineCheck(parts: LineCheckParts): Check {
  return {
    name: 'ip25b',
    stage: 'connection',
    timeoutMs,
    onFailure: 'accept',
    begin({ direction, ip }: CheckedMail) {
      if (direction === 'out') return undefined;
      const line = lineOf(ip, parts);
      // Heard at the end, or never when the mail is given up before.
      line.catch(() => undefined);
      return { finish: async () => ({ findings: findingsOf(await line, ip, parts.action) }) };
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
