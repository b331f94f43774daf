/**
 * Who is told what became of a recipient: the organisation that sends, and the one whose mailbox or address it is.
 *
 * Each sees its own side. What lies behind another organisation's address (who its aliases and forwards lead to, which server said what) is not
 * told to the sender: for it the recipient stays the one it wrote. Mail from outside has no sender's side.
 */
import type { EventData } from '../../events/event.ts';
import type { Answer, Outcome } from '../attempt.ts';
import type { QueuedMessage } from '../message.ts';
import type { Entry } from './entry.ts';

export interface Side {
  readonly org: string;
  /** As this side knows it. */
  readonly recipient: string;
  /** Not to be told to whom another organisation sends it on. */
  readonly hides: boolean;
}

type Facts = Pick<Entry, 'address' | 'through'>;

export function sidesOf(
  message: QueuedMessage,
  entry: Facts,
  outcome: Pick<Outcome, 'org'>,
): readonly Side[] {
  const { address: recipient, through } = entry;
  const owner = outcome.org ?? '';
  const by = through?.org ?? '';
  if ((owner === '' || owner === message.org) && (by === '' || by === message.org))
    return [{ org: message.org, recipient, hides: false }];
  const sides: Side[] = [];
  if (message.account !== '') {
    const foreign = by !== '' && by !== message.org;
    sides.push({ org: message.org, recipient: foreign ? through!.addresses[0]! : recipient, hides: true });
  }
  for (const org of new Set([by, owner])) {
    const told = org === '' || (org === message.org && message.account !== '');
    if (!told) sides.push({ org, recipient, hides: false });
  }
  return sides;
}

/** Beyond another organisation's address: what a reply says for certain, without the names and addresses that may stand in its text. */
export function seenBy(side: Side, entry: Facts, answer: Answer): Answer {
  if (side.recipient === entry.address) return answer;
  const [code = ''] = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(answer.reply) ?? [];
  return { ...answer, host: '', ip: '', reply: code };
}

type Conversation = EventData['attempted'];

/** A conversation is told to whoever it was for; when it was for recipients of several organisations, to each with its own. */
export function conversationsTold(
  message: QueuedMessage,
  entries: readonly Entry[],
  conversations: readonly Conversation[],
): readonly { readonly org: string; readonly conversation: Conversation }[] {
  if (entries.every(({ through }) => through === undefined || through.org === message.org)) {
    return conversations.map((conversation) => ({ org: message.org, conversation }));
  }
  const orgOf = new Map(entries.map(({ address, through }) => [address, through?.org ?? message.org]));
  return conversations.flatMap((conversation) =>
    [...Map.groupBy(conversation.recipients, (address) => orgOf.get(address) ?? message.org)].map(
      ([org, recipients]) => ({ org, conversation: { ...conversation, recipients } }),
    ),
  );
}
