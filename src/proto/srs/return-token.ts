/**
 * Return addresses of our own (VERP): each recipient of a mail has one, so that what comes back tells which mail to whom it is about, whatever the report itself says.
 *
 *   b-01k8…20 characters…-abcdef-hhhhhhhh@bounce.here.test   reports: the message, a hash of the recipient, and a hash over both by our key
 *   f-01k8…20 characters…-hhhhhhhh@here.test                 complaints (CFBL-Address, RFC 9477): the message alone
 *   u-01k8…20 characters…-hhhhhhhh@bounce.here.test          readers who want no more (List-Unsubscribe); the subject says the rest
 *
 * Letters and digits without case, and hyphens: nothing that systems on the way change. A guess is a recipient that is refused.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const letters = 'abcdefghijklmnopqrstuvwxyz234567';
/** Thirty bits: told apart among the recipients of one mail. */
const recipientChars = 6;
/** Forty bits. */
const hashChars = 8;

export interface ReturnToken {
  readonly is: 'report' | 'complaint' | 'unsubscribe';
  readonly message: string;
  /** As `recipientHash` gives it; `''` for a complaint. */
  readonly recipient: string;
}

export const reportLocal = (message: string, recipient: string, key: string): string => {
  const what = `b-${message}-${recipientHash(recipient, key)}`;
  return `${what}-${hashOf(what, key, hashChars)}`;
};

export const complaintLocal = (message: string, key: string): string => {
  const what = `f-${message}`;
  return `${what}-${hashOf(what, key, hashChars)}`;
};

export const recipientHash = (address: string, key: string): string =>
  hashOf(`to ${address}`, key, recipientChars);

export const unsubscribeLocal = (message: string, key: string): string => {
  const what = `u-${message}`;
  return `${what}-${hashOf(what, key, hashChars)}`;
};

const form =
  /^(?:(b)-([0-9a-hjkmnp-tv-z]{20})-([a-z2-7]{6})|([fu])-([0-9a-hjkmnp-tv-z]{20}))-([a-z2-7]{8})$/i;

/** Whether a local part has this form, with whatever hash. */
export const isReturnLocal = (local: string): boolean => form.test(unmangled(local));

/** Undefined: not by our hash. */
export function readReturnLocal(given: string, key: string): ReturnToken | undefined {
  const local = unmangled(given).toLowerCase();
  const [, , ofReport, recipient = '', other, ofOther, hash = ''] = form.exec(local) ?? [];
  const message = ofReport ?? ofOther;
  if (message === undefined) return undefined;
  const what = local.slice(0, -hashChars - 1);
  const [theirs, ours] = [hash, hashOf(what, key, hashChars)].map((text) => Buffer.from(text));
  if (!timingSafeEqual(theirs!, ours!)) return undefined;
  const is = other === undefined ? 'report' : other === 'f' ? 'complaint' : 'unsubscribe';
  return { is, message, recipient };
}

/** Some systems put quotes around what they do not know, or name themselves in front. */
const unmangled = (local: string): string =>
  local.replace(/^["']+|["']+$/g, '').replace(/^(?:smtp|mailto)[:=]/i, '');

function hashOf(what: string, key: string, chars: number): string {
  const bytes = createHmac('sha256', key).update(what.toLowerCase()).digest();
  return Array.from(bytes.subarray(0, chars), (byte) => letters[byte % letters.length]).join('');
}
