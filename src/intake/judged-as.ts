/** What goes along with a message of what policy thinks of it: for the mailbox it is put into, and for the filters of whom it is for. */
import type { QueuedMessage } from '../queue/message.ts';
import type { Accepting } from './text-watch.ts';

export function judgedAs(ruling: Accepting | undefined): Pick<QueuedMessage, 'junkFor' | 'spam' | 'virus'> {
  const { proof, judgement } = ruling ?? {};
  if (judgement === undefined) return proof && proof.junkFor.length > 0 ? { junkFor: proof.junkFor } : {};
  const { verdicts, virus } = judgement;
  // What was quarantined and is released goes into Junk no more: somebody has looked at it.
  const junkFor = verdicts.filter(({ action }) => action === 'junk').map(({ org }) => org);
  return {
    ...(junkFor.length > 0 && { junkFor }),
    spam: verdicts.map(({ org, ratio }) => [org, Math.round(ratio * 100)] as const),
    ...(virus !== undefined && { virus }),
  };
}
