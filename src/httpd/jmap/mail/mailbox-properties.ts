/** What a client wants a mailbox to be, checked (RFC 8621, 2). */
import type { Role } from '../../../mailbox/mailbox.ts';
import { delimiter, levelMaxBytes } from '../../../mailbox/name.ts';
import { invalidProperties } from '../../../proto/jmap/method-error.ts';
import type { Arguments } from '../../../proto/jmap/request.ts';

/** `inbox` is one mailbox's for good. */
const roles: readonly Role[] = [
  'drafts',
  'sent',
  'trash',
  'junk',
  'archive',
  'all',
  'flagged',
  'important',
  'snoozed',
];
const sortOrderMax = 2 ** 31;

export interface Wanted {
  readonly name?: string;
  readonly parentId?: string | null;
  readonly role?: Role | null;
  readonly sortOrder?: number;
  readonly isSubscribed?: boolean;
}

/** Throws SetError `invalidProperties` with all that is wrong. */
export function readProperties(given: Arguments): Wanted {
  const wrong = Object.keys(given).filter((name) => !isRight(name, given[name]));
  if (wrong.length > 0) throw invalidProperties(wrong);
  return given;
}

function isRight(name: string, value: unknown): boolean {
  switch (name) {
    case 'name':
      return (
        typeof value === 'string' &&
        value !== '' &&
        !value.includes(delimiter) &&
        Buffer.byteLength(value.normalize('NFC')) <= levelMaxBytes
      );
    case 'parentId':
      return value === null || typeof value === 'string';
    case 'role':
      return value === null || roles.some((role) => role === value);
    case 'sortOrder':
      return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < sortOrderMax;
    case 'isSubscribed':
      return typeof value === 'boolean';
    default:
      return false;
  }
}
