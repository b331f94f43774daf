/** The states of all types of an account, as /get gives them: what pushes tell (RFC 8620, 7.1). */
import { createHash } from 'node:crypto';
import type { AccountId } from '../../../base/ids.ts';
import type { HttpParts } from '../../parts.ts';

export type StateParts = Pick<HttpParts, 'mailboxes' | 'contacts' | 'profiles' | 'scripts'>;
export type TypeStates = Readonly<Record<string, string>>;

const kept = ['Identity', 'EmailSubmission', 'VacationResponse', 'ShareNotification', 'SieveScript'] as const;

/** Types that clients can ask to hear of. */
export const pushedTypes: readonly string[] = [
  'Email',
  'EmailDelivery',
  'Mailbox',
  'Thread',
  'AddressBook',
  'ContactCard',
  ...kept,
];

export async function typeStates(
  { mailboxes, contacts, profiles }: StateParts,
  account: AccountId,
): Promise<TypeStates> {
  const [mail, boxes, ofContacts, records] = await Promise.all([
    mailboxes.mail.version(account),
    mailboxes.list(account),
    contacts.versions(account),
    profiles.versions(account),
  ]);
  // Rises with every message that comes in (RFC 8621, 1.5).
  const delivered = boxes.reduce((sum, { uidNext }) => sum + uidNext, 0);
  return {
    Email: String(mail),
    EmailDelivery: String(delivered),
    Mailbox: String(mail),
    Thread: String(mail),
    AddressBook: String(ofContacts.books),
    ContactCard: String(ofContacts.cards),
    ...Object.fromEntries(kept.map((type) => [type, String(records.get(type) ?? 0)])),
  };
}

/** One word for the states of several accounts. */
export function wordFor(states: ReadonlyMap<AccountId, TypeStates>): string {
  const text = JSON.stringify([...states].sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
