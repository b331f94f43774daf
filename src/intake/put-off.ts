/** Limits on what our own users send, as one message meets them: how long it is put off, and what the event ledger hears of it. */
import type { EventData, MailEvent } from '../events/event.ts';
import { localDestination } from '../queue/attempt.ts';
import type { QueuedMessage, QueuedRecipient } from '../queue/message.ts';
import type { SendingRules } from './intake.ts';
import type { SessionInfo } from './session-info.ts';

/** Takes room for what goes elsewhere: mail among ourselves is not counted. */
export async function putOffFor(
  rules: SendingRules | undefined,
  { principal }: SessionInfo,
  recipients: readonly QueuedRecipient[],
): Promise<EventData['putOff'] | undefined> {
  if (principal === undefined || rules === undefined) return undefined;
  return rules.reserve(
    principal,
    recipients.filter(({ destination }) => destination !== localDestination).length,
  );
}

export function putOffEvents(
  { id, org, acceptedAtMs: atMs }: QueuedMessage,
  data: EventData['putOff'] | undefined,
): MailEvent[] {
  return data === undefined ? [] : [{ is: 'putOff', atMs, message: id, org, recipient: '', data }];
}
