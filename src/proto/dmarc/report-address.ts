/**
 * Where reports about a domain may be sent (RFC 9990, 4): to its own organization as it asks; to others only where they have said that they want
 * them, at `<domain>._report._dmarc.<theirs>`.
 */
import { recordsOf, type TxtLookup } from '../dns/lookup.ts';
import { parseDmarcRecord, type ReportUri } from './record.ts';
import { organizationalDomain, TreeWalker } from './tree-walk.ts';

export interface ReportAddress {
  readonly address: string;
  readonly maxBytes: number | undefined;
}

/** Addresses one report is sent to. */
const addressesMax = 5;

/** The addresses that may be written to; undefined when DNS does not tell now. */
export async function reportAddresses(
  policyDomain: string,
  uris: readonly ReportUri[],
  dns: TxtLookup,
): Promise<ReportAddress[] | undefined> {
  const found: ReportAddress[] = [];
  const walker = new TreeWalker(dns);
  for (const { address, maxBytes } of uris) {
    if (address === undefined || found.length >= addressesMax) continue;
    const allowed = await allowedAddresses(policyDomain, { address, maxBytes }, { dns, walker });
    if (allowed === undefined) return undefined;
    for (const one of allowed) if (!found.some((other) => other.address === one.address)) found.push(one);
  }
  return found.slice(0, addressesMax);
}

interface Asking {
  readonly dns: TxtLookup;
  readonly walker: TreeWalker;
}

async function allowedAddresses(
  policyDomain: string,
  wanted: ReportAddress,
  { dns, walker }: Asking,
): Promise<readonly ReportAddress[] | undefined> {
  const host = hostOf(wanted.address);
  const same = await sameOrganization(policyDomain, host, walker);
  if (same !== false) return same === undefined ? undefined : [wanted];
  const texts = recordsOf(await dns.txt(`${policyDomain}._report._dmarc.${host}`));
  if (texts === undefined) return undefined;
  const record = texts.map((text) => parseDmarcRecord(text)).find((one) => one !== undefined);
  if (record === undefined) return [];
  // They may name other addresses, but only at the same host.
  const own = record.rua.flatMap(({ address, maxBytes }) =>
    address === undefined ? [] : [{ address, maxBytes }],
  );
  return own.length === 0 ? [wanted] : own.filter(({ address }) => hostOf(address) === host);
}

async function sameOrganization(a: string, b: string, walker: TreeWalker): Promise<boolean | undefined> {
  if (a === b) return true;
  const [ours, theirs] = await Promise.all([walker.walk(a), walker.walk(b)]);
  if (ours.failed || theirs.failed) return undefined;
  return organizationalDomain(a, ours) === organizationalDomain(b, theirs);
}

const hostOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();
