/**
 * What may leave for a site, and by which way: the seam between the queue, which hands out what is ready, and whoever knows the limits.
 *
 * The queue asks for the mail at the head of a lane. The answer is a pass, which the queue uses at once, or a time to ask again. A pass is the
 * gate's own object and may be the same one each time: nothing of it is kept between two questions.
 */
import type { AttemptResult } from './attempt.ts';
import type { QueuedMessage } from './message.ts';

/** By what address of ours a connection leaves, and how many there may be. One object for each way to a site. */
export interface Way {
  /** Name of the source; `''` is the machine as delivery's own settings have it. */
  readonly source: string;
  /** Addresses to send from, one of each family at most; none: as delivery's own settings have it. */
  readonly localAddresses: readonly string[];
  /** Name in EHLO; absent: the server's own. */
  readonly hostname?: string;
  readonly proxy?: WayProxy;
  /** Messages over one connection. */
  readonly connectionMessages: number;
  /** Counts a connection in; false when another may not be opened now. */
  open(): boolean;
  /** Counts it out. */
  closed(): void;
}

/** A server through which connections leave: SOCKS5 (RFC 1928, RFC 1929), or HAProxy, told by PROXY protocol v2. */
export interface WayProxy {
  readonly is: 'socks5' | 'haproxy';
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

export interface Pass {
  readonly is: 'pass';
  readonly way: Way;
  /** Connections this way may have now. */
  readonly connections: number;
  /** Recipients in one transaction. */
  readonly recipientsMax: number;
  /** It goes: counted. */
  go(recipients: number, message: QueuedMessage): void;
  /** It is over; tells what was learned from it. */
  over(message: QueuedMessage, result: AttemptResult): Learned;
}

export interface Learned {
  /** The site wants fewer connections. */
  readonly tooMany: boolean;
}

/** Not now. `untilMs` is Infinity where only the end of something in hand can change it. */
export interface Wait {
  readonly is: 'wait';
  readonly untilMs: number;
  /** True: nothing may go to the site; false: mail of other lanes perhaps may. */
  readonly whole: boolean;
}

export interface Gate {
  /** Most connections of one way, where there is a rule; undefined: the queue's own limit. */
  readonly connectionsMax: number | undefined;
  /** Ways that mail may take there. */
  readonly ways: number;
  ask(message: QueuedMessage, destination: string, nowMs: number): Pass | Wait;
  /** Nobody uses it any more. */
  close(): void;
}

export interface SiteFacts {
  readonly site: string;
  /** Names of its mail servers. */
  readonly hosts: readonly string[];
  /** A destination that leads there. */
  readonly destination: string;
}

/** Undefined: nothing is limited there, as for mailboxes of our own. */
export type GateOf = (facts: SiteFacts) => Gate | undefined;
