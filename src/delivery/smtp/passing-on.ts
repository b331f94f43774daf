/**
 * Mail that leaves by way of an address of ours (alias, group, forward): it gets Delivered-To on top, so that it is known when it comes round again,
 * and what has come round already is returned instead (RFC 5321, 6.3). So a circle over other people's servers ends with its first turn.
 *
 * A sender from elsewhere is named by an address of ours (SRS), as our host may not send in his name; and what we found of the message is sealed (ARC).
 * Nothing else changes: its signatures hold. Both is done for each attempt, and nobody else here knows of it: notices go to the sender himself.
 *
 * Recipients of one message who came by different ways are sent to apart, as their texts differ.
 */
import type { Attempt, AttemptRecipient, AttemptResult, Outcome } from '../../queue/attempt.ts';
import { hasComeRound, passedOnStamp } from '../trace-fields.ts';
import { sealOf, type StartSealing } from './sealed-text.ts';
import { withFieldsOnTop, type OutgoingText } from './text.ts';

export const cameThrough = ({ through }: AttemptRecipient): boolean => through !== undefined;

export interface Forwarding {
  /** The sender under which mail leaves that came by way of `via`; absent: as it is. */
  readonly returnPath?: (sender: string, via: string) => Promise<string>;
  /** Absent: nothing is sealed. */
  readonly seal?: StartSealing;
}

export interface ToPassOn extends Forwarding {
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
  { attempt, text, head, send, returnPath, seal }: ToPassOn,
  recipients: readonly AttemptRecipient[],
): Promise<AttemptResult> {
  const { message } = attempt;
  const { through } = recipients[0]!;
  if (through === undefined) return send({ ...attempt, recipients }, text);
  if (hasComeRound(head, through.addresses))
    return { outcomes: recipients.map(() => inCircles), conversations: [] };
  const via = through.addresses.at(-1)!;
  const domain = via.slice(via.lastIndexOf('@') + 1).toLowerCase();
  // What is binary may still be encoded anew for its next server.
  const fields =
    seal && message.bodyKind !== 'binarymime' ? [await sealOf(text, { head, domain, seal })] : [];
  const sender = (await returnPath?.(message.sender, via)) ?? message.sender;
  return send(
    { ...attempt, message: { ...message, sender }, recipients },
    withFieldsOnTop(text, Buffer.concat([...fields, passedOnStamp(through)])),
  );
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
