/** Who has been let in, and where from. */
import type { AccountId, OrgId } from '../base/ids.ts';
import type { Role } from './account.ts';

/** What a credential can be used for. */
export const services = ['smtp', 'imap', 'pop3', 'lmtp', 'http', 'managesieve'] as const;
export type Service = (typeof services)[number];

export interface LoginFrom {
  readonly service: Service;
  /** The peer's address as text. An IPv4 address mapped into IPv6 counts as IPv4. */
  readonly ip: string;
}

export interface Principal {
  readonly account: AccountId;
  readonly org: OrgId;
  /** The canonical login address, also when an alias was typed. */
  readonly address: string;
  readonly roles: readonly Role[];
  /** `password`, `app:<id>` or `key:<id>`: which secret was shown, for logs and the audit trail. `network:<id>`, `certificate:<id>`: what stands for one. */
  readonly credential: string;
  /** Set for a program that sends for the organisation: no account is behind it, `account` is the id of its credential. */
  readonly application?: Application;
}

/** What a program may send. */
export interface Application {
  /** The stream it sends in when it names none. */
  readonly stream: string;
  readonly kind: StreamKind;
  /** Absent: none. */
  readonly unsubscribe?: UnsubscribeKind;
  /** Domains it may send from; empty: all of the organisation. */
  readonly domains: readonly string[];
  /** What it sends goes to the simulator. */
  readonly test: boolean;
}

/** Transactional mail goes before bulk. */
export const streamKinds = ['transactional', 'bulk'] as const;
export type StreamKind = (typeof streamKinds)[number];

/**
 * Of how much mail a reader is taken off by the link that this server puts into it: of none, as it puts none; of all of that kind (`stream`); of the campaign or list, or all of that
 * kind where the mail has none (`topic`).
 */
export const unsubscribeKinds = ['none', 'stream', 'topic'] as const;
export type UnsubscribeKind = (typeof unsubscribeKinds)[number];
