/** What becomes of a recipient whose mail is for our own mailboxes, in the words of a reply. */
import { Refusal, type Reason } from '../../base/refusal.ts';
import type { Answer, Outcome } from '../../queue/attempt.ts';

/** Sent on, and what became of the copy that is kept: its scripts may have sent it on, too, or answered. */
export function withCopy(
  sentOn: Extract<Outcome, { is: 'redirected' }>,
  copy: Outcome | undefined | '',
): Outcome {
  if (!copy) return sentOn;
  const kept = copy.is === 'delivered' || (copy.is === 'redirected' && copy.kept === true);
  return {
    ...sentOn,
    to: copy.is === 'redirected' ? [...sentOn.to, ...copy.to] : sentOn.to,
    ...(kept && { kept: true as const }),
    ...(copy.sends && { sends: copy.sends }),
  };
}

/** All of these may pass. */
const refusals: Partial<Record<Reason, string>> = {
  mailboxFull: '452 4.2.2 The mailbox is full',
  rateLimited: '451 4.3.2 Too much mail for this mailbox at once',
  limitReached: '452 4.2.0 The account has reached a limit',
  storageFull: '452 4.3.1 No room at the moment',
  storageBusy: '451 4.3.0 The store is busy',
  shuttingDown: '421 4.3.2 Shutting down',
};

function answer(reply: string): Answer {
  return { phase: 'dot', host: '', ip: '', reply };
}

export function failed(
  reply: string,
  why: 'refused' | 'loop' = 'refused',
): Extract<Outcome, { is: 'failed' }> {
  return { is: 'failed', why, answer: answer(reply) };
}

/** Why an address that stands for others cannot: no more than an unknown one or a circle is the sender's to hear. */
export function leadsNowhere(error: unknown): Outcome {
  if (!(error instanceof Refusal)) throw error;
  if (error.reason === 'mailLoop') return failed('554 5.4.6 The address leads to itself', 'loop');
  if (error.reason === 'tooManyRecipients')
    return failed('554 5.4.6 The address leads to too many others', 'loop');
  return failed('550 5.1.1 The address leads to nobody');
}

export const cameRound = (): Outcome =>
  failed('554 5.4.6 The message has been delivered here before: it goes in circles', 'loop');

/** What may pass; undefined: a fault of ours. */
export function deferredBy(error: unknown): string | undefined {
  return error instanceof Refusal ? refusals[error.reason] : undefined;
}

export const deferred = (reply = '451 4.3.0 Internal error, trying again later'): Outcome => ({
  is: 'deferred',
  siteDown: false,
  answer: answer(reply),
});
