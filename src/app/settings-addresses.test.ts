import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, OrgId } from '../base/ids.ts';
import { readSettings } from '../config/read.ts';
import type { Settings } from '../config/schema.ts';
import type { Resolution } from '../directory/resolution.ts';
import { deadAddresses, wrongAddresses } from './settings-addresses.ts';

function settingsOf(postmaster: string, doubleBounces: string): Settings {
  const read = readSettings({ hostname: 'mx.here.test', smtp: { postmaster }, queue: { doubleBounces } }, {});
  assert.equal(read.is, 'settings', JSON.stringify(read));
  return (read as { settings: Settings }).settings;
}

const [account, org] = ['a1' as AccountId, 'o1' as OrgId];
const known: Readonly<Record<string, Resolution>> = {
  'alice@here.test': {
    is: 'account',
    account,
    org,
    address: 'alice@here.test',
    mailboxDetail: '',
    language: 'en',
  },
  'off@here.test': { is: 'disabled', account, org },
  'gone@here.test': { is: 'unknown' },
};
const directory = { resolve: async (address: string) => known[address] ?? ({ is: 'remote' } as const) };
const told = async (postmaster: string, doubleBounces: string): Promise<string[]> =>
  (await deadAddresses(settingsOf(postmaster, doubleBounces), directory)).map(
    ({ setting, address, why }) => `${setting} ${address} ${why}`,
  );

test('addresses of the settings that lead to nobody are told', async () => {
  assert.deepEqual(await told('', ''), []);
  assert.deepEqual(await told('alice@here.test', 'alice@here.test'), []);
  assert.deepEqual(await told('gone@here.test', 'off@here.test'), [
    'smtp.postmaster gone@here.test is nobody here',
    'queue.doubleBounces off@here.test is switched off',
  ]);
});

test('notices may go elsewhere, the mail of strangers to the postmaster may not', async () => {
  assert.deepEqual(await told('x@there.test', 'x@there.test'), [
    'smtp.postmaster x@there.test is not of this server',
  ]);
});

test('what is no address needs no directory', () => {
  const wrong = wrongAddresses(settingsOf('postmaster', 'a b@c'));
  assert.deepEqual(
    wrong.map(({ setting, why }) => `${setting} ${why}`),
    ['smtp.postmaster is no address', 'queue.doubleBounces is no address'],
  );
  assert.deepEqual(wrongAddresses(settingsOf('alice@here.test', '')), []);
});
