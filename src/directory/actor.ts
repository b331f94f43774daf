/** Who makes a change. The audit log names them; their limits keep them from giving more than they have. */
import type { AccountId } from '../base/ids.ts';
import type { Permission } from './permission.ts';

export interface Actor {
  /** `account:<id>`, `key:<id>`, `cli`, `system`. */
  readonly by: string;
  readonly ip: string;
  /** Absent: none, as for the command line and the operator. */
  readonly limits?: ActorLimits;
}

export interface ActorLimits {
  readonly permissions: ReadonlySet<Permission>;
  /** May make, change and unmake owners. */
  readonly owner: boolean;
  readonly account: AccountId | '';
}

export const systemActor: Actor = { by: 'system', ip: '' };
