/** A date of a header field: the instant, and the zone it was written in. */
export interface MailDate {
  readonly atMs: number;
  /** Minutes east of UTC; 0 when unknown (`-0000`). */
  readonly zoneMinutes: number;
}
/** RFC 5322 date-time, obsolete and common wrong forms too; undefined when no date can be read. Never throws. */
export function parseDate(text: string): MailDate | undefined {
  throw new Error(text);
}
/** `Tue, 1 Jul 2003 10:52:37 +0200` (RFC 5322, 3.3). */
export function formatDate(atMs: number, zoneMinutes = 0): string {
  throw new Error(`${atMs}${zoneMinutes}`);
}
