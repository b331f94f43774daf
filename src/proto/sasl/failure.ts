/** The ways a mechanism says no. The texts are for our log: a protocol server answers all of them alike, save for `invalid` (501). */
import { Refusal } from '../../base/refusal.ts';
import type { SaslStep } from './mechanism.ts';

type Failed = Extract<SaslStep<never>, { is: 'failed' }>;

/** The response does not fit the mechanism's grammar. */
export function malformed(detail: string): Failed {
  return { is: 'failed', refusal: new Refusal('invalid', detail) };
}

export function denied(detail: string): Failed {
  return { is: 'failed', refusal: new Refusal('authenticationFailed', detail) };
}

/** A store's answer as a step: a Refusal becomes a failure; anything else is an outage and is thrown on. */
export async function settled<P>(answer: Promise<P>): Promise<SaslStep<P>> {
  try {
    return { is: 'done', principal: await answer };
  } catch (error) {
    if (error instanceof Refusal) return { is: 'failed', refusal: error };
    throw error;
  }
}
