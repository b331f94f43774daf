/**
 * Addresses that the settings name for mail of the server itself: whether anybody gets what is sent there. Accounts come and go while the settings stay,
 * so this is found out anew whenever it is asked.
 */
import type { Settings } from '../config/schema.ts';
import type { Directory } from '../directory/directory.ts';
import { readNewAddress } from '../directory/address.ts';

export interface DeadAddress {
  /** As it is called in the settings. */
  readonly setting: string;
  readonly address: string;
  readonly why: string;
}

type Named = Pick<Settings, 'smtp' | 'queue'>;

/** What is no address at all, which needs no directory to be seen. */
export function wrongAddresses({ smtp, queue }: Named): readonly DeadAddress[] {
  return named({ smtp, queue })
    .filter(([, address]) => readNewAddress(address) === undefined)
    .map(([setting, address]) => ({ setting, address, why: 'is no address' }));
}

export async function deadAddresses(
  settings: Named,
  directory: Pick<Directory, 'resolve'>,
): Promise<readonly DeadAddress[]> {
  const found = await Promise.all(
    named(settings).map(async ([setting, address]): Promise<DeadAddress | undefined> => {
      const { is } = await directory.resolve(address);
      const why = troubles[is]?.(setting);
      return why === undefined ? undefined : { setting, address, why };
    }),
  );
  return found.filter((one) => one !== undefined);
}

const troubles: Readonly<Record<string, (setting: string) => string | undefined>> = {
  unknown: () => 'is nobody here',
  disabled: () => 'is switched off',
  // Strangers who write to the postmaster are not let through to other servers; notices of our own are.
  remote: (setting) => (setting === 'smtp.postmaster' ? 'is not of this server' : undefined),
};

const named = ({ smtp, queue }: Named): readonly (readonly [setting: string, address: string])[] =>
  (
    [
      ['smtp.postmaster', smtp.postmaster],
      ['queue.doubleBounces', queue.doubleBounces],
    ] as const
  ).filter(([, address]) => address !== '');
