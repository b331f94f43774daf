/** Limits that an organisation has otherwise than the server, and logins whose sending is paused: the rows, for both engines. */
import { operation } from '../../store/operation.ts';
import { hint, maybe, rows, type Transaction } from '../../store/transaction.ts';

/** Topic of hints: a login was paused or resumed. The key is the account. */
export const sendingPauseTopic = 'policy.sendingPause';

/**
 * Of whom a limit is: `org`; `account`, `credential`: each of the organisation's; `account/ID`: one account; `credential/ACCOUNT/ID`: one app password or
 * API key.
 */
export interface SetSendingLimit {
  readonly org: string;
  readonly subject: string;
  /** Recipients; 0: none. null: as the server has it. */
  readonly perDay: number | null;
}

export const setSendingLimit = operation(
  'policy.setSendingLimit',
  function* ({ org, subject, perDay }: SetSendingLimit): Transaction<void> {
    if (perDay === null) yield* rows('delete from sending_limit where org = ? and subject = ?', org, subject);
    else
      yield* rows(
        `insert into sending_limit (org, subject, per_day) values (?, ?, ?)
          on conflict (org, subject) do update set per_day = excluded.per_day`,
        org,
        subject,
        perDay,
      );
  },
);

export function* limitsOf(org: string): Transaction<ReadonlyMap<string, number>> {
  const found = yield* rows<{ subject: string; perDay: number }>(
    'select subject, per_day as "perDay" from sending_limit where org = ?',
    org,
  );
  return new Map(found.map(({ subject, perDay }) => [subject, perDay]));
}

export interface SendingPause {
  readonly account: string;
  readonly org: string;
  /** As in `Principal`; `''`: whichever the account logs in with. */
  readonly credential: string;
  readonly atMs: number;
  /** What was seen, as signs.ts tells it, or what somebody wrote. */
  readonly why: string;
  /** `''`: by the server itself. */
  readonly by: string;
  /** Whoever runs the server has paused it, and nobody else may let it send again. */
  readonly operator: boolean;
}

type PauseRow = Omit<SendingPause, 'operator'> & { readonly operator: number };

/** Gives whether it was not paused before. */
export const pauseSending = operation('policy.pauseSending', (pause: SendingPause) => pausing(pause));

export function* pausing({
  account,
  org,
  credential,
  atMs,
  why,
  by,
  operator,
}: SendingPause): Transaction<boolean> {
  const made = yield* rows(
    `insert into sending_pause (account, credential, org, at, why, by_whom, told, operator) values (?, ?, ?, ?, ?, ?, 0, ?)
      on conflict (account, credential) do nothing returning account`,
    account,
    credential,
    org,
    atMs,
    why,
    by,
    operator ? 1 : 0,
  );
  if (made.length > 0) yield* hint(sendingPauseTopic, account);
  else if (operator)
    yield* rows(
      'update sending_pause set operator = 1, why = ?, by_whom = ? where account = ? and credential = ? and operator = 0',
      why,
      by,
      account,
      credential,
    );
  return made.length > 0;
}

export interface ResumeSending {
  readonly account: string;
  /** Also what whoever runs the server has paused. */
  readonly operator: boolean;
}

/** Gives how many logins can send again. */
export const resumeSending = operation(
  'policy.resumeSending',
  function* ({ account, operator }: ResumeSending): Transaction<number> {
    const gone = yield* rows(
      'delete from sending_pause where account = ? and operator <= ? returning credential',
      account,
      operator ? 1 : 0,
    );
    if (gone.length > 0) yield* hint(sendingPauseTopic, account);
    return gone.length;
  },
);

const columns = 'account, org, credential, at as "atMs", why, by_whom as "by", operator';

const pauseOf = (row: PauseRow): SendingPause => ({ ...row, operator: row.operator === 1 });

export function* pausesOf(account: string): Transaction<readonly SendingPause[]> {
  const found = yield* rows<PauseRow>(
    `select ${columns} from sending_pause where account = ? order by credential`,
    account,
  );
  return found.map(pauseOf);
}

/** Pauses by the server itself that nobody was told of yet. */
export const untoldPauses = operation('policy.untoldPauses', function* (limit: number): Transaction<
  readonly SendingPause[]
> {
  const found = yield* rows<PauseRow>(
    `select ${columns} from sending_pause where told = 0 and by_whom = '' order by at limit ?`,
    limit,
  );
  return found.map(pauseOf);
});

/** Gives whether nobody else has told it. */
export const claimTelling = operation(
  'policy.claimTelling',
  function* ({ account, credential }: Pick<SendingPause, 'account' | 'credential'>): Transaction<boolean> {
    const claimed = yield* maybe(
      'update sending_pause set told = 1 where account = ? and credential = ? and told = 0 returning account',
      account,
      credential,
    );
    return claimed !== undefined;
  },
);

/** Organisations that have limits, or levels of them. */
export const limitedOrgs = operation('policy.limitedOrgs', function* (): Transaction<readonly string[]> {
  const found = yield* rows<{ org: string }>(
    "select org from sending_limit union select substr(scope, 5) as org from sending_pace where substr(scope, 1, 4) = 'org/'",
  );
  return found.map(({ org }) => org);
});

/** What an organisation that is gone leaves here. */
export const dropOrgSending = operation(
  'policy.dropOrgSending',
  function* ({ org }: { readonly org: string }): Transaction<void> {
    yield* rows('delete from sending_limit where org = ?', org);
    yield* rows('delete from sending_pace where scope = ?', `org/${org}`);
  },
  { essential: true },
);

/** What an account that is gone leaves here. */
export const dropSending = operation(
  'policy.dropSending',
  function* ({ account, org }: { readonly account: string; readonly org: string }): Transaction<void> {
    const ofCredentials = `credential/${account}/`;
    yield* rows(
      'delete from sending_limit where org = ? and (subject = ? or substr(subject, 1, ?) = ?)',
      org,
      `account/${account}`,
      ofCredentials.length,
      ofCredentials,
    );
    yield* rows('delete from sending_pause where account = ?', account);
    yield* rows('delete from sending_pace where scope = ?', `account/${account}`);
    yield* rows('delete from sending_profile where account = ?', account);
  },
);
