/** The reports that we send, made of what was counted. */
import type { DmarcReport, DmarcRow } from '../proto/reports/dmarc-report.ts';
import type { TlsReport, TlsReportPolicy } from '../proto/reports/tls-report.ts';
import { endOf, startOf } from './day.ts';
import type { KeptPolicy } from './dmarc-counter.ts';
import type { Counted } from './rows/counted.ts';

export interface Reporter {
  readonly organisation: string;
  readonly hostname: string;
  /** Whom to ask. */
  readonly contact: string;
}

const secondMs = 1000;

/** The same for the same day, domain and reporter: who gets it twice knows it. */
export const reportIdOf = (day: string, domain: string, hostname: string): string =>
  `${day.replaceAll('-', '')}.${domain}@${hostname}`;

export const beginSeconds = (day: string): number => startOf(day) / secondMs;
export const endSeconds = (day: string): number => endOf(day) / secondMs - 1;

export function ownDmarcReport(
  { day, domain }: { readonly day: string; readonly domain: string },
  { policy, leftOut, lines }: Counted,
  { organisation, hostname, contact }: Reporter,
): DmarcReport {
  const { published } = JSON.parse(policy) as KeptPolicy;
  return {
    version: '1.0',
    orgName: organisation,
    email: contact,
    contact: '',
    reportId: reportIdOf(day, domain, hostname),
    beginSeconds: beginSeconds(day),
    endSeconds: endSeconds(day),
    errors: leftOut === 0 ? [] : [leftOutText(leftOut)],
    generator: 'Hikyaku',
    policy: published,
    rows: lines.map(({ facts, count }) => ({ ...(JSON.parse(facts) as Omit<DmarcRow, 'count'>), count })),
    cut: false,
  };
}

const leftOutText = (messages: number): string =>
  `${messages} messages of many different kinds were left out`;

/** Without the rows with the least mail, which are told as one number. */
export function withFewerRows(report: DmarcReport, rowsMax: number): DmarcReport {
  const rest = report.rows.slice(rowsMax).reduce((sum, { count }) => sum + count, 0);
  return { ...report, rows: report.rows.slice(0, rowsMax), errors: [...report.errors, leftOutText(rest)] };
}

/** As delivery counts them (RFC 8460, 4.4). */
export interface TlsCounted {
  /** JSON: type, domain, text, mxHosts. */
  readonly policy: string;
  readonly successes: number;
  readonly failed: number;
  readonly failures: readonly {
    readonly result: string;
    readonly sendingIp: string;
    readonly mxHost: string;
    readonly receivingIp: string;
    readonly code: string;
    readonly sessions: number;
  }[];
}

export function ownTlsReport(
  { day, domain }: { readonly day: string; readonly domain: string },
  counted: readonly TlsCounted[],
  { organisation, hostname, contact }: Reporter,
): TlsReport {
  return {
    organization: organisation,
    contact,
    reportId: reportIdOf(day, domain, hostname),
    start: `${day}T00:00:00Z`,
    end: `${day}T23:59:59Z`,
    policies: counted.map(policyOf),
  };
}

function policyOf({ policy, successes, failed, failures }: TlsCounted): TlsReportPolicy {
  const { type, domain, text, mxHosts } = JSON.parse(policy) as Pick<
    TlsReportPolicy,
    'type' | 'domain' | 'text' | 'mxHosts'
  >;
  return {
    type,
    domain,
    text,
    mxHosts,
    successes,
    failures: failed,
    details: failures.map(({ result, sendingIp, mxHost, receivingIp, code, sessions }) => ({
      result,
      sendingIp,
      receivingIp,
      sessions,
      code,
      receivingHost: mxHost,
      receivingHelo: '',
      information: '',
    })),
  };
}
