/** What the event ledger is told of milters: what they have changed, and what they have found where there are no filters of ours to tell of it. */
import type { MailEvent } from '../events/event.ts';
import type { Judgement } from '../policy/chain.ts';
import type { MilterOutcome } from '../policy/milters.ts';
import type { Verdict } from '../policy/verdict.ts';
import type { QueuedMessage } from '../queue/message.ts';

export function revisedEvents(
  message: QueuedMessage,
  { changed }: MilterOutcome,
  orgs: readonly string[],
): MailEvent[] {
  if (changed.length === 0) return [];
  const by = changed.map(({ by: milter, what }) => ({ milter, what }));
  return orgs.map((org) => ({
    is: 'revised',
    atMs: message.acceptedAtMs,
    message: message.id,
    org,
    recipient: '',
    data: { by },
  }));
}

/** A verdict by milters alone, for each organisation: kept in quarantine, or let through. */
export function milterJudgement(
  { findings, failures }: Pick<MilterOutcome, 'findings' | 'failures'>,
  orgs: readonly string[],
): Judgement {
  const decisive = findings.find(({ action }) => action === 'quarantine');
  const verdicts = orgs.map(
    (org): Verdict => ({
      org,
      action: decisive ? 'quarantine' : 'accept',
      score: 0,
      threshold: null,
      ratio: 0,
      findings,
      quarantineDays,
      ...(decisive && { decisive }),
    }),
  );
  return { verdicts, failures, virus: undefined, fields: '' };
}

const quarantineDays = 14;
