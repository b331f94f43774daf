/** The index of texts, as commands: how far it is, and making it anew. */
import { silentLog } from '../base/log.ts';
import type { AccountId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Settings } from '../config/schema.ts';
import { accountCalled } from '../directory/operations.ts';
import { indexStatus, type IndexStatus } from '../mailbox/index-status.ts';
import { accountsAfter } from '../mailbox/operations.ts';
import { emptyIndex } from '../search/index-operations.ts';
import { hasIndex, indexInStore, openSqliteIndex } from '../store/open-index.ts';
import { openSqliteReader, type Scanner } from '../store/open-reader.ts';
import { dataFolder } from './data-folder.ts';
import { openStoreHost } from './open-store.ts';

const accountsPerPage = 100;

/** Of every account with mail, in the order of their ids; of one when it is named, by its id or address. The server may be running. Refusal: notFound. */
export async function indexStatuses(settings: Settings, account?: string): Promise<readonly IndexStatus[]> {
  if (settings.store.engine === 'sqlite' && !hasIndex(dataFolder(settings.data).store)) return [];
  await using store = await openForReading(settings);
  return await readStatuses(store, account);
}

export async function readStatuses(
  store: Pick<Scanner, 'scan'>,
  account?: string,
): Promise<readonly IndexStatus[]> {
  const found: IndexStatus[] = [];
  for await (const each of accountsOf(store, account)) {
    const status = await store.scan(indexStatus, { account: each });
    if (status !== undefined) found.push(status);
  }
  return found;
}

/** Empties the index; the running server, or the next one, makes it anew, and searches read the mail until then. Gives the number of accounts. Refusal: notFound. */
export async function rebuildIndex(settings: Settings, account?: string): Promise<number> {
  if (settings.store.engine === 'postgres') {
    await using host = await openStoreHost(settings, silentLog);
    return await empty(host.store, indexInStore(host.store), account);
  }
  const { store: folder } = dataFolder(settings.data);
  await using reader = openSqliteReader(folder);
  await using index = openSqliteIndex(folder);
  return await empty(reader, index, account);
}

async function empty(
  store: Pick<Scanner, 'scan'>,
  index: ReturnType<typeof openSqliteIndex>,
  account: string | undefined,
): Promise<number> {
  let count = 0;
  for await (const each of accountsOf(store, account)) {
    await index.write(emptyIndex, { account: each, attachments: false });
    count += 1;
  }
  return count;
}

async function* accountsOf(
  store: Pick<Scanner, 'scan'>,
  account: string | undefined,
): AsyncGenerator<AccountId> {
  if (account !== undefined) {
    const found = await store.scan(accountCalled, account);
    if (found === undefined) throw new Refusal('notFound', `there is no account ${account}`);
    yield found.id;
    return;
  }
  for (let after = ''; ; ) {
    const page = await store.scan(accountsAfter, { after, limit: accountsPerPage });
    yield* page;
    if (page.length < accountsPerPage) return;
    after = page.at(-1)!;
  }
}

async function openForReading(settings: Settings): Promise<Scanner> {
  if (settings.store.engine === 'sqlite') return openSqliteReader(dataFolder(settings.data).store);
  return (await openStoreHost(settings, silentLog)).store;
}
