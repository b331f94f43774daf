/** VacationResponse over HTTP (RFC 8621, 8), and the script that it is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '../../../base/ids.ts';
import { ScriptLibrary } from '../../../sieve/library.ts';
import { checkSource } from '../../../sieve/script.ts';
import { openTestJmap } from '../testing.ts';
import { vacationScript } from './script.ts';

const using = { using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:vacationresponse'] };

test('there is one record, off at first; what is set is a script beside the active one, and no script of the user', async () => {
  await using jmap = await openTestJmap();
  const call = async (name: string, args: object = {}) =>
    (await jmap.request([[name, { accountId: jmap.account, ...args }]], using)).methodResponses[0][1];
  const { list, state } = await call('VacationResponse/get', { ids: null });
  assert.deepEqual(list, [
    {
      id: 'singleton',
      isEnabled: false,
      fromDate: null,
      toDate: null,
      subject: null,
      textBody: null,
      htmlBody: null,
    },
  ]);
  assert.deepEqual((await call('VacationResponse/get', { ids: ['x'] })).notFound, ['x']);
  const made = await call('VacationResponse/set', {
    create: { a: { isEnabled: true } },
    destroy: ['singleton'],
  });
  assert.equal(made.notCreated.a.type, 'singleton');
  assert.equal(made.notDestroyed.singleton.type, 'singleton');
  const wrong = await call('VacationResponse/set', {
    update: { singleton: { isEnabled: 'yes', fromDate: '2026-13-01T00:00:00Z' } },
  });
  assert.deepEqual(wrong.notUpdated.singleton.properties, ['isEnabled', 'fromDate']);
  const strange = await call('VacationResponse/set', { update: { singleton: { colour: 'red' }, other: {} } });
  assert.deepEqual(strange.notUpdated.singleton.properties, ['colour']);
  assert.equal(strange.notUpdated.other.type, 'notFound');

  const { scripts, directory } = jmap.api.parts;
  const { store, clock } = jmap.api.t;
  using library = new ScriptLibrary({ store, clock });
  const org = jmap.api.a.org;
  const account = jmap.account as AccountId;
  const run = async () =>
    (await library.for({ account, org, domain: 'other.test' })).map(
      ({ owner, stage }) => `${owner.split(':')[0]} ${stage}`,
    );
  await scripts.stage({ is: 'account', id: account }, 'main', 'active');
  const on = await call('VacationResponse/set', {
    ifInState: state,
    update: { singleton: { isEnabled: true, subject: '不在', textBody: 'He said "no".\n.' } },
  });
  assert.deepEqual(on.updated, { singleton: null });
  assert.notEqual(on.newState, state);
  assert.deepEqual(await run(), ['account before', 'account active']);
  const listed = await scripts.list({ is: 'account', id: account });
  assert.deepEqual(
    listed.map(({ name }) => name),
    ['main'],
  );
  assert.ok((await directory.ownAddresses(account, org)).length > 0);
  assert.equal((await call('VacationResponse/set', { ifInState: state })).type, 'stateMismatch');
  await call('VacationResponse/set', { update: { singleton: { isEnabled: false } } });
  assert.deepEqual(await run(), ['account active']);
  const kept = await call('VacationResponse/get', {
    ids: ['singleton'],
    properties: ['subject', 'isEnabled'],
  });
  assert.deepEqual(kept.list, [{ id: 'singleton', subject: '不在', isEnabled: false }]);
});

test('the script compiles whatever is in it', () => {
  const texts = ['plain', 'quote " and \\ back', '.\n..\nend', '不在です\r\n', ''];
  for (const text of texts)
    for (const html of [null, `<p>${text}</p>`])
      for (const dates of [null, '2026-01-02T03:04:05.678Z']) {
        const source = vacationScript(
          {
            isEnabled: true,
            fromDate: dates,
            toDate: dates,
            subject: text.split(/[\r\n]/)[0]!,
            textBody: html === null ? text : null,
            htmlBody: html,
          },
          { addresses: ['a@here.test', '@here.test', '"odd one"@here.test'], language: 'ja' },
        );
        const checked = checkSource(Buffer.from(source));
        assert.equal(checked.is, 'sound', JSON.stringify([source, checked]));
      }
});
