/** What goes into the quarantine with a message that is accepted: one row for each organisation. */
import { entryIndex } from '../../base/ids.ts';
import type { QuarantineNote, QueuedMessage, QueuedRecipient } from '../message.ts';
import { heldDue } from './entry-row.ts';
import { laneOf } from './lane.ts';

export interface QuarantineData {
  readonly sizeBytes: number;
  readonly score: number;
  readonly rules: readonly { readonly rule: string; readonly weight: number; readonly detail: string }[];
  readonly lane: string;
  /** Of its entries, as they stand in the queue. */
  readonly due: number;
  readonly entries: readonly (readonly [idx: number, destination: string, address: string])[];
}

export const insertQuarantined =
  'insert into queue_quarantine (shard, message, org, at, expires_at, sender, recipients, subject, data) values (?, ?, ?, ?, ?, ?, ?, ?, ?)';

/** One row. */
export interface KeptBack {
  readonly org: string;
  readonly expiresAt: number;
  /** In lower case, to be looked through. */
  readonly recipients: string;
  readonly subject: string;
  /** JSON of QuarantineData. */
  readonly data: string;
}

export function keptBack(
  message: QueuedMessage,
  recipients: readonly QueuedRecipient[],
  { org, untilMs, score, rules, recipients: ids }: QuarantineNote,
): KeptBack {
  const kept = recipients.filter(({ id }) => ids.includes(id));
  const data: QuarantineData = {
    sizeBytes: message.sizeBytes,
    score,
    rules,
    lane: laneOf(message),
    due: message.notBeforeMs + heldDue,
    entries: kept.map(({ id, destination, address }) => [entryIndex(id), destination, address] as const),
  };
  return {
    org,
    expiresAt: untilMs,
    recipients: kept.map(({ address }) => address.toLowerCase()).join(' '),
    subject: message.subject,
    data: JSON.stringify(data),
  };
}
