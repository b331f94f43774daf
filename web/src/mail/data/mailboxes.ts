/** The mailboxes of the account, in the order that people look for them. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { jmap, jmapSession, mail } from '../jmap/client.ts';
import type { Id, Mailbox } from '../jmap/types.ts';

export function useAccount(): Id {
  const { data } = useSuspenseQuery(jmapSession);
  const account = data.primaryAccounts[mail];
  if (account === undefined) throw new Error('no mail account');
  return account;
}

export const mailboxesQuery = (account: Id) =>
  queryOptions({
    queryKey: ['mail', account, 'mailboxes'],
    queryFn: async ({ signal }) => {
      const { m } = await jmap([['Mailbox/get', { accountId: account, ids: null }, 'm']], { signal });
      return (m?.['list'] ?? []) as readonly Mailbox[];
    },
  });

export function useMailboxes(): readonly Mailbox[] {
  return useSuspenseQuery(mailboxesQuery(useAccount())).data;
}

/** Roles in the order of the list (RFC 8621, 2; RFC 6154). */
const roles = [
  'inbox',
  'snoozed',
  'flagged',
  'important',
  'drafts',
  'sent',
  'archive',
  'junk',
  'trash',
] as const;
export type KnownRole = (typeof roles)[number];

export const knownRole = (role: string | null): KnownRole | undefined => roles.find((each) => each === role);

export interface MailboxNode {
  readonly mailbox: Mailbox;
  readonly depth: number;
}

/** Those with a role first, then the others by their names; children below their parents. */
export function inOrder(mailboxes: readonly Mailbox[], language: string): readonly MailboxNode[] {
  const collator = new Intl.Collator(language, { numeric: true });
  const rank = ({ role, sortOrder }: Mailbox): number => {
    const at = roles.findIndex((each) => each === role);
    return at === -1 ? roles.length + sortOrder : at;
  };
  const byParent = Map.groupBy(mailboxes, ({ parentId }) => parentId);
  const nodes: MailboxNode[] = [];
  const add = (parent: Id | null, depth: number): void => {
    const children = (byParent.get(parent) ?? []).toSorted(
      (a, b) => rank(a) - rank(b) || collator.compare(a.name, b.name),
    );
    for (const mailbox of children) {
      nodes.push({ mailbox, depth });
      add(mailbox.id, depth + 1);
    }
  };
  add(null, 0);
  return nodes;
}

export const withRole = (mailboxes: readonly Mailbox[], role: KnownRole): Mailbox | undefined =>
  mailboxes.find((each) => each.role === role);

/** As IMAP and Sieve name it: with those above it. */
export function fullName(mailboxes: readonly Mailbox[], id: Id): string {
  const mailbox = mailboxes.find((each) => each.id === id);
  if (mailbox === undefined) return '';
  if (mailbox.role === 'inbox') return 'INBOX';
  const above = mailbox.parentId === null ? '' : fullName(mailboxes, mailbox.parentId);
  return above === '' ? mailbox.name : `${above}/${mailbox.name}`;
}
