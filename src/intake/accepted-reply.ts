/** What the sender is told when its message is durable. The id is what it can ask for later. */
import type { MessageId } from '../base/ids.ts';

export const acceptedText = (id: MessageId): string => `Accepted as ${id}`;

/** As SMTP says it, and as the event ledger keeps it whichever way the message came. */
export const acceptedReply = (id: MessageId): string => `250 2.0.0 ${acceptedText(id)}`;
