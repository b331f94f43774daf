/** Names under which the page keeps what it has read of writing. */
import type { Id } from '../jmap/types.ts';

export const identitiesKey = (account: Id) => ['identities', account] as const;
/** What changes mail changes these: they are read again with it. */
export const scheduledKey = (account: Id) => ['mail', account, 'scheduled'] as const;
export const templatesKey = (account: Id) => ['mail', account, 'templates'] as const;
