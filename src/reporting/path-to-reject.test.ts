import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToReject, type PathQuestion } from './path-to-reject.ts';
import type { SourceDetail, SourceSum } from './rows/received.ts';
import { nameSource, organisationOf, type NamedSource, type SourceKind } from './source-kind.ts';

const dayMs = 86_400_000;
const nowMs = 100 * dayMs;

const sum = (sourceIp: string, messages: number, passed: number): SourceSum => ({
  sourceIp,
  messages,
  passed,
  dkim: passed,
  spf: 0,
  quarantined: 0,
  rejected: 0,
  lastAtMs: nowMs,
});

function detail(count: number, results: Partial<SourceDetail['details']>, passed = false): SourceDetail {
  const details = {
    reasons: [],
    envelopeFrom: '',
    envelopeTo: '',
    dkimResults: [],
    spfResults: [],
    ...results,
  };
  return { count, dkim: passed ? 'pass' : 'fail', spf: 'fail', headerFrom: 'here.test', details };
}

const dkim = (domain: string, result: string) => ({ domain, selector: 's', result, comment: '' });
const known = {
  domain: 'here.test',
  ownAddresses: ['192.0.2.1'],
  hosts: new Map([['192.0.2.9', 'out-1.mail.strange.co.jp']]),
};

test('a source is named by what its mail proves, and by its host', () => {
  const kinds: readonly (readonly [SourceKind, string, SourceSum, readonly SourceDetail[]])[] = [
    ['own', '', sum('192.0.2.1', 10, 3), []],
    ['aligned', '', sum('192.0.2.2', 1000, 995), [detail(5, {})]],
    [
      'service',
      'sender.example',
      sum('192.0.2.3', 10, 0),
      [detail(10, { dkimResults: [dkim('u12.eu.sender.example', 'pass'), dkim('small.example', 'fail')] })],
    ],
    [
      'service',
      'bounces.example',
      sum('192.0.2.4', 10, 0),
      [detail(10, { spfResults: [{ domain: 'bounces.example', scope: 'mfrom', result: 'pass' }] })],
    ],
    ['forwarder', '', sum('192.0.2.5', 4, 0), [detail(4, { dkimResults: [dkim('here.test', 'fail')] })]],
    [
      'forwarder',
      'list.example',
      sum('192.0.2.6', 4, 0),
      [
        detail(4, {
          reasons: [{ type: 'mailing_list', comment: '' }],
          dkimResults: [dkim('list.example', 'pass')],
        }),
      ],
    ],
    ['partly', '', sum('192.0.2.7', 10, 5), [detail(5, {}, true), detail(5, {})]],
    ['unknown', '', sum('192.0.2.8', 10, 0), [detail(10, { dkimResults: [dkim('here.test', 'none')] })]],
    ['unknown', 'strange.co.jp', sum('192.0.2.9', 10, 0), [detail(10, {})]],
  ];
  for (const [kind, organisation, of, details] of kinds) {
    const named = nameSource(of, details, known);
    assert.deepEqual([named.kind, named.organisation], [kind, organisation], of.sourceIp);
  }
  assert.equal(organisationOf('localhost'), '');
  assert.equal(organisationOf('a.b.example.com.'), 'example.com');
});

const source = (kind: SourceKind, messages: number, passed: number): NamedSource => ({
  ...sum(`192.0.2.${kind.length}`, messages, passed),
  kind,
  host: '',
  organisation: '',
});

function question(sources: readonly NamedSource[], more: Partial<PathQuestion> = {}): PathQuestion {
  const messages = sources.reduce((all, each) => all + each.messages, 0);
  const coverage = {
    reports: 40,
    reporters: 3,
    firstAtMs: nowMs - 30 * dayMs,
    lastAtMs: nowMs - dayMs,
    messages,
    passed: 0,
  };
  return { coverage, sources, policy: 'none', testing: false, ...more };
}

test('reject is safe when all senders of the domain prove it, whatever forgers and forwarders send', () => {
  const sources = [
    source('own', 1000, 998),
    source('aligned', 500, 500),
    source('unknown', 90, 0),
    source('forwarder', 40, 0),
  ];
  const path = pathToReject(question(sources), nowMs);
  assert.deepEqual([path.safe, path.obstacles, path.next], [true, [], 'p=quarantine']);
  assert.deepEqual([path.refused.own, path.refused.unknown, path.refused.forwarder], [2, 90, 40]);
  assert.equal(
    pathToReject(question(sources, { policy: 'quarantine', testing: true }), nowMs).next,
    'p=quarantine',
  );
  assert.equal(pathToReject(question(sources, { policy: 'quarantine' }), nowMs).next, 'p=reject');
  assert.equal(pathToReject(question(sources, { policy: 'reject', testing: true }), nowMs).next, 'p=reject');
  assert.equal(pathToReject(question(sources, { policy: 'reject' }), nowMs).next, undefined);
});

test('why reject is not safe yet is named', () => {
  const whyNot = (asked: PathQuestion): string[] => {
    const { safe, obstacles, next } = pathToReject(asked, nowMs);
    assert.equal(safe, false);
    assert.equal(next, asked.policy === undefined ? 'p=none' : undefined);
    return obstacles.map(({ is }) => is);
  };
  const fine = [source('own', 100, 100)];
  const { coverage } = question(fine);
  assert.deepEqual(whyNot(question([source('service', 1, 0)])), ['source']);
  assert.deepEqual(whyNot(question([source('own', 100, 90)])), ['source']);
  assert.deepEqual(whyNot(question([source('partly', 100, 50)])), ['source']);
  assert.deepEqual(whyNot(question([...fine, source('unknown', 50, 0)])), ['unknownMuch']);
  assert.deepEqual(whyNot(question(fine, { policy: undefined })), ['noRecord']);
  assert.deepEqual(whyNot(question(fine, { coverage: { ...coverage, reports: 0 } })), ['noReports']);
  assert.deepEqual(whyNot(question(fine, { coverage: { ...coverage, reporters: 1 } })), ['oneReporter']);
  assert.deepEqual(whyNot(question(fine, { coverage: { ...coverage, firstAtMs: nowMs - 5 * dayMs } })), [
    'fewDays',
  ]);
  assert.deepEqual(whyNot(question(fine, { coverage: { ...coverage, lastAtMs: nowMs - 9 * dayMs } })), [
    'oldReports',
  ]);
});
