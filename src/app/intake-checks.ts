/** What intake asks before it takes a body: whether the mailbox has room, and whether the store can take anything. */
import type { Clock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import type { Directory } from '../directory/directory.ts';
import type { IsFull } from '../intake/intake.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import type { StoreHealth } from '../store/store.ts';

/** A reading of an account's usage is good for so long: what comes meanwhile is met by the placement itself. */
const usageKeptMs = 2000;
const usagesMax = 10_000;

export interface QuotaParts {
  readonly directory: Pick<Directory, 'account'>;
  readonly mailboxes: Pick<Mailboxes, 'quota'>;
  readonly clock: Clock;
}

/** Accounts without a quota cost no read. */
export function quotaCheck({ directory, mailboxes, clock }: QuotaParts): IsFull {
  const kept = new Map<AccountId, { readonly usedBytes: number; readonly untilMs: number }>();
  const usedBy = async (account: AccountId): Promise<number> => {
    const nowMs = clock.monotonicMs();
    const known = kept.get(account);
    if (known && known.untilMs > nowMs) return known.usedBytes;
    const { usedBytes } = await mailboxes.quota(account);
    if (kept.size >= usagesMax) kept.clear();
    kept.set(account, { usedBytes, untilMs: nowMs + usageKeptMs });
    return usedBytes;
  };
  return async (account, sizeBytes) => {
    const quotaBytes = (await directory.account(account))?.quotaBytes ?? 0;
    return quotaBytes > 0 && (await usedBy(account)) + Math.max(sizeBytes, 1) > quotaBytes;
  };
}

export function storageProblem(state: StoreHealth['state']): 'storageFull' | 'storageBusy' | undefined {
  if (state === 'ok') return undefined;
  return state === 'full' ? 'storageFull' : 'storageBusy';
}
