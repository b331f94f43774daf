/** What types of records that profiles keep have in common: states, and ids of a letter and the number in base 32. */
import type { AccountId } from '../../base/ids.ts';
import type { Profiles } from '../../profile/profiles.ts';
import type { ProfileType, ProfileWrite } from '../../profile/rows.ts';
import { MethodError } from '../../proto/jmap/method-error.ts';
import type { Call, TellChanges } from './records.ts';

export interface KeptType {
  readonly type: ProfileType;
  readonly letter: string;
}

export const idOf = ({ letter }: KeptType, number: number): string => `${letter}${number.toString(32)}`;

export function numberOf({ letter }: KeptType, id: string): number | undefined {
  return id.startsWith(letter) && /^[1-9a-v][0-9a-v]{0,8}$/.test(id.slice(letter.length))
    ? Number.parseInt(id.slice(letter.length), 32)
    : undefined;
}

export const stateOf = async (profiles: Profiles, { type }: KeptType, account: AccountId): Promise<string> =>
  String(await profiles.version(account, type));

/** A state of ours, as a number. */
export function versionOf(state: string): number {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(state)) throw new MethodError('cannotCalculateChanges');
  return Number(state);
}

/** A write of a /set: what the client knew is looked at in its transaction. */
export const writeKept = (
  profiles: Profiles,
  { account, ifInState }: Call,
  { type, writes }: { readonly type: ProfileType; readonly writes: readonly ProfileWrite[] },
): Promise<readonly number[]> =>
  ifInState.around((state) => {
    const own = state === undefined ? profiles : profiles.ifAt(versionOf(state));
    return own.write(account.id, type, writes);
  });

export const changesOf =
  (profiles: Profiles, kept: KeptType): TellChanges =>
  async ({ account }, since, max) => {
    const found = await profiles.changes(account.id, kept.type, { since: versionOf(since), max });
    return (
      found && {
        created: found.created.map((id) => idOf(kept, id)),
        updated: found.updated.map((id) => idOf(kept, id)),
        destroyed: found.destroyed.map((id) => idOf(kept, id)),
        newState: String(found.version),
        hasMoreChanges: found.hasMore,
      }
    );
  };
