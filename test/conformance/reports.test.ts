/** DMARC aggregate reports and TLS reports of real reporters: every file of the sets. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dmarcPassed, type DmarcReport } from '../../src/proto/reports/dmarc-report.ts';
import { reportsInFile, reportsInMail, type FoundReport } from '../../src/proto/reports/find-reports.ts';
import { readDmarcReport } from '../../src/proto/reports/read-dmarc-report.ts';
import { readTlsReport, writeTlsReport, type TlsReport } from '../../src/proto/reports/tls-report.ts';
import { writeDmarcReport } from '../../src/proto/reports/write-dmarc-report.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';

interface Expected<P> {
  readonly file: string;
  readonly payloads: readonly P[];
}

interface DmarcFacts {
  readonly packing: string;
  readonly xml_error?: string;
  readonly by_disposition?: Readonly<Record<string, number>>;
  readonly first_sources?: readonly string[];
}

interface TlsFacts {
  readonly organization: string;
  readonly report_id: string;
  readonly start: string;
  readonly end: string;
  readonly policies: readonly object[];
}

function expected<P>(set: string): readonly Expected<P>[] {
  const folder = conformanceFolder(set)!;
  return JSON.parse(readFileSync(join(folder, 'expected.python.json'), 'utf8')) as Expected<P>[];
}

function found(set: string, file: string): FoundReport[] {
  const bytes = readFileSync(join(conformanceFolder(set)!, file));
  return file.endsWith('.eml') ? reportsInMail(bytes) : reportsInFile(bytes);
}

function dmarcFacts({ version, orgName, email, reportId, policy, rows, ...times }: DmarcReport): object {
  const byDisposition: Record<string, number> = {};
  for (const { disposition, count } of rows)
    byDisposition[disposition] = (byDisposition[disposition] ?? 0) + count;
  const sum = (of: DmarcReport['rows']): number => of.reduce((total, { count }) => total + count, 0);
  const { domain, p, sp, np, adkim, aspf, pct } = policy;
  return {
    version,
    org_name: orgName,
    email,
    report_id: reportId,
    begin: String(times.beginSeconds),
    end: String(times.endSeconds),
    domain,
    p,
    sp,
    np,
    adkim,
    aspf,
    pct,
    records: rows.length,
    messages: sum(rows),
    by_disposition: byDisposition,
    dmarc_pass_messages: sum(rows.filter(dmarcPassed)),
  };
}

test(
  'DMARC aggregate reports: XML, gzip, zip and mail, also broken ones',
  skipWithout('dmarc-reports'),
  () => {
    for (const { file, payloads } of expected<DmarcFacts>('dmarc-reports')) {
      const reports = found('dmarc-reports', file);
      assert.equal(reports.length, payloads.length, file);
      for (const [i, { is, report }] of reports.entries()) {
        assert.ok(is === 'dmarc', file);
        const { packing: _, xml_error, first_sources = [], ...facts } = payloads[i]!;
        if (xml_error !== undefined) {
          assert.deepEqual([report.policy.domain, report.rows.length], ['example.com', 1], file);
          continue;
        }
        const wanted = { ...facts, by_disposition: lowerCased(facts.by_disposition!) };
        const { sha256: __, attachment: ___, ...rest } = wanted as Record<string, unknown>;
        assert.deepEqual(dmarcFacts(report), rest, file);
        assert.deepEqual(
          report.rows.slice(0, first_sources.length).map(({ sourceIp }) => sourceIp),
          first_sources,
          file,
        );
        const again = readDmarcReport(writeDmarcReport(report))!;
        assert.deepEqual(again.rows, report.rows, `${file}, written and read again`);
      }
    }
  },
);

const lowerCased = (counts: Readonly<Record<string, number>>): object =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name.toLowerCase(), count]));

const tlsFacts = ({ organization, reportId, start, end, policies }: TlsReport): TlsFacts => ({
  organization,
  report_id: reportId,
  start,
  end,
  policies: policies.map(({ type, domain, successes, failures, details }) => ({
    type,
    domain: domain || null,
    ok: successes,
    failed: failures,
    details: details.length,
  })),
});

test('TLS reports: JSON and mail', skipWithout('tlsrpt'), () => {
  for (const { file, payloads } of expected<TlsFacts>('tlsrpt')) {
    const reports = found('tlsrpt', file);
    assert.equal(reports.length, payloads.length, file);
    for (const [i, { is, report }] of reports.entries()) {
      assert.ok(is === 'tls', file);
      const { organization, report_id, start, end, policies } = payloads[i]!;
      // What is not told is no failure.
      const told = policies.map((policy) => ({
        ...policy,
        failed: (policy as { failed: number }).failed ?? 0,
      }));
      assert.deepEqual(tlsFacts(report), { organization, report_id, start, end, policies: told }, file);
      assert.deepEqual(readTlsReport(writeTlsReport(report)), report, `${file}, written and read again`);
    }
  }
});
