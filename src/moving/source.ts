/**
 * Where mail comes from when it moves in: an account on another server, or files. A source tells its mailboxes, then the messages of each in the order in
 * which they are to stand here, and reads those that are wanted. Every message has a key: always the same for the same message, whenever it is asked.
 */
export type SystemFlag = 'seen' | 'answered' | 'flagged' | 'deleted' | 'draft';

export interface MessageFlags {
  readonly system: readonly SystemFlag[];
  readonly keywords: readonly string[];
}

export type MailboxRole =
  | 'inbox'
  | 'drafts'
  | 'sent'
  | 'trash'
  | 'junk'
  | 'archive'
  | 'all'
  | 'flagged'
  | 'important'
  | 'snoozed';

export interface SourceMailbox {
  /** As the source calls it. */
  readonly label: string;
  /** What it is to be called here: Unicode, levels separated by `/`. */
  readonly name: string;
  readonly role?: MailboxRole;
  readonly subscribed: boolean;
}

export interface SourceMessage {
  /** Any text; unique in the source. */
  readonly key: string;
  /** For people: which one it is. */
  readonly label: string;
  /** Undefined: the source knows none. */
  readonly flags: MessageFlags | undefined;
  /** Undefined: the message itself must be read to know. */
  readonly receivedAtMs: number | undefined;
  /** What the source says, with its line ends. */
  readonly sizeBytes: number;
  readonly uidl?: string;
  /** The same message from another source is taken for it. */
  readonly adopt?: boolean;
}

/** A message as it is to be stored, or why it cannot be read. */
export type ReadMessage =
  | { readonly is: 'bytes'; readonly bytes: Buffer; readonly receivedAtMs?: number }
  | { readonly is: 'unreadable'; readonly why: string };

export interface Source extends AsyncDisposable {
  /** The same whenever the same place is opened. */
  readonly name: string;
  /** There is more under this name than is seen here. */
  readonly isPart?: boolean;
  /** Cheap enough to be compared whole. */
  readonly isLocal: boolean;
  mailboxes(): Promise<readonly SourceMailbox[]>;
  messages(mailbox: SourceMailbox): AsyncIterable<SourceMessage>;
  /** One for each, in their order. Messages are of one mailbox, few enough to be in memory. */
  read(mailbox: SourceMailbox, messages: readonly SourceMessage[]): AsyncIterable<ReadMessage>;
  /** What else there is to tell of it: what is left out, and why. */
  readonly remarks: readonly string[];
}
