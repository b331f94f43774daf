/** DMARC: policies, alignment and the tree walk of RFC 9989, and where reports may go. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Found } from '../../src/proto/dns/lookup.ts';
import { evaluateDmarc, type DmarcDns, type Identifier } from '../../src/proto/dmarc/evaluate.ts';
import { parseDmarcRecord } from '../../src/proto/dmarc/record.ts';
import { reportAddresses } from '../../src/proto/dmarc/report-address.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';

type Texts = Readonly<Record<string, readonly (string | readonly string[])[] | string>>;

function table(texts: Texts, existing: readonly string[] = []): DmarcDns {
  return {
    async txt(name): Promise<Found<string>> {
      const found = texts[name] ?? texts[`*.${name.slice(name.indexOf('._report.') + 1)}`];
      if (typeof found === 'string') return { is: 'failure', reason: 'servfail' };
      if (found === undefined) return { is: 'nxDomain', canonicalName: name };
      return { is: 'records', records: found.map((one) => (typeof one === 'string' ? one : one.join(''))) };
    },
    async a(name): Promise<Found<string>> {
      return { is: existing.includes(name) ? 'noData' : 'nxDomain', canonicalName: name };
    },
  };
}

interface Vector {
  readonly id: string;
  readonly header_from: string;
  readonly spf: readonly { domain: string; result: string }[];
  readonly dkim: readonly { domain: string; result: string }[];
  readonly dns_txt: Texts;
  readonly existing_names: readonly string[];
  readonly expect: { rfc9989: { result: string; policy: string | null; applied?: string } };
  readonly disputable: string;
}

const identifier = ({ domain, result }: { domain: string; result: string }): Identifier => ({
  domain,
  result: result === 'pass' || result === 'temperror' ? result : 'other',
});

const vectors = (name: string): unknown =>
  JSON.parse(readFileSync(join(conformanceFolder('vectors')!, `${name}.json`), 'utf8'));

test('vectors: results and policies are those of RFC 9989', skipWithout('vectors'), async (t) => {
  const wrong: string[] = [];
  for (const { id, header_from, spf, dkim, dns_txt, existing_names, expect, disputable } of vectors(
    'dmarc-evaluation',
  ) as Vector[]) {
    const question = { author: header_from, spf: spf.map(identifier)[0], dkim: dkim.map(identifier) };
    const { result, policy, applied } = await evaluateDmarc(question, table(dns_txt, existing_names));
    const wanted = expect.rfc9989;
    const right =
      result === wanted.result &&
      (policy ?? null) === wanted.policy &&
      (wanted.applied === undefined || applied === wanted.applied);
    if (right) continue;
    const told = `${id}: ${result} ${policy}, not ${wanted.result} ${wanted.policy}`;
    if (disputable === '') wrong.push(told);
    else t.diagnostic(`${told} (disputable: ${disputable})`);
  }
  assert.deepEqual(wrong, []);
});

interface Destination {
  readonly id: string;
  readonly policy_domain: string;
  readonly rua: string;
  readonly dns: Texts;
  readonly send: boolean | string;
  readonly to?: string;
}

test(
  'vectors: reports go to other domains only where those have agreed',
  skipWithout('vectors'),
  async () => {
    for (const { id, policy_domain, rua, dns, send, to } of vectors(
      'dmarc-report-destinations',
    ) as Destination[]) {
      const { rua: uris } = parseDmarcRecord(`v=DMARC1; p=none; rua=${rua}`)!;
      // The organization of a domain is told by records: without one, example.com and its subdomain are two.
      const texts: Texts = { '_dmarc.example.com': ['v=DMARC1; p=none'], ...dns };
      const found = await reportAddresses(policy_domain, uris, table(texts));
      const sent = found!.map(({ address }) => `mailto:${address}`);
      if (send === false || id === 'external-override-foreign') assert.deepEqual(sent, [], id);
      else assert.deepEqual(sent, [to ?? rua.replace(/!.*/, '')], id);
      if (id === 'size-limit') assert.equal(found![0]!.maxBytes, 10_240);
    }
  },
);
