/** What is known of a refusal before it is judged, and the judgement. */
import type { BounceClass, FailureReason } from './reasons.ts';

/** Where in the conversation of SMTP; '' is not known. */
export type BouncePhase =
  | ''
  | 'dns'
  | 'connect'
  | 'greeting'
  | 'ehlo'
  | 'tls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'dot';

export interface Refused {
  readonly phase: BouncePhase;
  /** Name of the server that refused, or `''`. */
  readonly host: string;
  /** Whom it was for: carriers are also told by their domains. `''` when unknown. */
  readonly recipient: string;
  /** What was said, with its code; several lines are joined by blanks or ` / `. */
  readonly text: string;
  /** The enhanced code that a report gives beside the text (RFC 3464, 2.3.4), or `''`. */
  readonly status: string;
}

export interface Verdict {
  readonly class: BounceClass;
  readonly reason: FailureReason;
  /** Reply code, or `''`. */
  readonly code: string;
  /** Enhanced code, or `''`. */
  readonly status: string;
  /** Name of the rule that decided. */
  readonly rule: string;
  /** 0 to 100: how sure the rule is. */
  readonly confidence: number;
}
