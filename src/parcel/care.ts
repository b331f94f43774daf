/** What goes with its time, and with its account. */
import type { AccountId } from '../base/ids.ts';
import type { Store } from '../store/store.ts';
import { dropParcelsOf as dropRowsOf, forgetParcels } from './rows.ts';

const atOnce = 100;

export async function tidyParcels(
  store: Pick<Store, 'write'>,
  nowMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (await store.write(forgetParcels, { nowMs, limit: atOnce })) signal.throwIfAborted();
}

export const dropParcelsOf = (store: Pick<Store, 'write'>, account: AccountId): Promise<void> =>
  store.write(dropRowsOf, { account });

/** Tables that `dropParcelsOf` empties. */
export const emptiedTables: readonly string[] = ['parcel', 'parcel_piece'];
