/**
 * Settings and limits of the SMTP and LMTP servers: plain values with defaults, which `config` turns into the settings file. Times in
 * milliseconds, sizes in octets. What happens at each limit stands beside it.
 */

/**
 * `mx`: port 25, mail from anyone for our own addresses; never AUTH, never relay. `submission`: 587, our users, STARTTLS then
 * AUTH. `submissions`: 465, the same under TLS from the first byte (RFC 8314). `lmtp`: RFC 2033, a reply for each recipient.
 * `relay`: hosts of `trustedNetworks` may send anywhere without a login; to others it is an `mx`.
 */
export type ListenerKind = 'mx' | 'submission' | 'submissions' | 'lmtp' | 'relay';

export interface SmtpdOptions {
  /** Our name in the greeting and in EHLO: a domain. */
  readonly hostName: string;
  /** Who may relay over a `relay` listener without a login: CIDR blocks. */
  readonly trustedNetworks: readonly string[];
  /** Passwords only under TLS on submission. Turn off for tests on closed networks only. */
  readonly authRequiresTls: boolean;
  /** Offer the -PLUS mechanisms of SCRAM. */
  readonly channelBinding: boolean;
  /** Octets of a command line with its CRLF. RFC 5321, 4.5.3.1.4 has 512; MAIL with all extensions may have 1,250. 500 5.5.2. */
  readonly commandLineMax: number;
  /** Octets of a line within AUTH (RFC 4954, 4). 500 5.5.6. */
  readonly authLineMax: number;
  /**
   * Octets of a line of text with its CRLF. RFC 5321, 4.5.3.1.6 has 1000, but much mail has longer ones, and cutting them (as
   * Postfix does at 2048) breaks signatures: what can be kept is kept. 554 5.6.0.
   */
  readonly textLineMax: number;
  /** Silence before or within a command (RFC 5321, 4.5.3.2.7: 5 minutes). 421 4.4.2. */
  readonly commandTimeoutMs: number;
  /** Silence within a text (RFC 5321, 4.5.3.2.5: 3 minutes between two blocks of data). 421 4.4.2. */
  readonly textTimeoutMs: number;
  /** A text that takes longer, however steadily it drips; a second more is given for each 1,000 octets. 421 4.4.2. */
  readonly textWholeTimeoutMs: number;
  /** How long a client is kept waiting for the greeting on `mx`; one that talks meanwhile is a robot and is refused. 554 5.5.0. */
  readonly greetDelayMs: number;
  /** Whether clients may send on after EHLO, DATA or AUTH without having seen the answer (RFC 2920, 3.1). 554 5.5.0 and close. */
  readonly unauthorisedPipelining: 'refuse' | 'allow';
  /** Refused commands until one message is accepted. 421 4.7.0. */
  readonly errorsMax: number;
  /** NOOP, RSET, HELP and the like until one message is accepted. 421 4.7.0. */
  readonly idleCommandsMax: number;
  /** Failed logins of one session. 421 4.7.0. */
  readonly authFailuresMax: number;
  /** Messages of one session. 421 4.7.0; told by LIMITS MAILMAX (RFC 9422). */
  readonly messagesMax: number;
  /** Octets of refused text that are read and thrown away, so that the client hears why. Then 421 and close. */
  readonly swallowMax: number;
  /** Octets that may wait while a command is being answered; reading stops meanwhile. */
  readonly waitingMax: number;
}

export const smtpdDefaults: Omit<SmtpdOptions, 'hostName'> = {
  trustedNetworks: [],
  authRequiresTls: true,
  channelBinding: true,
  commandLineMax: 2048,
  authLineMax: 12_288,
  textLineMax: 1024 * 1024,
  commandTimeoutMs: 300_000,
  textTimeoutMs: 180_000,
  textWholeTimeoutMs: 3_600_000,
  greetDelayMs: 0,
  unauthorisedPipelining: 'refuse',
  errorsMax: 20,
  idleCommandsMax: 100,
  authFailuresMax: 3,
  messagesMax: 10_000,
  swallowMax: 64 * 1024 * 1024,
  waitingMax: 64 * 1024,
};
