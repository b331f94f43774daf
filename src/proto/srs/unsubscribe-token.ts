/**
 * What a link in a mail says when its reader wants no more (RFC 8058): who, of which organisation's mail, how much of it, and by which message; signed by our key, so that
 * nobody takes others off a list, and readable for as long as the mail is kept.
 *
 *   base64url of `org LF scope LF message LF address`, a dot, and a hash over it
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Unsubscribing {
  readonly org: string;
  /** As entries of the suppression list have it. */
  readonly scope: string;
  /** The message that had the link. */
  readonly message: string;
  readonly address: string;
}

/** 96 bits. */
const hashBytes = 12;
const tokenMaxChars = 1000;

export function unsubscribeToken({ org, scope, message, address }: Unsubscribing, key: string): string {
  const what = Buffer.from([org, scope, message, address].join('\n')).toString('base64url');
  return `${what}.${hashOf(what, key)}`;
}

/** Undefined: none of ours. */
export function readUnsubscribeToken(token: string, key: string): Unsubscribing | undefined {
  if (token.length > tokenMaxChars) return undefined;
  const [what = '', hash = '', more] = token.split('.');
  const [theirs, ours] = [Buffer.from(hash), Buffer.from(hashOf(what, key))];
  if (more !== undefined || theirs.length !== ours.length || !timingSafeEqual(theirs, ours)) return undefined;
  const [org, scope, message, address] = Buffer.from(what, 'base64url').toString().split('\n');
  if (org === undefined || scope === undefined || message === undefined || !address) return undefined;
  return { org, scope, message, address };
}

const hashOf = (what: string, key: string): string =>
  createHmac('sha256', key)
    .update(`unsubscribe ${what}`)
    .digest()
    .subarray(0, hashBytes)
    .toString('base64url');
