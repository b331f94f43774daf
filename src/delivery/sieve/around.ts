/** What a script is told of where it runs (RFC 5183, 4.1), and of the transaction that brought the message. */
import type { SieveEnvelope, Surroundings } from '../../proto/sieve/surroundings.ts';
import { machineZone } from '../../sieve/machine-zone.ts';

export interface Place {
  readonly envelope: SieveEnvelope;
  /** Of the recipient, as A-labels. */
  readonly domain: string;
  readonly hostname: string;
  readonly nowMs: number;
  /** As a header field has it. */
  readonly ownAddress: string;
  /** What the filters of the server said of the message (RFC 5235). */
  readonly opinion?: Pick<Surroundings, 'spamScore' | 'virus'>;
}

export function aroundOf({ envelope, domain, hostname, nowMs, ownAddress, opinion }: Place): Surroundings {
  const items = {
    domain,
    host: hostname,
    location: 'MDA',
    name: 'Hikyaku',
    phase: 'during',
    version: '1',
  };
  return {
    envelope,
    nowMs,
    zoneMinutes: machineZone,
    environment: new Map(Object.entries(items)),
    ownAddress,
    ...opinion,
  };
}
