/**
 * Refusal: the one way a domain rule says no.
 *
 * A reason is a fact about mail ("mailboxFull"), never a protocol code. Each server maps reasons to its own wire
 * form, in a table the compiler keeps complete (smtpd/replies.ts, imapd/replies.ts, httpd/problems.ts). Anything else that is
 * thrown is a bug or an outage: the peer gets the server's "try later" answer, the log gets the stack.
 */
export type Reason =
  | 'mailboxUnknown'
  | 'mailboxDisabled'
  | 'mailboxFull'
  | 'mailboxNotFound'
  | 'mailboxExists'
  | 'mailboxNameInvalid'
  | 'domainUnknown'
  | 'addressInvalid'
  | 'senderNotAllowed'
  | 'relayDenied'
  | 'messageTooLarge'
  | 'messageMalformed'
  | 'tooManyRecipients'
  | 'mailLoop'
  | 'authenticationFailed'
  | 'authenticationRequired'
  | 'encryptionRequired'
  | 'accountLocked'
  | 'rateLimited'
  | 'sendingLimit'
  | 'sendingPaused'
  | 'suppressed'
  | 'notAllowed'
  | 'notFound'
  | 'conflict'
  | 'keyUsed'
  | 'invalid'
  | 'limitReached'
  | 'storageBusy'
  | 'storageFull'
  | 'shuttingDown';

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: Reason;
  /** Which input is at fault, as a dotted path ("recipients.2.address"), for forms and problem details. */
  readonly at: string | undefined;

  /** `detail` is for our log and for callers within the organisation; a protocol server never sends it to a stranger. */
  constructor(reason: Reason, detail: string, options?: { cause?: unknown; at?: string }) {
    super(`${reason}: ${detail}`, options);
    this.reason = reason;
    this.at = options?.at;
  }
}
