/**
 * What is done for all accounts, now and then or once: in small operations, so that mail is never held up, and such that it can be stopped and begun anew at
 * any moment.
 */
import type { AccountId } from '../base/ids.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import { parseAcl } from './rights.ts';
import { noteShared } from './rules/access.ts';
import { tidyPop3Uidls } from './rules/pop3-uidl.ts';
import { accountsAfter, accountsBelow } from './rules/check.ts';
import { dropStore, forgetStore } from './rules/drop-store.ts';
import { pendingPurges, purge } from './rules/remove.ts';
import { forgetUploads } from './rules/upload.ts';
import { forgetPlacements, oldPlacements, raiseGeneration, setQuota, trimChanges } from './rules/upkeep.ts';

export { emptiedTables } from './rules/drop-store.ts';

const accountsPerPage = 200;
/** Messages that one operation purges. */
const purgeMax = 500;

export interface Tidied {
  readonly placements: number;
  readonly mailboxes: number;
}

/** Once a day: keys of old placements, uploads nobody used, old changes, who shares with whom, and what a deletion left behind that a crash cut short. */
export async function tidyMailboxes(store: Store, nowMs: number, signal?: AbortSignal): Promise<Tidied> {
  const placements = await forgetOld(store, nowMs, signal);
  while (await store.write(forgetUploads, { nowMs, limit: purgeMax })) signal?.throwIfAborted();
  const waiting = await store.scan(pendingPurges, undefined);
  for (const each of waiting) {
    while (await store.write(purge, { ...each, limit: purgeMax })) signal?.throwIfAborted();
  }
  for await (const account of allAccounts(store)) {
    while (await store.write(trimChanges, { account })) signal?.throwIfAborted();
    await noteSharing(store, account);
    while (await store.write(tidyPop3Uidls, { account })) signal?.throwIfAborted();
    signal?.throwIfAborted();
  }
  return { placements, mailboxes: waiting.length };
}

/** Removes all mail of an account that is gone. May be stopped by the signal, and called again, as often as one likes. */
export async function removeMail(store: Store, account: AccountId, signal?: AbortSignal): Promise<void> {
  while (await store.write(dropStore, { account, limit: purgeMax })) signal?.throwIfAborted();
}

/** Removes what a straggler may have left since `removeMail`, and forgets the account. */
export async function forgetMail(store: Store, account: AccountId, signal?: AbortSignal): Promise<void> {
  do await removeMail(store, account, signal);
  while (!(await store.write(forgetStore, { account })));
}

/** Tells the account's store its new limit; 0 for none. */
export async function limitMail(
  store: Store,
  limit: { account: AccountId; quotaBytes: number; nowMs: number },
): Promise<void> {
  await store.write(setQuota, limit);
}

/** After a restore or a failover that lost commits, before anybody is served: see `raiseGeneration`. Gives the number of accounts that were raised. */
export async function raiseAllGenerations(
  store: Store,
  to: { readonly generation: number; readonly lostMs: number },
): Promise<number> {
  for (let raised = 0; ; ) {
    const page = await store.scan(accountsBelow, { generation: to.generation, limit: accountsPerPage });
    if (page.length === 0) return raised;
    await Promise.all(page.map((account) => store.write(raiseGeneration, { account, ...to })));
    raised += page.length;
  }
}

/** Whoever was given something by this account finds it, also when a crash came between the two notes of it. */
async function noteSharing(store: Store, owner: AccountId): Promise<void> {
  const lists = await store.read(() =>
    rows<{ acl: string }>(`select acl from mailbox where account = ? and acl <> ''`, owner),
  );
  const names = new Set(lists.flatMap(({ acl }) => parseAcl(acl).map((each) => each.identifier)));
  for (const name of names) {
    if (!name.startsWith('-') && name !== owner)
      await store.write(noteShared, { account: name, owner, shares: true });
  }
}

async function forgetOld(store: Store, nowMs: number, signal: AbortSignal | undefined): Promise<number> {
  for (let count = 0; ; ) {
    signal?.throwIfAborted();
    const old = await store.scan(oldPlacements, { nowMs });
    if (old.length === 0) return count;
    const byAccount = Map.groupBy(old, (each) => each.account);
    for (const [account, keys] of byAccount) {
      await store.write(forgetPlacements, { account, keys: keys.map((each) => each.key) });
    }
    count += old.length;
  }
}

async function* allAccounts(store: Store): AsyncGenerator<AccountId> {
  for (let after = ''; ; ) {
    const page = await store.scan(accountsAfter, { after, limit: accountsPerPage });
    yield* page;
    if (page.length < accountsPerPage) return;
    after = page.at(-1)!;
  }
}
