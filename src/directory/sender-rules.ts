/** What an organisation, or one of its domains, makes of mail from outside otherwise than the server's settings say (`authentication`, of the same names). */

export const treatments = ['accept', 'junk', 'refuse'] as const;
export type Treatment = (typeof treatments)[number];

/** All that is absent is as it is one level up. */
export interface SenderRules {
  readonly dmarc?: 'obey' | 'junk' | 'ignore';
  readonly mailingLists?: 'junk' | 'refuse';
  readonly spfFail?: Treatment;
  readonly unclearAuthor?: Treatment;
  readonly missingAuthor?: Treatment;
  /** These come before those of one level up, not instead. */
  readonly trustedForwarders?: readonly string[];
  readonly senders?: readonly SenderRule[];
}

export interface SenderRule {
  /** `example.jp` with all below it, or `*.example.jp` for those alone. */
  readonly domain: string;
  readonly action: Treatment | 'obey';
}
