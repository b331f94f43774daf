/**
 * A scenario of the sink as plain values: who receives, with which limits, replies, faults and moods. The file it is read from is described in
 * config/sink-scenario.ts.
 */

/** Where in a transaction something happens. `end` is the reply to the final dot (or to the last chunk). */
export const phases = ['connect', 'ehlo', 'starttls', 'mail', 'rcpt', 'data', 'end'] as const;
export type Phase = (typeof phases)[number];

/** `close`: the reply, then the connection is closed. `reset`: TCP RST, no reply. `silence`: nothing is ever said again. */
export const deeds = ['reply', 'close', 'reset', 'silence'] as const;
export type Deed = (typeof deeds)[number];

/** What a limit is of; each counts by the address of the sender. */
export const limitKinds = [
  'connections',
  'connectionsPerMinute',
  'messagesPerConnection',
  'messagesPerMinute',
  'recipientsPerMessage',
  'recipientsPerMinute',
  'bytesPerMinute',
  'unknownPercent',
] as const;
export type LimitKind = (typeof limitKinds)[number];

export interface Limit {
  readonly of: LimitKind;
  readonly max: number;
  /** Of rates: how many at once; 0 is what five seconds allow. Of `unknownPercent`: recipients before it is looked at. */
  readonly burst: number;
  /** Of rates of messages: where it is told. */
  readonly phase: 'mail' | 'rcpt' | 'data' | 'end';
  /** How long everything from that address is refused once the limit was passed; 0 for not at all. */
  readonly blockSeconds: number;
  readonly does: Deed;
  readonly reply: string;
}

export interface Fault {
  readonly phase: Phase;
  readonly percent: number;
  readonly does: Deed;
  readonly reply: string;
  /** Waited before it. */
  readonly delayMs: number;
  /** From the start of the scenario. */
  readonly fromSeconds: number;
  /** 0: to the end. */
  readonly forSeconds: number;
}

/** Recipients for whom there is a no. The same address always has the same fate. */
export interface RecipientRule {
  /** A pattern of the local part: `unknown*`; `*` is everybody. */
  readonly local: string;
  /** Share of the addresses that match. */
  readonly percent: number;
  readonly phase: 'rcpt' | 'end';
  readonly reply: string;
  /** Counts as an unknown user. */
  readonly unknown: boolean;
  /** After so long from the first refusal mail is taken, as with a mailbox that was full; 0 for never. */
  readonly recoversAfterSeconds: number;
}

export interface Greylist {
  /** 0: none. */
  readonly seconds: number;
  readonly percent: number;
  readonly reply: string;
}

export interface Delays {
  readonly connect: number;
  readonly mail: number;
  readonly rcpt: number;
  readonly data: number;
  readonly end: number;
  /** Each delay varies by so much to both sides. */
  readonly jitterPercent: number;
}

export const returnKinds = ['bounce', 'complaint', 'autoReply'] as const;
export type ReturnKind = (typeof returnKinds)[number];

/** Mail that comes back after a message was accepted. */
export interface ReturnRule {
  readonly kind: ReturnKind;
  readonly percent: number;
  readonly afterSeconds: number;
  /** Of a bounce: what the last server is said to have replied. */
  readonly reply: string;
  /** Of a complaint: where reports go; empty is the CFBL-Address of the mail (RFC 9477), or its sender. */
  readonly to: string;
}

export interface Provider {
  readonly name: string;
  /** `*` is every domain there is. */
  readonly domains: readonly string[];
  /** More domains, `*` in it is a number from 1 to `count`. */
  readonly pattern: string;
  readonly count: number;
  /** Mail servers these are shared out to; 0: each has its own. */
  readonly sites: number;
  /** Names of the mail servers of `domains`, in the order of preference. */
  readonly mx: readonly string[];
  /** Loopback addresses the mail servers have. */
  readonly addresses: number;
  readonly greeting: string;
  readonly accepted: string;
  readonly foreign: string;
  readonly extensions: readonly string[];
  readonly sizeMaxBytes: number;
  readonly limits: readonly Limit[];
  readonly faults: readonly Fault[];
  readonly recipients: readonly RecipientRule[];
  readonly greylist: Greylist;
  readonly delayMs: Delays;
  readonly returns: readonly ReturnRule[];
}

/** What changes while a scenario runs. */
export interface Stage {
  readonly atSeconds: number;
  readonly note: string;
  /** All of them, as they are from then on. */
  readonly providers: readonly Provider[];
}

export interface Scenario {
  readonly summary: string;
  readonly seed: number;
  readonly providers: readonly Provider[];
  readonly stages: readonly Stage[];
}
