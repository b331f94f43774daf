import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBlocks } from '../net/address-block.ts';
import type { Found, NameLookup } from '../proto/dns/lookup.ts';
import { lineOf, type LineParts } from './line.ts';

const dynamicName = 'p1234-ipad01marunouchi.tokyo.ocn.ne.jp';

interface Table {
  readonly ptr?: Readonly<Record<string, readonly string[] | 'failure'>>;
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
}

function answer<T>(records: readonly T[] | 'failure' | undefined, name: string): Found<T> {
  if (records === 'failure') return { is: 'failure', reason: 'timeout' };
  return records === undefined ? { is: 'nxDomain', canonicalName: name } : { is: 'records', records };
}

function parts({ ptr = {}, addresses = {} }: Table, more: Partial<LineParts> = {}): LineParts {
  const nothing = async (name: string): Promise<Found<never>> => answer<never>(undefined, name);
  const dns: NameLookup = {
    a: async (name) =>
      answer(
        addresses[name]?.filter((ip) => !ip.includes(':')),
        name,
      ),
    aaaa: async (name) =>
      answer(
        addresses[name]?.filter((ip) => ip.includes(':')),
        name,
      ),
    ptr: async (ip) => answer(ptr[ip], ip),
    txt: nothing,
    mx: nothing,
  };
  return { dns, networks: [], lists: [], ...more };
}

test('a line is dynamic by its name, also where that leads back: names of ranges do', async () => {
  const table = { ptr: { '8.8.1.1': [dynamicName] }, addresses: { [dynamicName]: ['8.8.1.1'] } };
  assert.deepEqual(await lineOf('8.8.1.1', parts(table)), {
    is: 'dynamic',
    by: 'name',
    detail: dynamicName,
  });
});

test('networks and lists tell it where the name does not', async () => {
  const networks = parseBlocks(['8.8.0.0/16', '2400:2410::/32']);
  assert.deepEqual(await lineOf('8.8.1.1', parts({}, { networks })), {
    is: 'dynamic',
    by: 'network',
    detail: '8.8.1.1',
  });
  assert.equal((await lineOf('2400:2410::7', parts({}, { networks }))).is, 'dynamic');
  const lists = [{ zone: 'dul.test', answers: ['127.0.0.10', '127.0.0.11'] }];
  const listed = (said: string): Promise<string> =>
    lineOf('8.8.1.1', parts({ addresses: { '1.1.8.8.dul.test': [said] } }, { lists })).then(({ is }) => is);
  assert.equal(await listed('127.0.0.11'), 'dynamic');
  // Listed for something else, the list does not answer us, or its domain has been bought by somebody.
  for (const said of ['127.0.0.2', '127.255.255.254', '192.0.2.1'])
    assert.equal(await listed(said), 'unknown');
  const any = parts(
    { addresses: { '1.1.8.8.dul.test': ['127.0.0.2'] } },
    { lists: [{ zone: 'dul.test', answers: [] }] },
  );
  assert.deepEqual(await lineOf('8.8.1.1', any), { is: 'dynamic', by: 'list', detail: 'dul.test' });
});

test('a name of its own that leads back spares an address from every list', async () => {
  const networks = parseBlocks(['8.8.0.0/16', '2400:2410::/32']);
  const table = {
    ptr: { '8.8.1.1': ['x.example.jp', 'mail.example.jp'], '2400:2410::7': ['mail.example.jp'] },
    addresses: { 'mail.example.jp': ['8.8.1.1', '2400:2410:0::7'] },
  };
  for (const ip of ['8.8.1.1', '2400:2410::7'])
    assert.deepEqual(await lineOf(ip, parts(table, { networks })), {
      is: 'server',
      detail: 'mail.example.jp',
    });
  const elsewhere = { ...table, addresses: { 'mail.example.jp': ['8.8.1.2'] } };
  assert.equal((await lineOf('8.8.1.1', parts(elsewhere, { networks }))).is, 'dynamic');
});

test('what cannot be found out, and addresses of closed networks, speak for nothing', async () => {
  assert.equal((await lineOf('8.8.1.1', parts({ ptr: { '8.8.1.1': 'failure' } }))).is, 'unknown');
  assert.equal((await lineOf('8.8.1.1', parts({}))).is, 'unknown');
  const networks = parseBlocks(['0.0.0.0/0', '::/0']);
  for (const ip of ['10.0.0.1', '127.0.0.1', '::1', 'fd00::1', 'nonsense'])
    assert.equal((await lineOf(ip, parts({}, { networks }))).is, 'unknown', ip);
});
