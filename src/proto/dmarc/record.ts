/**
 * A DMARC policy record, read (RFC 9989, 4.7, 4.8). Only the version makes or unmakes a record: any other tag that cannot be read counts as absent,
 * save that a policy which cannot be read leaves the record without teeth (4.10.1).
 *
 * Tag names are read in any case, as the ABNF of RFC 7489 had it. A tag given twice makes the tag list invalid (RFC 6376, 3.2).
 */
export type Policy = 'none' | 'quarantine' | 'reject';
export type AlignmentMode = 'relaxed' | 'strict';

export interface DmarcRecord {
  readonly p: Policy;
  readonly sp: Policy | undefined;
  readonly np: Policy | undefined;
  readonly adkim: AlignmentMode;
  readonly aspf: AlignmentMode;
  /** `t=y`: the policy is to be applied one step weaker. */
  readonly testing: boolean;
  /** `y`: a public suffix; `n`: certainly none; `u`: the tree tells. */
  readonly psd: 'y' | 'n' | 'u';
  readonly rua: readonly ReportUri[];
  readonly ruf: readonly ReportUri[];
  readonly fo: readonly string[];
  /** `p`, `sp` or `np` was given but cannot be read. */
  readonly policyUnreadable: boolean;
  readonly text: string;
}

/** `mailto:` URIs are what reports are sent to; others are kept for people to see. */
export interface ReportUri {
  readonly uri: string;
  /** Of a `mailto:` URI; undefined for others. */
  readonly address: string | undefined;
  /** `!10m`, an old way to bound a report: octets. */
  readonly maxBytes: number | undefined;
}

const version = /^[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/;
const tagsMax = 100;
const urisMax = 20;

export function isDmarcRecord(text: string): boolean {
  return version.test(text);
}

/** Undefined when it is none. */
export function parseDmarcRecord(text: string): DmarcRecord | undefined {
  if (!isDmarcRecord(text)) return undefined;
  const tags = tagsOf(text);
  if (tags === undefined) return undefined;
  const policies = ['p', 'sp', 'np'].map((name) => policyOf(tags.get(name)));
  const [p, sp, np] = policies;
  const unreadable = policies.includes('unreadable');
  const known = (policy: Policy | 'unreadable' | undefined): Policy | undefined =>
    unreadable || policy === 'unreadable' ? undefined : policy;
  return {
    p: known(p) ?? 'none',
    sp: known(sp),
    np: known(np),
    adkim: modeOf(tags.get('adkim')),
    aspf: modeOf(tags.get('aspf')),
    testing: tags.get('t')?.toLowerCase() === 'y',
    psd: psdOf(tags.get('psd')),
    rua: urisOf(tags.get('rua')),
    ruf: urisOf(tags.get('ruf')),
    fo: foOf(tags.get('fo')),
    policyUnreadable: unreadable,
    text,
  };
}

function tagsOf(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>();
  for (const spec of text.split(';').slice(0, tagsMax)) {
    const equals = spec.indexOf('=');
    if (equals === -1) continue;
    const name = spec.slice(0, equals).trim().toLowerCase();
    if (tags.has(name)) return undefined;
    tags.set(name, spec.slice(equals + 1).trim());
  }
  return tags;
}

function policyOf(value: string | undefined): Policy | 'unreadable' | undefined {
  if (value === undefined) return undefined;
  const policy = value.toLowerCase();
  return policy === 'none' || policy === 'quarantine' || policy === 'reject' ? policy : 'unreadable';
}

const modeOf = (value: string | undefined): AlignmentMode =>
  value?.toLowerCase() === 's' ? 'strict' : 'relaxed';

function psdOf(value: string | undefined): DmarcRecord['psd'] {
  const psd = value?.toLowerCase();
  return psd === 'y' || psd === 'n' ? psd : 'u';
}

function foOf(value: string | undefined): readonly string[] {
  const options = (value ?? '0')
    .toLowerCase()
    .split(':')
    .map((option) => option.trim());
  const known = options.filter((option) => /^[01ds]$/.test(option));
  return known.length === 0 ? ['0'] : known;
}

const uriShape = /^[a-z][a-z0-9+.-]*:(?:[a-z0-9\-._~:/?#[\]@$&'()*+;=]|%[0-9a-f]{2})*$/i;
const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

function urisOf(value: string | undefined): readonly ReportUri[] {
  if (value === undefined) return [];
  return value
    .split(',')
    .slice(0, urisMax)
    .flatMap((text) => readUri(text.trim()) ?? []);
}

function readUri(text: string): ReportUri | undefined {
  const size = /!(\d{1,15})([kmgt]?)$/i.exec(text);
  const uri = size === null ? text : text.slice(0, size.index);
  if (!uriShape.test(uri)) return undefined;
  const maxBytes = size === null ? undefined : Number(size[1]) * unitBytes[size[2]!.toLowerCase()]!;
  return { uri, address: mailtoAddress(uri), maxBytes };
}

/** RFC 6068, 2: one address, percent-decoded; what follows a `?` is not for us. */
function mailtoAddress(uri: string): string | undefined {
  const match = /^mailto:([^?]+)/i.exec(uri);
  if (match === null) return undefined;
  try {
    const address = decodeURIComponent(match[1]!);
    return /^[^@\s,<>]+@[^@\s,<>]+$/.test(address) ? address : undefined;
  } catch {
    return undefined;
  }
}
