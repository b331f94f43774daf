/** Check, backup and restore, as commands. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { Settings } from '../config/schema.ts';
import { accountsAfter, check as checkAccount, recount } from '../mailbox/operations.ts';
import { dumpPostgres, loadPostgres } from '../store/backup-postgres.ts';
import { backupSqlite, restoreSqlite } from '../store/backup.ts';
import { checkSqlite } from '../store/check.ts';
import { openSqliteReader, type Scanner } from '../store/open-reader.ts';
import { bodyReferences } from './body-references.ts';
import { dataFolder } from './data-folder.ts';
import { openStoreHost } from './open-store.ts';

export interface CheckResult {
  readonly sound: boolean;
  readonly lines: readonly string[];
}

const accountsPerPage = 100;

/** Repairing writes, so it needs the store to itself: the server must not run. */
export async function check(settings: Settings, { repair }: { repair: boolean }): Promise<CheckResult> {
  const lines: string[] = [];
  let sound = true;
  if (settings.store.engine === 'sqlite') {
    const report = await checkSqlite(dataFolder(settings.data).store, bodyReferences);
    sound = report.damage.length === 0 && report.bodiesMissing.length === 0;
    for (const damage of report.damage) lines.push(`damaged: ${damage}`);
    for (const name of report.bodiesMissing)
      lines.push(`the body ${name} is named by a message, but its file is gone`);
    lines.push(`${report.bodiesNamed} bodies in files, ${report.bodiesUnnamed} waiting to be swept`);
    if (report.damage.length > 0) return { sound, lines };
  }
  const found = repair ? await repairing(settings) : await reading(settings);
  lines.push(
    ...found.problems.map((problem) => `${problem.account}: ${problem.what}${repair ? ' (put right)' : ''}`),
  );
  lines.push(`${found.accounts} accounts counted, ${found.problems.length} problems`);
  return { sound: sound && (repair || found.problems.length === 0), lines };
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

export async function backup(settings: Settings, folder: string): Promise<string> {
  const nowMs = systemClock.nowMs();
  if (settings.store.engine === 'postgres') {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, 'mail.pgdump');
    await dumpPostgres(settings.store.url, file);
    return `The database is in ${file}. Copy the bodies (${join(dataFolder(settings.data).store, 'bodies')}) after it.`;
  }
  const manifest = await backupSqlite({ folder: dataFolder(settings.data).store, to: folder, nowMs });
  return `Backup complete in ${folder}: two databases and ${manifest.bodies} bodies.`;
}

export async function restore(settings: Settings, folder: string): Promise<string> {
  if (settings.store.engine === 'postgres') {
    await loadPostgres(join(folder, 'mail.pgdump'), settings.store.url);
    return 'The database is restored. Put the bodies back before the server starts.';
  }
  const manifest = await restoreSqlite({ from: folder, to: dataFolder(settings.data).store });
  return `Restored the state of ${new Date(manifest.createdAtMs).toISOString()} (store generation ${manifest.generation}).`;
}
