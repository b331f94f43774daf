/** The resolver, and how name servers of zones are asked, as the settings describe it. */
import { systemClock } from '../base/clock.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Settings } from '../config/schema.ts';
import { onlyPublic } from '../net/dialer.ts';
import { createResolver, type Resolver } from '../net/resolver.ts';
import { createZone } from '../net/zone.ts';
import type { AuthorityParts } from '../records/authorities.ts';
import { dnsServer } from './dns-server.ts';

export function openResolver(settings: Settings, metrics: Metrics): Resolver {
  const { dns } = settings;
  return createResolver({
    clock: systemClock,
    metrics,
    tryTimeoutMs: dns.timeoutMs,
    trustSystem: dns.trustAuthenticated,
    ...(dns.servers.length === 0
      ? {}
      : { servers: dns.servers.map((text) => dnsServer(text, dns.trustAuthenticated)) }),
    ...(dns.zone.length === 0 ? {} : { zone: createZone({ records: dns.zone }) }),
  });
}

export function authorityParts(settings: Settings, resolver: Resolver): AuthorityParts {
  const { dns, delivery } = settings;
  const guard = delivery.ownNetworksAllowed ? {} : { guard: onlyPublic };
  return {
    resolver,
    clock: systemClock,
    port: dns.authoritativePort,
    timeoutMs: dns.timeoutMs,
    ...(dns.zone.length > 0 && { ownZone: createZone({ records: dns.zone }) }),
    ...guard,
  };
}
