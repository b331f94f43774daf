/** What emails of an account are asked for, and in which order (RFC 8621, 4.4). */
import type { Criterion } from './criterion.ts';
import type { MailboxNumber } from './ids.ts';

export type EmailFilter =
  | { readonly is: 'and' | 'or'; readonly of: readonly EmailFilter[] }
  | { readonly is: 'not'; readonly of: EmailFilter }
  | { readonly is: 'inMailbox'; readonly mailbox: MailboxNumber }
  /** In at least one mailbox beside these. */
  | { readonly is: 'outside'; readonly mailboxes: readonly MailboxNumber[] }
  /** `before` is strict, `after` includes the moment. */
  | { readonly is: 'received'; readonly when: 'before' | 'after'; readonly atMs: number }
  /** `min` is included, `max` is not. */
  | { readonly is: 'size'; readonly min: number; readonly max: number }
  /** In lower case; system flags as `$seen` and so on. */
  | { readonly is: 'keyword'; readonly keyword: string }
  | { readonly is: 'threadKeyword'; readonly keyword: string; readonly have: 'all' | 'some' | 'none' }
  /** Answered from details and texts. */
  | { readonly is: 'text'; readonly criterion: Criterion };

export type EmailOrder = {
  readonly descending: boolean;
} & (
  | { readonly by: 'receivedAt' | 'size' | 'from' | 'to' | 'subject' | 'sentAt' }
  | { readonly by: 'keyword' | 'allInThread' | 'someInThread'; readonly keyword: string }
);

export interface EmailQuery {
  readonly filter: EmailFilter | undefined;
  readonly sort: readonly EmailOrder[];
  /** Only the first email of each thread. */
  readonly collapse: boolean;
}
