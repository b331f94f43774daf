/** Small records of accounts, as servers see them. What is in them, whoever keeps them knows. */
import type { AccountId } from '../base/ids.ts';
import type { History } from '../store/history.ts';
import type { Store } from '../store/store.ts';
import {
  allRecords,
  changesSince,
  dropProfile,
  profileTopic,
  type ProfileType,
  type ProfileWrite,
  readRecords,
  readVersion,
  readVersions,
  writeRecords,
} from './rows.ts';

export interface Kept<T> {
  readonly id: number;
  readonly value: T;
  /** As stored: a change says what it was made from. */
  readonly data: string;
}

export class Profiles {
  readonly #store: Store;
  readonly #ifVersion: number | undefined;

  constructor({
    store,
    ifVersion,
  }: {
    readonly store: Store;
    readonly ifVersion?: number | undefined;
  }) {
    this.#store = store;
    this.#ifVersion = ifVersion;
  }

  /** The same, whose writes are refused (`conflict` at `state`) when the type is at another version by then. */
  ifAt(version: number): Profiles {
    return new Profiles({ store: this.#store, ifVersion: version });
  }

  version(account: AccountId, type: ProfileType): Promise<number> {
    return this.#store.read(() => readVersion(account, type));
  }

  versions(account: AccountId): Promise<ReadonlyMap<string, number>> {
    return this.#store.read(() => readVersions(account));
  }

  async list<T>(account: AccountId, type: ProfileType): Promise<readonly Kept<T>[]> {
    const found = await this.#store.read(() => readRecords(account, type));
    return found.map(({ id, data }) => ({ id, data, value: JSON.parse(data) as T }));
  }

  /** Of all accounts: it may take long. */
  async all<T>(type: ProfileType): Promise<readonly (Kept<T> & { readonly account: AccountId })[]> {
    const found = await this.#store.scan(allRecords, { type });
    return found.map((each) => ({ ...each, value: JSON.parse(each.data) as T }));
  }

  /** In one commit. Gives the ids of what was created. Refusal: `notFound`, `conflict`, `limitReached`, `messageTooLarge`. */
  write(account: AccountId, type: ProfileType, writes: readonly ProfileWrite[]): Promise<readonly number[]> {
    return writes.length === 0
      ? Promise.resolve([])
      : this.#store.write(writeRecords, { account, type, writes, ifVersion: this.#ifVersion });
  }

  changes(
    account: AccountId,
    type: ProfileType,
    range: { readonly since: number; readonly max: number },
  ): Promise<History | undefined> {
    return this.#store.read(() => changesSince(account, type, range));
  }

  /** Calls back when records of an account changed, from whichever thread. */
  onChange(listener: (account: AccountId) => void): Disposable {
    return this.#store.onHint(profileTopic, (key) => listener(key as AccountId));
  }

  drop(account: AccountId): Promise<void> {
    return this.#store.write(dropProfile, { account });
  }
}
