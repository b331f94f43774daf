/** Reports that others sent about our domains. A report that comes again is the same one. */
import type { PublishedPolicy, DmarcRow } from '../../proto/reports/dmarc-report.ts';
import type { TlsReportPolicy } from '../../proto/reports/tls-report.ts';
import { operation } from '../../store/operation.ts';
import { batch, maybe, rows, type Statement, type Transaction } from '../../store/transaction.ts';

export interface ReportKey {
  readonly org: string;
  readonly domain: string;
}

/** What both kinds have. */
export interface ReceivedHead extends ReportKey {
  readonly id: string;
  readonly reporter: string;
  readonly reportId: string;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  readonly receivedAtMs: number;
}

export interface DmarcHead extends ReceivedHead {
  readonly messages: number;
  /** Of them, those that passed DMARC. */
  readonly passed: number;
  readonly policy: PublishedPolicy;
}

export interface TlsHead extends ReceivedHead {
  readonly successes: number;
  readonly failures: number;
  readonly policies: readonly TlsReportPolicy[];
}

const headColumns = 'org, domain, ended_at, id, reporter, report_id, began_at, received_at';
const headParams = (head: ReceivedHead): (string | number)[] => [
  head.org,
  head.domain,
  head.endedAtMs,
  head.id,
  head.reporter,
  head.reportId,
  head.beganAtMs,
  head.receivedAtMs,
];

function* isKnown(table: 'dmarc_report' | 'tls_report', head: ReceivedHead): Transaction<boolean> {
  const found = yield* maybe(
    `select id from ${table} where org = ? and domain = ? and reporter = ? and report_id = ? and began_at = ?`,
    head.org,
    head.domain,
    head.reporter,
    head.reportId,
    head.beganAtMs,
  );
  return found !== undefined;
}

/** False: it is known. */
export const keepDmarcReport = operation(
  'reporting.keepDmarcReport',
  function* ({ head, rows: given }: { head: DmarcHead; rows: readonly DmarcRow[] }): Transaction<boolean> {
    if (yield* isKnown('dmarc_report', head)) return false;
    yield* rows(
      `insert into dmarc_report (${headColumns}, messages, passed, policy) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...headParams(head),
      head.messages,
      head.passed,
      JSON.stringify(head.policy),
    );
    yield* batch(given.map((row, idx) => rowStatement(head, row, idx)));
    return true;
  },
);

function rowStatement({ org, domain, endedAtMs, id }: DmarcHead, row: DmarcRow, idx: number): Statement {
  const { sourceIp, count, disposition, dkim, spf, headerFrom, ...data } = row;
  return {
    sql: `insert into dmarc_row (org, domain, ended_at, report, idx, source_ip, count, disposition, dkim, spf, header_from, data)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      org,
      domain,
      endedAtMs,
      id,
      idx,
      sourceIp,
      count,
      disposition,
      dkim,
      spf,
      headerFrom,
      JSON.stringify(data),
    ],
  };
}

/** False: it is known. */
export const keepTlsReport = operation(
  'reporting.keepTlsReport',
  function* (head: TlsHead): Transaction<boolean> {
    if (yield* isKnown('tls_report', head)) return false;
    yield* rows(
      `insert into tls_report (${headColumns}, successes, failures, policies) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...headParams(head),
      head.successes,
      head.failures,
      JSON.stringify(head.policies),
    );
    return true;
  },
);

export interface Span extends ReportKey {
  /** Reports about time that ended after this. */
  readonly fromMs: number;
  readonly limit: number;
}

interface HeadRow {
  readonly org: string;
  readonly domain: string;
  readonly ended_at: number;
  readonly id: string;
  readonly reporter: string;
  readonly report_id: string;
  readonly began_at: number;
  readonly received_at: number;
}

const headOf = (row: HeadRow): ReceivedHead => ({
  org: row.org,
  domain: row.domain,
  id: row.id,
  reporter: row.reporter,
  reportId: row.report_id,
  beganAtMs: row.began_at,
  endedAtMs: row.ended_at,
  receivedAtMs: row.received_at,
});

/** The newest first. */
function* newest<Own>(
  table: 'dmarc_report' | 'tls_report',
  { org, domain, fromMs, limit }: Span,
): Transaction<readonly (HeadRow & Own)[]> {
  return yield* rows<HeadRow & Own>(
    `select * from ${table} where org = ? and domain = ? and ended_at > ? order by ended_at desc, id desc limit ?`,
    org,
    domain,
    fromMs,
    limit,
  );
}

export const listDmarcReports = operation('reporting.listDmarcReports', function* (span: Span): Transaction<
  readonly DmarcHead[]
> {
  const found = yield* newest<{ messages: number; passed: number; policy: string }>('dmarc_report', span);
  return found.map((row) => ({
    ...headOf(row),
    messages: row.messages,
    passed: row.passed,
    policy: JSON.parse(row.policy) as PublishedPolicy,
  }));
});

export const listTlsReports = operation('reporting.listTlsReports', function* (span: Span): Transaction<
  readonly TlsHead[]
> {
  const found = yield* newest<{ successes: number; failures: number; policies: string }>('tls_report', span);
  return found.map((row) => ({
    ...headOf(row),
    successes: row.successes,
    failures: row.failures,
    policies: JSON.parse(row.policies) as readonly TlsReportPolicy[],
  }));
});

/** Mail of one source, summed over reports. */
export interface SourceSum {
  readonly sourceIp: string;
  readonly messages: number;
  readonly passed: number;
  readonly dkim: number;
  readonly spf: number;
  readonly quarantined: number;
  readonly rejected: number;
  readonly lastAtMs: number;
}

interface SourceRow {
  readonly source_ip: string;
  readonly messages: number;
  readonly passed: number;
  readonly dkim: number;
  readonly spf: number;
  readonly quarantined: number;
  readonly rejected: number;
  readonly last: number;
}

/** Those with the most mail that did not pass first, then those with the most mail. */
export const sumSources = operation(
  'reporting.sumSources',
  function* ({ org, domain, fromMs, limit }: Span): Transaction<readonly SourceSum[]> {
    const sum = (condition: string): string => `sum(case when ${condition} then count else 0 end)`;
    const found = yield* rows<SourceRow>(
      `select source_ip, sum(count) as messages, ${sum("dkim = 'pass' or spf = 'pass'")} as passed, ${sum("dkim = 'pass'")} as dkim,
        ${sum("spf = 'pass'")} as spf, ${sum("disposition = 'quarantine'")} as quarantined, ${sum("disposition = 'reject'")} as rejected,
        max(ended_at) as last
        from dmarc_row where org = ? and domain = ? and ended_at > ? group by source_ip
        order by sum(case when dkim = 'pass' or spf = 'pass' then 0 else count end) desc, sum(count) desc, source_ip limit ?`,
      org,
      domain,
      fromMs,
      limit,
    );
    return found.map((row) => ({
      sourceIp: row.source_ip,
      messages: row.messages,
      passed: row.passed,
      dkim: row.dkim,
      spf: row.spf,
      quarantined: row.quarantined,
      rejected: row.rejected,
      lastAtMs: row.last,
    }));
  },
);

export type RowDetails = Pick<
  DmarcRow,
  'reasons' | 'envelopeFrom' | 'envelopeTo' | 'dkimResults' | 'spfResults'
>;

export interface SourceDetail {
  readonly count: number;
  readonly dkim: string;
  readonly spf: string;
  readonly headerFrom: string;
  readonly details: RowDetails;
}

/** What was said of one source: the rows with the most mail. */
export const sourceDetails = operation(
  'reporting.sourceDetails',
  function* ({
    org,
    domain,
    fromMs,
    limit,
    sourceIp,
  }: Span & { sourceIp: string }): Transaction<readonly SourceDetail[]> {
    const found = yield* rows<{
      count: number;
      dkim: string;
      spf: string;
      header_from: string;
      data: string;
    }>(
      `select count, dkim, spf, header_from, data from dmarc_row where org = ? and domain = ? and ended_at > ? and source_ip = ?
        order by count desc, report, idx limit ?`,
      org,
      domain,
      fromMs,
      sourceIp,
      limit,
    );
    return found.map(({ count, dkim, spf, header_from: headerFrom, data }) => ({
      count,
      dkim,
      spf,
      headerFrom,
      details: JSON.parse(data) as RowDetails,
    }));
  },
);

export interface Coverage {
  readonly reports: number;
  readonly reporters: number;
  /** Of the first and last day; 0 without any. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly messages: number;
  readonly passed: number;
}

/** Reports are about a day, or a few: one that has no beginning, or one long ago, covers no more than its end. */
const longestMs = 7 * 86_400_000;

export const coverageOf = operation(
  'reporting.coverageOf',
  function* ({ org, domain, fromMs }: Omit<Span, 'limit'>): Transaction<Coverage> {
    const found = yield* maybe<{
      reports: number;
      reporters: number;
      first: number;
      last: number;
      messages: number;
      passed: number;
    }>(
      `select count(*) as reports, count(distinct reporter) as reporters, coalesce(min(case when ended_at - began_at between 0 and ? then began_at else ended_at end), 0) as first, coalesce(max(ended_at), 0) as last,
        coalesce(sum(messages), 0) as messages, coalesce(sum(passed), 0) as passed
        from dmarc_report where org = ? and domain = ? and ended_at > ?`,
      longestMs,
      org,
      domain,
      fromMs,
    );
    return {
      reports: found?.reports ?? 0,
      reporters: found?.reporters ?? 0,
      firstAtMs: found?.first ?? 0,
      lastAtMs: found?.last ?? 0,
      messages: found?.messages ?? 0,
      passed: found?.passed ?? 0,
    };
  },
);

/** Whom there are reports for. */
export const reportedDomains = operation('reporting.reportedDomains', function* (): Transaction<
  readonly ReportKey[]
> {
  return yield* rows<ReportKey>(
    'select distinct org, domain from dmarc_report union select distinct org, domain from tls_report',
  );
});

/** Some of the reports of a domain that its organisation no longer has. Gives whether there may be more. */
export const dropReports = operation(
  'reporting.dropReports',
  function* ({ org, domain, limit }: ReportKey & { readonly limit: number }): Transaction<boolean> {
    const found = yield* rows<{ id: string; ended_at: number }>(
      'select id, ended_at from dmarc_report where org = ? and domain = ? order by ended_at, id limit ?',
      org,
      domain,
      limit,
    );
    yield* batch(
      found.flatMap(({ id, ended_at }) => [
        {
          sql: 'delete from dmarc_row where org = ? and domain = ? and ended_at = ? and report = ?',
          params: [org, domain, ended_at, id],
        },
        {
          sql: 'delete from dmarc_report where org = ? and domain = ? and ended_at = ? and id = ?',
          params: [org, domain, ended_at, id],
        },
      ]),
    );
    if (found.length === limit) return true;
    yield* rows('delete from tls_report where org = ? and domain = ?', org, domain);
    return false;
  },
  { essential: true },
);

/** Reports about time before this. */
export const forgetReports = operation(
  'reporting.forgetReports',
  function* ({ beforeMs, day }: { beforeMs: number; day: string }): Transaction<void> {
    for (const table of ['dmarc_row', 'dmarc_report', 'tls_report'])
      yield* rows(`delete from ${table} where ended_at < ?`, beforeMs);
    for (const table of ['dmarc_line', 'dmarc_counted', 'report_job'])
      yield* rows(`delete from ${table} where day < ?`, day);
  },
  { essential: true },
);
