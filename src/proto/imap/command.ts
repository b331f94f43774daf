/** Commands of IMAP as values: what the client asked for, with nothing of how it was spelled. */
import type { SequenceSet } from './sequence-set.ts';

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
  | Named<
      'CAPABILITY' | 'NOOP' | 'LOGOUT' | 'STARTTLS' | 'NAMESPACE' | 'IDLE' | 'CHECK' | 'CLOSE' | 'UNSELECT'
    >
  | { readonly is: 'ID'; readonly params: ReadonlyMap<string, string | null> }
  | { readonly is: 'AUTHENTICATE'; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly is: 'LOGIN'; readonly user: string; readonly password: string }
  | { readonly is: 'ENABLE'; readonly names: readonly string[] }
  | Select
  | { readonly is: 'CREATE'; readonly mailbox: string; readonly uses: readonly string[] }
  | Named<'DELETE' | 'SUBSCRIBE' | 'UNSUBSCRIBE', { readonly mailbox: string }>
  | { readonly is: 'RENAME'; readonly from: string; readonly to: string }
  | List
  | { readonly is: 'STATUS'; readonly mailbox: string; readonly items: readonly StatusItem[] }
  | { readonly is: 'EXPUNGE'; readonly uids: SequenceSet | undefined }
  | Search
  | Fetch
  | Store
  | Named<'COPY' | 'MOVE', { readonly uid: boolean; readonly set: SequenceSet; readonly mailbox: string }>
  | { readonly is: 'GETQUOTA'; readonly root: string }
  | { readonly is: 'GETQUOTAROOT'; readonly mailbox: string }
  | { readonly is: 'SETQUOTA'; readonly root: string; readonly limits: ReadonlyMap<string, number> };

export interface Select {
  readonly is: 'SELECT' | 'EXAMINE';
  readonly mailbox: string;
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

/** LIST (with RFC 5258, 5819, 6154) and LSUB. */
export interface List {
  readonly is: 'LIST' | 'LSUB';
  readonly reference: string;
  readonly patterns: readonly string[];
  /** The extended form: answered without the special case of an empty pattern. */
  readonly extended: boolean;
  readonly select: ReadonlySet<'SUBSCRIBED' | 'REMOTE' | 'RECURSIVEMATCH' | 'SPECIAL-USE'>;
  readonly give: ReadonlySet<'SUBSCRIBED' | 'CHILDREN' | 'SPECIAL-USE'>;
  readonly status: readonly StatusItem[] | undefined;
}

export const statusItems = [
  'MESSAGES',
  'RECENT',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'DELETED',
  'SIZE',
  'HIGHESTMODSEQ',
  'APPENDLIMIT',
  'MAILBOXID',
] as const;
export type StatusItem = (typeof statusItems)[number];

export type SearchReturn = 'MIN' | 'MAX' | 'ALL' | 'COUNT' | 'SAVE';

export interface Search {
  readonly is: 'SEARCH';
  readonly uid: boolean;
  /** Undefined: the old form, answered by SEARCH. Otherwise by ESEARCH; RETURN () means ALL. */
  readonly give: ReadonlySet<SearchReturn> | undefined;
  readonly key: SearchKey;
}

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
