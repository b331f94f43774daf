/** A push subscription as it is kept (RFC 8620, 7.2). */
import { randomBytes } from 'node:crypto';
import type { PushKeys } from '../../../proto/webpush/encrypt.ts';
import type { KeptType } from '../kept-records.ts';
import type { TypeStates } from './type-states.ts';

export const subscriptionType: KeptType = { type: 'PushSubscription', letter: 'p' };

export interface SubscriptionValue {
  readonly deviceClientId: string;
  readonly url: string;
  readonly keys: PushKeys | null;
  /** Nothing but this is sent there before the client has shown it. */
  readonly code: string;
  readonly isVerified: boolean;
  readonly expires: string;
  readonly types: readonly string[] | null;
  /** What was told last, by account. */
  readonly told: Readonly<Record<string, TypeStates>>;
  /** Who made it, for the rights of today. */
  readonly by: string;
  readonly failures: number;
}

export const newCode = (): string => randomBytes(24).toString('base64url');
export const newSalt = (): Buffer => randomBytes(16);
