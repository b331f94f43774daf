/** The suppression list as the rest of the program meets it: asked when mail comes in, and once more right before it goes out. */
import { systemClock } from '../base/clock.ts';
import type { Settings } from '../config/schema.ts';
import type { IntakeParts } from '../intake/intake.ts';
import type { Attempt, AttemptRecipient, AttemptResult, Deliver, Outcome } from '../queue/attempt.ts';
import type { Suppression } from '../suppression/entry.ts';
import type { SuppressionPolicy } from '../suppression/policy.ts';
import { Suppressions } from '../suppression/suppressions.ts';
import type { Store } from '../store/store.ts';

export function openSuppressions(settings: Settings, store: Store): Suppressions {
  return new Suppressions({ store, clock: systemClock, policy: suppressionPolicy(settings) });
}

/** Of the server. */
export function suppressionPolicy({ suppression: own }: Settings): SuppressionPolicy {
  return {
    hardErrors: own.hardErrors,
    carrierHardErrors: own.carrierHardErrors,
    hardDays: own.hardDays,
    complaintDays: own.complaintDays,
    complaintScope: own.complaintScope,
  };
}

const told = ({ cause, reason, scope, atMs }: Suppression): string =>
  [cause, reason, scope === 'org' ? '' : scope, `since ${new Date(atMs).toISOString().slice(0, 10)}`]
    .filter((part) => part !== '')
    .join(', ');

export function suppressedAt(suppressions: Suppressions): NonNullable<IntakeParts['suppressed']> {
  return async (mailing, address) => {
    const found = await suppressions.find(mailing, address);
    return found && told(found);
  };
}

/** An address may have come onto the list while its mail waited: it is not tried. */
export function screened(suppressions: Suppressions, deliver: Deliver): Deliver {
  return (attempt) =>
    attempt.message.program === true ? screen(suppressions, deliver, attempt) : deliver(attempt);
}

async function screen(
  suppressions: Suppressions,
  deliver: Deliver,
  attempt: Attempt,
): Promise<AttemptResult> {
  const { org, stream, campaign: topic } = attempt.message;
  const found = await Promise.all(
    attempt.recipients.map(({ address }) => suppressions.find({ org, stream, topic }, address)),
  );
  if (found.every((one) => one === undefined)) return deliver(attempt);
  const left = attempt.recipients.filter((_, i) => found[i] === undefined);
  const rest: AttemptResult =
    left.length === 0 ? { outcomes: [], conversations: [] } : await deliver({ ...attempt, recipients: left });
  const outcomes = new Map<AttemptRecipient, Outcome>(left.map((one, i) => [one, rest.outcomes[i]!]));
  return {
    outcomes: attempt.recipients.map((one, i) => outcomes.get(one) ?? notTried(found[i]!)),
    conversations: rest.conversations,
  };
}

function notTried(entry: Suppression): Outcome {
  const reply = `550 5.7.1 Not tried: on the suppression list (${told(entry)})`;
  return { is: 'failed', why: 'suppressed', answer: { phase: 'dns', host: '', ip: '', reply } };
}
