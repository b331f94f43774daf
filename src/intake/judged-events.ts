/** What the event ledger is told of the verdict of the filters: to every organisation its own, where there is something to tell. */
import type { EventData, MailEvent } from '../events/event.ts';
import type { Judgement } from '../policy/chain.ts';
import type { Verdict } from '../policy/verdict.ts';
import type { QueuedMessage } from '../queue/message.ts';

/** Rules that are told of: those that weigh most come first. */
const rulesMax = 40;
const detailMaxChars = 200;

export function judgedEvents(message: QueuedMessage, { verdicts, failures }: Judgement): MailEvent[] {
  return verdicts
    .filter(({ findings }) => failures.length > 0 || findings.some(tells))
    .map((verdict) => ({
      is: 'judged',
      atMs: message.acceptedAtMs,
      message: message.id,
      org: verdict.org,
      recipient: '',
      data: judged(verdict, failures),
    }));
}

/** Of mail that was refused: for the one to whom the refusal is told. */
export function judgedRefusal({ verdicts, failures }: Judgement): EventData['judged'] | undefined {
  const [first] = verdicts;
  return first && judged(first, failures);
}

function judged(
  { action, score, threshold, findings, decisive }: Verdict,
  failures: Judgement['failures'],
): EventData['judged'] {
  const cut = (text: string): string => text.slice(0, detailMaxChars);
  return {
    action,
    score,
    threshold,
    rules: findings
      .slice(0, rulesMax)
      .map(({ rule, weight, detail }) => ({ rule, weight, detail: cut(detail) })),
    decisive: decisive?.rule ?? '',
    failures: failures.map(({ check, why, policy }) => ({ check, why: cut(why), policy })),
  };
}

const tells = ({ weight, action }: { readonly weight: number; readonly action?: unknown }): boolean =>
  weight !== 0 || action !== undefined;
