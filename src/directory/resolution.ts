/** What an address means to this system. */
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
      readonly why: 'alias' | 'group' | 'forward' | 'catchAll';
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
