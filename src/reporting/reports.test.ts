/** Reports received and sent, on both engines. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { describePostgres } from '../../test/test-postgres.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import { TestClock } from '../base/test-clock.ts';
import type { Found } from '../proto/dns/lookup.ts';
import { reportsInFile, reportsInMail } from '../proto/reports/find-reports.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { dayOf, dueOf, endOf } from './day.ts';
import { DmarcCounter, type DmarcFinding } from './dmarc-counter.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import type { ReportingOptions } from './options.ts';
import type { TlsCounted } from './own-reports.ts';
import { ReportReader } from './reader.ts';
import { dropReportsOfGone, policiesMaxChars, ReceivedReports, tidyReports } from './received-reports.ts';
import { hearReport } from './report-ear.ts';
import { ReportSender } from './report-sender.ts';
import { linesMax } from './rows/counted.ts';

const startMs = Date.UTC(2026, 10, 24, 12);
const dayMs = 86_400_000;
const seconds = (ms: number): number => Math.floor(ms / 1000);

const xmlOf = (
  id: string,
  domain: string,
  rows: readonly (readonly [ip: string, count: number, dkim: string])[],
): Buffer =>
  gzipSync(
    `<feedback><report_metadata><org_name>Elsewhere</org_name><report_id>${id}</report_id><date_range><begin>${seconds(startMs - dayMs)}</begin>
    <end>${seconds(startMs - 3600_000)}</end></date_range></report_metadata><policy_published><domain>${domain}</domain><p>none</p></policy_published>${rows
      .map(
        ([ip, count, dkim]) =>
          `<record><row><source_ip>${ip}</source_ip><count>${count}</count><policy_evaluated><disposition>none</disposition><dkim>${dkim}</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>${domain}</header_from></identifiers></record>`,
      )
      .join('')}</feedback>`,
  );

interface Lab {
  readonly store: Store;
  readonly clock: TestClock;
  readonly received: ReceivedReports;
}

interface Engine {
  open(): Promise<Store>;
}

const orgs: Readonly<Record<string, string>> = { 'here.test': 'org', 'other.test': 'other' };
const orgOf = async (domain: string): Promise<string | undefined> => orgs[domain];

const finding = (
  policyDomain: string,
  ip: string,
  record = `v=DMARC1; p=reject; rua=mailto:d@${policyDomain}`,
): DmarcFinding => ({
  policyDomain,
  record,
  published: {
    domain: policyDomain,
    p: 'reject',
    sp: '',
    np: '',
    adkim: 'r',
    aspf: 'r',
    pct: '',
    fo: '0',
    testing: 'n',
    discovery: 'treewalk',
  },
  row: {
    sourceIp: ip,
    disposition: 'reject',
    dkim: 'fail',
    spf: 'fail',
    reasons: [{ type: 'local_policy', comment: 'a & b' }],
    headerFrom: policyDomain,
    envelopeFrom: 'bad.test',
    envelopeTo: '',
    dkimResults: [],
    spfResults: [{ domain: 'bad.test', scope: 'mfrom', result: 'none' }],
  },
});

interface Sent {
  readonly to: string;
  readonly text: string;
}

interface Outside {
  readonly txt?: Readonly<Record<string, string>>;
  readonly tls?: Readonly<Record<string, readonly TlsCounted[]>>;
  post?: (url: string, packed: Buffer) => boolean;
  /** Takes no mail for this address. */
  refuses?: string;
  options?: Partial<ReportingOptions>;
}

function senderOf({ store, clock }: Lab, outside: Outside): { sender: ReportSender; sent: Sent[] } {
  const sent: Sent[] = [];
  const options: ReportingOptions = {
    hostname: 'mx.here.test',
    organisation: 'Here',
    sender: '',
    sendDmarc: true,
    sendTls: true,
    addresses: [],
    maxBytes: 1e7,
    ...outside.options,
  };
  const sender = new ReportSender({
    store,
    clock,
    log: silentLog,
    options,
    orgOf,
    dns: {
      txt: async (name): Promise<Found<string>> => {
        const text = outside.txt?.[name];
        if (text === 'failure')
          return {
            is: 'failure',
            reason: 'timeout',
          };
        return text === undefined
          ? {
              is: 'nxDomain',
              canonicalName: name,
            }
          : {
              is: 'records',
              records: [text],
            };
      },
    },
    submit: async ({ local, domain }, mail) => {
      const to = `${local}@${domain}`;
      if (to === outside.refuses) throw new Refusal('storageBusy', to);
      sent.push({ to, text: mail.toString() });
    },
    post: async (url, packed) => outside.post?.(url, packed) ?? false,
    tlsDomains: async function* (day) {
      if (day === '2026-11-24') yield* Object.keys(outside.tls ?? {});
    },
    tlsCounts: async (_, domain) => outside.tls?.[domain] ?? [],
  });
  return { sender, sent };
}

function contract(engine: Engine): void {
  const on = (name: string, body: (lab: Lab) => Promise<void>): void => {
    test(name, async () => {
      await using store = await engine.open();
      const clock = new TestClock(startMs);
      const reader = new ReportReader(systemClock);
      await body({
        store,
        clock,
        received: new ReceivedReports({ store, clock, log: silentLog, reader, orgOf }),
      });
    });
  };
  const counterOf = ({ store, clock }: Lab): DmarcCounter =>
    new DmarcCounter({ store, clock, log: silentLog, hostname: 'mx.here.test' });
  const span = { org: 'org', domain: 'here.test', fromMs: 0, limit: 100 };

  on(
    'a report is kept once, for the organisation that has the domain, and summed by source',
    async ({ received }) => {
      const one = xmlOf('1', 'here.test', [
        ['192.0.2.1', 5, 'pass'],
        ['192.0.2.2', 2, 'fail'],
      ]);
      const taken = { kind: 'dmarc', domain: 'here.test' } as const;
      assert.deepEqual(await received.take('org', 'file', async () => one), [{ ...taken, isNew: true }]);
      assert.deepEqual(await received.take('org', 'file', async () => one), [{ ...taken, isNew: false }]);
      assert.deepEqual(await received.take('other', 'file', async () => xmlOf('2', 'here.test', [])), []);
      assert.deepEqual(await received.take('org', 'file', async () => xmlOf('3', 'nowhere.test', [])), []);
      assert.deepEqual(await received.take('org', 'file', async () => Buffer.from('no report')), []);
      const below = xmlOf('4', 'sub.here.test', [['192.0.2.2', 1, 'pass']]);
      assert.deepEqual(await received.take(undefined, 'file', async () => below), [
        { ...taken, isNew: true },
      ]);
      const [sub, first, ...more] = (await received.dmarcReports(span)).toSorted((a, b) =>
        b.reportId.localeCompare(a.reportId),
      );
      assert.equal(more.length, 0);
      assert.deepEqual(
        [first?.reporter, first?.messages, first?.passed, first?.policy.p, sub?.policy.domain],
        ['Elsewhere', 7, 5, 'none', 'sub.here.test'],
      );
      assert.deepEqual(
        (await received.sources(span)).map(({ sourceIp, messages, passed, dkim, spf }) => [
          sourceIp,
          messages,
          passed,
          dkim,
          spf,
        ]),
        [
          ['192.0.2.2', 3, 1, 1, 0],
          ['192.0.2.1', 5, 5, 5, 0],
        ],
      );
      const details = await received.source(span, '192.0.2.2');
      assert.deepEqual(
        details.map(({ count, dkim }) => [count, dkim]),
        [
          [2, 'fail'],
          [1, 'pass'],
        ],
      );
      assert.equal((await received.coverage(span)).firstAtMs, startMs - dayMs);
      const { reports, reporters, messages, passed } = await received.coverage(span);
      assert.deepEqual([reports, reporters, messages, passed], [2, 1, 8, 6]);
      assert.equal((await received.coverage({ ...span, org: 'other' })).reports, 0);
      const endless = '<feedback><policy_published><domain>here.test</domain></policy_published></feedback>';
      await received.take('org', 'file', async () => Buffer.from(endless));
      assert.equal((await received.coverage(span)).firstAtMs, startMs - dayMs, 'it covers no years');
    },
  );

  on('TLS reports are kept, and all are forgotten in time', async ({ received, store }) => {
    const report = {
      'organization-name': 'Elsewhere',
      'date-range': { 'start-datetime': '2026-11-23T00:00:00Z', 'end-datetime': '2026-11-23T23:59:59' },
      'report-id': '1',
      policies: [
        {
          policy: { 'policy-type': 'sts', 'policy-domain': 'here.test' },
          summary: { 'total-successful-session-count': 3, 'total-failure-session-count': 1 },
          'failure-details': [{ 'result-type': 'starttls-not-supported', 'failed-session-count': 1 }],
        },
      ],
    };
    await received.take('org', 'file', async () => Buffer.from(JSON.stringify(report)));
    const [kept] = await received.tlsReports(span);
    assert.deepEqual(
      [kept?.successes, kept?.failures, kept?.policies[0]?.details[0]?.result],
      [3, 1, 'starttls-not-supported'],
    );
    assert.equal(kept?.endedAtMs, Date.UTC(2026, 10, 23, 23, 59, 59));
    const [policy] = report.policies;
    const failure = { 'result-type': 'x'.repeat(500), 'failed-session-count': 1 };
    const policies = Array.from({ length: 10 }, () => ({
      ...policy,
      'failure-details': Array.from({ length: 1000 }, () => failure),
    }));
    await received.take('org', 'file', async () =>
      Buffer.from(JSON.stringify({ ...report, 'report-id': '2', policies })),
    );
    const long = (await received.tlsReports(span)).find(({ reportId }) => reportId === '2');
    assert.deepEqual([long?.failures, long?.policies.length], [10, 10]);
    const chars = JSON.stringify(long?.policies).length;
    assert.ok(chars < policiesMaxChars && chars > policiesMaxChars - 2000, `${chars}`);
    await received.take('org', 'file', async () => xmlOf('1', 'here.test', [['192.0.2.1', 1, 'pass']]));
    await tidyReports(store, { nowMs: startMs + 10 * dayMs, keptDays: 20 });
    assert.equal((await received.sources(span)).length, 1);
    await tidyReports(store, { nowMs: startMs + 30 * dayMs, keptDays: 20 });
    assert.deepEqual(
      [await received.sources(span), await received.tlsReports(span), await received.dmarcReports(span)],
      [[], [], []],
    );
  });

  on(
    'reports of a domain go when its organisation no longer has it, those of others stay',
    async ({ received, store }) => {
      for (let i = 0; i < 21; i++) {
        const file = xmlOf(`${i}`, 'here.test', [[`192.0.2.${i}`, 1, 'pass']]);
        await received.take('org', 'file', async () => file);
      }
      const others = { ...span, org: 'other', domain: 'other.test' };
      await received.take('other', 'file', async () => xmlOf('1', 'other.test', [['192.0.2.1', 1, 'pass']]));
      await dropReportsOfGone(store, orgOf);
      assert.equal((await received.dmarcReports(span)).length, 21);
      await dropReportsOfGone(store, async (domain) => (domain === 'here.test' ? 'new' : orgOf(domain)));
      assert.deepEqual([await received.dmarcReports(span), await received.sources(span)], [[], []]);
      assert.deepEqual(
        [(await received.dmarcReports(others)).length, (await received.sources(others)).length],
        [1, 1],
      );
    },
  );

  on(
    'a mail is heard at addresses for reports only, and whatever goes wrong it is just mail',
    async ({ received }) => {
      const mail = `Content-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n${xmlOf('1', 'here.test', []).toString('base64')}\r\n`;
      const body = async (): Promise<Uint8Array> => Buffer.from(mail);
      const parts = { received, log: silentLog, addresses: ['reports@elsewhere.test'] };
      const hear = (address: string, more: object = {}): Promise<boolean> =>
        hearReport(parts, {
          addresses: ['alice@here.test', address],
          org: 'org',
          sizeBytes: 1000,
          body,
          ...more,
        });
      assert.equal(await hear('bob@here.test'), false);
      assert.equal(await hear('postmaster@here.test', { org: 'other' }), false);
      assert.equal(await hear('postmaster@here.test', { sizeBytes: 2 ** 30 }), false);
      assert.equal(
        await hear('postmaster@here.test', { body: () => Promise.reject(new Error('lost')) }),
        false,
      );
      for (const address of ['Dmarc-Reports@here.test', 'tls-reports@here.test', 'reports@ELSEWHERE.test'])
        assert.equal(await hear(address), true, address);
      assert.equal((await received.dmarcReports(span)).length, 1);
    },
  );

  on(
    'what is counted on a day is sent on the next to who may get it, once, with all its rows',
    async (lab) => {
      const counter = counterOf(lab);
      for (let i = 0; i < 3; i++) counter.count(finding('a.test', '192.0.2.1'));
      counter.count(finding('a.test', '192.0.2.2'));
      await counter.flush();
      counter.count(
        finding(
          'a.test',
          '192.0.2.1',
          'v=DMARC1; p=reject; rua=mailto:d@a.test,mailto:x@theirs.test,mailto:y@not.test,mailto:z@small.test!1k',
        ),
      );
      counter.count(finding('no.test', '192.0.2.1', 'v=DMARC1; p=none; rua=mailto:x@not.test'));
      counter.count(finding('later.test', '192.0.2.1', 'v=DMARC1; p=none; rua=mailto:x@slow.test'));
      await counter.flush();
      const txt = {
        'a.test._report._dmarc.theirs.test': 'v=DMARC1',
        'a.test._report._dmarc.small.test': 'v=DMARC1',
        'later.test._report._dmarc.slow.test': 'failure',
      };
      const { sender, sent } = senderOf(lab, { txt });
      assert.equal(await sender.run(), 0, 'not on the same day');
      await lab.clock.advance(dayMs + dayMs / 2);
      assert.equal(await sender.run(), 3);
      assert.equal(await sender.run(), 0);
      assert.deepEqual(sent.map(({ to }) => to).sort(), ['d@a.test', 'x@theirs.test', 'z@small.test'].sort());
      const { text } = sent.find(({ to }) => to === 'd@a.test')!;
      assert.match(text, /^From: Here <postmaster@here\.test>\r$/m);
      assert.match(
        text,
        /^Subject: Report Domain: a\.test Submitter: mx\.here\.test Report-ID:\r\n <20261124\.a\.test@mx\.here\.test>/m,
      );
      assert.match(text, /^Auto-Submitted: auto-generated\r$/m);
      assert.match(text, /filename="?mx\.here\.test!a\.test!1795478400!1795564799![0-9a-f]{8}\.xml\.gz/);
      const [found] = reportsInMail(Buffer.from(text));
      assert.ok(found?.is === 'dmarc');
      const { report } = found;
      assert.deepEqual(
        [report.orgName, report.email, report.policy.p, report.policy.discovery, report.generator],
        ['Here', 'postmaster@here.test', 'reject', 'treewalk', 'Hikyaku'],
      );
      assert.deepEqual(
        report.rows.map(({ sourceIp, count }) => [sourceIp, count]),
        [
          ['192.0.2.1', 4],
          ['192.0.2.2', 1],
        ],
      );
      assert.deepEqual(report.rows[0]!.reasons, [{ type: 'local_policy', comment: 'a & b' }]);
      const jobs = await sender.jobs();
      assert.deepEqual(
        jobs.map(({ domain, state }) => [domain, state]),
        [
          ['a.test', 'sent'],
          ['later.test', 'waiting'],
          ['no.test', 'skipped'],
        ],
      );
      assert.equal(jobs[0]!.detail, 'd@a.test x@theirs.test z@small.test');
    },
  );

  on(
    'rows of a domain and a day are bounded; what is too large is told with fewer rows, or not at all',
    async (lab) => {
      const counter = counterOf(lab);
      for (let i = 0; i < linesMax + 5; i++) counter.count(finding('a.test', `2001:db8::${i.toString(16)}`));
      counter.count(finding('a.test', '2001:db8::1'));
      await counter.flush();
      const { sender, sent } = senderOf(lab, { options: { maxBytes: 20_000 } });
      await sender.hurry(dayOf(startMs), '');
      await sender.run();
      const [found] = reportsInMail(Buffer.from(sent[0]!.text));
      assert.ok(found?.is === 'dmarc' && sent[0]!.text.length < 20_000);
      assert.deepEqual([found.report.rows[0]!.sourceIp, found.report.rows[0]!.count], ['2001:db8::1', 2]);
      assert.ok(found.report.rows.length > 10);
      assert.match(found.report.errors.join('\n'), /^5 messages .*left out\n\d+ messages .*left out$/);
      const tiny = senderOf(lab, { options: { maxBytes: 100 } });
      counter.count(finding('b.test', '192.0.2.1'));
      await counter.flush();
      await tiny.sender.hurry(dayOf(startMs), 'b.test');
      await tiny.sender.run();
      assert.deepEqual(
        [tiny.sent, (await tiny.sender.jobs()).find(({ domain }) => domain === 'b.test')?.state],
        [[], 'skipped'],
      );
    },
  );

  on(
    'TLS reports go by mail and by HTTPS, each once, also when one of them has to be tried again',
    async (lab) => {
      const counted: TlsCounted = {
        policy: JSON.stringify({
          type: 'sts',
          domain: 'a.test',
          text: ['version: STSv1'],
          mxHosts: ['mx.a.test'],
        }),
        successes: 7,
        failed: 1,
        failures: [
          {
            result: 'certificate-expired',
            sendingIp: '192.0.2.1',
            mxHost: 'mx.a.test',
            receivingIp: '192.0.2.2',
            code: 'X',
            sessions: 1,
          },
        ],
      };
      let up = false;
      const posted: Buffer[] = [];
      const { sender, sent } = senderOf(lab, {
        txt: {
          '_smtp._tls.a.test': 'v=TLSRPTv1; rua=https://r.a.test/tls,mailto:t@a.test,ftp://no.test',
          '_smtp._tls.b.test': 'v=spf1',
        },
        tls: { 'a.test': [counted], 'b.test': [counted] },
        post: (url, packed) => (up ? (posted.push(packed), url === 'https://r.a.test/tls') : false),
      });
      assert.equal(await sender.run(), 0);
      await lab.clock.advance(dayMs / 2 + 5 * 3_600_000);
      assert.equal(await sender.run(), 2, 'of yesterday and its day');
      assert.deepEqual(
        sent.map(({ to }) => to),
        ['t@a.test'],
      );
      const { text } = sent[0]!;
      assert.match(
        text,
        /^TLS-Report-Domain: a\.test\r\nTLS-Report-Submitter: mx\.here\.test\r\nTLS-Required: No\r$/m,
      );
      assert.match(text, /^Content-Type: multipart\/report;\s+report-type="?tlsrpt"?/m);
      assert.match(text, /^Content-Type: application\/tlsrpt\+gzip/m);
      up = true;
      await lab.clock.advance(3_600_000);
      assert.equal(await sender.run(), 1);
      assert.deepEqual([sent.length, posted.length], [1, 1]);
      for (const found of [...reportsInMail(Buffer.from(text)), ...reportsInFile(posted[0]!)]) {
        assert.ok(found.is === 'tls');
        assert.deepEqual(
          [found.report.start, found.report.end],
          ['2026-11-24T00:00:00Z', '2026-11-24T23:59:59Z'],
        );
        const [policy] = found.report.policies;
        assert.deepEqual(
          [policy?.successes, policy?.failures, policy?.mxHosts, policy?.details[0]?.receivingHost],
          [7, 1, ['mx.a.test'], 'mx.a.test'],
        );
      }
      assert.deepEqual(
        (await sender.jobs()).map(({ domain, state }) => [domain, state]),
        [
          ['a.test', 'sent'],
          ['b.test', 'skipped'],
        ],
      );
    },
  );

  on('one target that cannot get it keeps no other waiting, and gets it alone later', async (lab) => {
    const counter = counterOf(lab);
    const rua = ['one', 'two', 'three'].map((name) => `mailto:${name}@a.test`).join(',');
    counter.count(finding('a.test', '192.0.2.1', `v=DMARC1; p=reject; rua=${rua}`));
    await counter.flush();
    const outside: Outside = { refuses: 'two@a.test' };
    const { sender, sent } = senderOf(lab, outside);
    await sender.hurry(dayOf(startMs), '');
    assert.equal(await sender.run(), 1);
    assert.deepEqual(
      (await sender.jobs()).map(({ state, detail }) => [state, detail]),
      [['waiting', 'one@a.test three@a.test']],
    );
    delete outside.refuses;
    await lab.clock.advance(3_600_000);
    assert.equal(await sender.run(), 1);
    assert.deepEqual(
      sent.map(({ to }) => to),
      ['one@a.test', 'three@a.test', 'two@a.test'],
    );
  });

  on('who sends nothing is asked for nothing; reports leave over hours, not at once', async (lab) => {
    const counter = counterOf(lab);
    counter.count(finding('a.test', '192.0.2.1'));
    await counter.flush();
    const { sender, sent } = senderOf(lab, { options: { sendDmarc: false } });
    await sender.hurry(dayOf(startMs), 'a.test');
    await sender.run();
    assert.deepEqual([sent, (await sender.jobs())[0]?.state], [[], 'skipped']);
    const dues = Array.from(
      { length: 200 },
      (_, i) => dueOf('2026-11-24', `d${i}.test`, 'mx.here.test') - endOf('2026-11-24'),
    );
    assert.ok(Math.min(...dues) >= 15 * 60_000 && Math.max(...dues) < 5 * 3_600_000);
    assert.ok(new Set(dues.map((due) => Math.floor(due / 3_600_000))).size >= 4);
  });
}

const all = { migrations, operations };

describe('reports in SQLite', () => contract({ open: () => openTestStore(all) }));

describePostgres('reports in PostgreSQL', (open) => contract({ open: () => open(all) }));
