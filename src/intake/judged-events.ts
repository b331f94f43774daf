/** What the event ledger is told of the verdict of the filters: to every organisation its own, where there is something to tell. */
import type { MailEvent } from '../events/event.ts';
import type { Judgement } from '../policy/chain.ts';
import type { QueuedMessage } from '../queue/message.ts';

/** Rules that are told of: those that weigh most come first. */
const rulesMax = 40;
const detailMaxChars = 200;

export function judgedEvents(message: QueuedMessage, { verdicts, failures }: Judgement): MailEvent[] {
  return verdicts
    .filter(({ findings }) => failures.length > 0 || findings.some(tells))
    .map(({ org, action, score, threshold, findings, decisive }) => ({
      is: 'judged',
      atMs: message.acceptedAtMs,
      message: message.id,
      org,
      recipient: '',
      data: {
        action,
        score,
        threshold,
        rules: findings
          .slice(0, rulesMax)
          .map(({ rule, weight, detail }) => ({ rule, weight, detail: detail.slice(0, detailMaxChars) })),
        decisive: decisive?.rule ?? '',
        failures: failures.map(({ check, why, policy }) => ({
          check,
          why: why.slice(0, detailMaxChars),
          policy,
        })),
      },
    }));
}

const tells = ({ weight, action }: { readonly weight: number; readonly action?: unknown }): boolean =>
  weight !== 0 || action !== undefined;
