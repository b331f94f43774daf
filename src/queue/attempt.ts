/**
 * What the queue hands out and what it gets back: an attempt is some recipients of one message that go to one site, an outcome is what
 * became of one of them. The queue alone turns outcomes into rows, retries, notices and events.
 */
import type { EventData, SmtpPhase } from '../events/event.ts';
import type { StoredBody } from '../store/body.ts';
import type { Way } from './gate.ts';
import type { QueuedMessage, QueuedRecipient } from './message.ts';
import type { Notice } from './notice.ts';

/** The site of our own mailboxes. */
export const localDestination = 'local';

/** The site of the simulator, and the domain of its addresses: nothing for it leaves the machine (RFC 6761, 6.2). */
export const simulatorDomain = 'simulator.test';

export interface AttemptRecipient extends QueuedRecipient {
  /** Attempts begun for this recipient, this one included: 1 on the first. */
  readonly try: number;
}

export interface Attempt {
  readonly message: QueuedMessage;
  /** At least one; all of one site, not always of one domain. */
  readonly recipients: readonly AttemptRecipient[];
  readonly site: string;
  /** How many connections the site may have now, by this way. */
  readonly connectionsMax: number;
  /** By which way it leaves; absent: as delivery's own settings have it. */
  readonly way?: Way;
  /** The body, from memory where it is still there. */
  body(): StoredBody | Promise<StoredBody>;
  /** Asked right before the final dot: false means that another owner may be at work, so the connection is dropped without the dot. */
  leaseValid(): boolean;
}

/** What a server said, or what went wrong before it could say anything. */
export interface Answer {
  readonly phase: SmtpPhase;
  /** The server's name, or `''` when none was reached. */
  readonly host: string;
  readonly ip: string;
  /** The reply with its code, lines joined by ` / `; for our own findings in the same form (`451 4.4.1 …`). At most `replyMaxChars`. */
  readonly reply: string;
}

/** Replies are cut to this many characters before they are kept. */
export const replyMaxChars = 1000;

/**
 * What became of one recipient. `org` is whose mailbox or address it is, where delivery knows; `sends` are messages that follow from it (what a filter of the
 * recipient answers or sends on): they are queued in the transaction that settles the entry, or not at all.
 */
export type Outcome = Became & { readonly org?: string; readonly sends?: readonly Notice[] };

type Became =
  | {
      readonly is: 'delivered';
      /** For the journey; `undefined` when whoever took the message has recorded it (a mailbox). */
      readonly event?: EventData['delivered'];
      /** Whether a success notice, when asked for, is ours to send: after a mailbox (`final`) or a server without DSN (`relayed`). */
      readonly notice: 'final' | 'relayed' | 'passedOn';
      /** The server was told by when it is to be delivered (RFC 2852). */
      readonly keepsTime?: true;
    }
  | {
      readonly is: 'deferred';
      readonly answer: Answer;
      /** Nothing was heard from any server of the site: all mail for it can wait. */
      readonly siteDown: boolean;
      /** Not before this, when whoever answered named a time. */
      readonly notBeforeMs?: number;
    }
  | {
      readonly is: 'failed';
      readonly answer: Answer;
      readonly why: EventData['bounced']['why'];
    }
  /** The final dot was sent and no reply came: the message may have arrived. Tried again (RFC 5321, 6.1) unless `policy` says otherwise. */
  | { readonly is: 'unknown'; readonly answer: Answer; readonly policy?: 'retry' | 'hold' | 'bounce' }
  /** The address stands for others, each of which is an entry of its own from here on. */
  | {
      readonly is: 'redirected';
      /** A mailbox has kept a copy. */
      readonly kept?: true;
      readonly to: readonly RedirectTarget[];
      readonly why: EventData['redirected']['why'];
    };

/** An address in place of another. */
export interface RedirectTarget {
  readonly address: string;
  readonly destination: string;
  /** As of QueuedRecipient; absent: those of the address that it stands for. */
  readonly copies?: number;
}

export interface AttemptResult {
  /** One for each recipient of the attempt, in the same order. */
  readonly outcomes: readonly Outcome[];
  /** Conversations to be told in the journey; a plain success is told by its `delivered` events alone. */
  readonly conversations: readonly EventData['attempted'][];
  /**
   * We are being stopped or the lease has passed, and nothing was said to any server that it could have taken for the whole mail: its entries stay as they are. The outcomes are for
   * whoever puts attempts together.
   */
  readonly untried?: true;
}

export type Deliver = (attempt: Attempt) => Promise<AttemptResult>;

/** Where a destination leads. Destinations with the same site share limits and connections. */
export interface SiteRoute {
  readonly site: string;
  /** Names of its mail servers; absent: there are none. */
  readonly hosts?: readonly string[];
  /** Ask again after this. */
  readonly untilMs: number;
}

/** What decides where mail of this sender for this destination goes: the destination itself, unless routes ask for the sender. */
export type HopOf = (destination: string, sender: string) => string;

/** Where a hop leads. Never rejects: what cannot be resolved now has a site of its own, and its attempts tell why. */
export type Route = (hop: string) => Promise<SiteRoute>;
