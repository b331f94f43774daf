/**
 * Mail that leaves by way of an address of ours (alias, group, forward): it gets Delivered-To on top, so that it is known when it comes round again,
 * and what has come round already is returned instead (RFC 5321, 6.3). So a circle over other people's servers ends with its first turn.
 *
 * Recipients of one message who came by different ways are sent to apart, as their texts differ.
 */
import type { Attempt, AttemptRecipient, AttemptResult, Outcome } from '../../queue/attempt.ts';
import { hasComeRound, passedOnStamp } from '../trace-fields.ts';
import { withFieldsOnTop, type OutgoingText } from './text.ts';

export const cameThrough = ({ through }: AttemptRecipient): boolean => through !== undefined;

export interface ToPassOn {
  readonly attempt: Attempt;
  readonly text: OutgoingText;
  /** The beginning of the text, with its header. */
  readonly head: Buffer;
  readonly send: (attempt: Attempt, text: OutgoingText) => Promise<AttemptResult>;
}

export async function passOn(given: ToPassOn): Promise<AttemptResult> {
  const { recipients } = given.attempt;
  const groups = [...Map.groupBy(recipients, ({ through }) => through?.addresses.join('\n')).values()];
  const results = await Promise.all(groups.map((group) => passOnTo(given, group)));
  const outcomes = new Map<AttemptRecipient, Outcome>();
  for (const [at, group] of groups.entries())
    for (const [i, recipient] of group.entries()) outcomes.set(recipient, results[at]!.outcomes[i]!);
  return {
    outcomes: recipients.map((recipient) => outcomes.get(recipient)!),
    conversations: results.flatMap(({ conversations }) => conversations),
  };
}

async function passOnTo(
  { attempt, text, head, send }: ToPassOn,
  recipients: readonly AttemptRecipient[],
): Promise<AttemptResult> {
  const { through } = recipients[0]!;
  if (through === undefined) return send({ ...attempt, recipients }, text);
  if (hasComeRound(head, through.addresses))
    return { outcomes: recipients.map(() => inCircles), conversations: [] };
  return send({ ...attempt, recipients }, withFieldsOnTop(text, passedOnStamp(through)));
}

const inCircles: Outcome = {
  is: 'failed',
  why: 'loop',
  answer: {
    phase: 'dns',
    host: '',
    ip: '',
    reply: '554 5.4.6 The message has been sent on from here before: it goes in circles',
  },
};
