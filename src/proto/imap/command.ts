/** Commands of IMAP as values: what the client asked for, with nothing of how it was spelled. */
import type { Range, SequenceSet } from './sequence-set.ts';

/** A command and its tag. APPEND is not here: it comes in stages (append.ts). */
export interface Tagged {
  readonly tag: string;
  readonly command: Command;
}

/** One alternative for each name, so that a union of commands can be narrowed name by name. */
type Named<Names extends string, Fields = unknown> = Names extends string
  ? { readonly is: Names } & Fields
  : never;

export type Command =
  | Named<BareName>
  | { readonly is: 'ID'; readonly params: ReadonlyMap<string, string | null> }
  | { readonly is: 'AUTHENTICATE'; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly is: 'LOGIN'; readonly user: string; readonly password: string }
  | { readonly is: 'ENABLE'; readonly names: readonly string[] }
  | Select
  | {
      readonly is: 'CREATE';
      readonly mailbox: string;
      /** Before it was made canonical. */
      readonly given: string;
      readonly uses: readonly string[];
    }
  | Named<'DELETE', { readonly mailbox: string; readonly given?: string }>
  | Named<'SUBSCRIBE' | 'UNSUBSCRIBE', { readonly mailbox: string }>
  | { readonly is: 'RENAME'; readonly from: string; readonly to: string }
  | List
  | { readonly is: 'STATUS'; readonly mailbox: string; readonly items: readonly StatusItem[] }
  | { readonly is: 'EXPUNGE'; readonly uids: SequenceSet | undefined }
  | Search
  | Sort
  | Thread
  | MultiSearch
  | { readonly is: 'CANCELUPDATE'; readonly tags: readonly string[] }
  | { readonly is: 'UIDBATCHES'; readonly size: number; readonly range: Range | undefined }
  | Fetch
  | Store
  | Named<'COPY' | 'MOVE', { readonly uid: boolean; readonly set: SequenceSet; readonly mailbox: string }>
  | AclCommand
  | GetMetadata
  | {
      readonly is: 'SETMETADATA';
      readonly mailbox: string;
      readonly entries: readonly { readonly name: string; readonly value: Uint8Array | null }[];
    }
  | { readonly is: 'COMPRESS'; readonly mechanism: string }
  | { readonly is: 'LANGUAGE'; readonly ranges: readonly string[] }
  | { readonly is: 'COMPARATOR'; readonly names: readonly string[] }
  | Notify
  | { readonly is: 'GETQUOTA'; readonly root: string }
  | { readonly is: 'GETQUOTAROOT'; readonly mailbox: string }
  | { readonly is: 'SETQUOTA'; readonly root: string; readonly limits: ReadonlyMap<string, number> };

/** Commands without arguments. */
export type BareName =
  | 'CAPABILITY'
  | 'NOOP'
  | 'LOGOUT'
  | 'STARTTLS'
  | 'NAMESPACE'
  | 'IDLE'
  | 'CHECK'
  | 'CLOSE'
  | 'UNSELECT'
  | 'UNAUTHENTICATE'
  | 'GETJMAPACCESS';

export interface Select {
  readonly is: 'SELECT' | 'EXAMINE';
  readonly mailbox: string;
  /** Before it was normalised, where that is another. */
  readonly given?: string;
  readonly condstore: boolean;
  readonly qresync: Qresync | undefined;
}

/** What the client remembers of the mailbox (RFC 7162, 3.2.5). */
export interface Qresync {
  readonly uidValidity: number;
  readonly modSeq: number;
  readonly knownUids: SequenceSet | undefined;
  readonly matched: { readonly numbers: SequenceSet; readonly uids: SequenceSet } | undefined;
}

/** RFC 4314. */
export type AclCommand =
  | Named<'GETACL' | 'MYRIGHTS', { readonly mailbox: string }>
  | Named<'DELETEACL' | 'LISTRIGHTS', { readonly mailbox: string; readonly identifier: string }>
  | {
      readonly is: 'SETACL';
      readonly mailbox: string;
      readonly identifier: string;
      /** With `+` or `-` in front, to add or take away. */
      readonly rights: string;
    };

/** RFC 5464. An empty mailbox name means the account itself. Entry names are in lower case. */
export interface GetMetadata {
  readonly is: 'GETMETADATA';
  readonly mailbox: string;
  readonly entries: readonly string[];
  readonly maxSize: number | undefined;
  readonly depth: number;
}

export interface Notify {
  readonly is: 'NOTIFY';
  /** Undefined: NOTIFY NONE. */
  readonly groups: readonly NotifyGroup[] | undefined;
  readonly status: boolean;
}

export interface NotifyGroup {
  readonly filter: MailboxFilter;
  /** Empty: NONE. */
  readonly events: ReadonlySet<NotifyEvent>;
  /** Of MessageNew: what to fetch of new messages. */
  readonly fetch: readonly FetchItem[];
}

export const notifyEvents = [
  'FlagChange',
  'MessageNew',
  'MessageExpunge',
  'AnnotationChange',
  'MailboxName',
  'SubscriptionChange',
  'MailboxMetadataChange',
  'ServerMetadataChange',
] as const;
export type NotifyEvent = (typeof notifyEvents)[number];

/** LIST (with RFC 5258, 5819, 6154, 8440, 9590) and LSUB. */
export interface List {
  readonly is: 'LIST' | 'LSUB';
  readonly reference: string;
  readonly patterns: readonly string[];
  /** The extended form: answered without the special case of an empty pattern. */
  readonly extended: boolean;
  readonly select: ReadonlySet<'SUBSCRIBED' | 'REMOTE' | 'RECURSIVEMATCH' | 'SPECIAL-USE'>;
  readonly give: ReadonlySet<'SUBSCRIBED' | 'CHILDREN' | 'SPECIAL-USE' | 'MYRIGHTS'>;
  readonly status: readonly StatusItem[] | undefined;
  /** Entries of RETURN (METADATA …). */
  readonly metadata: readonly string[] | undefined;
}

export const statusItems = [
  'MESSAGES',
  'RECENT',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'DELETED',
  'DELETED-STORAGE',
  'SIZE',
  'HIGHESTMODSEQ',
  'APPENDLIMIT',
  'MAILBOXID',
] as const;
export type StatusItem = (typeof statusItems)[number];

export type SearchReturn =
  | 'MIN'
  | 'MAX'
  | 'ALL'
  | 'COUNT'
  | 'SAVE'
  | 'PARTIAL'
  | 'UPDATE'
  | 'CONTEXT'
  | 'RELEVANCY';

/** `RETURN (…)`; RETURN () means ALL. */
export interface Returning {
  readonly give: ReadonlySet<SearchReturn>;
  /** Of PARTIAL (RFC 9394, 3.1): places in the result, from 1; negative ones count from the end. */
  readonly partial: Places | undefined;
}

/** Inclusive, `from <= to`; with `fromEnd` 1 is the last. */
export interface Places {
  readonly from: number;
  readonly to: number;
  readonly fromEnd: boolean;
}

/** Undefined: the old form, answered by SEARCH or SORT. Otherwise by ESEARCH. */
type Answer = { readonly uid: boolean; readonly returning: Returning | undefined };

export type Search = {
  readonly is: 'SEARCH';
  readonly key: SearchKey;
  /** Why it cannot be carried out, where that is known from its text and "$" depends on it. */
  readonly refused?: Error;
} & Answer;

/** SORT (RFC 5256; RFC 5267 for RETURN). */
export type Sort = {
  readonly is: 'SORT';
  readonly criteria: readonly SortCriterion[];
  readonly key: SearchKey;
} & Answer;

export const sortNames = [
  'ARRIVAL',
  'CC',
  'DATE',
  'FROM',
  'SIZE',
  'SUBJECT',
  'TO',
  'DISPLAYFROM',
  'DISPLAYTO',
  'RELEVANCY',
] as const;
export type SortName = (typeof sortNames)[number];

export interface SortCriterion {
  readonly by: SortName;
  readonly reverse: boolean;
}

export const threadAlgorithms = ['ORDEREDSUBJECT', 'REFERENCES', 'REFS'] as const;
export type ThreadAlgorithm = (typeof threadAlgorithms)[number];

export interface Thread {
  readonly is: 'THREAD';
  readonly uid: boolean;
  readonly algorithm: ThreadAlgorithm;
  readonly key: SearchKey;
}

/** ESEARCH over several mailboxes (RFC 7377), answered with UIDs. */
export interface MultiSearch {
  readonly is: 'ESEARCH';
  /** Undefined: the selected mailbox. */
  readonly sources: readonly MailboxFilter[] | undefined;
  readonly returning: Returning;
  readonly key: SearchKey;
}

/** Which mailboxes (RFC 5465, 6; RFC 7377, 2.2). */
export type MailboxFilter =
  | Named<'selected' | 'selected-delayed' | 'inboxes' | 'personal' | 'subscribed'>
  | Named<'subtree' | 'subtree-one' | 'mailboxes', { readonly names: readonly string[] }>;

/** Text of a search is Unicode, decoded from the CHARSET of the command. Days count from 1970-01-01 (date-time.ts). */
export type SearchKey =
  | Named<'all' | 'new' | 'old' | 'recent' | 'saveDateSupported'>
  | Named<'numbers' | 'uids', { readonly set: SequenceSet }>
  | { readonly is: 'flag'; readonly flag: string; readonly set: boolean }
  | Named<'before' | 'on' | 'since', { readonly what: SearchDate; readonly day: number }>
  | Named<'older' | 'younger', { readonly seconds: number }>
  | Named<'larger' | 'smaller', { readonly sizeBytes: number }>
  | Named<'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'body' | 'text', { readonly text: string }>
  | { readonly is: 'header'; readonly name: string; readonly text: string }
  | { readonly is: 'modSeq'; readonly modSeq: number }
  | { readonly is: 'filter'; readonly name: string }
  | { readonly is: 'fuzzy'; readonly key: SearchKey }
  | Named<'emailId' | 'threadId', { readonly id: string }>
  | { readonly is: 'not'; readonly key: SearchKey }
  | { readonly is: 'or'; readonly left: SearchKey; readonly right: SearchKey }
  | { readonly is: 'and'; readonly keys: readonly SearchKey[] };

export type SearchDate = 'internal' | 'sent' | 'saved';

export interface Fetch {
  readonly is: 'FETCH';
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly items: readonly FetchItem[];
  readonly changedSince: number | undefined;
  readonly vanished: boolean;
  /** Of the messages of the set, only these (RFC 9394, 3.3). */
  readonly partial: Places | undefined;
}

export type FetchItem =
  | Named<'flags' | 'uid' | 'internalDate' | 'size' | 'envelope' | 'body' | 'bodyStructure'>
  | Named<'modSeq' | 'emailId' | 'threadId' | 'saveDate'>
  | { readonly is: 'preview'; readonly lazy: boolean }
  | SectionItem
  | { readonly is: 'binarySize'; readonly label: string; readonly path: readonly number[] };

/** BODY[…], BINARY[…] and the old RFC822 names. */
export interface SectionItem {
  readonly is: 'section';
  /** How the answer names it, as `BODY[HEADER]`, without the partial. */
  readonly label: string;
  /** Part numbers; empty is the message. */
  readonly path: readonly number[];
  readonly of: 'all' | 'header' | 'fields' | 'fieldsNot' | 'text' | 'mime';
  /** Names of `fields` and `fieldsNot`, in lower case. */
  readonly fields: readonly string[];
  readonly partial: Partial | undefined;
  /** Leaves \Seen alone. */
  readonly peek: boolean;
  /** With the transfer encoding undone (RFC 3516). */
  readonly binary: boolean;
}

export interface Partial {
  readonly offset: number;
  readonly length: number;
}

export interface Store {
  readonly is: 'STORE';
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly mode: 'replace' | 'add' | 'remove';
  readonly silent: boolean;
  readonly flags: readonly string[];
  readonly unchangedSince: number | undefined;
}
