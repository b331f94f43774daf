/**
 * What the large providers ask of senders (Gmail and Yahoo since February 2024, Outlook.com since May 2025, docomo for its official accounts), held against a
 * domain: its DNS records, and what came of its mail. What cannot be seen from here is told as such.
 */
import type { DnsAnswer } from '../../../../src/httpd/admin-api/contract-dns.ts';

export const askers = ['gmail', 'yahoo', 'outlook', 'docomo'] as const;
export type Asker = (typeof askers)[number];

export const ruleNames = [
  'spf',
  'dkim',
  'dmarc',
  'alignment',
  'ptr',
  'tls',
  'complaints',
  'oneClick',
] as const;
export type RuleName = (typeof ruleNames)[number];

/** `bulk`: of those who send thousands a day. `advised`: not asked, but it helps. */
export type Need = 'all' | 'bulk' | 'advised' | 'none';

export const needs: Readonly<Record<RuleName, Readonly<Record<Asker, Need>>>> = {
  spf: { gmail: 'all', yahoo: 'all', outlook: 'bulk', docomo: 'all' },
  dkim: { gmail: 'all', yahoo: 'all', outlook: 'bulk', docomo: 'all' },
  dmarc: { gmail: 'bulk', yahoo: 'bulk', outlook: 'bulk', docomo: 'all' },
  alignment: { gmail: 'bulk', yahoo: 'bulk', outlook: 'bulk', docomo: 'advised' },
  ptr: { gmail: 'all', yahoo: 'all', outlook: 'advised', docomo: 'all' },
  tls: { gmail: 'all', yahoo: 'advised', outlook: 'advised', docomo: 'advised' },
  complaints: { gmail: 'all', yahoo: 'all', outlook: 'advised', docomo: 'advised' },
  oneClick: { gmail: 'bulk', yahoo: 'bulk', outlook: 'advised', docomo: 'advised' },
};

export type Verdict = 'met' | 'broken' | 'unseen';

export interface RuleResult {
  readonly rule: RuleName;
  readonly is: Verdict;
  /** Which sentence says what was found: `found.<rule>.<found>`. */
  readonly found: 'ok' | 'missing' | 'wrong' | 'unknown' | 'high' | 'yours';
  readonly detail: string;
}

/** Gmail asks for less than 0.1 % and never 0.3 %. */
const complaintsMax = 0.001;

export interface Seen {
  readonly dns: DnsAnswer;
  /** Of delivered mail, called spam. */
  readonly complaintRate: number;
  readonly delivered: number;
  /** Sessions of TLS reports that failed, and all. */
  readonly tls: { readonly failed: number; readonly all: number };
}

type Purpose = DnsAnswer['records'][number]['record']['purpose'];

function record(rule: RuleName, { dns }: Seen, purpose: Purpose): RuleResult {
  const mine = dns.records.filter((one) => one.record.purpose === purpose);
  const bad = mine.find(({ status }) => status !== 'ok');
  const detail = (bad ?? mine[0])?.found.join(', ') ?? '';
  if (mine.length === 0) return { rule, is: 'unseen', found: 'unknown', detail };
  if (!bad) return { rule, is: 'met', found: 'ok', detail };
  if (bad.status === 'missing') return { rule, is: 'broken', found: 'missing', detail: bad.record.name };
  if (bad.status === 'different') return { rule, is: 'broken', found: 'wrong', detail };
  return { rule, is: 'unseen', found: 'unknown', detail };
}

/** Signatures carry the domain itself: with its key in DNS, From is proved by DKIM. */
function alignment(seen: Seen): RuleResult {
  const dkim = record('dkim', seen, 'dkim');
  return { rule: 'alignment', is: dkim.is, found: dkim.is === 'broken' ? 'missing' : dkim.found, detail: '' };
}

function tls({ tls: { failed, all } }: Seen): RuleResult {
  const detail = `${failed} / ${all}`;
  if (failed > 0) return { rule: 'tls', is: 'broken', found: 'wrong', detail };
  return { rule: 'tls', is: 'met', found: 'ok', detail };
}

function complaints({ complaintRate, delivered }: Seen): RuleResult {
  const detail = `${(complaintRate * 100).toFixed(2)} %`;
  if (delivered === 0) return { rule: 'complaints', is: 'unseen', found: 'unknown', detail: '' };
  const high = complaintRate >= complaintsMax;
  return { rule: 'complaints', is: high ? 'broken' : 'met', found: high ? 'high' : 'ok', detail };
}

export function resultsOf(seen: Seen): readonly RuleResult[] {
  return [
    record('spf', seen, 'spf'),
    record('dkim', seen, 'dkim'),
    record('dmarc', seen, 'dmarc'),
    alignment(seen),
    record('ptr', seen, 'reverse'),
    tls(seen),
    complaints(seen),
    { rule: 'oneClick', is: 'unseen', found: 'yours', detail: '' },
  ];
}

/** Whether all that this provider asks of everybody, or of bulk senders, is met as far as it can be seen. */
export function verdictFor(asker: Asker, results: readonly RuleResult[]): Verdict {
  const asked = results.filter(({ rule }) => needs[rule][asker] === 'all' || needs[rule][asker] === 'bulk');
  if (asked.some(({ is }) => is === 'broken')) return 'broken';
  return asked.every(({ is, found }) => is === 'met' || found === 'yours') ? 'met' : 'unseen';
}
