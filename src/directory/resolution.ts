/** What an address means to this system, and what becomes of a subaddress on the way through an alias. */
import type { AccountId, OrgId } from '../base/ids.ts';
import type { Language } from './account.ts';

export type Resolution =
  | {
      readonly is: 'account';
      readonly account: AccountId;
      readonly org: OrgId;
      /** The canonical address that was matched, without subaddress. */
      readonly address: string;
      /** What stood behind the separator (`tag` of `user+tag`), as written; `''` when nothing did. */
      readonly mailboxDetail: string;
      readonly language: Language;
    }
  /** Resolve each of `to` in turn; whoever does so keeps a bound on depth and number (nested groups, loops). */
  | {
      readonly is: 'expanded';
      readonly to: readonly string[];
      readonly why: 'alias' | 'group' | 'forward' | 'catchAll' | 'returnPath' | 'hook';
      readonly org: OrgId;
      /** A forward that keeps a copy: this account gets the message too, with `mailboxDetail`, and is not resolved again. */
      readonly alsoAccount?: AccountId;
      readonly address: string;
      readonly mailboxDetail: string;
    }
  /** The account exists but is switched off: refuse with `mailboxDisabled`. */
  | { readonly is: 'disabled'; readonly account: AccountId; readonly org: OrgId }
  /** One of our domains, but no such address. */
  | { readonly is: 'unknown' }
  /** Not one of our domains (or not an address at all). */
  | { readonly is: 'remote' };

type Expanded = Extract<Resolution, { is: 'expanded' }>;

/**
 * A member of an expansion with what it resolves to. An alias hands its subaddress on (RFC 5233, 1: the detail belongs to whoever gets the mail):
 * the member gets it, where that is an address which leads to the same and has no detail of its own.
 */
export async function withDetail(
  directory: { resolve(address: string): Promise<Resolution> },
  member: string,
  from: { readonly address: string; readonly found: Expanded },
): Promise<{ readonly address: string; readonly resolution: Resolution }> {
  const { why, mailboxDetail: detail } = from.found;
  const at = member.lastIndexOf('@');
  if (why === 'alias' && detail !== '' && at > 0) {
    const separator = from.address.at(from.address.lastIndexOf('@') - detail.length - 1);
    const address = `${member.slice(0, at)}${separator}${detail}${member.slice(at)}`;
    const resolution = await directory.resolve(address);
    const ours = resolution.is === 'account' || resolution.is === 'expanded';
    if (ours && resolution.mailboxDetail === detail) return { address, resolution };
  }
  return { address: member, resolution: await directory.resolve(member) };
}
