/** What is proved of a sender, as findings of the chain. That its domain wants a mail refused is decided before (decide.ts). */
import type { Authentication } from './authentication.ts';
import type { Finding } from './check.ts';
import type { Opinion } from './opinion.ts';

export const proofWeights = {
  'proof.spf-fail': 1.5,
  'proof.spf-softfail': 0.7,
  'proof.dkim-broken': 0.3,
  'proof.dmarc-fail': 2,
  'proof.dmarc-pass': -0.5,
  'proof.policy': 0,
} as const;

export function proofFindings({ found, decision, junkFor }: Extract<Opinion, { is: 'accept' }>): Finding[] {
  const findings = [...ofSpf(found), ...ofDkim(found), ...ofDmarc(found)];
  const { by, domain } = decision;
  for (const org of junkFor)
    findings.push({
      ...finding('proof.policy', domain === '' ? by : `${by} ${domain}`),
      org,
      action: 'junk',
    });
  return findings;
}

const finding = (rule: keyof typeof proofWeights, detail: string): Finding => ({
  rule,
  weight: proofWeights[rule],
  detail,
});

/** Where DMARC has spoken, that is the whole of it: SPF is half of what it looks at. */
function ofSpf({ spf, dmarc }: Authentication): Finding[] {
  if (dmarc?.result === 'pass' || dmarc?.result === 'fail') return [];
  if (spf.result === 'fail') return [finding('proof.spf-fail', spf.domain)];
  return spf.result === 'softfail' ? [finding('proof.spf-softfail', spf.domain)] : [];
}

function ofDkim({ dkim }: Authentication): Finding[] {
  const good = dkim.some(({ result }) => result === 'pass');
  const broken = dkim.find(({ result }) => result === 'fail');
  return good || broken === undefined ? [] : [finding('proof.dkim-broken', broken.domain)];
}

function ofDmarc({ dmarc }: Authentication): Finding[] {
  if (dmarc?.result === 'fail') return [finding('proof.dmarc-fail', dmarc.author)];
  return dmarc?.result === 'pass' ? [finding('proof.dmarc-pass', dmarc.author)] : [];
}
