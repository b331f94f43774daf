import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import type { Refusal } from '../base/refusal.ts';
import { systemActor } from './actor.ts';
import { Expansion } from './expansion.ts';
import { explain, type Explanation } from './explanation.ts';
import { openTestDirectory, type TestDirectory } from './testing.ts';

const options = { org: undefined, depthMax: 10, stepsMax: 100 };
const limits = { expandedRecipientsMax: 100, expansionDepthMax: 10 };

/** A small firm: two people, one of them forwarding, one gone; aliases, groups, a circle, rewriting, a second domain, a catch-all. */
async function openFirm(): Promise<TestDirectory> {
  const t = await openTestDirectory();
  const { office, org } = t;
  const account = async (name: string, more: object = {}) => ({
    org: org.id,
    id: (await office.accounts.create(systemActor, org.id, { name: `${name}@here.test`, ...more })).id,
  });
  const alice = await account('alice', { roles: ['owner'] });
  await account('bob');
  await account('gone', { disabled: true });
  await office.accounts.setForward(systemActor, alice, { targets: ['a@far.test'], keepCopy: true });
  const route = (kind: 'alias' | 'group' | 'forward', name: string, ...targets: string[]) =>
    office.routes.create(systemActor, { org: org.id, kind, address: `${name}@here.test` }, { targets });
  await route('alias', 'sales', 'bob@here.test');
  await route('group', 'all', 'sales@here.test', 'alice@here.test', 'bob@here.test', 'x@far.test');
  await route('group', 'empty');
  await route('alias', 'round', 'about@here.test');
  await route('alias', 'about', 'round@here.test');
  for (let i = 0; i < 13; i++) await route('alias', `deep${i}`, `deep${i + 1}@here.test`);
  await office.domains.create(systemActor, org.id, { name: '飛脚.test', aliasOf: 'here.test' });
  await office.domains.create(systemActor, org.id, { name: 'catch.test', catchAll: 'bob@here.test' });
  await office.rewrites.put(systemActor, org.id, {
    direction: 'in',
    from: 'old@here.test',
    to: 'bob@here.test',
  });
  return t;
}

const asked = (t: TestDirectory, address: string) => explain(t.directory, address, options);
const kinds = ({ steps }: Explanation) => steps.map(({ depth, is, address }) => `${depth} ${is} ${address}`);

test('each step is told, in the order in which it is taken', async () => {
  await using t = await openFirm();
  assert.deepEqual(kinds(await asked(t, 'all@here.test')), [
    '0 group all@here.test',
    '1 alias sales@here.test',
    '2 account bob@here.test',
    '1 account alice@here.test',
    '1 forward alice@here.test',
    '2 remote a@far.test',
    '1 again bob@here.test',
    '1 remote x@far.test',
  ]);
  assert.deepEqual(kinds(await asked(t, 'old@here.test')), [
    '0 rewritten old@here.test',
    '0 account bob@here.test',
  ]);
  const tagged = await asked(t, 'sales+2026@飛脚.test');
  assert.deepEqual(kinds(tagged).slice(0, 2), [
    '0 aliasDomain sales+2026@飛脚.test',
    '0 alias sales+2026@飛脚.test',
  ]);
  const last = tagged.steps.at(-1)!;
  assert.ok(last.is === 'account' && last.name === 'bob@here.test' && last.detail === '2026');
  assert.deepEqual(kinds(await asked(t, 'abuse@here.test')).slice(0, 2), [
    '0 responsible abuse@here.test',
    '0 account abuse@here.test',
  ]);
});

test('the verdict is what a sender is told', async () => {
  await using t = await openFirm();
  const verdicts = {
    'bob@here.test': 'taken',
    'anyone@catch.test': 'taken',
    postmaster: 'taken',
    'nobody@here.test': 'unknown',
    'empty@here.test': 'unknown',
    'gone@here.test': 'disabled',
    'round@here.test': 'loop',
    'deep0@here.test': 'loop',
    'x@far.test': 'relayed',
    'not an address': 'notAnAddress',
    '@here.test': 'notAnAddress',
  };
  for (const [address, verdict] of Object.entries(verdicts))
    assert.equal((await asked(t, address)).verdict, verdict, address);
});

test('what is told is what mail does: the same mailboxes and servers, and the same refusals', async () => {
  await using t = await openFirm();
  const reasons = { unknown: 'mailboxUnknown', disabled: 'mailboxDisabled', loop: 'mailLoop' } as const;
  const names = [
    'all',
    'sales',
    'sales+x',
    'alice',
    'alice+x',
    'bob',
    'gone',
    'round',
    'deep0',
    'deep5',
    'empty',
  ];
  for (const name of [...names, 'abuse', 'none'].flatMap((each) => [
    `${each}@here.test`,
    `${each}@飛脚.test`,
  ])) {
    const { steps, verdict } = await asked(t, name);
    const expansion = new Expansion(t.directory, limits, silentLog);
    const refusal = await expansion.expand(name, false).then(
      () => undefined,
      (error: unknown) => (error as Refusal).reason,
    );
    assert.equal(refusal, verdict === 'taken' ? undefined : reasons[verdict as keyof typeof reasons], name);
    if (refusal !== undefined) continue;
    const ends = steps.flatMap((step) =>
      step.is === 'account' ? [`${step.account} ${step.detail}`] : step.is === 'remote' ? [step.address] : [],
    );
    // Who forwards and keeps a copy is one target to intake; delivery sends on from there.
    const kept = expansion.targets.filter(({ account }) => account !== '').map(({ key }) => key);
    assert.deepEqual(ends.filter((end) => end.includes(' ')).sort(), kept.sort(), name);
    for (const { account, address } of expansion.targets)
      if (account === '') assert.ok(ends.includes(address), `${name} leads to ${address}`);
  }
});

test('of another organisation nothing is told but that it is one', async () => {
  await using t = await openFirm();
  const other = await t.office.orgs.create(systemActor, { name: 'There' });
  await t.office.domains.create(systemActor, other.id, { name: 'there.test' });
  const ref = { org: other.id, kind: 'alias', address: 'boss@there.test' } as const;
  await t.office.routes.create(systemActor, ref, { targets: ['all@here.test'] });
  const seen = (address: string) => explain(t.directory, address, { ...options, org: other.id });
  assert.deepEqual(kinds(await seen('boss@there.test')), [
    '0 alias boss@there.test',
    '1 otherOrg all@here.test',
  ]);
  for (const address of ['old@here.test', 'nobody@here.test', 'all@here.test'])
    assert.deepEqual(await seen(address), {
      asked: address,
      verdict: 'otherOrg',
      steps: [{ depth: 0, address, is: 'otherOrg' }],
    });
});
