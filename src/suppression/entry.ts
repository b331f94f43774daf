/**
 * Addresses that an organisation does not send to: why, how far that reaches, until when, and by what that is known.
 *
 * Suppression is for mail that programs hand in (sending credentials). A person who writes from a mailbox is never kept from it.
 */
import { Refusal } from '../base/refusal.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';
import { parseMailbox } from '../proto/smtp/path.ts';

/** Why an address is on the list. `hard`: it does not work; the others: its owner, or somebody here, wants no mail there. */
export const causes = ['hard', 'complaint', 'unsubscribe', 'manual', 'import'] as const;
export type Cause = (typeof causes)[number];

/**
 * How far an entry reaches: `org` (all mail of the organisation), `stream:transactional`, `stream:bulk`, or `topic:NAME` (mail of that campaign or list). Entries of whoever
 * runs the server have no organisation and reach everybody.
 */
export type Scope = 'org' | 'stream:transactional' | 'stream:bulk' | `topic:${string}`;

export interface Suppression {
  /** `''`: of whoever runs the server, for all organisations. */
  readonly org: string;
  /** As in `suppressionKey`. */
  readonly address: string;
  readonly scope: Scope;
  readonly cause: Cause;
  /** Of a bounce or complaint: its reason (proto/bounce); else what somebody wrote. */
  readonly reason: string;
  /** Phase of SMTP, `report` for what came back later, or `''`. */
  readonly phase: string;
  /** What was said, or `''`. */
  readonly reply: string;
  /** The message it happened to, or `''`. */
  readonly message: string;
  readonly by: string;
  readonly atMs: number;
  /** 0: stays until it is taken away. */
  readonly untilMs: number;
}

export interface Mailing {
  readonly org: string;
  readonly stream: 'transactional' | 'bulk';
  /** Campaign or list; `''`: none. */
  readonly topic: string;
}

const topicMax = 200;
export const reasonMax = 300;
export const replyMax = 1000;

/** The spelling under which an address is kept: case and quotes do not tell mailboxes apart here, and domains are A-labels. Undefined: it is no address. */
export function suppressionKey(address: string): string | undefined {
  const mailbox = parseMailbox(address.trim().replace(/^<(.*)>$/s, '$1'));
  if (mailbox === undefined || mailbox.domain === '') return undefined;
  const domain = domainToAscii(mailbox.domain) ?? mailbox.domain;
  return `${mailbox.local}@${domain}`.toLowerCase();
}

/** Refusal `invalid`. */
export function checkedScope(text: string, at = 'scope'): Scope {
  if (text === 'org' || text === 'stream:transactional' || text === 'stream:bulk') return text;
  if (text.startsWith('topic:') && text.length > 6 && text.length <= topicMax) return text as Scope;
  throw new Refusal(
    'invalid',
    `"${text}" is no scope: org, stream:transactional, stream:bulk or topic:NAME`,
    { at },
  );
}

/** Scopes that a mailing falls into, the widest first. */
export function scopesOf({ stream, topic }: Mailing): readonly Scope[] {
  return ['org', `stream:${stream}`, ...(topic === '' ? [] : [`topic:${topic}` as const])];
}
