/**
 * A trace: what became of one recipient of one message, as one organisation sees it. Traces are made from the ledger in its order; each event that tells
 * of a recipient moves its trace on. Mail that was refused at the door has one too, without a message.
 */
import type { EventData, MailLabels } from './event.ts';
import type { LedgerEvent } from './ledger.ts';
import { domainOf, factWord, wordsOf } from './trace-words.ts';

export const statuses = [
  'queued',
  'deferred',
  'held',
  'delivered',
  'redirected',
  'bounced',
  'complained',
  'refused',
  'deleted',
] as const;
export type TraceStatus = (typeof statuses)[number];

/** As it stands in the store. Times in milliseconds. */
export interface TraceRow {
  readonly id: number;
  readonly message: string;
  readonly org: string;
  readonly recipient: string;
  readonly sender: string;
  readonly subject: string;
  readonly header_id: string;
  /** The organisation's name for the kind of mail; '' when it has none. */
  readonly stream: string;
  /** `MailLabels` as JSON; '' when there are none. */
  readonly labels: string;
  readonly status: TraceStatus;
  /** The last answer of a server. */
  readonly reply: string;
  readonly host: string;
  readonly accepted_at: number;
  readonly changed_at: number;
}

/** What an event says of a trace. */
export type TraceChange = Partial<Omit<TraceRow, 'id' | 'message' | 'org' | 'recipient'>> &
  Pick<TraceRow, 'changed_at'>;

export interface ToldTrace {
  readonly message: string;
  readonly org: string;
  readonly recipient: string;
  readonly change: TraceChange;
}

/** What an event tells of traces. */
export function told(event: LedgerEvent): readonly ToldTrace[] {
  if (event.is === 'accepted') return acceptedTraces(event);
  const change = changeOf(event);
  if (!change || (event.recipient === '' && event.is !== 'refused')) return [];
  const { message, org, recipient } = event;
  return [{ message, org, recipient: recipient.toLowerCase(), change }];
}

function acceptedTraces({ message, org, atMs, data }: Extract<LedgerEvent, { is: 'accepted' }>): ToldTrace[] {
  const { labels } = data;
  const change: TraceChange = {
    sender: data.sender.toLowerCase(),
    subject: data.subject,
    header_id: data.headerMessageId,
    stream: labels?.stream ?? '',
    labels: labels ? JSON.stringify(labels) : '',
    status: 'queued',
    accepted_at: atMs,
    changed_at: atMs,
  };
  return [...new Set(data.recipients.map((to) => to.toLowerCase()))].map((recipient) => ({
    message,
    org,
    recipient,
    change,
  }));
}

const statusOfManaged: Readonly<Record<string, TraceStatus>> = {
  held: 'held',
  deleted: 'deleted',
  cancelled: 'deleted',
};

function changeOf(event: LedgerEvent): TraceChange | undefined {
  const { atMs: changed_at } = event;
  switch (event.is) {
    case 'refused': {
      const { reply, sender, peer } = event.data;
      const facts = { status: 'refused', reply, sender: sender.toLowerCase(), host: peer } as const;
      return { ...facts, accepted_at: changed_at, changed_at };
    }
    case 'delivered':
    case 'deferred':
    case 'bounced':
      return { status: event.is, reply: event.data.reply, host: event.data.host, changed_at };
    case 'stored':
      return { status: 'delivered', changed_at };
    case 'redirected':
      return { status: 'redirected', changed_at };
    case 'managed':
      return { status: statusOfManaged[event.data.action] ?? 'queued', changed_at };
    case 'complained':
      return { status: 'complained', changed_at };
    case 'bouncedLater':
      return laterChange(event.data, changed_at);
    default:
      return undefined;
  }
}

/** A report that comes after the mail was taken: only what says that it was not delivered changes what has become of it. */
function laterChange(data: EventData['bouncedLater'], changed_at: number): TraceChange | undefined {
  const { class: kind, reply, host } = data;
  if (kind === 'delayed' || kind === 'delivered' || kind === 'unknown') return undefined;
  return { status: 'bounced', reply, host, changed_at };
}

export const emptyTrace = {
  sender: '',
  subject: '',
  header_id: '',
  stream: '',
  labels: '',
  status: 'queued',
  reply: '',
  host: '',
} as const;

export function labelsOf({ labels }: Pick<TraceRow, 'labels'>): MailLabels {
  return labels === '' ? {} : (JSON.parse(labels) as MailLabels);
}

/** All words of a trace, for the index. */
export function traceWords(trace: Omit<TraceRow, 'id'>): string[] {
  const { tags = [], metadata = {} } = labelsOf(trace);
  const { recipient, sender, subject, reply, host, stream } = trace;
  const words = wordsOf([
    subject,
    reply,
    recipient,
    sender,
    host,
    stream,
    ...tags,
    ...Object.values(metadata),
  ]);
  words.add(factWord('org', trace.org));
  words.add(factWord('status', trace.status));
  words.add(factWord('recipient', recipient));
  words.add(factWord('recipientDomain', domainOf(recipient)));
  words.add(factWord('sender', sender));
  words.add(factWord('senderDomain', domainOf(sender)));
  if (stream !== '') words.add(factWord('stream', stream));
  if (trace.header_id !== '') words.add(factWord('headerId', bareId(trace.header_id)));
  for (const tag of tags) words.add(factWord('tag', tag));
  return [...words];
}

/** A Message-ID without its brackets. */
export const bareId = (id: string): string => id.trim().replace(/^<(.*)>$/, '$1');
