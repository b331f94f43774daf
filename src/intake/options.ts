/** Settings and limits of intake: plain values with defaults, which `config` turns into the settings file. Sizes in bytes, times in milliseconds. */

export interface IntakeOptions {
  /** Our name in Received lines and in message ids we give: a domain. */
  readonly hostName: string;
  /** Our name in Authentication-Results. What comes in under it is forged. */
  readonly authservId: string;
  /** Who gets mail for `<Postmaster>` without a domain (RFC 5321, 4.5.1): an address; `''` leaves it to the directory. */
  readonly postmaster: string;
  /** Language of notices to senders whose own is not known. */
  readonly language: 'en' | 'ja';
  /** Largest message, its header included. Refused with 552 5.3.4. */
  readonly messageMaxBytes: number;
  /** Largest header block. Refused with 554 5.6.0. Postfix takes 100 KiB of one field, Exim 1 MiB in all. */
  readonly headerMaxBytes: number;
  /** Recipients of one message as the client gives them. Refused with 452 4.5.3; RFC 5321, 4.5.3.1.8 wants at least 100. */
  readonly recipientsMax: number;
  /** Recipients of one message after aliases and groups. */
  readonly expandedRecipientsMax: number;
  /** Aliases that lead to aliases that lead to aliases. */
  readonly expansionDepthMax: number;
  /** Received fields that mean a loop. Refused with 554 5.4.6. RFC 5321, 6.3 has 100 in mind, Postfix counts to 50. */
  readonly receivedMax: number;
  /** How long mail may wait before it is returned, when DELIVERBY does not say less (RFC 5321, 4.5.4.1: 4 to 5 days). */
  readonly lifetimeMs: number;
  /** How far in the future a client may ask a release for (RFC 4865). */
  readonly futureReleaseMaxMs: number;
  /** Bare CR or LF in what our own users submit: made CRLF unless the message is signed, or refused like anyone's. */
  readonly submissionLineEnds: 'fix' | 'refuse';
}

export const intakeDefaults: Omit<IntakeOptions, 'hostName' | 'authservId'> = {
  postmaster: '',
  language: 'en',
  messageMaxBytes: 50 * 1024 * 1024,
  headerMaxBytes: 256 * 1024,
  recipientsMax: 1000,
  expandedRecipientsMax: 10_000,
  expansionDepthMax: 10,
  receivedMax: 50,
  lifetimeMs: 5 * 24 * 3600 * 1000,
  futureReleaseMaxMs: 60 * 24 * 3600 * 1000,
  submissionLineEnds: 'fix',
};
