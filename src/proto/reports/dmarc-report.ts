/** A DMARC aggregate report (RFC 9990; RFC 7489, appendix C): what a receiver saw of mail in the name of a domain, by source. */

export interface DmarcReport {
  /** Of the form; `''` when it is not told. */
  readonly version: string;
  readonly orgName: string;
  readonly email: string;
  readonly contact: string;
  readonly reportId: string;
  readonly beginSeconds: number;
  readonly endSeconds: number;
  readonly errors: readonly string[];
  /** The program that made it (RFC 9990). */
  readonly generator: string;
  readonly policy: PublishedPolicy;
  readonly rows: readonly DmarcRow[];
  /** There were more rows than are kept. */
  readonly cut: boolean;
}

/** Words as they were written, in lower case; `''`: not told. */
export interface PublishedPolicy {
  readonly domain: string;
  readonly p: string;
  readonly sp: string;
  readonly np: string;
  readonly adkim: string;
  readonly aspf: string;
  /** Of RFC 7489. */
  readonly pct: string;
  readonly fo: string;
  /** `t=y` (RFC 9990). */
  readonly testing: string;
  readonly discovery: string;
}

/** Mail of one source that was judged alike. */
export interface DmarcRow {
  readonly sourceIp: string;
  readonly count: number;
  /** `none`, `pass`, `quarantine`, `reject`: what was done. */
  readonly disposition: string;
  /** With alignment: `pass` or `fail`. */
  readonly dkim: string;
  readonly spf: string;
  readonly reasons: readonly { readonly type: string; readonly comment: string }[];
  readonly headerFrom: string;
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
  readonly dkimResults: readonly DkimAuthResult[];
  readonly spfResults: readonly SpfAuthResult[];
}

export interface DkimAuthResult {
  readonly domain: string;
  readonly selector: string;
  readonly result: string;
  readonly comment: string;
}

export interface SpfAuthResult {
  readonly domain: string;
  /** `mfrom` or `helo`. */
  readonly scope: string;
  readonly result: string;
}

export const dmarcPassed = ({ dkim, spf }: Pick<DmarcRow, 'dkim' | 'spf'>): boolean =>
  dkim === 'pass' || spf === 'pass';
