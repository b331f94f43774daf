/**
 * A search as a value: IMAP SEARCH and JMAP filters both become one. Sequence numbers, `*` and saved results are resolved to uids by the caller.
 *
 * Text is compared as a substring, folded (search/fold.ts): case, width, wave dashes and variants of kanji do not matter; with `fuzzy`, names and subjects are also found by how they are read
 * (search/readings.ts). A day is a calendar date in UTC for `received`
 * and `saved`, and the date as written, without its zone, for `sent` (RFC 9051, 6.4.4).
 */
import type { EmailNumber } from './ids.ts';

export type Criterion =
  | { readonly is: 'all' }
  | { readonly is: 'and' | 'or'; readonly of: readonly Criterion[] }
  | { readonly is: 'not'; readonly of: Criterion }
  /** Inclusive ranges. */
  | { readonly is: 'uid'; readonly ranges: readonly (readonly [from: number, to: number])[] }
  /** All bits of `flags` set. */
  | { readonly is: 'flag'; readonly flags: number }
  | { readonly is: 'keyword'; readonly keyword: string }
  | { readonly is: 'larger' | 'smaller'; readonly bytes: number }
  /** `day` is the number of days since 1970-01-01. `before` is strict; `since` includes the day. */
  | { readonly is: 'received' | 'saved'; readonly when: OnDay; readonly day: number }
  | { readonly is: 'sent'; readonly when: OnDay; readonly day: number }
  /** WITHIN (RFC 5032), and JMAP before and after: `before` is strict, `after` includes the moment. */
  | { readonly is: 'receivedAt'; readonly when: 'before' | 'after'; readonly atMs: number }
  | { readonly is: 'modseq'; readonly atLeast: number }
  | { readonly is: 'email' | 'thread'; readonly number: EmailNumber }
  /** `contains: ''` asks whether there is such a field. Address fields match what ENVELOPE shows, other fields their decoded text. */
  | { readonly is: 'header'; readonly field: string; readonly contains: string; readonly fuzzy?: boolean }
  /** Text parts, and the text of attachments. */
  | { readonly is: 'body'; readonly contains: string; readonly fuzzy?: boolean }
  /** Header, names of attachments, or body. */
  | { readonly is: 'text'; readonly contains: string; readonly fuzzy?: boolean }
  | { readonly is: 'attachment' };

export type OnDay = 'before' | 'on' | 'since';
