/** Who may do what with an address book (RFC 9610, 2: AddressBookRights). The owner may do everything. */
import type { AccountId, OrgId } from '../base/ids.ts';

export const bookRights = ['mayRead', 'mayWrite', 'mayShare', 'mayDelete'] as const;
export type BookRight = (typeof bookRights)[number];

const letters: Readonly<Record<BookRight, string>> = {
  mayRead: 'r',
  mayWrite: 'w',
  mayShare: 's',
  mayDelete: 'd',
};

export interface Share {
  /** An account, or `org:<id>` for all of an organisation. */
  readonly with: string;
  readonly rights: readonly BookRight[];
}

export interface Viewer {
  readonly account: AccountId;
  readonly org: OrgId;
  readonly owner: AccountId;
}

export const allOfOrg = (org: OrgId): string => `org:${org}`;

export function rightsIn(shares: readonly Share[], { account, org, owner }: Viewer): ReadonlySet<BookRight> {
  if (account === owner) return new Set(bookRights);
  const names: readonly string[] = [account, allOfOrg(org)];
  return new Set(shares.filter((share) => names.includes(share.with)).flatMap(({ rights }) => rights));
}

export const formatShares = (shares: readonly Share[]): string =>
  shares
    .filter(({ rights }) => rights.length > 0)
    .map((share) => `${share.with} ${share.rights.map((right) => letters[right]).join('')}`)
    .join('\n');

export function parseShares(stored: string): readonly Share[] {
  if (stored === '') return [];
  return stored.split('\n').map((line) => {
    const [who = '', rights = ''] = line.split(' ');
    return { with: who, rights: bookRights.filter((right) => rights.includes(letters[right])) };
  });
}
