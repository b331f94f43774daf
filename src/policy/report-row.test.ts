/** What a domain is told of a mail in its name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { noMetrics } from '../base/metrics.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import { Examiner } from './examiner.ts';
import { authenticationDefaults, type SenderRules } from './options.ts';
import { isReport, reportable, type Reportable } from './report-row.ts';
import { signedBy, testDns } from './testing.ts';

const plain = 'From: Bob <bob@there.test>\r\nTo: a@here.test\r\nSubject: x\r\n\r\nHello.\r\n';

async function told(
  dns: ReturnType<typeof testDns>,
  message: string,
  own: Partial<SenderRules> = {},
): Promise<Reportable | undefined> {
  let heard: Reportable | undefined;
  const examiner = new Examiner({
    dns,
    clock: systemClock,
    metrics: noMetrics,
    options: { ...authenticationDefaults, authservId: 'mx.here.test' },
    rulesOf: async () => own,
    onFinding: (found, decision) => (heard = reportable(found, decision)),
  });
  const bytes = Buffer.from(message);
  const block = parseHeaders(bytes);
  const examination = examiner.begin({
    byGateway: false,
    ip: '192.0.2.1',
    helo: 'mail.there.test',
    sender: 'bob@Bounce.there.test',
    recipients: [
      {
        org: 'o1',
        domain: 'here.test',
      },
    ],
    header: bytes.subarray(0, block.end),
    block,
  });
  examination.body(bytes.subarray(block.bodyStart));
  await examination.finish();
  return heard;
}

const record = (policy: string): Record<string, string> => ({
  '_dmarc.there.test': `v=DMARC1; p=${policy}; adkim=s; rua=mailto:d@there.test`,
});

test('a mail that passes is told with its signatures and its sender', async () => {
  const dns = testDns({ ...record('reject; sp=none; t=y'), 'bounce.there.test': 'v=spf1 -all' }, [
    'there.test',
  ]);
  const finding = (await told(dns, await signedBy('there.test', plain)))!;
  const { policyDomain, published, row } = finding;
  assert.equal(policyDomain, 'there.test');
  const { p, sp, np, adkim, aspf, testing, discovery } = published;
  assert.deepEqual(
    [p, sp, np, adkim, aspf, testing, discovery],
    ['reject', 'none', '', 's', 'r', 'y', 'treewalk'],
  );
  assert.deepEqual(
    [row.sourceIp, row.disposition, row.dkim, row.spf, row.headerFrom, row.envelopeFrom, row.reasons],
    ['192.0.2.1', 'pass', 'pass', 'fail', 'there.test', 'bounce.there.test', []],
  );
  assert.deepEqual(
    row.dkimResults.map(({ domain, result }) => [domain, result]),
    [['there.test', 'pass']],
  );
  assert.deepEqual(row.spfResults, [{ domain: 'bounce.there.test', scope: 'mfrom', result: 'fail' }]);
});

test('what was done because of the policy is told, and why something else was done', async () => {
  const disposition = async (policy: string, own?: Partial<SenderRules>): Promise<unknown> => {
    const { row } = (await told(testDns(record(policy)), plain, own))!;
    return [row.disposition, row.dkim, row.spf, ...row.reasons.map(({ type }) => type)];
  };
  assert.deepEqual(await disposition('reject'), ['reject', 'fail', 'fail']);
  assert.deepEqual(await disposition('quarantine'), ['quarantine', 'fail', 'fail']);
  assert.deepEqual(await disposition('none'), ['none', 'fail', 'fail']);
  assert.deepEqual(await disposition('reject', { dmarc: 'ignore' }), [
    'none',
    'fail',
    'fail',
    'local_policy',
  ]);
});

test('nobody is told who did not ask, or of what could not be found out', async () => {
  assert.equal(await told(testDns({}), plain), undefined);
  assert.equal(await told(testDns({ '_dmarc.there.test': 'v=DMARC1; p=reject' }), plain), undefined);
  assert.equal(
    await told(testDns({ '_dmarc.there.test': 'v=DMARC1; p=none; rua=https://there.test/' }), plain),
    undefined,
  );
  assert.equal(await told(testDns(record('none')), plain.replace(/^From.*\r\n/, '')), undefined);
});

test('reports are known by their header, so that none is made of them', () => {
  const is = (header: string): boolean => isReport(Buffer.from(header), parseHeaders(Buffer.from(header)));
  for (const header of [
    'Subject: Report Domain: a.test Submitter: b.test\r\n\r\n',
    'Subject: Report domain: a.test\r\n\r\n',
    'TLS-Report-Domain: a.test\r\n\r\n',
    'Content-Type: multipart/report; boundary=x;\r\n report-type="tlsrpt"\r\n\r\n',
  ])
    assert.equal(is(header), true, header);
  for (const header of [
    'Subject: A report\r\n\r\n',
    'Content-Type: multipart/report; report-type=delivery-status\r\n\r\n',
    '\r\n',
  ])
    assert.equal(is(header), false, header);
});
