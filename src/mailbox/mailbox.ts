/** A mailbox as others see it: its names, roles and counters. */
import type { MailboxId, ModSeq, Uid } from '../base/ids.ts';
import type { AclEntry } from './rights.ts';

/** Special use (RFC 6154, RFC 8621, 2). `inbox` is the mailbox INBOX, which every account has. */
export type Role =
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

export interface MailboxInfo {
  readonly id: MailboxId;
  /** Full name in Unicode (NFC), levels separated by `/`; `INBOX` is always spelled so. Every superior level exists. */
  readonly name: string;
  readonly role: Role | undefined;
  readonly subscribed: boolean;
  readonly uidValidity: number;
  readonly uidNext: Uid;
  /** HIGHESTMODSEQ (RFC 7162, 3.1.2.1): at least 1, also for an empty mailbox. */
  readonly modseq: ModSeq;
  readonly total: number;
  readonly unseen: number;
  /** Messages with \Deleted (RFC 9051, 6.3.11: STATUS DELETED). */
  readonly deleted: number;
  readonly sizeBytes: number;
  /** The first uid no session has been told of as \Recent; see `Mailboxes.claimRecent`. */
  readonly recentFrom: Uid;
  /** Every keyword used in it, as spelled there. */
  readonly keywords: readonly string[];
  /** Where clients show it among its siblings, the lowest first (RFC 8621, 2). */
  readonly sortOrder: number;
  /** Who may do what, beside the owner's own rights. */
  readonly acl: readonly AclEntry[];
}
