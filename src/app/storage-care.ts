/** Check, backup and restore, as commands. */
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { Settings } from '../config/schema.ts';
import { accountsAfter, check as checkAccount, recount } from '../mailbox/operations.ts';
import { backupPostgres, restorePostgres } from '../store/backup-postgres.ts';
import { backupSqlite, restoreSqlite } from '../store/backup.ts';
import { checkBodies, checkSqlite, type CheckReport } from '../store/check.ts';
import { bodiesFolder } from '../store/file-bodies.ts';
import { removeIndex } from '../store/open-index.ts';
import { openSqliteReader, type Scanner } from '../store/open-reader.ts';
import { bodyReferences } from './body-references.ts';
import { dataFolder } from './data-folder.ts';
import { indexStatuses, rebuildIndex } from './index-care.ts';
import { openStoreHost } from './open-store.ts';

export interface CheckResult {
  readonly sound: boolean;
  readonly lines: readonly string[];
}

const accountsPerPage = 100;

/** Repairing writes, so it needs the store to itself: the server must not run. */
export async function check(settings: Settings, { repair }: { repair: boolean }): Promise<CheckResult> {
  const lines: string[] = [];
  const report = await checkStore(settings);
  const sound = report.damage.length === 0 && report.bodiesMissing.length === 0;
  for (const damage of report.damage) lines.push(`damaged: ${damage}`);
  for (const name of report.bodiesMissing)
    lines.push(`the body ${name} is named by a message, but its file is gone`);
  lines.push(`${report.bodiesNamed} bodies in files, ${report.bodiesUnnamed} waiting to be swept`);
  if (report.damage.length > 0) return { sound, lines };
  lines.push(...(await checkIndex(settings, report.indexDamage, repair)));
  const found = repair ? await repairing(settings) : await reading(settings);
  lines.push(
    ...found.problems.map((problem) => `${problem.account}: ${problem.what}${repair ? ' (put right)' : ''}`),
  );
  lines.push(`${found.accounts} accounts counted, ${found.problems.length} problems`);
  return { sound: sound && (repair || found.problems.length === 0), lines };
}

async function checkStore(settings: Settings): Promise<CheckReport> {
  const folder = dataFolder(settings.data).store;
  if (settings.store.engine === 'sqlite') return checkSqlite(folder, bodyReferences);
  await using host = await openStoreHost(settings, silentLog);
  return {
    damage: [],
    indexDamage: [],
    ...(await checkBodies(host.store, bodyReferences, join(folder, bodiesFolder))),
  };
}

/** What is wrong with the index loses no mail and hides none: it is said, and makes nothing unsound. */
async function checkIndex(
  settings: Settings,
  damage: readonly string[],
  repair: boolean,
): Promise<readonly string[]> {
  if (damage.length > 0) {
    if (repair) removeIndex(dataFolder(settings.data).store);
    const what = damage.map((each) => `the index of texts is damaged: ${each}`);
    const next = repair ? 'is removed, and made anew by the server' : 'is removed by check --repair';
    return [...what, `the index of texts ${next}`];
  }
  const statuses = await indexStatuses(settings);
  const unindexed = statuses.reduce((sum, each) => sum + each.unindexed, 0);
  const problems = statuses.flatMap((each) => each.problems.map((problem) => `${each.account}: ${problem}`));
  if (repair && problems.length > 0) await rebuildIndex(settings);
  return [...problems, `${unindexed} messages wait to be indexed for searching`];
}

interface Counted {
  readonly accounts: number;
  readonly problems: readonly { readonly account: string; readonly what: string }[];
}

async function reading(settings: Settings): Promise<Counted> {
  await using store = await openForReading(settings);
  return await count(store, (account) => store.scan(checkAccount, { account }));
}

async function repairing(settings: Settings): Promise<Counted> {
  await using host = await openStoreHost(settings, silentLog);
  const { store } = host;
  return await count(store, async (account) => {
    const problems = await store.scan(checkAccount, { account });
    if (problems.length > 0) await store.write(recount, { account });
    return problems;
  });
}

async function count(
  store: Pick<Scanner, 'scan'>,
  check: (account: Account) => Promise<Counted['problems']>,
): Promise<Counted> {
  const problems: Counted['problems'][number][] = [];
  let accounts = 0;
  for (let after = ''; ; ) {
    const page = await store.scan(accountsAfter, { after, limit: accountsPerPage });
    for (const account of page) problems.push(...(await check(account)));
    accounts += page.length;
    if (page.length < accountsPerPage) return { accounts, problems };
    after = page.at(-1)!;
  }
}

type Account = Parameters<(typeof checkAccount)['body']>[0]['account'];

/** Beside a running server: its own read-only access. */
async function openForReading(settings: Settings): Promise<Scanner> {
  if (settings.store.engine === 'sqlite') return openSqliteReader(dataFolder(settings.data).store);
  return (await openStoreHost(settings, silentLog)).store;
}

export async function backup(settings: Settings, to: string): Promise<string> {
  const plan = { folder: dataFolder(settings.data).store, to, nowMs: systemClock.nowMs() };
  if (settings.store.engine === 'postgres') {
    const manifest = await backupPostgres({ ...plan, url: settings.store.url });
    return `Backup complete in ${to}: a dump of the database and ${manifest.bodies} bodies.`;
  }
  const manifest = await backupSqlite(plan);
  return `Backup complete in ${to}: two databases and ${manifest.bodies} bodies.`;
}

export async function restore(settings: Settings, from: string): Promise<string> {
  const plan = { from, to: dataFolder(settings.data).store, nowMs: systemClock.nowMs() };
  const manifest =
    settings.store.engine === 'postgres'
      ? await restorePostgres({ ...plan, url: settings.store.url })
      : await restoreSqlite(plan);
  return `Restored the state of ${new Date(manifest.createdAtMs).toISOString()} (store generation ${manifest.generation}).`;
}
