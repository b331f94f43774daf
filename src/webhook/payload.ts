/**
 * What an endpoint is told of an event: a body as the Standard Webhooks have it (`type`, `timestamp`, `data`), with what is known of the message beside what the event
 * itself says, so that nobody has to keep a table of messages to understand it.
 */
import type { EventData, MailLabels } from '../events/event.ts';
import type { LedgerEvent } from '../events/ledger.ts';

/** What the acceptance of a message told of it. */
export interface MessageFacts {
  readonly sender: string;
  readonly subject: string;
  readonly headerMessageId: string;
  readonly labels: MailLabels;
}

export function factsOf(data: EventData['accepted']): MessageFacts {
  const { sender, subject, headerMessageId, labels = {} } = data;
  return { sender, subject, headerMessageId, labels };
}

/** The same whenever and to whomever the event is told. */
export const eventId = ({ seq, atMs }: Pick<LedgerEvent, 'seq' | 'atMs'>): string =>
  `evt_${seq}_${atMs.toString(36)}`;

export interface Told {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export function toldOf(event: LedgerEvent, facts: MessageFacts | undefined): Told {
  // Who logged in is nobody's business outside.
  const { login: _, credential: __, labels: ___, ...own } = event.data as Readonly<Record<string, unknown>>;
  const { labels = {}, ...known } = facts ?? {};
  return {
    id: eventId(event),
    type: `message.${event.is}`,
    timestamp: new Date(event.atMs).toISOString(),
    data: {
      message: event.message,
      org: event.org,
      recipient: event.recipient,
      ...known,
      ...(labels.stream !== undefined && { stream: labels.stream }),
      tags: labels.tags ?? [],
      metadata: labels.metadata ?? {},
      ...(labels.test && { test: true }),
      ...own,
    },
  };
}

export interface Body {
  readonly id: string;
  readonly text: string;
}

/** One event by itself, or several as a batch: its id says which. */
export function bodyOf(events: readonly Told[], batched: boolean): Body {
  const [first] = events;
  if (!batched && first) return { id: first.id, text: JSON.stringify(first) };
  const last = events.at(-1);
  const id = `bat_${first?.id.slice(4)}_${last?.id.slice(4)}_${events.length}`;
  return { id, text: JSON.stringify({ type: 'batch', timestamp: last?.timestamp, data: events }) };
}
