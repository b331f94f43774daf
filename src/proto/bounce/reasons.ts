/**
 * The reasons for which mail comes back, each with the class it has when nothing else is known, and whether the cause lies with the one who sends.
 *
 * `hard`: the address does not work, and trying again is useless. `soft`: it may work another time. `block`: we, or this message, are refused; that says nothing
 * about the address, and must never be held against it.
 */

/** What a report says of one recipient. */
export type BounceClass =
  | 'hard'
  | 'soft'
  | 'block'
  | 'complaint'
  | 'autoReply'
  | 'delayed'
  | 'delivered'
  | 'unknown';

/** Reason of a failure, and the class it has by itself. */
export const failureReasons = {
  /** The server knows no such mailbox (RFC 3463, X.1.1). */
  noSuchUser: 'hard',
  /** The domain, or the way to it, does not exist (X.1.2). */
  noSuchDomain: 'hard',
  /** The domain says that it takes no mail (RFC 7505). */
  takesNoMail: 'hard',
  /** The mailbox has moved (X.1.6). */
  moved: 'hard',
  /** X.2.2. */
  mailboxFull: 'soft',
  /** There is such a mailbox, and it is closed: suspended, unpaid, inactive (X.2.1, X.7.13). */
  mailboxDisabled: 'soft',
  /** The recipient, or a filter of theirs, does not want it; the address may well exist. */
  filtered: 'soft',
  /** Longer than this recipient may be sent (X.2.3). */
  tooLargeForRecipient: 'soft',
  /** Longer than the server takes (X.3.4). */
  tooLarge: 'soft',
  /** The envelope sender is refused (X.1.7, X.1.8). */
  senderRefused: 'block',
  /** Our IP address or name is refused. */
  addressBlocked: 'block',
  /** Our IP address or domain has a bad name there, for now. */
  badReputation: 'block',
  /** No, or no matching, name of our IP address (X.7.25). */
  noReverseName: 'block',
  /** SPF, DKIM or DMARC (RFC 7372). */
  unauthenticated: 'block',
  /** A policy of the receiving side. */
  policy: 'block',
  /** Taken for spam. */
  spam: 'block',
  /** Taken for a virus or phishing. */
  virus: 'block',
  /** The form of header or body (X.6). */
  content: 'block',
  /** Against RFC 5322, as the server reads it. */
  notCompliant: 'block',
  /** The server does not relay for this sender or domain. */
  noRelay: 'block',
  /** Authentication, encryption or rights are missing (X.7). */
  security: 'block',
  /** STARTTLS failed, or was not offered. */
  tlsFailed: 'soft',
  /** More than the server wants in this time (X.4.5). */
  tooFast: 'soft',
  /** Connections or recipients at once. */
  tooManyConnections: 'soft',
  /** To be tried again in some minutes. */
  greylisted: 'soft',
  /** Waited in a queue until it was given up (X.4.7). */
  expired: 'soft',
  /** No connection, no route, no answer of DNS, a loop (X.4). */
  network: 'soft',
  /** Trouble of the receiving system (X.3). */
  system: 'soft',
  /** Its disk is full (X.3.1). */
  systemFull: 'soft',
  /** A program on the way, or at the end of it, failed. */
  mailerError: 'soft',
  /** A command was not understood (X.5). */
  protocol: 'soft',
  /** The service that sent it has the address on a list of its own. */
  suppressedElsewhere: 'soft',
  /** Something was said, and no rule reads it. */
  unclear: 'soft',
} as const satisfies Record<string, BounceClass>;

export type FailureReason = keyof typeof failureReasons;

/** RFC 5965, 7.3 and RFC 6591, 3.1. */
export type ComplaintReason =
  | 'abuse'
  | 'fraud'
  | 'virusReport'
  | 'notSpam'
  | 'optOut'
  | 'authFailure'
  | 'other';

export type AutoReplyReason = 'vacation' | 'challenge' | 'autoReply';

export type BounceReason =
  | FailureReason
  | ComplaintReason
  | AutoReplyReason
  | 'delivered'
  | 'delayed'
  | 'none';
