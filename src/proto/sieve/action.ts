/** What a script decided: the actions in the order in which they were taken. Whoever ran it carries them out. */
import type { Letter } from './letter.ts';
import type { Position } from './problem.ts';

interface Taken {
  /** The command; undefined for the implicit keep. */
  readonly at: Position | undefined;
  /** The rule that it stands in. */
  readonly rule: number;
}

interface Mailed extends Taken {
  /** The message as it was then. */
  readonly letter: Letter;
}

/** System flags as `\Seen`, keywords as they are (RFC 5232); no doubles. */
export type FlagList = readonly string[];

export interface Keep extends Mailed {
  readonly is: 'keep';
  readonly flags: FlagList;
}

export interface FileInto extends Mailed {
  readonly is: 'fileinto';
  readonly mailbox: string;
  readonly flags: FlagList;
  /** RFC 5490, 3.2. */
  readonly create: boolean;
  /** RFC 9042: the mailbox of this id, if it is there. */
  readonly mailboxId?: string;
  /** RFC 8579: the mailbox of this use, if there is one. As `\Junk`. */
  readonly specialUse?: string;
}

export interface Redirect extends Mailed {
  readonly is: 'redirect';
  readonly address: string;
  /** RFC 6009, 4: NOTIFY as in SMTP, and RET. */
  readonly notify?: readonly string[];
  readonly ret?: 'full' | 'hdrs';
  /** RFC 6009, 5. */
  readonly deliverBy?: {
    readonly seconds: number;
    readonly mode: 'notify' | 'return';
    readonly trace: boolean;
  };
}

export interface Discard extends Taken {
  readonly is: 'discard';
}

export interface Reject extends Taken {
  readonly is: 'reject';
  /** `ereject` (RFC 5429, 2.1). */
  readonly extended: boolean;
  readonly reason: string;
}

/** Where a copy of what is sent goes (RFC 8580). */
export interface Fcc {
  readonly mailbox: string;
  readonly flags: FlagList;
  readonly create: boolean;
  readonly mailboxId?: string;
  readonly specialUse?: string;
}

export interface Vacation extends Taken {
  readonly is: 'vacation';
  readonly seconds: number;
  readonly subject?: string;
  readonly from?: string;
  readonly addresses: readonly string[];
  /** The reason is a MIME entity with its header. */
  readonly mime: boolean;
  readonly reason: string;
  /** Replies of the same handle count as one (RFC 5230, 4.2). Made from the arguments when the script names none. */
  readonly handle: string;
  readonly fcc?: Fcc;
}

export interface Notify extends Taken {
  readonly is: 'notify';
  /** A URI: `mailto:…`. */
  readonly method: string;
  readonly message?: string;
  readonly from?: string;
  readonly importance: 1 | 2 | 3;
  readonly options: readonly string[];
  readonly fcc?: Fcc;
}

export type Action = Keep | FileInto | Redirect | Discard | Reject | Vacation | Notify;

/** Remembered when all went well: `duplicate` (RFC 7352, 3). */
export interface Tracked {
  readonly handle: string;
  readonly id: string;
  readonly seconds: number;
}
