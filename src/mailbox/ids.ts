/**
 * Numbers within an account, and the ids that clients see.
 *
 * Mailboxes, emails and threads are numbered per account from counters in its head row, never reused: rows and in-memory indexes
 * stay small, and JMAP and OBJECTID (RFC 8474) ids are a letter and the number in base 32. A thread has the number of its first email.
 */
import type { EmailId, MailboxId, ThreadId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';

/** Below 2^32. */
export type EmailNumber = number;
export type MailboxNumber = number;

export const inboxNumber: MailboxNumber = 1;

export const emailId = (number: EmailNumber): EmailId => `e${number.toString(32)}` as EmailId;
export const threadId = (number: EmailNumber): ThreadId => `t${number.toString(32)}` as ThreadId;
export const mailboxId = (number: MailboxNumber): MailboxId => `m${number.toString(32)}` as MailboxId;

/** The number of an id, or undefined when it is not one of ours. */
export const emailNumber = (id: string): EmailNumber | undefined => numberOf('e', id);
export const threadNumber = (id: string): EmailNumber | undefined => numberOf('t', id);
export const mailboxNumber = (id: string): MailboxNumber | undefined => numberOf('m', id);

/** An id that is none of ours is that of no mailbox: Refusal mailboxNotFound. */
export function numberOfMailbox(id: MailboxId): MailboxNumber {
  const number = mailboxNumber(id);
  if (number === undefined) throw new Refusal('mailboxNotFound', id);
  return number;
}

const digits = /^[1-9a-v][0-9a-v]{0,6}$/;

function numberOf(letter: string, id: string): number | undefined {
  if (!id.startsWith(letter) || !digits.test(id.slice(1))) return undefined;
  const number = Number.parseInt(id.slice(1), 32);
  return number < 2 ** 32 ? number : undefined;
}
