/**
 * What plugs into the chain of filters: a check looks at a mail while it comes in, and at the end tells what it has found.
 *
 *   begin(mail)  → the envelope and the header are there; undefined: nothing to do with this mail
 *   body, part   → pieces of the body as they pass by: raw, or decoded part by part
 *   finish(seen) → findings; their weights add up to the verdict (verdict.ts)
 *
 * A check that throws, rejects or takes longer than it may has failed, and is treated as its policy says: it never loses a mail, and never holds one.
 */
import type { MessageId } from '../base/ids.ts';
import type { HeaderBlock } from '../proto/mime/headers.ts';
import type { OnPart } from '../proto/mime/part-stream.ts';
import type { Authentication } from './authentication.ts';
import type { Content } from './content.ts';

/** What a rule is about, in the order in which it is known. */
export type Stage = 'connection' | 'sender' | 'recipient' | 'header' | 'content' | 'end';

export type Action = 'accept' | 'mark' | 'junk' | 'quarantine' | 'defer' | 'refuse';

export interface Finding {
  /** `dnsbl.zen.spamhaus.org`, `clamav`: by which its weight is set and its words are found. No blanks, `,` or `=`. */
  readonly rule: string;
  /** Above 0 it speaks against the mail, below 0 for it. Settings may have it otherwise. */
  readonly weight: number;
  /** What was found: names, addresses, codes. For people, not translated. */
  readonly detail: string;
  /** Whatever the sum of the weights: at least this is done. */
  readonly action?: Exclude<Action, 'accept'>;
  /** Only for mail to this organisation; absent: to all. */
  readonly org?: string;
  /** What the sender hears if this refuses the mail: ASCII, without codes. */
  readonly reply?: string;
}

export interface Found {
  readonly findings: readonly Finding[];
  /** Whole header fields to be put on top. */
  readonly fields?: string;
  /** As in RFC 5235, 2.5: 1 no virus, 2 replaced, 3 cured, 4 suspected, 5 certain. Absent: did not look. */
  readonly virus?: VirusLevel;
}

export type VirusLevel = 1 | 2 | 3 | 4 | 5;

/** `accept`: as if it had found nothing. `mark`: the mail passes, but is marked as not looked at. `defer`: the sender is to come again. */
export type FailurePolicy = 'accept' | 'mark' | 'defer';

export interface Check {
  /** For logs, metrics and the journey: `clamav`, `dnsbl`. */
  readonly name: string;
  readonly stage: Stage;
  /** For each answer that the mail has to wait for: to a piece of the body, and at the end. */
  readonly timeoutMs: number;
  readonly onFailure: FailurePolicy;
  /** Its rules with the weights that they come with, as far as they are known beforehand: for lists. */
  readonly rules?: Readonly<Record<string, number>>;
  begin(mail: CheckedMail): RunningCheck | undefined;
}

export interface RunningCheck {
  /** A piece of the raw body, as it came. What is kept must be copied. The client is held back until a promise resolves. */
  body?(chunk: Buffer): Promise<void> | undefined;
  /** A part of the body begins: what is answered sees its content, decoded. */
  readonly part?: OnPart;
  /** The mail is whole. Called once, with what is known by then. */
  finish(seen: Seen): Promise<Found> | Found;
  /** The mail was given up, or the check has failed: `finish` is not called, or not waited for any longer. */
  abort?(): void;
}

/** A mail whose envelope and header have come. */
export interface CheckedMail {
  readonly id: MessageId;
  /** `out`: handed in by one of our own. */
  readonly direction: 'in' | 'out';
  readonly ip: string;
  readonly helo: string;
  readonly tls: { readonly version: string; readonly cipher: string } | null;
  /** Of the envelope; `''` for the null sender. */
  readonly sender: string;
  readonly to: readonly EnvelopeRecipient[];
  /** Who has logged in, for mail of our own users. */
  readonly login?: { readonly org: string; readonly account: string; readonly address: string };
  /** As it came: whole lines without the blank line. */
  readonly header: Buffer;
  readonly block: HeaderBlock;
}

export interface EnvelopeRecipient {
  readonly address: string;
  /** `''`: nobody's here. */
  readonly org: string;
  /** `''`: none of ours, or several behind an alias. */
  readonly account: string;
}

export interface Seen {
  readonly content: Content;
  /** What is proved of the sender; absent for mail of our own, and where it is not looked at. */
  readonly authentication?: Authentication;
  /** Of checks of earlier stages. Only a check of stage `end` sees any. */
  readonly findings: readonly Finding[];
}
