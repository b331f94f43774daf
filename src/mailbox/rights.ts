/**
 * Rights on a mailbox (RFC 4314). A mailbox has a list of entries: an account, or all of an organisation (`anyone` on the wire), and what they may do. An entry whose identifier
 * begins with `-` takes rights away from whom it names.
 *
 * The owner has every right until an entry of its own says less; to look it up and to change the list are never lost.
 */
import type { AccountId, OrgId } from '../base/ids.ts';

/** All rights, in the order in which they are written. */
export const allRights = 'lrswipkxtea';
/** What the owner cannot lose. */
export const ownerKeeps = 'la';
/** The identifier of all accounts of an organisation. */
export const allOf = (org: OrgId): string => `org:${org}`;

/** Entries of one mailbox. */
export const aclMax = 200;

export interface AclEntry {
  /** An AccountId or `allOf(org)`, with `-` in front for what is taken away. */
  readonly identifier: string;
  readonly rights: string;
}

/** Who asks. */
export interface Asking {
  readonly account: AccountId;
  readonly org: OrgId;
  readonly owner: AccountId;
}

export function rightsOf(acl: readonly AclEntry[], who: Asking): string {
  const isOwner = who.account === who.owner;
  if (acl.length === 0) return isOwner ? allRights : '';
  const names: readonly string[] = [who.account, allOf(who.org)];
  const granted = new Set<string>();
  for (const { identifier, rights } of acl)
    if (names.includes(identifier)) for (const right of rights) granted.add(right);
  if (isOwner && !acl.some(({ identifier }) => identifier === who.account))
    for (const right of allRights) granted.add(right);
  for (const { identifier, rights } of acl) {
    if (identifier.startsWith('-') && names.includes(identifier.slice(1)))
      for (const right of rights) granted.delete(right);
  }
  if (isOwner) for (const right of ownerKeeps) granted.add(right);
  return ordered(granted);
}

/** Rights as they are written: known ones, each once. The old `c` and `d` stand for several (RFC 4314, 2.1.1). Undefined: one is not known. */
export function normalRights(text: string): string | undefined {
  const rights = new Set<string>();
  for (const right of text) {
    const meant = right === 'c' ? 'kx' : right === 'd' ? 'te' : right;
    for (const each of meant) {
      if (!allRights.includes(each)) return undefined;
      rights.add(each);
    }
  }
  return ordered(rights);
}

export function changedRights(before: string, how: 'replace' | 'add' | 'remove', rights: string): string {
  if (how === 'replace') return rights;
  const result = new Set(before);
  for (const right of rights) {
    if (how === 'add') result.add(right);
    else result.delete(right);
  }
  return ordered(result);
}

function ordered(rights: ReadonlySet<string>): string {
  return allRights
    .split('')
    .filter((right) => rights.has(right))
    .join('');
}

export function parseAcl(stored: string): readonly AclEntry[] {
  if (stored === '') return [];
  return stored.split('\n').map((line) => {
    const space = line.indexOf(' ');
    return { identifier: line.slice(0, space), rights: line.slice(space + 1) };
  });
}

export const formatAcl = (acl: readonly AclEntry[]): string =>
  acl.map(({ identifier, rights }) => `${identifier} ${rights}`).join('\n');
