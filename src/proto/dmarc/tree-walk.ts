/**
 * The DNS tree walk of DMARC (RFC 9989, 4.10): which records there are from a domain up, and with them its organizational domain and the record
 * whose policy counts. It takes the place of a list of public suffixes.
 *
 * One walker serves one message: names are asked once, however many domains of the message lead to them.
 */
import { recordsOf, type TxtLookup } from '../dns/lookup.ts';
import { isDmarcRecord, parseDmarcRecord, type DmarcRecord } from './record.ts';

export interface PlacedRecord {
  readonly domain: string;
  readonly record: DmarcRecord;
}

export interface Walk {
  /** Longest name first. */
  readonly found: readonly PlacedRecord[];
  /** DNS failed at some name: what lies above is not known. */
  readonly failed: boolean;
}

/** From a longer name the walk goes straight to this many labels: at most eight questions (RFC 9989, 4.10, step 4). */
const walkLabelsMax = 7;

export class TreeWalker {
  readonly #dns: TxtLookup;
  readonly #asked = new Map<string, Promise<DmarcRecord | 'none' | 'failed'>>();

  constructor(dns: TxtLookup) {
    this.#dns = dns;
  }

  async walk(domain: string): Promise<Walk> {
    const found: PlacedRecord[] = [];
    for (let labels = domain.split('.'); labels.length > 0; labels = shortened(labels)) {
      const name = labels.join('.');
      const record = await this.#recordAt(name);
      if (record === 'failed') return { found, failed: true };
      if (record === 'none') continue;
      found.push({ domain: name, record });
      if (record.psd !== 'u') break;
    }
    return { found, failed: false };
  }

  /** The record of one domain. Several make none (steps 2 and 6). */
  #recordAt(domain: string): Promise<DmarcRecord | 'none' | 'failed'> {
    let asking = this.#asked.get(domain);
    if (asking === undefined) {
      asking = this.#ask(domain);
      this.#asked.set(domain, asking);
    }
    return asking;
  }

  async #ask(domain: string): Promise<DmarcRecord | 'none' | 'failed'> {
    const texts = recordsOf(await this.#dns.txt(`_dmarc.${domain}`));
    if (texts === undefined) return 'failed';
    const records = texts.filter(isDmarcRecord);
    return (records.length === 1 ? parseDmarcRecord(records[0]!) : undefined) ?? 'none';
  }
}

const shortened = (labels: readonly string[]): string[] =>
  labels.length > walkLabelsMax ? labels.slice(-walkLabelsMax) : labels.slice(1);

/** RFC 9989, 4.10.2, for a walk that did not fail. */
export function organizationalDomain(domain: string, { found }: Walk): string {
  for (const one of found) {
    if (one.record.psd === 'n') return one.domain;
    if (one.record.psd === 'y' && one.domain !== domain) return belowSuffix(domain, one.domain);
  }
  return found.at(-1)?.domain ?? domain;
}

function belowSuffix(domain: string, suffix: string): string {
  return domain
    .split('.')
    .slice(-(suffix.split('.').length + 1))
    .join('.');
}

/** The record whose policy counts (RFC 9989, 4.10.1): the author domain's, that of its organization, or that of the suffix above. */
export function policyRecord(domain: string, walk: Walk): PlacedRecord | undefined {
  const { found } = walk;
  const own = found.find((one) => one.domain === domain);
  if (own) return own;
  const organization = organizationalDomain(domain, walk);
  const last = found.at(-1);
  return found.find((one) => one.domain === organization) ?? (last?.record.psd === 'y' ? last : undefined);
}
