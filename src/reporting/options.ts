/** What the settings say of reports. */
export interface ReportingOptions {
  readonly hostname: string;
  /** In the name of this organisation, for people. */
  readonly organisation: string;
  /** Author of the reports that are sent; `''`: postmaster of the domain of ours that the host is in. */
  readonly sender: string;
  readonly sendDmarc: boolean;
  readonly sendTls: boolean;
  /** Whole addresses, in lower case, at which reports come besides those of each domain. */
  readonly addresses: readonly string[];
  /** Octets of a report that is sent, packed. */
  readonly maxBytes: number;
}
