/** Settings of milters, and how one turns mail away. */
import type { ServiceAddress } from '../net/service-dial.ts';
import type { FailurePolicy } from './check.ts';

export interface MilterOptions {
  /** Rules of findings are `milter.NAME`. */
  readonly name: string;
  readonly address: ServiceAddress;
  readonly timeouts: MilterTimeouts;
  readonly onFailure: FailurePolicy;
  readonly direction: 'in' | 'out' | 'both';
  /** Use a connection for several mails. */
  readonly keepsConnections: boolean;
}

export interface MilterTimeouts {
  /** For each answer on the way. */
  readonly commandMs: number;
  /** For the answer to the whole message; starts anew whenever the filter says that it is still at work. */
  readonly contentMs: number;
}

/** For the sender, without codes. */
export interface MilterRefusal {
  readonly reply: string;
  readonly temporary: boolean;
  /** Which milter. */
  readonly by: string;
  /** Where the milter has codes of its own: `554`, `5.7.0`. */
  readonly status?: ReplyStatus;
}

export interface ReplyStatus {
  /** 4xx or 5xx, and never 421, as the session goes on. */
  readonly code: number;
  /** As a whole, or `''`. */
  readonly enhanced: string;
}

/** What a milter has changed of a message. */
export type Changed = 'header' | 'body' | 'sender' | 'recipients';
