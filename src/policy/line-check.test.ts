import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { newMessageId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { parseBlocks } from '../net/address-block.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import { Chain, type Judgement } from './chain.ts';
import type { CheckedMail } from './check.ts';
import { lineCheck, lineFinder, type LineCheckParts } from './line-check.ts';
import { refusalOf } from './verdict-reply.ts';
import { verdictDefaults } from './verdict.ts';

const nowhere = async (name: string): Promise<{ is: 'nxDomain'; canonicalName: string }> => ({
  is: 'nxDomain',
  canonicalName: name,
});
const dns = { a: nowhere, aaaa: nowhere, ptr: nowhere, mx: nowhere, txt: nowhere };

async function judged(parts: Partial<LineCheckParts>, mail: Partial<CheckedMail> = {}): Promise<Judgement> {
  const find = lineFinder({
    dns,
    lists: [],
    networks: parseBlocks(['8.8.0.0/16']),
    action: undefined,
    ...parts,
  });
  const check = lineCheck(find);
  const rulesOf = async (): Promise<typeof verdictDefaults> => verdictDefaults;
  const chain = new Chain({
    checks: [check],
    rulesOf,
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
  });
  const bytes = Buffer.from('Subject: x\r\n\r\n');
  const inspection = chain.begin({
    id: newMessageId(systemClock),
    direction: 'in',
    ip: '8.8.1.1',
    helo: 'x',
    tls: null,
    sender: '',
    to: [{ address: 'a@here.test', org: 'one', account: '' }],
    header: bytes,
    block: parseHeaders(bytes),
    ...mail,
  });
  return inspection.finish({ findings: [] });
}

test('a dynamic line has a weight that alone reaches no threshold', async () => {
  const { verdicts } = await judged({});
  assert.deepEqual(
    verdicts.map(({ action, score, findings }) => [action, score, findings[0]!.rule]),
    [['accept', 3.5, 'ip25b.network']],
  );
});

test('it decides where that is asked for, and the reply names port 587', async () => {
  assert.equal((await judged({ action: 'junk' })).verdicts[0]!.action, 'junk');
  const refused = await judged({ action: 'refuse' });
  assert.match(refusalOf(refused)!.reply, /^8\.8\.1\.1 looks like .* port 587 \(IP25B\)$/);
});

test('mail of our own users is not looked at, and DNS that fails speaks for nothing', async () => {
  assert.deepEqual((await judged({}, { direction: 'out' })).verdicts[0]!.findings, []);
  const failing = { ...dns, ptr: async (): Promise<never> => assert.fail('no DNS') };
  const { verdicts, failures } = await judged({ dns: failing });
  assert.deepEqual([verdicts[0]!.action, failures.length], ['accept', 1]);
});
