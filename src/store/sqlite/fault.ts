/**
 * What went wrong in SQLite, sorted by what is to be done about it.
 *
 * - `full`: no room. Nothing is damaged; new mail waits until there is room.
 * - `device`: reading, writing or syncing failed, or the file is damaged. The connection is not used again: after a failed fsync
 *   the kernel may have dropped the pages it could not write, so trying again on the same descriptor would "succeed" wrongly.
 * - `busy`: another process holds the lock. Trying again later is right.
 * - `statement`: the statement or its parameters are wrong: a bug, told to the caller as it is.
 */
export type Fault = 'full' | 'device' | 'busy' | 'statement';

const faultOfCode: Readonly<Record<number, Fault>> = {
  5: 'busy', // SQLITE_BUSY
  6: 'busy', // SQLITE_LOCKED
  7: 'device', // SQLITE_NOMEM
  8: 'device', // SQLITE_READONLY: the file system went read-only, or the file was replaced
  10: 'device', // SQLITE_IOERR
  11: 'device', // SQLITE_CORRUPT
  13: 'full', // SQLITE_FULL
  14: 'device', // SQLITE_CANTOPEN
  26: 'device', // SQLITE_NOTADB
};

/** SQLITE_READONLY given by a connection that was opened for reading only: a read that tries to write, a bug. */
const readOnlyCode = 8;

export interface SqliteError extends Error {
  readonly code: 'ERR_SQLITE_ERROR';
  /** Extended result code; its low byte is the primary code. */
  readonly errcode: number;
}

export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && (error as { code?: unknown }).code === 'ERR_SQLITE_ERROR';
}

/** Undefined for what did not come from SQLite: a Refusal, or a bug in a body. */
export function faultOf(error: unknown, connection: 'writer' | 'reader' = 'writer'): Fault | undefined {
  if (!isSqliteError(error)) return undefined;
  const primary = error.errcode & 0xff;
  if (connection === 'reader' && primary === readOnlyCode) return 'statement';
  return faultOfCode[primary] ?? 'statement';
}

/** SQLITE_CORRUPT or SQLITE_NOTADB: opening the file again will not mend it. */
export function isDamage(error: unknown): boolean {
  if (!isSqliteError(error)) return false;
  const primary = error.errcode & 0xff;
  return primary === 11 || primary === 26;
}
