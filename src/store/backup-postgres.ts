/**
 * Backup and restore of the distributed store, by PostgreSQL's own programs: `pg_dump` takes one consistent snapshot while everything runs. Large
 * installations archive the write-ahead log instead, which can restore to any moment; this is for those who want one folder (backup-folder.ts).
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';
import {
  copyBodies,
  lostMs,
  mustBeEmpty,
  readManifest,
  restoredStatements,
  syncFile,
  withSweepPaused,
  writeManifest,
  type BackupManifest,
  type BackupOptions,
  type RestoreOptions,
} from './backup-folder.ts';
import { bodiesFolder } from './file-bodies.ts';

const dumpFile = 'mail.pgdump';

/** Where the programs may be besides the usual path; Debian keeps those of each version apart. */
const usualPath = ['/usr/local/bin', '/usr/bin', '/bin'];

export async function backupPostgres({
  url,
  folder,
  to,
  nowMs,
}: BackupOptions & { readonly url: string }): Promise<BackupManifest> {
  await mustBeEmpty(to);
  return withSweepPaused(join(folder, bodiesFolder), async () => {
    const dump = join(to, dumpFile);
    // In pg_dump's own compressed format.
    await run('pg_dump', url, [
      '--format=custom',
      '--no-owner',
      '--exclude-table-data=search.*',
      `--file=${dump}`,
    ]);
    await syncFile(dump);
    const bodies = await copyBodies(join(folder, bodiesFolder), join(to, bodiesFolder));
    return writeManifest(to, { createdAtMs: nowMs, generation: await readGeneration(url), bodies });
  });
}

/** Into an empty database and a folder without bodies. Raises the store's generation, as backup.ts does. */
export async function restorePostgres({
  url,
  from,
  to,
  nowMs,
}: RestoreOptions & { readonly url: string }): Promise<BackupManifest> {
  const manifest = await readManifest(from);
  await mustBeEmpty(join(to, bodiesFolder));
  await copyBodies(join(from, bodiesFolder), join(to, bodiesFolder));
  const whole = ['--no-owner', '--exit-on-error', '--single-transaction'];
  await run('pg_restore', url, [...whole, join(from, dumpFile)]);
  await withClient(url, async (client) => {
    // One string of statements is one transaction.
    await client.query(restoredStatements(lostMs(manifest, nowMs)).join('; '));
  });
  return { ...manifest, generation: await readGeneration(url) };
}

function readGeneration(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const sql = "select value from store_info where name = 'generation'";
    const { rows } = await client.query<{ value: string }>(sql);
    return Number(rows[0]!.value);
  });
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The password goes by the environment, where other users of the machine cannot read it. */
async function run(program: string, url: string, args: readonly string[]): Promise<void> {
  const { target, password } = withoutPassword(url);
  const versions = globSync('/usr/lib/postgresql/*/bin').sort().reverse();
  const env = {
    PATH: [...versions, ...usualPath].join(delimiter),
    ...(password && { PGPASSWORD: password }),
  };
  const child = spawn(program, [`--dbname=${target}`, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error) =>
      reject(
        new Error(`${program} could not be run; install PostgreSQL's client programs`, { cause: error }),
      ),
    );
    child.on('close', resolve);
  });
  if (status !== 0) throw new Error(`${program} failed: ${said.trim()}`);
}

function withoutPassword(url: string): { target: string; password: string } {
  const match = /^(\w+:\/\/[^:@/]*):([^@/]*)@(.*)$/.exec(url);
  if (!match) return { target: url, password: '' };
  return { target: `${match[1]}@${match[3]}`, password: decodeURIComponent(match[2]!) };
}
