/**
 * Methods and the capabilities they come with. A capability is a file of its own that gives a `Capability`; capabilities.ts lists them, and nothing
 * else needs to know of it.
 */
import type { AccountId, OrgId } from '../../base/ids.ts';
import type { Arguments, Invocation } from '../../proto/jmap/request.ts';
import type { App } from '../admin-api/app.ts';
import type { HttpParts } from '../parts.ts';
import type { JmapAccess } from './access.ts';

/** Who asks. */
export interface JmapUser {
  readonly account: AccountId;
  readonly org: OrgId;
  /** Of the login, canonical. */
  readonly address: string;
  /** `account:<id>` or `key:<id>`, as in the audit trail. */
  readonly by: string;
  /** `password`, `app:<id>` or `key:<id>`: each has limits of its own. */
  readonly credential: string;
  readonly ip: string;
  readonly maySend: boolean;
}

/** An account as the session lists it. */
export interface JmapAccount {
  readonly id: AccountId;
  readonly name: string;
  /** The user's own; others share mailboxes with it. */
  readonly isPersonal: boolean;
  readonly isReadOnly: boolean;
}

/** What a method may use while it answers one request. */
export interface Context {
  readonly user: JmapUser;
  readonly using: ReadonlySet<string>;
  /** By creation id; grows as records are made. */
  readonly createdIds: Map<string, string>;
  /** The account that an `accountId` names, or MethodError `accountNotFound`, `invalidArguments`. */
  account(args: Arguments): Promise<JmapAccount>;
  /** All accounts of the user, its own first. */
  accounts(): Promise<readonly JmapAccount[]>;
  /** Calls another method as a part of this call; what it answers is told behind this answer when it is given back. */
  invoke(name: string, args: Arguments): Promise<readonly Invocation[]>;
  /** Id of the call, for answers beside the own one. */
  readonly callId: string;
}

export type Answer = Readonly<Record<string, unknown>>;
/** An answer alone, or with those of calls that it implied (RFC 8621, 7.5). */
export type Answered = Answer | { readonly answer: Answer; readonly implied: readonly Invocation[] };
export type Method = (args: Arguments, context: Context) => Promise<Answered>;

export interface Capability {
  readonly uri: string;
  /** Value in the session's `capabilities`, perhaps by what clients have in front of our paths. Absent: another capability of this name says it. */
  readonly ofServer?: Answer | ((base: string) => Promise<Answer>);
  /** Value in the account's `accountCapabilities`; absent or undefined: the account has no such data. */
  readonly ofAccount?: (account: JmapAccount, user: JmapUser) => Promise<Answer | undefined>;
  readonly methods: Readonly<Record<string, Method>>;
  /** HTTP routes beside the methods. */
  readonly routes?: (app: App, access: JmapAccess) => void;
}

export type MakeCapability = (parts: HttpParts) => Capability;

export function isImplied(answered: Answered): answered is Extract<Answered, { implied: unknown }> {
  return 'implied' in answered && Array.isArray(answered['implied']);
}
