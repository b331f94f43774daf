/** When a message may go, and until when: FUTURERELEASE (RFC 4865), DELIVERBY (RFC 2852) and the time that mail may wait. */
import type { MailParams } from '../proto/smtp/params.ts';
import type { QueuedMessage } from '../queue/message.ts';

type Times = Pick<QueuedMessage, 'acceptedAtMs' | 'notBeforeMs' | 'expiresAtMs' | 'deliverBy'>;

export interface Bounds {
  readonly lifetimeMs: number;
  /** Whatever was asked for. */
  readonly earliestMs: number;
}

export function messageTimes(now: number, params: MailParams, { lifetimeMs, earliestMs }: Bounds): Times {
  const asked = params.holdUntilMs ?? now + (params.holdForSeconds ?? 0) * 1000;
  const notBeforeMs = Math.max(now, asked, earliestMs);
  const by = params.deliverBy;
  const lastMs = notBeforeMs + lifetimeMs;
  return {
    acceptedAtMs: now,
    notBeforeMs,
    expiresAtMs: by?.mode === 'return' ? Math.min(lastMs, now + by.seconds * 1000) : lastMs,
    ...(by && { deliverBy: { atMs: now + by.seconds * 1000, mode: by.mode, trace: by.trace } }),
  };
}
