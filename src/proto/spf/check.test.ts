import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Found, NameLookup } from '../dns/lookup.ts';
import { checkHost, type SpfResult } from './check.ts';
import { formatIp, parseIp } from './ip.ts';
import { parseSpfRecord } from './record.ts';

interface Zone {
  readonly txt?: Readonly<Record<string, string>>;
  readonly a?: Readonly<Record<string, readonly string[]>>;
  readonly asked?: string[];
}

function lookup({ txt = {}, a = {}, asked = [] }: Zone): NameLookup {
  const found = <T>(records: readonly T[] | undefined, name: string): Found<T> => {
    asked.push(name);
    return records === undefined ? { is: 'nxDomain', canonicalName: name } : { is: 'records', records };
  };
  return {
    txt: async (name) => found(txt[name] === undefined ? undefined : [txt[name]], name),
    a: async (name) => found(a[name], name),
    aaaa: async (name) => found(undefined, name),
    mx: async (name) => found(undefined, name),
    ptr: async (ip) => found(undefined, ip),
  };
}

const ask = (zone: Zone, domain = 'a.test', expired?: () => boolean): Promise<SpfResult> =>
  checkHost(
    { ip: '192.0.2.1', domain, sender: `x@${domain}`, helo: 'h.test', receiver: 'r.test', nowSeconds: 0 },
    { dns: lookup(zone), ...(expired && { expired }) },
  );

test('what decided is told in the words of the record', async () => {
  assert.deepEqual(await ask({ txt: { 'a.test': 'v=spf1 ip4:192.0.2.0/24 -all' } }), {
    result: 'pass',
    why: 'ip4:192.0.2.0/24',
    explanation: '',
  });
  assert.equal((await ask({ txt: { 'a.test': 'v=spf1 -all' } })).why, '-all');
});

test('records that include one another end in an error after ten terms', async () => {
  const asked: string[] = [];
  const { result, why } = await ask({
    txt: { 'a.test': 'v=spf1 include:a.test include:a.test -all' },
    asked,
  });
  assert.deepEqual([result, why], ['permerror', 'more than 10 terms ask DNS']);
  assert.ok(asked.length <= 12, `${asked.length} questions`);
});

test('whoever waits no longer stops the questions', async () => {
  const asked: string[] = [];
  let left = 2;
  const zone = {
    txt: { 'a.test': 'v=spf1 a:b.test a:c.test a:d.test -all' },
    a: { 'b.test': ['1.1.1.1'], 'c.test': ['1.1.1.1'] },
    asked,
  };
  const { result } = await ask(zone, 'a.test', () => left-- <= 0);
  assert.equal(result, 'temperror');
  assert.equal(asked.length, 2);
});

test('a macro bomb stays the length of a name', async () => {
  const asked: string[] = [];
  await ask({ txt: { 'a.test': `v=spf1 exists:${'%{s}'.repeat(200)}.a.test -all` }, asked });
  for (const name of asked) assert.ok(name.length <= 253, name);
});

test('any text is a record or none, and any sender gets a result', async () => {
  const term = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      'all',
      '-all',
      'a',
      'mx',
      'ptr',
      'include:b.test',
      'exists:%{l1r-}.%{d}',
      'redirect=b.test',
      'exp=%{p}',
      'ip4:1.2.3.4/33',
      'ip6:::/0',
      'a/24//64',
    ),
  );
  const record = fc.array(term, { maxLength: 8 }).map((terms) => `v=spf1 ${terms.join(' ')}`);
  await fc.assert(
    fc.asyncProperty(record, fc.string({ unit: 'binary', maxLength: 60 }), async (text, domain) => {
      parseSpfRecord(text);
      await ask({ txt: { 'a.test': text, 'b.test': text } });
      await ask({ txt: { [domain]: text } }, domain);
    }),
  );
});

test('addresses are read strictly and written as RFC 5952 has them', () => {
  for (const bad of [
    '1.2.3',
    '1.2.3.04',
    '256.1.1.1',
    '1::2::3',
    ':1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1%eth0',
    'x',
    '',
  ]) {
    assert.equal(parseIp(bad), undefined, bad);
  }
  for (const [text, normal] of [
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ] as const) {
    assert.equal(formatIp(parseIp(text)!), normal);
  }
});
