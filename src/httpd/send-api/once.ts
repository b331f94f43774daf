/** Idempotency keys of the API: the same request with the same key is answered the same, and sends once. */
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import { Refusal } from '../../base/refusal.ts';
import { onceKeptMs, onceKeyMaxChars } from '../../intake/submitted-once.ts';
import type { OnceKey } from '../../queue/message.ts';

/** 50 MiB in base64, and the rest of the request. */
export const mailBodyMaxBytes = 72 * 1024 * 1024;

export const onceHeader = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description:
        'Of your choosing, up to 256 characters: the same request again is answered the same and sends once.',
    }),
  ),
});

/** As it was kept: an answer is told again to the letter. */
export const asIs = (text: unknown): string => text as string;

/** A key before its answer is known. */
export interface AskedOnce {
  readonly scope: string;
  readonly key: string;
  readonly digest: string;
}

export function keyIn({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  if (typeof given === 'string' && given.length <= onceKeyMaxChars && /^[\x20-\x7e]+$/.test(given.trim()))
    return given.trim();
  throw new Refusal('invalid', `must be 1 to ${onceKeyMaxChars} printable characters`, {
    at: 'Idempotency-Key',
  });
}

/** Of what was asked for, whatever the order of its fields. */
export const digestOf = (asked: unknown): string =>
  createHash('sha256').update(canonical(asked)).digest('base64url');

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export const answeredOnce = (asked: AskedOnce, answer: string, nowMs: number): OnceKey => ({
  ...asked,
  answer,
  expiresAtMs: nowMs + onceKeptMs,
});

/** Refusal `keyUsed` when it was kept for something else. */
export function checkSame(kept: { readonly digest: string }, { digest }: AskedOnce): void {
  if (kept.digest !== digest) throw new Refusal('keyUsed', 'the key was used for another request');
}
