/** Sessions of browsers: a row for each, looked up by the hash of the token that its cookie holds. */
import { operation } from '../../store/operation.ts';
import { batch, rows, type Transaction } from '../../store/transaction.ts';
import { existing, recordChange, type Change } from './change.ts';

/** Sessions of one account: the one that was not used for longest makes room. */
const sessionsMax = 50;

export interface NewSession {
  readonly id: string;
  readonly account: string;
  readonly org: string;
  readonly hash: string;
  readonly userAgent: string;
  readonly ip: string;
  readonly remembered: boolean;
  /** How the person was proved: `password`, `password totp`, `passkey`, … */
  readonly proved: string;
  readonly atMs: number;
}

/** Not a change that others wait for: no new version of the directory, but a line in the audit trail. */
export const openSession = operation(
  'directory.openSession',
  function* ({ session, change }: { session: NewSession; change: Change }): Transaction<void> {
    const { id, account, org, hash, userAgent, ip, remembered, proved, atMs } = session;
    const { name } = yield* existing<{ name: string }>(
      'account',
      'select name from directory_account where org = ? and id = ? and disabled = 0',
      org,
      account,
    );
    const old = yield* rows<{ id: string }>(
      'select id from web_session where account = ? order by last_used_at desc',
      account,
    );
    const detail = { id, userAgent, proved };
    yield* batch([
      ...old.slice(sessionsMax - 1).map((one) => ({
        sql: 'delete from web_session where account = ? and id = ?',
        params: [account, one.id],
      })),
      {
        sql: `insert into web_session (account, id, org, hash, user_agent, ip, remembered, proved, created_at, last_used_at, last_used_ip)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        params: [account, id, org, hash, userAgent, ip, remembered ? 1 : 0, proved, atMs, atMs, ip],
      },
      {
        sql: "insert into audit (org, at, id, actor, ip, action, subject, detail) values (?, ?, ?, ?, ?, 'session.open', ?, ?)",
        params: [org, atMs, change.id, change.by, change.ip, name, JSON.stringify(detail)],
      },
    ]);
  },
  { essential: true },
);

interface SessionUse {
  readonly account: string;
  readonly id: string;
  readonly atMs: number;
  readonly ip: string;
}

export const noteSessionUse = operation(
  'directory.noteSessionUse',
  function* ({ account, id, atMs, ip }: SessionUse): Transaction<void> {
    yield* rows(
      'update web_session set last_used_at = ?, last_used_ip = ? where account = ? and id = ? and last_used_at < ?',
      atMs,
      ip,
      account,
      id,
      atMs,
    );
  },
  { essential: true },
);

interface Ending {
  readonly change: Change;
  readonly account: string;
  readonly org: string;
}

/** Ends one session. Refusal: notFound. */
export const endSession = operation(
  'directory.endSession',
  function* ({ change, account, org, id }: Ending & { id: string }): Transaction<void> {
    yield* existing(
      'session',
      'delete from web_session where account = ? and org = ? and id = ? returning id',
      account,
      org,
      id,
    );
    yield* told({ change, account, org }, { id });
  },
  { essential: true },
);

/** Ends all sessions of an account, but perhaps one. Gives how many. */
export const endSessions = operation(
  'directory.endSessions',
  function* ({ change, account, org, keep }: Ending & { keep: string }): Transaction<number> {
    const ended = yield* rows(
      'delete from web_session where account = ? and org = ? and id <> ? returning id',
      account,
      org,
      keep,
    );
    if (ended.length > 0) yield* told({ change, account, org }, { count: ended.length });
    return ended.length;
  },
  { essential: true },
);

function* told(
  { change, account, org }: Ending,
  detail: Readonly<Record<string, unknown>>,
): Transaction<void> {
  const { name } = yield* existing<{ name: string }>(
    'account',
    'select name from directory_account where org = ? and id = ?',
    org,
    account,
  );
  yield* recordChange(change, { org, action: 'session.end', subject: name, detail });
}
