/** The DNS records of a domain before its server has run: those that need none of its certificates. Later, publication.ts has all. */
import type { ListenerSettings } from '../config/schema.ts';
import { domainRecords, type DomainRecord, type MailDomain } from '../records/domain-records.ts';
import { dmarcReportsName, tlsReportsName } from '../reporting/report-address.ts';
import { zoneLines } from '../records/zone-text.ts';
import { publicServices } from './public-services.ts';

export interface NewDomain {
  /** In A-labels, as `hostname`. */
  readonly domain: string;
  readonly hostname: string;
  /** Of the server, as others reach it; empty when they are not known. */
  readonly addresses: readonly string[];
  readonly listeners: readonly Pick<ListenerSettings, 'kind' | 'host' | 'port'>[];
  /** Of the keys that sign its mail. */
  readonly dkim: MailDomain['dkim'];
}

export function firstRecords(of: NewDomain): readonly DomainRecord[] {
  const { domain, hostname, addresses, listeners, dkim } = of;
  return domainRecords({
    domain,
    hostname,
    addresses,
    services: publicServices(listeners),
    https: listeners.some(({ kind }) => kind === 'https'),
    dkim,
    mtaStsId: undefined,
    tlsa: [],
    dmarcReportsTo: `${dmarcReportsName}@${domain}`,
    tlsReportsTo: `${tlsReportsName}@${domain}`,
    bimiLogo: '',
  });
}

export const firstZone = (of: NewDomain): readonly string[] => zoneLines(of.domain, firstRecords(of));
