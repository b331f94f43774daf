/** What the world is to find of a domain of ours: its policy, how mailers reach it, and the DNS records that lead to both. */
import type { ListenerSettings, Settings } from '../config/schema.ts';
import type { Directory } from '../directory/directory.ts';
import type { Domain, SendingDomain } from '../directory/entities.ts';
import type { MailSetup } from '../httpd/parts.ts';
import type { Resolver } from '../net/resolver.ts';
import { formatStsPolicy, stsPolicyId, type StsPolicy } from '../proto/mta-sts/policy.ts';
import { domainToUnicode } from '../proto/smtp/domain.ts';
import { dmarcReportsName, tlsReportsName } from '../reporting/report-address.ts';
import { domainRecords, type DomainRecord, type MailDomain } from '../records/domain-records.ts';
import { checkRecords, type CheckedRecord } from '../records/record-check.ts';
import { zoneLines } from '../records/zone-text.ts';
import type { CertificateStatus } from './certificate-desk.ts';
import { authorityParts } from './open-resolver.ts';
import { publicServices } from './public-services.ts';
import { worldAddresses } from './world-addresses.ts';

export interface PublicationParts {
  readonly settings: Settings;
  /** With the ports they got. */
  readonly listeners: readonly ListenerSettings[];
  readonly directory: Pick<Directory, 'domain' | 'dkimRecords'>;
  readonly resolver: Resolver;
  readonly certificates: () => Promise<readonly CertificateStatus[]>;
}

const daySeconds = 86_400;
export interface DomainDns {
  readonly records: readonly CheckedRecord[];
  /** As lines of a zone file. */
  readonly zone: string;
}

export class Publication {
  readonly #parts: PublicationParts;
  #settings: Settings;

  constructor(parts: PublicationParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
  }

  reload(settings: Settings): void {
    this.#settings = settings;
  }

  async stsPolicyOf(name: string): Promise<string | undefined> {
    const domain = await this.#parts.directory.domain(name);
    const policy = domain && this.#policy(domain);
    return policy && formatStsPolicy(policy);
  }

  async mailSetupOf(name: string): Promise<MailSetup | undefined> {
    const domain = await this.#parts.directory.domain(name);
    if (domain === undefined) return undefined;
    const { hostname } = this.#settings;
    return {
      domain: domain.name,
      displayName: domainToUnicode(domain.name),
      hostname,
      services: publicServices(this.#parts.listeners),
    };
  }

  /** The records as they should be; held against what the name servers of the domain say, if `check`. */
  async dnsOf(domain: Domain, check: boolean): Promise<DomainDns> {
    const mailDomain = await this.#mailDomain(domain);
    const planned = domainRecords(mailDomain);
    const records = check ? await this.#check(mailDomain, planned) : planned.map(unchecked);
    const lines = zoneLines(
      domain.name,
      records.map(({ record }) => record),
    );
    return { records, zone: lines.map((line) => `${line}\n`).join('') };
  }

  /** Of a domain that bounces come back to, or links lead over: held against what its name servers say. */
  async sendingRecords({ name, purpose }: SendingDomain): Promise<readonly CheckedRecord[]> {
    const settings = this.#settings;
    const hostname = settings.hostname.toLowerCase();
    const mailDomain: MailDomain = {
      domain: name,
      hostname,
      addresses: await worldAddresses(settings, this.#parts.resolver),
      services: [],
      https: true,
      dkim: [],
      mtaStsId: undefined,
      tlsa: [],
      dmarcReportsTo: `${dmarcReportsName}@${name}`,
      tlsReportsTo: `${tlsReportsName}@${name}`,
      bimiLogo: '',
    };
    const planned: readonly DomainRecord[] =
      purpose === 'returnPath'
        ? domainRecords(mailDomain).filter((record) => record.purpose === 'mx' || record.purpose === 'spf')
        : [{ name, type: 'CNAME', data: `${hostname}.`, purpose: 'mtaStsHost', need: 'required' }];
    return this.#check(mailDomain, planned);
  }

  async #check(mailDomain: MailDomain, planned: readonly DomainRecord[]): Promise<readonly CheckedRecord[]> {
    const parts = authorityParts(this.#settings, this.#parts.resolver);
    return checkRecords({ ...parts, domain: mailDomain }, planned);
  }

  async #mailDomain(domain: Domain): Promise<MailDomain> {
    const { resolver } = this.#parts;
    const settings = this.#settings;
    const policy = this.#policy(domain);
    return {
      domain: domain.name,
      hostname: settings.hostname.toLowerCase(),
      addresses: await worldAddresses(settings, resolver),
      services: publicServices(this.#parts.listeners),
      https: this.#parts.listeners.some((one) => one.kind === 'https'),
      dkim: await this.#parts.directory.dkimRecords(domain.name),
      mtaStsId: policy && stsPolicyId(policy),
      tlsa: await this.#tlsa(),
      dmarcReportsTo: `${dmarcReportsName}@${domain.name}`,
      tlsReportsTo: `${tlsReportsName}@${domain.name}`,
      bimiLogo: domain.bimiLogo,
    };
  }

  #policy({ mtaSts: own }: Domain): StsPolicy | undefined {
    const { mtaSts, hostname } = this.#settings;
    const mode = own === '' ? mtaSts.mode : own;
    // A policy that is taken back must be served for some time (RFC 8461, 8.3): that is the mode `none` of the domain itself.
    if (mode === 'none' && own === '') return undefined;
    const mx = [...new Set([hostname, ...mtaSts.hosts].map((host) => host.toLowerCase()))];
    return { mode, maxAgeSeconds: mtaSts.maxAgeDays * daySeconds, mx: mode === 'none' ? [] : mx };
  }

  /** Of keys that stay when the certificate is renewed: another key would void the record (RFC 7671, 8.1). */
  async #tlsa(): Promise<readonly string[]> {
    const { certificates } = this.#parts;
    const settings = this.#settings;
    if (!settings.tls.publishTlsa) return [];
    const hostname = settings.hostname.toLowerCase();
    const lasting = (await certificates()).filter(
      ({ names, source }) => names.includes(hostname) && (source !== 'acme' || settings.tls.acme.keepKey),
    );
    return lasting.filter(({ keyDigest }) => keyDigest !== '').map(({ keyDigest }) => `3 1 1 ${keyDigest}`);
  }
}

const unchecked = (record: DomainRecord): CheckedRecord => ({
  record,
  status: 'unchecked',
  found: [],
  unexpected: [],
  notes: [],
  servers: [],
});
