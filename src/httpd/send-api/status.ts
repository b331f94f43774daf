/** What became of a message, from its events: a status for each recipient, and the journey in words. */
import type { EventData, MailEvent } from '../../events/event.ts';
import { journeyOf, type Meaning } from '../../events/journey.ts';
import type { LedgerEvent } from '../../events/ledger.ts';
import type { MessageAnswer, MessageItem, RecipientStatus } from './contract.ts';

type Accepted = MailEvent<'accepted'>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** Of a list: what was handed in. */
export function itemOf({ message: id, atMs, data }: Accepted): MessageItem {
  return { ...common(id, atMs, data), to: [...data.recipients] };
}

function common(id: string, atMs: number, data: EventData['accepted']): Omit<MessageItem, 'to'> {
  const { labels, notBeforeMs } = data;
  return {
    id,
    messageId: data.headerMessageId,
    acceptedAt: isoTime(atMs),
    from: data.sender,
    subject: data.subject,
    sizeBytes: data.sizeBytes,
    ...(labels?.stream !== undefined && { stream: labels.stream }),
    tags: [...(labels?.tags ?? [])],
    metadata: { ...labels?.metadata },
    ...(notBeforeMs !== undefined && { sendAt: isoTime(notBeforeMs) }),
    ...(labels?.test && { test: true as const }),
  };
}

interface Telling {
  readonly nowMs: number;
  readonly language: 'en' | 'ja';
  readonly meaning: Meaning;
}

/** Undefined: nothing was accepted under this id. */
export function messageOf(
  events: readonly LedgerEvent[],
  { nowMs, language, meaning }: Telling,
): MessageAnswer | undefined {
  const accepted = events.find((event): event is LedgerEvent & Accepted => event.is === 'accepted');
  if (accepted === undefined) return undefined;
  const moved = events.findLast((event) => event.is === 'managed' && event.data.action === 'moved');
  const sendAt = moved?.is === 'managed' ? moved.data.why : undefined;
  const notBeforeMs = sendAt === undefined ? accepted.data.notBeforeMs : Date.parse(sendAt);
  const journey = journeyOf(events, language, meaning).map((step) => ({
    at: isoTime(step.atMs),
    event: step.is,
    recipient: step.recipient,
    headline: step.headline,
    details: [...step.details],
  }));
  return {
    ...common(accepted.message, accepted.atMs, accepted.data),
    ...(notBeforeMs !== undefined && { sendAt: isoTime(notBeforeMs) }),
    recipients: statusesOf(accepted, events, (notBeforeMs ?? 0) > nowMs),
    journey,
  };
}

function statusesOf(
  { data, atMs }: Accepted,
  events: readonly LedgerEvent[],
  waits: boolean,
): RecipientStatus[] {
  const byAddress = new Map<string, Mutable<RecipientStatus>>();
  for (const address of data.recipients)
    byAddress.set(address.toLowerCase(), {
      address,
      status: waits ? 'scheduled' : 'queued',
      at: isoTime(atMs),
      attempts: 0,
    });
  // Those on the suppression list are not with who got it.
  for (const event of events)
    if (event.is === 'bounced' && event.data.why === 'suppressed' && event.recipient !== '')
      addUnsent(byAddress, event.recipient, event.atMs);
  for (const event of events) {
    const only = byAddress.get(event.recipient.toLowerCase());
    const told = only ? [only] : event.recipient === '' ? [...byAddress.values()] : [];
    for (const one of told) tell(one, event);
  }
  return [...byAddress.values()];
}

function addUnsent(byAddress: Map<string, Mutable<RecipientStatus>>, address: string, atMs: number): void {
  const key = address.toLowerCase();
  if (!byAddress.has(key))
    byAddress.set(key, { address, status: 'suppressed', at: isoTime(atMs), attempts: 0 });
}

function tell(one: Mutable<RecipientStatus>, event: LedgerEvent): void {
  const at = isoTime(event.atMs);
  switch (event.is) {
    case 'deferred':
      Object.assign(one, {
        status: 'deferred',
        at,
        attempts: event.data.try,
        reply: event.data.reply,
        nextTryAt: isoTime(event.data.nextTryAtMs),
      });
      break;
    case 'delivered':
      Object.assign(one, { status: 'delivered', at, attempts: event.data.try, reply: event.data.reply });
      delete one.nextTryAt;
      break;
    case 'stored':
      Object.assign(one, { status: 'delivered', at, attempts: Math.max(1, one.attempts) });
      break;
    case 'bounced':
      Object.assign(one, {
        status: event.data.why === 'suppressed' ? 'suppressed' : 'bounced',
        at,
        reply: event.data.reply,
      });
      delete one.nextTryAt;
      break;
    case 'complained':
      Object.assign(one, { status: 'complained', at });
      break;
    case 'redirected':
      if (one.status === 'queued') Object.assign(one, { status: 'expanded', at });
      break;
    case 'managed':
      if (event.data.action === 'deleted' || event.data.action === 'cancelled')
        Object.assign(one, { status: 'cancelled', at });
      break;
    default:
      break;
  }
}
