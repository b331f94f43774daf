/** What SORT and THREAD compare of an email (RFC 5256; RFC 5957), made from its stored details: small, so that those of a large mailbox fit in memory. */
import { type Address, displayName, formatAddrSpec } from '../proto/mime/address.ts';
import { exactBaseSubject } from '../proto/mime/base-subject-5256.ts';
import { decodeWords } from '../proto/mime/encoded-word.ts';
import { casemap } from '../proto/mime/unicode-casemap.ts';
import { ancestorsByReply, type EmailDetails, ownIdHash } from './email-facts.ts';

/** Texts are casemapped (RFC 5051). */
export interface SortFacts {
  /** Undefined when there is no Date that can be read: then the time of receipt counts. */
  readonly sentAtMs: number | undefined;
  /** The base subject. */
  readonly subject: string;
  readonly isReply: boolean;
  /** Local parts of the first addresses. */
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  /** Display name of the first address, else the address. */
  readonly displayFrom: string;
  readonly displayTo: string;
  /** Hash of the Message-ID; 0 without one. */
  readonly id: number;
  /** Hashes of those it answers, the oldest first. */
  readonly ancestors: readonly number[];
}

/** Longer texts are cut: they are compared, not shown. */
const textMax = 200;

export function sortFactsOf(details: EmailDetails): SortFacts {
  const { envelope } = details.index;
  const { base, isReplyOrForward } = exactBaseSubject(decodeWords(envelope.subject ?? ''));
  return {
    sentAtMs: details.sentAtMs,
    subject: casemap(base.slice(0, textMax)),
    isReply: isReplyOrForward,
    from: local(envelope.from),
    to: local(envelope.to),
    cc: local(envelope.cc),
    displayFrom: display(envelope.from),
    displayTo: display(envelope.to),
    id: ownIdHash(envelope),
    ancestors: details.ancestors ?? ancestorsByReply(envelope),
  };
}

/** Of a group, its name stands where a local part does (RFC 9051, 7.5.2). */
function local([first]: readonly Address[]): string {
  if (first === undefined) return '';
  return casemap(('group' in first ? first.group : first.local).slice(0, textMax));
}

function display([first]: readonly Address[]): string {
  if (first === undefined) return '';
  if ('group' in first) return casemap(decodeWords(first.group).slice(0, textMax));
  const name = displayName(first);
  return casemap((name === undefined || name === '' ? formatAddrSpec(first) : name).slice(0, textMax));
}
