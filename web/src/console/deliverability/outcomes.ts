/** Mail to others by provider, and shares of it. */
import { useQuery } from '@tanstack/react-query';
import type {
  Deliverability,
  ProviderOutcomes,
} from '../../../../src/httpd/admin-api/contract-deliverability.ts';
import { admin } from '../../api/client.ts';

const refreshMs = 30_000;

export function useOutcomes(days: number) {
  return useQuery({
    queryKey: ['deliverability', days],
    queryFn: () => admin.get<Deliverability>('/deliverability', { days }),
    refetchInterval: refreshMs,
  });
}

type Counted = Pick<ProviderOutcomes, 'delivered' | 'deferred' | 'bounced' | 'complained'>;

/** A complaint is about mail that was delivered: it counts once. */
export const tried = ({ delivered, deferred, bounced }: Counted): number => delivered + deferred + bounced;

/** What did not get there, or not yet, of what was tried: 0 to 1. */
export const troubled = (one: Counted): number => (one.deferred + one.bounced) / Math.max(1, tried(one));

export const complaintRate = (items: readonly Counted[]): number => {
  const sum = (field: 'delivered' | 'complained'): number =>
    items.reduce((total, one) => total + one[field], 0);
  return sum('complained') / Math.max(1, sum('delivered'));
};

/** The steps of an answer, also those without mail. */
export function stepsOf({ fromMs, stepMs }: Deliverability, untilMs: number): readonly number[] {
  const count = Math.max(1, Math.floor((untilMs - fromMs) / stepMs) + 1);
  return Array.from({ length: count }, (_, i) => fromMs + i * stepMs);
}
