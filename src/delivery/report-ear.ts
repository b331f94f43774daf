/** Who hears of mail on its way into a mailbox that may be a report (reporting/report-ear.ts). */

/** Mail for an address at which reports may come. */
export interface ReportMail {
  /** The recipient, and the addresses of ours by which it came. */
  readonly addresses: readonly string[];
  readonly org: string;
  readonly sizeBytes: number;
  readonly body: () => Promise<Uint8Array>;
}

export interface ReportEar {
  /** Whether reports may come there. Costs nothing to ask. */
  readonly isAt: (addresses: readonly string[]) => boolean;
  /** Whether it was a report that is kept. Never rejects: the mail is stored in any case. */
  readonly hear: (mail: ReportMail) => Promise<boolean>;
}
