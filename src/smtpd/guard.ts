/** Who watches how often clients come and how they behave (policy/neighbourhood.ts): asked when a connection begins, told what becomes of it. */
import { Refusal, type Reason } from '../base/refusal.ts';

export interface Guard {
  /** What the client is to be treated like, or why it is sent away. */
  arrive(ip: string): Visit | 'tooMany' | 'tooOften' | 'banned';
}

export interface Visit {
  /** How long it is kept waiting for the greeting. */
  readonly greetDelayMs: number;
  greeted(): void;
  /** How long the answer to an unknown recipient waits; undefined: it is the last. */
  unknownRecipient(): number | undefined;
  knownRecipient(): void;
  leave(): void;
}

const guesses: ReadonlySet<string> = new Set<Reason>(['mailboxUnknown', 'domainUnknown', 'relayDenied']);

/** Tells of an answer about a recipient, `why` being what was thrown; gives how long it waits. */
export function recipientWaitMs(visit: Visit, why: unknown): number | undefined {
  if (why instanceof Refusal && guesses.has(why.reason)) return visit.unknownRecipient();
  if (why === undefined) visit.knownRecipient();
  return 0;
}

/** Where nobody watches. */
export const unwatched: Visit = {
  greetDelayMs: 0,
  greeted() {},
  unknownRecipient: () => 0,
  knownRecipient() {},
  leave() {},
};
