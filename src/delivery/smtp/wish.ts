/**
 * What mail asks of the connection that carries it. The destinations of a site have the same hosts, but each has its own order of them, and what
 * vouches for the hosts to REQUIRETLS mail is each one's own too. So a connection is shared by those who would have been given it anyway.
 */
import type { HostPlan, Target } from '../route/plan.ts';
import type { Variant } from '../tls/demand.ts';

export interface Wish {
  /** Of the destination. */
  readonly plan: HostPlan;
  readonly variant: Variant;
}

/** Both would be led over the same hosts, in the same order and under the same demands. */
export function isAlike(one: Wish, other: Wish): boolean {
  return mayStandIn(one, other) && (one.plan === other.plan || one.plan.order === other.plan.order);
}

/** Save for the order of the hosts. */
export function mayStandIn(one: Wish, other: Wish): boolean {
  if (one.variant !== other.variant) return false;
  return one.variant !== 'requireTls' || one.plan.security.domain === other.plan.security.domain;
}

/** Nobody is preferred to this place. */
export function isBest({ targets }: HostPlan, { host, port }: Pick<Target, 'host' | 'port'>): boolean {
  const { preference } = targets[0]!;
  return targets.some((one) => one.host === host && one.port === port && one.preference === preference);
}
