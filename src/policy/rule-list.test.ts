import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgedWords } from '../events/judged-words.ts';
import { systemClock } from '../base/clock.ts';
import { attachmentCheck } from './attachment-check.ts';
import { Clamav } from './clamav.ts';
import { testDialer } from './engine-testing.ts';
import { engineCheck } from './engine.ts';
import { headerCheck } from './header-check.ts';
import { impersonationCheck } from './impersonation-check.ts';
import { listRules } from './rule-list.ts';

const facts = { domains: [], protectedDomains: [], protectedNames: [], rules: [] };
const checks = [
  headerCheck({ clock: systemClock, ownNames: [] }),
  impersonationCheck(async () => facts, 1000),
  attachmentCheck({
    keptMaxBytes: 1,
    unpackedMaxBytes: 1,
    timeoutMs: 1,
    rulesOf: () => Promise.reject(new Error()),
  }),
  engineCheck(
    new Clamav(testDialer, {
      name: 'clamav',
      address: { is: 'unix', path: '/x' },
      timeoutMs: 1,
      action: 'refuse',
    }),
    { name: 'clamav', timeoutMs: 1, onFailure: 'accept', messageMaxBytes: 1, direction: 'in' },
    { hostName: 'mx.here.test', clock: systemClock },
  ),
];

test('every rule is listed with the weight that the organisation gives it', () => {
  const listed = listRules(checks, { weights: { 'header.*': 0, 'from.typo': 7 } });
  const of = (name: string) => listed.find(({ rule }) => rule === name);
  assert.deepEqual(of('header.no-date'), { rule: 'header.no-date', weight: 0, changed: true });
  assert.deepEqual(of('from.typo'), { rule: 'from.typo', weight: 7, changed: true });
  assert.deepEqual(of('from.cousin'), { rule: 'from.cousin', weight: 1.5, changed: false });
  assert.equal(of('attachment.program')?.weight, 5);
  assert.equal(of('clamav.virus')?.weight, 100);
  assert.deepEqual(of('proof.dmarc-fail'), { rule: 'proof.dmarc-fail', weight: 2, changed: false });
});

test('every rule has words in both languages', () => {
  for (const { rule } of listRules(checks, { weights: {} }))
    for (const language of ['en', 'ja'] as const) assert.notEqual(judgedWords[language].rule(rule), '', rule);
});
