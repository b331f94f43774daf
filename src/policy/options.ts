/** Settings of what is thought of mail from outside. */

/** What is done with a message. */
export type Treatment = 'accept' | 'junk' | 'refuse';

/** Rules that organisations and domains can have of their own. */
export interface SenderRules {
  /**
   * What a domain asks for by DMARC: `obey` refuses at `p=reject` and puts into Junk at `p=quarantine`; `junk` never refuses for it; `ignore` only
   * tells the result.
   */
  readonly dmarc: 'obey' | 'junk' | 'ignore';
  /** Mail that fails DMARC at `p=reject`, but comes from a mailing list that proves who it is: goes into Junk instead of being refused (RFC 7960). */
  readonly spareLists: boolean;
  /** A host that SPF says may not send for the domain, where there is neither DMARC nor a good signature of the domain. */
  readonly spfFail: Treatment;
  /** Mail with several From fields, or one whose addresses cannot be read. Several domains in one field: Junk at most. */
  readonly unclearAuthor: Treatment;
  /** Mail without a From field. */
  readonly missingAuthor: Treatment;
  /** Domains that may pass on what they have received: their ARC seals count, and mail that is proved to be theirs is not held to the author's policy. */
  readonly trustedForwarders: readonly string[];
  /** What is done with mail of an author's domain, whatever it asks for itself. The first that fits. */
  readonly senders: readonly SenderRule[];
}

export interface SenderRule {
  /** `example.jp`, or `*.example.jp` for all below it. */
  readonly domain: string;
  /** `obey`: as the domain asks. */
  readonly action: Treatment | 'obey';
}

export interface AuthenticationOptions extends SenderRules {
  /** Our name in Authentication-Results. */
  readonly authservId: string;
  /** DNS could not be asked, and what was found does not let the message pass: `defer` asks the sender to come again. */
  readonly onTemporaryError: 'accept' | 'defer';
  /** How long all of it may take. What is not known by then counts as a temporary error (RFC 7208, 4.6.4). */
  readonly timeoutMs: number;
  /** Looks up the logos of domains that prove their mail. */
  readonly bimi: boolean;
}

export const authenticationDefaults: Omit<AuthenticationOptions, 'authservId'> = {
  dmarc: 'obey',
  spareLists: true,
  spfFail: 'accept',
  unclearAuthor: 'refuse',
  missingAuthor: 'accept',
  trustedForwarders: [],
  senders: [],
  onTemporaryError: 'accept',
  timeoutMs: 20_000,
  bimi: true,
};
