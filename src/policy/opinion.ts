/** What intake asks of policy, and what it is answered: an examination of one mail from outside while its text passes by. */
import type { HeaderBlock } from '../proto/mime/headers.ts';
import type { Authentication } from './authentication.ts';

/** A mail whose header has come. */
export interface Arriving {
  readonly ip: string;
  readonly helo: string;
  /** Somebody who stands before us brings it: it is not refused. */
  readonly byGateway?: boolean;
  /** Of the envelope; `''` for the null sender. */
  readonly sender: string;
  /** Whose the recipients are: organisations with the domains that were named. */
  readonly recipients: readonly Recipient[];
  /** As it came. */
  readonly header: Buffer;
  readonly block: HeaderBlock;
}

export interface Recipient {
  readonly org: string;
  readonly domain: string;
}

export interface Examination {
  /** A piece of the body, as it came. What is kept of it must be copied. */
  body(chunk: Uint8Array): void;
  /** The text is whole. Called once. */
  finish(): Promise<Opinion>;
  /** The mail is given up. */
  abort(): void;
}

export type Opinion =
  | {
      readonly is: 'accept';
      /** Whole header fields to be put on top. */
      readonly fields: string;
      /** Organisations whose mailboxes get it into Junk. */
      readonly junkFor: readonly string[];
      readonly found: Authentication;
      readonly decision: Decision;
    }
  | {
      readonly is: 'refuse';
      /** For the sender, without codes. */
      readonly reply: string;
      readonly temporary: boolean;
      readonly found: Authentication;
      readonly decision: Decision;
    };

/** Why a message is treated as it is. */
export interface Decision {
  readonly action: 'accept' | 'junk' | 'refuse' | 'defer';
  readonly by: DecisionReason;
  /** The domain that it is about, or `''`. */
  readonly domain: string;
  /** DMARC would have had it otherwise, and this is why it was not so (RFC 9990, PolicyOverride). */
  readonly override?: { readonly type: OverrideType; readonly comment: string };
}

/** `clear`: nothing speaks against it. */
export type DecisionReason = 'clear' | 'dmarc' | 'spf' | 'author' | 'senderRule' | 'temporary';

export type OverrideType = 'local_policy' | 'mailing_list' | 'trusted_forwarder' | 'other';
