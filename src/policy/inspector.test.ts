import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { newMessageId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import { Chain } from './chain.ts';
import type { Check, CheckedMail, Seen } from './check.ts';
import { Examiner } from './examiner.ts';
import { Inspector, type Ruling } from './inspector.ts';
import { authenticationDefaults } from './options.ts';
import { signedBy, testDns } from './testing.ts';
import { verdictDefaults } from './verdict.ts';

const plain = 'From: bob@there.test\r\nSubject: x\r\n\r\nHello\r\n';

interface Looked {
  readonly ruling: Ruling;
  readonly seen: Seen[];
  readonly given: { aborted: number };
}

/** What is made of the message, by the proof of its sender and a check that finds nothing itself. */
async function looked(
  texts: Readonly<Record<string, string>>,
  message = plain,
  signers: readonly string[] = [],
): Promise<Looked> {
  const seen: Seen[] = [];
  const given = { aborted: 0 };
  const check: Check = {
    name: 'watch',
    stage: 'end',
    timeoutMs: 1000,
    onFailure: 'accept',
    begin: () => ({
      finish: (all) => (seen.push(all), { findings: [] }),
      abort: () => void (given.aborted += 1),
    }),
  };
  const common = { clock: systemClock, metrics: noMetrics };
  const inspector = new Inspector({
    examiner: new Examiner({
      ...common,
      dns: testDns(texts, signers),
      options: { ...authenticationDefaults, authservId: 'mx.here.test' },
      rulesOf: async () => undefined,
    }),
    chain: new Chain({ ...common, log: silentLog, checks: [check], rulesOf: async () => verdictDefaults }),
  });
  const bytes = Buffer.from(message);
  const block = parseHeaders(bytes);
  const mail: CheckedMail = {
    id: newMessageId(systemClock),
    direction: 'in',
    ip: '192.0.2.1',
    helo: 'mail.there.test',
    tls: null,
    sender: 'bob@there.test',
    to: [{ address: 'a@here.test', org: 'org', account: '' }],
    header: bytes.subarray(0, block.end),
    block,
  };
  const inspection = inspector.begin(mail);
  await inspection.body(bytes.subarray(block.bodyStart));
  return { ruling: await inspection.finish(), seen, given };
}

const found = ({ ruling }: Looked): string[] =>
  ruling.is === 'accept'
    ? ruling.judgement!.verdicts[0]!.findings.map(({ rule, weight }) => `${rule} ${weight}`)
    : [ruling.reply];

test('what is proved of the sender is one more set of findings, which the checks at the end see too', async () => {
  const reporting = { '_dmarc.there.test': 'v=DMARC1; p=none' };
  const failed = await looked(reporting);
  assert.deepEqual(found(failed), ['proof.dmarc-fail 2']);
  assert.deepEqual(
    failed.seen[0]!.findings.map(({ rule }) => rule),
    ['proof.dmarc-fail'],
  );
  assert.equal(failed.seen[0]!.authentication?.dmarc?.result, 'fail');
  const proved = await signedBy('there.test', plain);
  assert.deepEqual(found(await looked(reporting, proved, ['there.test'])), ['proof.dmarc-pass -0.5']);
  const spoilt = proved.replace('Hello', 'Hallo');
  assert.deepEqual(found(await looked({}, spoilt, ['there.test'])), ['proof.dkim-broken 0.3']);
  assert.deepEqual(found(await looked({ 'there.test': 'v=spf1 -all' })), ['proof.spf-fail 1.5']);
  assert.deepEqual(found(await looked({ 'there.test': 'v=spf1 ~all' })), ['proof.spf-softfail 0.7']);
});

test('what a domain asks for by DMARC decides, with the fields of both on top', async () => {
  const { ruling } = await looked({ '_dmarc.there.test': 'v=DMARC1; p=quarantine' });
  assert(ruling.is === 'accept');
  assert.equal(ruling.judgement!.verdicts[0]!.action, 'junk');
  assert.equal(ruling.judgement!.verdicts[0]!.decisive?.rule, 'proof.policy');
  assert.match(ruling.fields, /^Authentication-Results: [^]*\r\nX-Spam-Flag: YES\r\n/);
});

test('where the domain wants it refused, nobody looks further', async () => {
  const { ruling, seen, given } = await looked({ '_dmarc.there.test': 'v=DMARC1; p=reject' });
  assert(ruling.is === 'refuse' && !ruling.temporary);
  assert.deepEqual(seen, []);
  assert.equal(given.aborted, 1);
});
