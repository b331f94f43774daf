/** Reply lines, and what a Refusal becomes as one. */
import { Refusal, type Reason } from '../base/refusal.ts';
import { type Language, type Word, wordsOf } from './words.ts';

/** RFC 2449, 8; RFC 3206. */
export type Code = 'AUTH' | 'IN-USE' | 'LOGIN-DELAY' | 'SYS/TEMP' | 'SYS/PERM';

export const ok = (language: Language, word: Word): string => `+OK ${wordsOf(language, word)}\r\n`;

/** A positive reply whose text is for programs: numbers. */
export const okData = (data: string): string => `+OK ${data}\r\n`;

export const err = (language: Language, word: Word, code?: Code): string =>
  `-ERR ${code === undefined ? '' : `[${code}] `}${wordsOf(language, word)}\r\n`;

const refusals: Partial<Record<Reason, readonly [word: Word, code: Code]>> = {
  authenticationFailed: ['loginFailed', 'AUTH'],
  authenticationRequired: ['loginFailed', 'AUTH'],
  notAllowed: ['loginFailed', 'AUTH'],
  invalid: ['loginFailed', 'AUTH'],
  mailboxDisabled: ['loginFailed', 'AUTH'],
  accountLocked: ['accountLocked', 'AUTH'],
  rateLimited: ['loginTooOften', 'SYS/TEMP'],
  encryptionRequired: ['tlsFirst', 'SYS/PERM'],
};

/** For whatever was thrown. Total: what is not in the table is a trouble of ours that may pass (RFC 3206: never [AUTH], so that nobody changes a good password). */
export function errFor(language: Language, thrown: unknown): string {
  const [word, code] =
    (thrown instanceof Refusal && refusals[thrown.reason]) || (['tryLater', 'SYS/TEMP'] as const);
  return err(language, word, code);
}
