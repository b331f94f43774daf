/** Who has a login: a person or a program of one organisation. */
import type { AccountId, OrgId } from '../base/ids.ts';

/**
 * What an account may do in its organisation. `owner` and `admin` manage it, `developer` has the sending side, `marketer`
 * the campaigns, `support` reads the journey of messages without their bodies, `user` reads and sends mail. All may read and send mail.
 */
export const roles = ['owner', 'admin', 'developer', 'marketer', 'support', 'user'] as const;
export type Role = (typeof roles)[number];

/** Languages of notices and of the console. */
export type Language = 'en' | 'ja';

export interface Account {
  readonly id: AccountId;
  readonly org: OrgId;
  /** The login address, canonical: local part in lower case, domain as A-labels. */
  readonly name: string;
  readonly displayName: string;
  readonly language: Language;
  /** 0 is no limit. */
  readonly quotaBytes: number;
  readonly roles: readonly Role[];
  /** Cannot log in, and gets no mail (refused for good, RFC 3463 X.2.1). */
  readonly disabled: boolean;
  readonly createdAtMs: number;
  /** Grows with each change of the account or its credentials. */
  readonly version: number;
}
