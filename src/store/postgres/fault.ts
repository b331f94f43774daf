/**
 * What went wrong in PostgreSQL, sorted by what is to be done about it.
 *
 * - `conflict`: another transaction was in the way; the body is run again.
 * - `lost`: the connection is gone, or the server is going or not yet there. Before the commit was sent the body is run again; after, its
 *   fate is asked for.
 * - `full`: no room. `unavailable`: the server cannot write now (read-only standby, too many connections).
 * - `statement`: a bug, told to the caller as it is.
 */
export type Fault = 'conflict' | 'lost' | 'full' | 'unavailable' | 'statement';

const faultOfState: Readonly<Record<string, Fault>> = {
  '40001': 'conflict', // serialization_failure
  '40P01': 'conflict', // deadlock_detected
  // Two that both found no row and inserted it: one of them gets this, where run one after the other it would have found the row.
  '23505': 'conflict',
  '55P03': 'conflict', // lock_not_available
  '53100': 'full', // disk_full
  '53200': 'unavailable', // out_of_memory
  '53300': 'unavailable', // too_many_connections
  '25006': 'unavailable', // read_only_sql_transaction
  '57P01': 'lost', // admin_shutdown
  '57P02': 'lost', // crash_shutdown
  '57P03': 'lost', // cannot_connect_now
  '25P03': 'lost', // idle_in_transaction_session_timeout
  '58030': 'unavailable', // io_error
};

/** Undefined for what did not come from the database: a Refusal, or a bug in a body. */
export function faultOf(error: unknown): Fault | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as { code?: unknown }).code;
  // No class of SQLSTATE begins with E: EPIPE and ECONNRESET come from the socket.
  if (typeof code === 'string' && code.startsWith('E')) return 'lost';
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) {
    return faultOfState[code] ?? (code.startsWith('08') ? 'lost' : 'statement');
  }
  return /^(?:Connection terminated|Client has encountered|timeout exceeded when|Query read timeout)/.test(
    error.message,
  )
    ? 'lost'
    : undefined;
}

/** A unique violation may also be the caller's own mistake, so it is tried again only a few times. */
export const isUniqueViolation = (error: unknown): boolean => (error as { code?: unknown }).code === '23505';
