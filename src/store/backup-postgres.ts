/**
 * Backup and restore of the distributed store, by PostgreSQL's own programs: `pg_dump` takes one consistent snapshot while everything runs. Large
 * installations archive the write-ahead log instead, which can restore to any moment; this is for those who want one file.
 *
 * Bodies that are files are copied after the dump, as in backup.ts, by whoever keeps their storage.
 */
import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { globSync } from 'node:fs';
import { Client } from 'pg';

/** Where the programs may be besides the usual path; Debian keeps those of each version apart. */
const usualPath = ['/usr/local/bin', '/usr/bin', '/bin'];

/** Writes the database at `url` to the file `to`, in pg_dump's own compressed format. */
export async function dumpPostgres(url: string, to: string): Promise<void> {
  await run('pg_dump', url, ['--format=custom', '--no-owner', `--file=${to}`]);
}

/** Loads a dump into an empty database and raises the store's generation. */
export async function loadPostgres(from: string, url: string): Promise<void> {
  await run('pg_restore', url, ['--no-owner', '--exit-on-error', '--single-transaction', from]);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("update store_info set value = value + 1 where name = 'generation'");
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
