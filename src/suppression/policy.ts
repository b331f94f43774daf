/** When an address comes onto the list, and for how long: settings of the server, which an organisation may change for itself. */
import { Refusal } from '../base/refusal.ts';
import { isJapaneseCarrier } from '../proto/bounce/providers.ts';
import type { FailureReason } from '../proto/bounce/reasons.ts';
import type { Cause, Scope } from './entry.ts';

export interface SuppressionPolicy {
  /** Hard errors in sequence after which an address is suppressed; 0: never. */
  readonly hardErrors: number;
  /** The same for addresses of mobile carriers of Japan. */
  readonly carrierHardErrors: number;
  /** Days that an entry is kept, by its cause; 0: until it is taken away. */
  readonly hardDays: number;
  readonly complaintDays: number;
  /** How far a complaint reaches: `org`, or the streams of bulk mail. */
  readonly complaintScope: 'org' | 'stream:bulk';
}

export const suppressionDefaults: SuppressionPolicy = {
  hardErrors: 3,
  carrierHardErrors: 1,
  hardDays: 365,
  complaintDays: 0,
  complaintScope: 'org',
};

const errorsMax = 100;
const daysMax = 36_500;
const dayMs = 86_400_000;

/** Domains come back: somebody forgot to pay. */
const domainDaysMax = 90;

export function errorsUntil(policy: SuppressionPolicy, address: string): number {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return isJapaneseCarrier(domain) ? policy.carrierHardErrors : policy.hardErrors;
}

/** Until when; 0: for good. */
export function keptUntil(
  policy: SuppressionPolicy,
  of: { cause: Cause; reason: string; atMs: number },
): number {
  const days = daysOf(policy, of);
  return days === 0 ? 0 : of.atMs + days * dayMs;
}

function daysOf(policy: SuppressionPolicy, { cause, reason }: { cause: Cause; reason: string }): number {
  if (cause === 'complaint') return policy.complaintDays;
  if (cause !== 'hard') return 0;
  const passing: readonly string[] = ['noSuchDomain', 'takesNoMail'] satisfies FailureReason[];
  if (!passing.includes(reason)) return policy.hardDays;
  return policy.hardDays === 0 ? domainDaysMax : Math.min(policy.hardDays, domainDaysMax);
}

export const complaintScope = ({ complaintScope: scope }: SuppressionPolicy): Scope => scope;

/** Refusal `invalid`. */
export function checkPolicy(policy: Partial<SuppressionPolicy>): void {
  for (const [name, value] of Object.entries(policy)) {
    if (name === 'complaintScope') continue;
    const max = name.endsWith('Days') ? daysMax : errorsMax;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max)
      throw new Refusal('invalid', `${name} is a whole number from 0 to ${max}`, { at: name });
  }
}
