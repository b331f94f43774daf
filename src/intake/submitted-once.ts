/**
 * Idempotency keys of mail that comes by SMTP: `Idempotency-Key` or `X-Idempotency-Key` in its header, which goes no further than here.
 *
 * A program that sends again after a lost reply makes the message anew: with another Date, Message-ID and boundary. What must be the same is who sends, to whom, and
 * all else of the mail (same-text.ts).
 */
import { createHash } from 'node:crypto';
import type { Principal } from '../directory/principal.ts';
import type { OnceKey } from '../queue/message.ts';

/** How long the same key stands for the same mail. */
export const onceKeptMs = 72 * 3_600_000;
/** Longer ones are refused. */
export const onceKeyMaxChars = 256;

/** Names of the fields. */
export const onceFields: ReadonlySet<string> = new Set(['idempotency-key', 'x-idempotency-key']);

/** Programs of one organisation share their keys; an account has its own. */
export const onceScope = ({ org, account, application }: Principal): string =>
  application ? org : `${org}/${account}`;

interface Submitted {
  readonly principal: Principal;
  readonly key: string;
  readonly sender: string;
  readonly to: readonly string[];
  /** Of the mail itself. */
  readonly text: string;
  readonly nowMs: number;
}

export function submittedOnce({ principal, key, sender, to, text, nowMs }: Submitted): OnceKey {
  const same = JSON.stringify(['smtp', sender, to.toSorted(), text]);
  const digest = createHash('sha256').update(same).digest('base64url');
  return { scope: onceScope(principal), key, digest, answer: '', expiresAtMs: nowMs + onceKeptMs };
}
