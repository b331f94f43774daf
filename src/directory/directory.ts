/**
 * The directory as servers, intake and delivery see it: whose address is this, who is logging in, may they send as this.
 *
 * One per thread. Lookups are answered from small caches that are emptied by the store's hints, and checked against the directory's
 * version at least once a second: a change is seen by all within one second, and at once by the thread that made it.
 * Changes are made by `administration.ts`.
 */
import type { AccountId, OrgId } from '../base/ids.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { CredentialStore, ScramCredential, ScramHash } from '../proto/sasl/mechanism.ts';
import type { Store } from '../store/store.ts';
import type { Account } from './account.ts';
import type { LoginFrom, Principal } from './principal.ts';
import type { Resolution } from './resolution.ts';

export interface DirectoryParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export class Directory implements Disposable {
  constructor(parts: DirectoryParts) {
    void parts;
  }

  /** Whether mail for this domain (any case, A-labels or U-labels) ends here. */
  isLocalDomain(domain: string): Promise<boolean> {
    throw new Error(domain);
  }

  /** What an address means here. One step: the addresses of an expansion are to be resolved in turn. Never throws for odd addresses. */
  resolve(address: string): Promise<Resolution> {
    throw new Error(address);
  }

  account(id: AccountId): Promise<Account | undefined> {
    throw new Error(id);
  }

  /** Lets in, or throws Refusal: `authenticationFailed`, `accountLocked`, `rateLimited`. Slow on purpose after failures. */
  login(username: string, password: string, from: LoginFrom): Promise<Principal> {
    throw new Error(`${username} ${password} ${from.ip}`);
  }

  /** The login with a bearer token (an API key bound to an account). */
  loginWithToken(username: string, token: string, from: LoginFrom): Promise<Principal> {
    throw new Error(`${username} ${token} ${from.ip}`);
  }

  scramCredential(username: string, hash: ScramHash, from: LoginFrom): Promise<ScramCredential<Principal>> {
    throw new Error(`${username} ${hash} ${from.ip}`);
  }

  /** For `startMechanism`: passwords, SCRAM and tokens of whoever talks from there. */
  credentials(from: LoginFrom): CredentialStore<Principal> {
    throw new Error(from.ip);
  }

  /** Whether the principal may use this address as envelope sender or From. `''` (null sender) is allowed to all. */
  maySendAs(principal: Principal, address: string): Promise<boolean> {
    throw new Error(`${principal.account} ${address}`);
  }

  /** Canonical rewriting: recipients of mail that comes `in`, senders of mail that goes `out`. The same address when no rule fits. */
  rewrite(address: string, direction: 'in' | 'out', where: 'envelope' | 'header'): Promise<string> {
    throw new Error(`${address} ${direction} ${where}`);
  }

  /** The organisation that has this local domain. */
  orgOf(domain: string): Promise<OrgId | undefined> {
    throw new Error(domain);
  }

  [Symbol.dispose](): void {}
}
