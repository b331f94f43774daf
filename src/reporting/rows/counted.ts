/** Counts of what came in the name of domains that want to hear of it, by day, and the jobs of sending reports. Both bounded. */
import { hash } from 'node:crypto';
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';

/** Kinds of mail told apart for one domain and day; more are counted as left out. */
export const linesMax = 10_000;
/** Domains of a day that are reported to. */
const domainsMax = 50_000;

export interface CountedLine {
  /** JSON of a row of a report without its count. */
  readonly facts: string;
  readonly count: number;
}

export interface CountedDomain {
  readonly day: string;
  readonly domain: string;
  /** JSON: what was published. */
  readonly policy: string;
  readonly lines: readonly CountedLine[];
  /** When its report is to be sent. */
  readonly dueMs: number;
}

export const addCounted = operation(
  'reporting.addCounted',
  function* (domains: readonly CountedDomain[]): Transaction<void> {
    for (const each of domains) yield* addDomain(each);
  },
);

function* addDomain({ day, domain, policy, lines: given, dueMs }: CountedDomain): Transaction<void> {
  const known = yield* maybe<{ lines: number; left_out: number }>(
    'select lines, left_out from dmarc_counted where day = ? and domain = ?',
    day,
    domain,
  );
  if (known === undefined) {
    if (!(yield* addJob({ kind: 'dmarc', day, domain, dueMs }))) return;
    yield* rows(
      'insert into dmarc_counted (day, domain, policy, lines, left_out) values (?, ?, ?, 0, 0)',
      day,
      domain,
      policy,
    );
  }
  let { lines, left_out: leftOut } = known ?? { lines: 0, left_out: 0 };
  for (const { facts, count } of given) {
    const key = hash('sha256', facts).slice(0, 32);
    const added = yield* rows(
      'update dmarc_line set count = count + ? where day = ? and domain = ? and hash = ? returning hash',
      count,
      day,
      domain,
      key,
    );
    if (added.length > 0) continue;
    if (lines >= linesMax) leftOut += count;
    else {
      lines += 1;
      yield* rows(
        'insert into dmarc_line (day, domain, hash, facts, count) values (?, ?, ?, ?, ?)',
        day,
        domain,
        key,
        facts,
        count,
      );
    }
  }
  yield* rows(
    'update dmarc_counted set lines = ?, left_out = ?, policy = ? where day = ? and domain = ?',
    lines,
    leftOut,
    policy,
    day,
    domain,
  );
}

export interface Counted {
  readonly policy: string;
  readonly leftOut: number;
  readonly lines: readonly CountedLine[];
}

/** Those with the most mail first. */
export const countedOf = operation(
  'reporting.countedOf',
  function* ({ day, domain }: { day: string; domain: string }): Transaction<Counted | undefined> {
    const found = yield* maybe<{ policy: string; left_out: number }>(
      'select policy, left_out from dmarc_counted where day = ? and domain = ?',
      day,
      domain,
    );
    if (found === undefined) return undefined;
    const lines = yield* rows<CountedLine>(
      'select facts, count from dmarc_line where day = ? and domain = ? order by count desc, hash limit ?',
      day,
      domain,
      linesMax,
    );
    return { policy: found.policy, leftOut: found.left_out, lines };
  },
);

// --- Jobs

export type JobKind = 'dmarc' | 'tls';

export interface JobKey {
  readonly kind: JobKind;
  readonly day: string;
  readonly domain: string;
}

export interface ReportJob extends JobKey {
  readonly tries: number;
  /** What was done of it. */
  readonly detail: string;
}

/** False: there are too many on this day. */
function* addJob({ kind, day, domain, dueMs }: JobKey & { dueMs: number }): Transaction<boolean> {
  const { n } = (yield* maybe<{ n: number }>(
    'select count(*) as n from report_job where kind = ? and day = ?',
    kind,
    day,
  ))!;
  if (n >= domainsMax) return false;
  yield* rows(
    `insert into report_job (kind, day, domain, due, tries, state, detail) values (?, ?, ?, ?, 0, 'waiting', '')
      on conflict (kind, day, domain) do nothing`,
    kind,
    day,
    domain,
    dueMs,
  );
  return true;
}

export const addJobs = operation(
  'reporting.addJobs',
  function* (jobs: readonly (JobKey & { readonly dueMs: number })[]): Transaction<void> {
    for (const job of jobs) yield* addJob(job);
  },
);

/** One that is due, for whoever asks first: nobody else gets it until `untilMs`. */
export const claimJob = operation(
  'reporting.claimJob',
  function* ({ nowMs, untilMs }: { nowMs: number; untilMs: number }): Transaction<ReportJob | undefined> {
    const due = yield* maybe<ReportJob & { due: number }>(
      "select kind, day, domain, tries, detail, due from report_job where state = 'waiting' and due <= ? order by due, kind, domain limit 1",
      nowMs,
    );
    if (due === undefined) return undefined;
    const { kind, day, domain, tries, detail } = due;
    const claimed = yield* rows(
      "update report_job set due = ?, tries = tries + 1 where kind = ? and day = ? and domain = ? and due = ? and state = 'waiting' returning kind",
      untilMs,
      kind,
      day,
      domain,
      due.due,
    );
    return claimed.length === 0 ? undefined : { kind, day, domain, tries: tries + 1, detail };
  },
);

export type JobState = 'waiting' | 'sent' | 'skipped' | 'failed';

export const settleJob = operation(
  'reporting.settleJob',
  function* (
    args: JobKey & { readonly state: JobState; readonly detail: string; readonly dueMs: number },
  ): Transaction<void> {
    yield* rows(
      'update report_job set state = ?, detail = ?, due = ? where kind = ? and day = ? and domain = ?',
      args.state,
      args.detail,
      args.dueMs,
      args.kind,
      args.day,
      args.domain,
    );
  },
  { essential: true },
);

export interface ListedJob extends ReportJob {
  readonly state: JobState;
  readonly dueMs: number;
}

/** The newest first. */
export const listJobs = operation('reporting.listJobs', function* ({ limit }: { limit: number }): Transaction<
  readonly ListedJob[]
> {
  const found = yield* rows<Omit<ListedJob, 'dueMs'> & { due: number }>(
    'select kind, day, domain, tries, detail, state, due from report_job order by day desc, kind, domain limit ?',
    limit,
  );
  return found.map(({ due, ...job }) => ({ ...job, dueMs: due }));
});

/** Makes reports of a day due now: all of them, or those of a domain. */
export const hurryJobs = operation(
  'reporting.hurryJobs',
  function* ({ day, domain, nowMs }: { day: string; domain: string; nowMs: number }): Transaction<number> {
    const hurried = yield* rows(
      "update report_job set due = ? where state = 'waiting' and day = ? and (? = '' or domain = ?) returning kind",
      nowMs,
      day,
      domain,
      domain,
    );
    return hurried.length;
  },
);
