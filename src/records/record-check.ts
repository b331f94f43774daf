/**
 * Holds the records that a domain needs against what its name servers say: what is there, what is missing, what differs, and in what.
 *
 * Records of others are left alone: only those of the same kind count (a TXT beside the SPF record is nobody's difference), and what a domain has
 * chosen for itself stands where it does its work (its own DMARC policy, a CNAME or an address for a host).
 */
import { parseDmarcRecord } from '../proto/dmarc/record.ts';
import { isSpfRecord } from '../proto/spf/record.ts';
import { Authorities, type AuthorityParts, type ServerSays } from './authorities.ts';
import { unknownAddress, type DomainRecord, type MailDomain } from './domain-records.ts';
import { mergedSpf, spfLookupsMax } from './spf-merge.ts';

/**
 * `ok`: as it should be, or as good. `missing`: nothing of the kind is there. `different`: something else is, at one name server at least. `unknown`:
 * no name server could be asked. `unchecked`: nothing to hold it against.
 */
export type RecordStatus = 'ok' | 'missing' | 'different' | 'unknown' | 'unchecked';

/** What is worth a word beyond the difference. */
export type RecordNote =
  | 'severalSpf'
  | 'spfTooManyLookups'
  | 'spfUnreadable'
  | 'mxElsewhere'
  | 'serversDisagree'
  | 'serverSilent'
  | 'noForwardMatch'
  | 'otherKey'
  | 'dmarcUnreadable';

export interface CheckedRecord {
  /** As it should be; where something of the domain's own has to stay, that with what is to be added. */
  readonly record: DomainRecord;
  readonly status: RecordStatus;
  /** Of the same kind, as found. */
  readonly found: readonly string[];
  /** In `found` and not to be there. */
  readonly unexpected: readonly string[];
  readonly notes: readonly RecordNote[];
  /** Questions that the SPF record costs whoever checks it. */
  readonly spfLookups?: number;
  /** What each server says, where they do not agree or do not answer. */
  readonly servers: readonly ServerSays[];
}

export interface CheckParts extends AuthorityParts {
  readonly domain: MailDomain;
}

export async function checkRecords(
  parts: CheckParts,
  records: readonly DomainRecord[],
): Promise<readonly CheckedRecord[]> {
  const check = new RecordCheck(parts);
  return Promise.all(records.map((record) => check.one(record)));
}

interface Seen {
  readonly found: readonly string[];
  readonly servers: readonly ServerSays[];
  /** No server answered. */
  readonly silent: boolean;
}

class RecordCheck {
  readonly #parts: CheckParts;
  readonly #authorities: Authorities;

  constructor(parts: CheckParts) {
    this.#parts = parts;
    this.#authorities = new Authorities(parts);
  }

  async one(record: DomainRecord): Promise<CheckedRecord> {
    if (record.data === unknownAddress)
      return { record, status: 'unchecked', found: [], unexpected: [], notes: [], servers: [] };
    const seen = await this.#seen(record);
    if (seen.silent) return told(record, seen, 'unknown');
    const checked = await this.#judged(record, seen);
    if (seen.servers.length === 0) return checked;
    const answered = seen.servers.filter((server) => server.records !== undefined);
    const agreed = answered.every((server) => sameSet(server.records!, seen.found));
    if (agreed) return { ...checked, notes: [...checked.notes, 'serverSilent'] };
    return { ...checked, status: 'different', notes: [...checked.notes, 'serversDisagree'] };
  }

  async #seen({ name, type, purpose }: DomainRecord): Promise<Seen> {
    const says = await this.#authorities.ask(name, type);
    const kinds = says.map((one) => ({
      ...one,
      ...(one.records === undefined
        ? {}
        : { records: one.records.filter((text) => isOfKind(purpose, text)).toSorted() }),
    }));
    const answered = kinds.filter((one) => one.records !== undefined);
    const first = answered[0]?.records ?? [];
    const agreed = kinds.every((one) => one.records !== undefined && sameSet(one.records, first));
    return { found: first, servers: agreed ? [] : kinds, silent: answered.length === 0 };
  }

  async #judged(record: DomainRecord, seen: Seen): Promise<CheckedRecord> {
    switch (record.purpose) {
      case 'spf':
        return this.#spf(record, seen, this.#parts.domain.domain);
      case 'heloSpf':
        return this.#spf(record, seen, this.#parts.domain.hostname);
      case 'dmarc':
        return dmarc(record, seen);
      case 'mx':
        return mx(record, seen);
      case 'dkim':
        return one(record, seen, sameTags, 'otherKey');
      case 'reverse':
        return this.#reverse(record, seen);
      case 'mtaSts':
      case 'tlsReports':
      case 'bimi':
        return one(record, seen, sameTags);
      default:
        return record.type === 'CNAME' ? this.#host(record, seen) : among(record, seen);
    }
  }

  async #spf(record: DomainRecord, seen: Seen, domain: string): Promise<CheckedRecord> {
    const { resolver } = this.#parts;
    const need = { ...this.#parts.domain, domain, first: record.data };
    const { text, lookups, wrong } = await mergedSpf(seen.found, need, resolver);
    const proposed = { ...record, data: text };
    const notes: RecordNote[] = [];
    if (seen.found.length > 1) notes.push('severalSpf');
    if (wrong !== undefined) notes.push('spfUnreadable');
    if (lookups !== undefined && lookups > spfLookupsMax) notes.push('spfTooManyLookups');
    const counted = lookups === undefined ? {} : { spfLookups: lookups };
    if (seen.found.length === 0) return { ...told(proposed, seen, 'missing'), ...counted };
    const asIs = seen.found.length === 1 && seen.found[0] === text && notes.length === 0;
    const unexpected = asIs ? [] : seen.found;
    return { ...told(proposed, seen, asIs ? 'ok' : 'different'), unexpected, notes, ...counted };
  }

  /** The name must also lead back: others look both ways. */
  async #reverse(record: DomainRecord, seen: Seen): Promise<CheckedRecord> {
    const checked = one(record, seen, sameName);
    if (checked.status !== 'ok') return checked;
    const { hostname, addresses } = this.#parts.domain;
    const forward = await this.#addressesOf(hostname);
    return addresses.every((ip) => forward.includes(ip))
      ? checked
      : { ...checked, status: 'different', notes: ['noForwardMatch'] };
  }

  /** A host that is to be an alias of ours may as well have our addresses. */
  async #host(record: DomainRecord, seen: Seen): Promise<CheckedRecord> {
    const checked = one(record, seen, sameName);
    if (checked.status === 'ok') return checked;
    const { hostname } = this.#parts.domain;
    const [there, here] = await Promise.all([this.#addressesOf(record.name), this.#addressesOf(hostname)]);
    if (there.length === 0) return checked;
    const ours = there.every((ip) => here.includes(ip));
    const found = [...checked.found, ...there];
    return { ...checked, found, status: ours ? 'ok' : 'different', unexpected: ours ? [] : found };
  }

  /** As its own name servers have it: what was asked before may be remembered elsewhere. */
  async #addressesOf(name: string): Promise<readonly string[]> {
    const says = await Promise.all([this.#authorities.ask(name, 'A'), this.#authorities.ask(name, 'AAAA')]);
    const records = says.flat().flatMap((one) => one.records ?? []);
    return [...new Set(records)];
  }
}

/** Records of the same name and type that have nothing to do with ours. */
function isOfKind(purpose: DomainRecord['purpose'], text: string): boolean {
  switch (purpose) {
    case 'spf':
    case 'heloSpf':
      return isSpfRecord(text);
    case 'dmarc':
      return /^v\s*=\s*DMARC1/i.test(text);
    case 'dkim':
      return /(?:^|;)\s*p\s*=/.test(text);
    case 'mtaSts':
      return text.startsWith('v=STSv1');
    case 'tlsReports':
      return text.startsWith('v=TLSRPTv1');
    case 'bimi':
      return text.startsWith('v=BIMI1');
    default:
      return true;
  }
}

function told(record: DomainRecord, { found, servers }: Seen, status: RecordStatus): CheckedRecord {
  return { record, status, found, unexpected: [], notes: [], servers };
}

/** One of its kind, and nothing beside it. */
function one(
  record: DomainRecord,
  seen: Seen,
  same: (a: string, b: string) => boolean,
  note?: RecordNote,
): CheckedRecord {
  if (seen.found.length === 0) return told(record, seen, 'missing');
  const unexpected = seen.found.filter((text) => !same(text, record.data));
  if (unexpected.length === 0) return told(record, seen, 'ok');
  return { ...told(record, seen, 'different'), unexpected, notes: note === undefined ? [] : [note] };
}

/** One among others: an address, a service, an SPF of the host. */
function among(record: DomainRecord, seen: Seen): CheckedRecord {
  if (seen.found.length === 0) return told(record, seen, 'missing');
  const wanted = normal(record);
  const there = seen.found.some((text) => normal({ ...record, data: text }) === wanted);
  if (there) return told(record, seen, 'ok');
  return { ...told(record, seen, 'different'), unexpected: seen.found };
}

/** Ours must be there; what stands beside it may be meant, as a second server. */
function mx(record: DomainRecord, seen: Seen): CheckedRecord {
  if (seen.found.length === 0) return told(record, seen, 'missing');
  const hostOf = (text: string): string => (text.split(/\s+/)[1] ?? '').replace(/\.$/, '').toLowerCase();
  const others = seen.found.filter((text) => hostOf(text) !== hostOf(record.data));
  if (others.length === seen.found.length) return { ...told(record, seen, 'different'), unexpected: others };
  return { ...told(record, seen, 'ok'), notes: others.length === 0 ? [] : ['mxElsewhere'] };
}

/** The policy is the domain's own choice. */
function dmarc(record: DomainRecord, seen: Seen): CheckedRecord {
  const [text] = seen.found;
  if (text === undefined) return told(record, seen, 'missing');
  const parsed = seen.found.length === 1 ? parseDmarcRecord(text) : undefined;
  if (parsed !== undefined && !parsed.policyUnreadable) return told({ ...record, data: text }, seen, 'ok');
  return { ...told(record, seen, 'different'), unexpected: seen.found, notes: ['dmarcUnreadable'] };
}

const sameName = (a: string, b: string): boolean =>
  a.toLowerCase().replace(/\.$/, '') === b.toLowerCase().replace(/\.$/, '');

/** Tag lists, whatever the blanks in them (RFC 6376, 3.2). */
const sameTags = (a: string, b: string): boolean => squeezed(a) === squeezed(b);
const squeezed = (text: string): string => text.replaceAll(/\s+/g, '').replace(/;$/, '');

function normal({ type, data }: DomainRecord): string {
  const lower = data.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  return type === 'SRV' || type === 'MX' ? lower.replace(/(?<=\S)\.$/, '') : lower;
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, i) => text === b[i]);
