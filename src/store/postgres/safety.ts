/** Whether a PostgreSQL server keeps what it has acknowledged. One that does not is refused, unless the operator allows it by name. */
import type { Pool } from 'pg';

/** Oldest server whose SQL the program uses (server_version_num). */
const versionMin = 150_000;

export const unsafeSettings = [
  'fsync',
  'full_page_writes',
  'synchronous_commit',
  'asynchronous_standbys',
] as const;
export type UnsafeSetting = (typeof unsafeSettings)[number];

export class UnsafeServerError extends Error {
  override readonly name = 'UnsafeServerError';
  readonly setting: UnsafeSetting;
  constructor(setting: UnsafeSetting, problem: string) {
    super(
      `${problem}: acknowledged mail could be lost. To run all the same, name "${setting}" in store.allowUnsafe`,
    );
    this.setting = setting;
  }
}

export async function refuseUnsafe(pool: Pool, allowed: readonly UnsafeSetting[]): Promise<void> {
  const { rows } = await pool.query(
    "select current_setting('server_version_num')::int as version, current_setting('fsync') as fsync," +
      " current_setting('full_page_writes') as full_page_writes, current_setting('synchronous_commit') as synchronous_commit," +
      " current_setting('synchronous_standby_names') as synchronous_standby_names," +
      " (select count(*) from pg_stat_replication where coalesce(state, '') <> 'backup') as standbys",
  );
  const found = rows[0] as Record<string, string | number>;
  if (Number(found['version']) < versionMin)
    throw new Error(`PostgreSQL 15 or later is needed, not ${found['version']}`);
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'] as const) {
    if (found[setting] === 'off' && !allowed.includes(setting)) {
      throw new UnsafeServerError(setting, `the server runs with ${setting}=off`);
    }
  }
  const onlyAsynchronous = Number(found['standbys']) > 0 && found['synchronous_standby_names'] === '';
  if (onlyAsynchronous && !allowed.includes('asynchronous_standbys')) {
    throw new UnsafeServerError('asynchronous_standbys', 'all standbys of the server are asynchronous');
  }
}
