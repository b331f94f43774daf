/** An account here, as mail that moves in or out sees it: the admin API, in whatever way it is reached. */
import type { MailboxRole, MessageFlags } from './source.ts';

export interface HereMailbox {
  readonly id: string;
  readonly name: string;
  readonly role?: MailboxRole;
  readonly subscribed: boolean;
  readonly uidValidity: number;
  readonly messages: number;
}

export interface WantedMailbox {
  readonly name: string;
  readonly role?: MailboxRole;
  readonly subscribed: boolean;
}

export interface NewMessage {
  readonly head: {
    readonly key: string;
    readonly flags: MessageFlags;
    readonly receivedAtMs: number;
    readonly uidl?: string;
    readonly adopt?: boolean;
  };
  readonly bytes: Buffer;
}

export interface Taken {
  readonly key: string;
  readonly uid: number;
  readonly is: 'taken' | 'known' | 'adopted';
  readonly uidlRefused?: boolean;
}

/** A message that came from a source before. */
export interface Known {
  readonly key: string;
  /** Id of the mailbox. */
  readonly mailbox: string;
  readonly uid: number;
  readonly hash: string;
  readonly flags: MessageFlags;
  /** Absent: it is gone from there. */
  readonly now?: {
    readonly sizeBytes: number;
    readonly receivedAtMs: number;
    readonly flags: MessageFlags;
  };
}

export interface Outgoing {
  readonly uid: number;
  readonly flags: MessageFlags;
  readonly receivedAtMs: number;
}

/** Nothing of a request was taken, for this reason. */
export class Rejected extends Error {
  override readonly name = 'Rejected';
  /** The next one will be rejected too: no room, no such account. */
  readonly final: boolean;

  constructor(message: string, { final }: { readonly final: boolean }) {
    super(message);
    this.final = final;
  }
}

export interface Destination {
  mailboxes(): Promise<readonly HereMailbox[]>;
  ensureMailbox(wanted: WantedMailbox): Promise<HereMailbox>;
  known(source: string): AsyncIterable<Known>;
  /** All or none: throws Rejected. At most `takeMax`. */
  take(source: string, mailbox: string, messages: readonly NewMessage[]): Promise<readonly Taken[]>;
  followFlags(
    source: string,
    items: readonly { readonly key: string; readonly flags: MessageFlags }[],
  ): Promise<void>;
  forget(source: string): Promise<void>;
  /** By uid, from behind `after` on. */
  messages(mailbox: string, after: number): AsyncIterable<Outgoing & { readonly bytes: Buffer }>;
}

/** Messages of one request. */
export const takeMax = 100;
