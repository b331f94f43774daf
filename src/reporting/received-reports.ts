/**
 * Reports that others send about our domains: taken from mail and files, kept, and summed up.
 *
 * Only reports about a domain of the organisation that they came to are kept; whoever sends one about another domain tells nobody anything.
 */
import type { Clock } from '../base/clock.ts';
import { newMessageId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { dmarcPassed, type DmarcReport, type DmarcRow } from '../proto/reports/dmarc-report.ts';
import type { FoundReport } from '../proto/reports/find-reports.ts';
import type { TlsReport, TlsReportPolicy } from '../proto/reports/tls-report.ts';
import type { Store } from '../store/store.ts';
import type { ReportReader, ReportSource } from './reader.ts';
import {
  coverageOf,
  dropReports,
  forgetReports,
  keepDmarcReport,
  keepTlsReport,
  listDmarcReports,
  listTlsReports,
  reportedDomains,
  sourceDetails,
  sumSources,
  type Coverage,
  type DmarcHead,
  type ReceivedHead,
  type SourceDetail,
  type SourceSum,
  type Span,
  type TlsHead,
} from './rows/received.ts';

export type { Coverage, DmarcHead, SourceDetail, SourceSum, Span, TlsHead };

export interface ReceivedReportsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly reader: ReportReader;
  /** The organisation of a domain of ours, in A-labels. */
  readonly orgOf: (domain: string) => Promise<string | undefined>;
}

/** Rows of one report that are kept: those with the most mail. */
const rowsMax = 20_000;
const secondMs = 1000;
const dayMs = 86_400_000;

export interface Taken {
  readonly kind: 'dmarc' | 'tls';
  readonly domain: string;
  /** False: it was known. */
  readonly isNew: boolean;
}

export class ReceivedReports {
  readonly #parts: ReceivedReportsParts;

  constructor(parts: ReceivedReportsParts) {
    this.#parts = parts;
  }

  /** Reads and keeps what reports there are about domains of the organisation; undefined: of any. Refusal `rateLimited`. */
  async take(
    org: string | undefined,
    is: ReportSource,
    bytes: () => Promise<Uint8Array>,
  ): Promise<readonly Taken[]> {
    const taken: Taken[] = [];
    for (const found of await this.#parts.reader.read(is, bytes)) {
      const one = await this.#keep(org, found);
      if (one) taken.push(one);
    }
    return taken;
  }

  async #keep(given: string | undefined, found: FoundReport): Promise<Taken | undefined> {
    const domain = domainOf(found);
    const owner = await this.#ownerOf(domain);
    const org = owner?.org;
    if (owner === undefined || org === undefined || (given !== undefined && given !== org)) {
      this.#parts.log.info({ org: given, domain }, 'a report about a domain that is not theirs');
      return undefined;
    }
    const isNew =
      found.is === 'dmarc'
        ? await this.#keepDmarc({ org, domain: owner.domain }, found.report)
        : await this.#keepTls({ org, domain: owner.domain }, found.report);
    this.#parts.log.info({ org, domain, kind: found.is, isNew }, 'a report was read');
    return { kind: found.is, domain: owner.domain, isNew };
  }

  /** The domain itself, or the one of ours that it is below of. */
  async #ownerOf(domain: string): Promise<{ org: string; domain: string } | undefined> {
    const labels = domain.split('.');
    for (let from = 0; from < labels.length - 1 && from < labelsMax; from++) {
      const name = labels.slice(from).join('.');
      const org = await this.#parts.orgOf(name);
      if (org !== undefined) return { org, domain: name };
    }
    return undefined;
  }

  #head(
    of: { org: string; domain: string },
    reporter: string,
    reportId: string,
  ): Omit<ReceivedHead, 'beganAtMs' | 'endedAtMs'> {
    const { clock } = this.#parts;
    return {
      ...of,
      id: newMessageId(clock),
      reporter: cut(reporter),
      reportId: cut(reportId),
      receivedAtMs: clock.nowMs(),
    };
  }

  #keepDmarc(of: { org: string; domain: string }, report: DmarcReport): Promise<boolean> {
    const { orgName, email, reportId, beginSeconds, endSeconds, policy } = report;
    const total = (rows: readonly DmarcRow[]): number => rows.reduce((sum, { count }) => sum + count, 0);
    const head: DmarcHead = {
      ...this.#head(of, orgName || email, reportId),
      beganAtMs: beginSeconds * secondMs,
      endedAtMs: this.#endOf(endSeconds * secondMs),
      messages: total(report.rows),
      passed: total(report.rows.filter(dmarcPassed)),
      policy,
    };
    const rows = report.rows.toSorted((a, b) => b.count - a.count).slice(0, rowsMax);
    return this.#parts.store.write(keepDmarcReport, { head, rows });
  }

  #keepTls(of: { org: string; domain: string }, report: TlsReport): Promise<boolean> {
    const { organization, reportId, start, end, policies } = report;
    const sum = (of: 'successes' | 'failures'): number =>
      policies.reduce((all, policy) => all + policy[of], 0);
    const head: TlsHead = {
      ...this.#head(of, organization, reportId),
      beganAtMs: timeOf(start),
      endedAtMs: this.#endOf(timeOf(end)),
      successes: sum('successes'),
      failures: sum('failures'),
      policies: withinRoom(policies),
    };
    return this.#parts.store.write(keepTlsReport, head);
  }

  /** A time that is missing or to come is now: else it would never be seen, or never forgotten. */
  #endOf(ms: number): number {
    const nowMs = this.#parts.clock.nowMs();
    return ms > 0 && ms < nowMs + dayMs ? ms : nowMs;
  }

  dmarcReports(span: Span): Promise<readonly DmarcHead[]> {
    return this.#parts.store.scan(listDmarcReports, span);
  }

  tlsReports(span: Span): Promise<readonly TlsHead[]> {
    return this.#parts.store.scan(listTlsReports, span);
  }

  sources(span: Span): Promise<readonly SourceSum[]> {
    return this.#parts.store.scan(sumSources, span);
  }

  source(span: Span, sourceIp: string): Promise<readonly SourceDetail[]> {
    return this.#parts.store.scan(sourceDetails, { ...span, sourceIp });
  }

  coverage(span: Omit<Span, 'limit'>): Promise<Coverage> {
    return this.#parts.store.scan(coverageOf, span);
  }
}

/** Characters of what a TLS report says that are kept: many reports are read at once. */
export const policiesMaxChars = 256 * 1024;

/** Its sums are of all: what does not fit of policies, and then of their failures, is left out. */
function withinRoom(policies: readonly TlsReportPolicy[]): readonly TlsReportPolicy[] {
  let left = policiesMaxChars;
  const fits = (part: unknown): boolean => {
    const size = JSON.stringify(part).length + 1;
    if (size > left) return false;
    left -= size;
    return true;
  };
  const kept = policies.filter((policy) => fits({ ...policy, details: [] }));
  return kept.map((policy) => ({ ...policy, details: policy.details.filter(fits) }));
}

/** Of domains in a report that are looked for among ours. */
const labelsMax = 10;
const nameMaxChars = 300;
const cut = (text: string): string => text.slice(0, nameMaxChars);

function domainOf(found: FoundReport): string {
  if (found.is === 'dmarc') return found.report.policy.domain;
  return found.report.policies.find(({ domain }) => domain !== '')?.domain ?? '';
}

/** 0 when it cannot be read. Without a zone it is UTC. */
function timeOf(text: string): number {
  const ms = Date.parse(/(?:z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`);
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}

/** Once a day. */
export async function tidyReports(
  store: Pick<Store, 'write'>,
  { nowMs, keptDays }: { readonly nowMs: number; readonly keptDays: number },
): Promise<void> {
  const day = new Date(nowMs - countsKeptDays * dayMs).toISOString().slice(0, 10);
  await store.write(forgetReports, { beforeMs: nowMs - keptDays * dayMs, day });
}

const droppedAtOnce = 10;

/** Reports of domains that their organisation no longer has. */
export async function dropReportsOfGone(
  store: Pick<Store, 'write' | 'scan'>,
  orgOf: ReceivedReportsParts['orgOf'],
): Promise<void> {
  for (const { org, domain } of await store.scan(reportedDomains, undefined)) {
    if ((await orgOf(domain)) === org) continue;
    while (await store.write(dropReports, { org, domain, limit: droppedAtOnce }));
  }
}

/** What a report was made of is of no use when it has been sent. */
const countsKeptDays = 14;
