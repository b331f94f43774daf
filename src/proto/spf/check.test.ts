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
  readonly mx?: Readonly<Record<string, readonly string[]>>;
  /** Names of the host. */
  readonly ptr?: readonly string[];
  readonly asked?: string[];
}

function lookup({ txt = {}, a = {}, mx = {}, ptr, asked = [] }: Zone): NameLookup {
  const found = <T>(records: readonly T[] | undefined, name: string): Found<T> => {
    asked.push(name);
    return records === undefined ? { is: 'nxDomain', canonicalName: name } : { is: 'records', records };
  };
  return {
    txt: async (name) => found(txt[name] === undefined ? undefined : [txt[name]], name),
    a: async (name) => found(a[name], name),
    aaaa: async (name) => found(undefined, name),
    mx: async (name) =>
      found(
        mx[name]?.map((exchange) => ({ preference: 10, exchange })),
        name,
      ),
    ptr: async (ip) => found(ptr, ip),
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

test('ten terms that ask DNS are read, and no eleventh; those that do not ask are not counted', async () => {
  const a = { 'b.test': ['192.0.2.9'] };
  const record = (terms: number): string =>
    `v=spf1 ${'ip4:10.0.0.1 '.repeat(30)}${'a:b.test '.repeat(terms)}ip4:192.0.2.1 -all`;
  assert.equal((await ask({ txt: { 'a.test': record(10) }, a })).why, 'ip4:192.0.2.1');
  assert.equal((await ask({ txt: { 'a.test': record(11) }, a })).why, 'more than 10 terms ask DNS');
  const redirected = { 'a.test': `v=spf1 ${'a:b.test '.repeat(10)}redirect=b.test`, 'b.test': 'v=spf1 +all' };
  assert.equal((await ask({ txt: redirected, a })).result, 'permerror', 'a redirection is a term');
});

test('two names may be missing, and no third', async () => {
  const record = (terms: string): Zone => ({ txt: { 'a.test': `v=spf1 ${terms} ip4:192.0.2.1 -all` } });
  assert.equal((await ask(record('a:x.test exists:y.test'))).result, 'pass');
  const { result, why } = await ask(record('a:x.test exists:y.test mx:z.test'));
  assert.deepEqual([result, why], ['permerror', 'more than 2 names do not exist']);
});

test('ten MX hosts are looked at, eleven are an error', async () => {
  const hosts = Array.from({ length: 11 }, (_, i) => `mx${i}.test`);
  const a = Object.fromEntries(hosts.map((host, i) => [host, [i === 9 ? '192.0.2.1' : '192.0.2.9']]));
  const zone = (count: number): Zone => ({
    txt: { 'a.test': 'v=spf1 mx -all' },
    mx: { 'a.test': hosts.slice(0, count) },
    a,
  });
  assert.equal((await ask(zone(10))).result, 'pass');
  const { result, why } = await ask(zone(11));
  assert.deepEqual([result, why], ['permerror', 'a.test has more than 10 MX hosts']);
});

test('of the names of a host ten are looked at', async () => {
  const ptr = [...Array.from({ length: 10 }, (_, i) => `n${i}.other.test`), 'mail.a.test'];
  const a = Object.fromEntries(ptr.map((name) => [name, ['192.0.2.1']]));
  const txt = { 'a.test': 'v=spf1 ptr -all' };
  const asked: string[] = [];
  assert.equal((await ask({ txt, ptr, a, asked })).result, 'fail');
  assert.equal(asked.length, 12);
  assert.equal((await ask({ txt, ptr: ptr.toReversed(), a })).result, 'pass');
  assert.equal(
    (await ask({ txt, ptr: ['mail.a.test'] })).result,
    'fail',
    'a name must lead back to the host',
  );
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
