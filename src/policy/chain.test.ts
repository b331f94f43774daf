import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { newMessageId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { TestClock } from '../base/test-clock.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import { Chain, type Judgement } from './chain.ts';
import type { Check, CheckedMail, Finding, RunningCheck, Seen } from './check.ts';
import { verdictDefaults, type VerdictRules } from './verdict.ts';

const text = [
  'From: bob@there.test',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; charset=iso-2022-jp',
  '',
  '\u001b$B%F%9%H\u001b(B',
  '--b',
  'Content-Type: text/html',
  'Content-Transfer-Encoding: base64',
  '',
  'PHA+aGk8L3A+',
  '--b',
  'Content-Type: application/pdf',
  'Content-Disposition: attachment; filename=a.pdf',
  '',
  '%PDF-',
  '--b--',
  '',
].join('\r\n');

function mailTo(...orgs: string[]): CheckedMail {
  const bytes = Buffer.from(text);
  const block = parseHeaders(bytes);
  return {
    id: newMessageId(systemClock),
    direction: 'in',
    ip: '192.0.2.1',
    helo: 'there.test',
    tls: null,
    sender: 'bob@there.test',
    to: orgs.map((org) => ({ address: `a@${org}.test`, org, account: '' })),
    header: bytes.subarray(0, block.end),
    block,
  };
}

const check = (name: string, running: Partial<RunningCheck>, more: Partial<Check> = {}): Check => ({
  name,
  stage: 'content',
  timeoutMs: 1000,
  onFailure: 'accept',
  begin: () => ({ finish: () => ({ findings: [] }), ...running }),
  ...more,
});

const finds = (rule: string, weight: number, more: Partial<Finding> = {}): Check =>
  check(rule, { finish: () => ({ findings: [{ rule, weight, detail: 'seen', ...more }] }) });

interface Given {
  readonly orgs?: readonly string[];
  readonly rules?: Readonly<Record<string, Partial<VerdictRules>>>;
}

async function judged(
  checks: readonly Check[],
  { orgs = ['one'], rules = {} }: Given = {},
): Promise<Judgement> {
  const chain = new Chain({
    checks,
    rulesOf: async (org) => ({ ...verdictDefaults, ...rules[org] }),
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
  });
  const mail = mailTo(...orgs);
  const inspection = chain.begin(mail);
  const body = Buffer.from(text).subarray(mail.block.bodyStart);
  for (let at = 0; at < body.length; at += 10) await inspection.body(body.subarray(at, at + 10));
  return inspection.finish({ findings: [] });
}

const actions = ({ verdicts }: Judgement): string[] => verdicts.map(({ action }) => action);

test('weights add up, those that speak for a mail too, and the sum is held against the thresholds', async () => {
  const clean = await judged([finds('a', 3), finds('b', -2)]);
  assert.deepEqual(clean.verdicts[0]!.score, 1);
  assert.deepEqual(actions(clean), ['accept']);
  assert.deepEqual(actions(await judged([finds('a', 3.9), finds('b', 0.1)])), ['mark']);
  assert.deepEqual(actions(await judged([finds('a', 6)])), ['junk']);
  assert.deepEqual(actions(await judged([finds('a', 15)])), ['refuse']);
  const strict = { one: { quarantine: 10, refuse: null } };
  assert.deepEqual(actions(await judged([finds('a', 50)], { rules: strict })), ['quarantine']);
});

test('a rule that decides does so whatever the sum, unless its weight is set to nothing', async () => {
  const virus = finds('clamav', 0, { action: 'refuse' });
  const { verdicts } = await judged([virus, finds('friend', -100)]);
  assert.equal(verdicts[0]!.action, 'refuse');
  assert.equal(verdicts[0]!.decisive?.rule, 'clamav');
  const off = { one: { weights: { clamav: 0 } } };
  assert.deepEqual(actions(await judged([virus], { rules: off })), ['accept']);
});

test('each organisation has its own weights, and findings of its own', async () => {
  const given = { orgs: ['one', 'two'], rules: { two: { weights: { 'list.*': 7 } } } };
  const judgement = await judged([finds('list.a', 1), finds('own', 5, { org: 'one' })], given);
  assert.deepEqual(
    judgement.verdicts.map(({ score, action }) => [score, action]),
    [
      [6, 'junk'],
      [7, 'junk'],
    ],
  );
});

test('a mail is refused only where all want it so; where some do, it waits in their quarantine', async () => {
  const both = { orgs: ['one', 'two'] };
  assert.deepEqual(actions(await judged([finds('a', 20)], both)), ['refuse', 'refuse']);
  assert.deepEqual(actions(await judged([finds('a', 20, { org: 'one' })], both)), ['quarantine', 'accept']);
});

test('checks see parts and text of the mail, and those at the end what the others have found', async () => {
  let seen: Seen | undefined;
  const last = check('last', { finish: (all) => ((seen = all), { findings: [] }) }, { stage: 'end' });
  await judged([last, finds('a', 1)]);
  assert.deepEqual(
    seen!.content.texts.map(({ is, text }) => [is, text]),
    [
      ['plain', 'テスト'],
      ['html', '<p>hi</p>'],
    ],
  );
  assert.deepEqual(
    seen!.content.parts.map(({ path, fileName, sizeBytes }) => [path, fileName, sizeBytes]),
    [
      ['1', '', 12],
      ['2', '', 9],
      ['3', 'a.pdf', 5],
    ],
  );
  assert.deepEqual(
    seen!.findings.map(({ rule }) => rule),
    ['a'],
  );
});

test('a check that throws, wherever it does, is told of and treated as its policy says', async () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  const broken: readonly Partial<Check & { begin: () => RunningCheck }>[] = [
    { begin: boom },
    { begin: () => ({ body: boom, finish: () => ({ findings: [] }) }) },
    { begin: () => ({ part: boom, finish: () => ({ findings: [] }) }) },
    { begin: () => ({ body: async () => boom(), finish: () => ({ findings: [] }) }) },
    { begin: () => ({ finish: async () => boom() }) },
  ];
  for (const one of broken) {
    const accepted = await judged([check('engine', {}, one), finds('other', 4)]);
    assert.deepEqual(accepted.failures, [{ check: 'engine', why: 'boom', policy: 'accept' }]);
    assert.deepEqual(actions(accepted), ['mark']);
  }
  const policies = { accept: 'accept', mark: 'mark', defer: 'defer' } as const;
  for (const [onFailure, action] of Object.entries(policies) as [Check['onFailure'], string][])
    assert.deepEqual(actions(await judged([check('engine', {}, { begin: boom, onFailure })])), [action]);
});

test('a check that does not answer in time holds up nothing, and is told that it is of no use any more', async () => {
  const clock = new TestClock();
  let aborted = 0;
  const never = new Promise<never>(() => {});
  const chain = new Chain({
    checks: [
      check('slow reader', { body: () => never, abort: () => void aborted++ }, { timeoutMs: 500 }),
      check('slow thinker', { finish: () => never, abort: () => void aborted++ }, { timeoutMs: 700 }),
    ],
    rulesOf: async () => verdictDefaults,
    clock,
    log: silentLog,
    metrics: noMetrics,
  });
  const inspection = chain.begin(mailTo('one'));
  const held = inspection.body(Buffer.from('x'));
  await clock.advance(500);
  await held;
  const judgement = inspection.finish({ findings: [] });
  await clock.settle();
  await clock.advance(700);
  const { failures } = await judgement;
  assert.deepEqual(
    failures.map(({ check, why }) => `${check}: ${why}`),
    ['slow reader: no answer within 500 ms', 'slow thinker: no answer within 700 ms'],
  );
  assert.equal(aborted, 2);
});
