/** Scripts and memories, on both engines. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { describePostgres } from '../../test/test-postgres.ts';
import type { AccountId, OrgId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import { TestClock } from '../base/test-clock.ts';
import { openFileBodies } from '../store/file-bodies.ts';
import { operation } from '../store/operation.ts';
import type { Store } from '../store/store.ts';
import { sweepBodies } from '../store/sweep.ts';
import { openTestStore } from '../store/testing.ts';
import { dropScriptsOf, tidyScripts } from './care.ts';
import { ScriptLibrary } from './library.ts';
import { scriptsMax } from './limits.ts';
import { claimReply, countHits, decisionOf, keepDecision, rememberSeen, wasSeen } from './memory.ts';
import { bodyReferences, migrations } from './migrations.ts';
import { operations } from './operations.ts';
import { type ScriptOwner, ScriptRefusal } from './script.ts';
import { Workshop } from './workshop.ts';
import { Scripts } from './scripts.ts';

const alice = 'alice' as AccountId;
const own: ScriptOwner = { is: 'account', id: alice };
const org = 'org' as OrgId;
const recipient = { account: alice, org, domain: 'here.test' };
const source = (text: string): Buffer => Buffer.from(text);

const claim = operation(
  'test.claim',
  (args: { to: string; handle: string; nowMs: number; seconds: number }) =>
    claimReply({ account: alice, to: args.to, handle: args.handle }, args),
);
const see = operation('test.see', (args: { id: string; nowMs: number }) =>
  rememberSeen(alice, [{ handle: '', id: args.id, seconds: 10 }], args.nowMs),
);
const hit = operation('test.hit', (args: { line: number }) =>
  countHits(alice, [{ owner: 'account:alice', script: 'main', line: args.line }], 5),
);
const decide = operation('test.decide', (args: { key: string; bodies?: readonly string[] }) =>
  keepDecision(alice, args.key, { decision: 'x', bodies: args.bodies ?? [], nowMs: 1 }),
);
const testOperations = [claim, see, hit, decide];

interface Engine {
  open(): Promise<Store>;
}

interface Lab {
  readonly store: Store;
  readonly scripts: Scripts;
  readonly clock: TestClock;
}

function contract(engine: Engine): void {
  const on = (name: string, body: (lab: Lab) => Promise<void>): void => {
    test(name, async () => {
      await using store = await engine.open();
      const clock = new TestClock();
      await body({
        store,
        clock,
        scripts: new Scripts({ store, clock, workshop: new Workshop({ clock, log: silentLog }) }),
      });
    });
  };
  const refused = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (error: unknown) =>
        error instanceof Refusal ? `${error.reason} ${error.at ?? ''}`.trim() : String(error),
    );

  on('a script is put, listed, read, replaced, renamed and removed', async ({ scripts }) => {
    assert.deepEqual(await scripts.put(own, 'main', source('keep;')), []);
    await scripts.put(own, '休暇', source('stop;'));
    assert.deepEqual(
      (await scripts.list(own)).map(({ name, stage, sizeBytes }) => [name, stage, sizeBytes]),
      [
        ['main', '', 5],
        ['休暇', '', 5],
      ],
    );
    await scripts.put(own, 'main', source('discard;'));
    assert.equal(Buffer.from((await scripts.get(own, 'main')).source).toString(), 'discard;');
    await scripts.rename(own, 'main', 'other');
    assert.equal(await refused(scripts.get(own, 'main')), 'notFound name');
    assert.equal(await refused(scripts.rename(own, 'other', '休暇')), 'conflict name');
    assert.equal(await refused(scripts.rename(own, 'main', 'x')), 'notFound name');
    await scripts.remove(own, 'other');
    assert.equal(await refused(scripts.remove(own, 'other')), 'notFound name');
  });

  on(
    'one script is active, keeps that when it is replaced or renamed, and cannot be removed',
    async ({ scripts }) => {
      await scripts.put(own, 'a', source('keep;'));
      await scripts.put(own, 'b', source('keep;'));
      await scripts.stage(own, 'a', 'active');
      await scripts.stage(own, 'b', 'active');
      await scripts.put(own, 'b', source('stop;'));
      await scripts.rename(own, 'b', 'c');
      const stages = async () => (await scripts.list(own)).map(({ name, stage }) => [name, stage]);
      assert.deepEqual(await stages(), [
        ['a', ''],
        ['c', 'active'],
      ]);
      assert.equal(await refused(scripts.remove(own, 'c')), 'notAllowed active');
      assert.equal(await refused(scripts.stage(own, 'nope', 'active')), 'notFound name');
      await scripts.stage(own, '', 'active');
      assert.deepEqual(await stages(), [
        ['a', ''],
        ['c', ''],
      ]);
      assert.equal(await refused(scripts.stage(own, 'a', 'before')), 'notAllowed stage');
    },
  );

  on('what is wrong is not stored', async ({ scripts }) => {
    await assert.rejects(scripts.put(own, 'main', source('frob;')), (error) => {
      assert.ok(error instanceof ScriptRefusal);
      assert.equal(error.problems[0]!.code, 'commandUnknown');
      return true;
    });
    assert.equal(await refused(scripts.put(own, 'a/b', source('keep;'))), 'invalid name');
    assert.equal(await refused(scripts.put(own, 'big', Buffer.alloc(2 ** 20 + 1, '#'))), 'limitReached size');
    assert.deepEqual(await scripts.list(own), []);
  });

  on('there is an end to how many and how much', async ({ scripts }) => {
    for (let i = 0; i < scriptsMax; i++) await scripts.put(own, `s${i}`, source('keep;'));
    assert.equal(await refused(scripts.put(own, 'more', source('keep;'))), 'limitReached scripts');
    assert.equal(await refused(scripts.haveSpace(own, 'more', 5)), 'limitReached scripts');
    assert.equal(await refused(scripts.put(own, 's1', source('stop;'))), 'done');
    assert.equal(await refused(scripts.haveSpace(own, 's1', 100)), 'done');
    assert.equal(await refused(scripts.haveSpace(own, 's1', 2 ** 21)), 'limitReached size');
  });

  on(
    'a delivery runs before, active and after, from outside in and back',
    async ({ scripts, store, clock }) => {
      using library = new ScriptLibrary({ store, clock });
      assert.deepEqual(await library.for(recipient), []);
      const owners: readonly ScriptOwner[] = [
        { is: 'server' },
        { is: 'org', id: org },
        { is: 'domain', org, name: 'here.test' },
      ];
      for (const owner of owners) {
        for (const stage of ['before', 'after'] as const) {
          await scripts.put(owner, stage, source('keep;'));
          await scripts.stage(owner, stage, stage);
        }
      }
      await scripts.put(own, 'main', source('keep;'));
      await scripts.put(own, 'unused', source('keep;'));
      await scripts.stage(own, 'main', 'active');
      const found = async (who = recipient) =>
        (await library.for(who)).map(({ owner, stage }) => `${owner} ${stage}`);
      await clock.advance(2000);
      assert.deepEqual(await found(), [
        'server before',
        'org:org before',
        'domain:org/here.test before',
        'account:alice active',
        'domain:org/here.test after',
        'org:org after',
        'server after',
      ]);
      assert.deepEqual(
        await found({ account: 'bob' as AccountId, org: 'other' as OrgId, domain: 'there.test' }),
        ['server before', 'server after'],
      );
    },
  );

  on(
    'scripts that are included: own ones, and the nearest of administrators',
    async ({ scripts, store, clock }) => {
      using library = new ScriptLibrary({ store, clock });
      assert.equal(await library.included(recipient, 'global', 'shared'), undefined);
      await scripts.put({ is: 'server' }, 'shared', source('# rule:[server]\nkeep;'));
      await scripts.put({ is: 'domain', org, name: 'here.test' }, 'shared', source('# rule:[domain]\nkeep;'));
      await scripts.put(own, 'mine', source('keep;'));
      await clock.advance(2000);
      await library.for(recipient);
      const shared = await library.included(recipient, 'global', 'shared');
      assert.ok(typeof shared === 'object' && 'rules' in shared && shared.rules[0]!.name === 'domain');
      assert.equal(await library.included(recipient, 'global', 'mine'), undefined);
      assert.ok(await library.included(recipient, 'personal', 'mine'));
    },
  );

  on('a reply is sent once in its time, to each sender and for each handle', async ({ store }) => {
    const ask = (to: string, handle: string, nowMs: number, seconds = 10) =>
      store.write(claim, { to, handle, nowMs, seconds });
    assert.deepEqual(
      [
        await ask('Bob@x.test', 'h', 0),
        await ask('bob@x.test', 'h', 9_999),
        await ask('bob@x.test', 'other', 9_999),
        await ask('carol@x.test', 'h', 9_999),
        await ask('bob@x.test', 'h', 10_000),
        await ask('dave@x.test', 'h', 0, 0),
        await ask('dave@x.test', 'h', 0, 0),
      ],
      [true, false, true, true, true, true, true],
    );
  });

  on('rules are counted until the script is stored anew', async ({ scripts, store }) => {
    await scripts.put(own, 'main', source('# rule:[One]\nif true { }\nkeep;'));
    await store.write(hit, { line: 2 });
    await store.write(hit, { line: 2 });
    assert.deepEqual(await scripts.hits(own, 'main'), [
      { line: 2, name: 'One', count: 2, lastAtMs: 5 },
      { line: 3, name: '', count: 0, lastAtMs: 0 },
    ]);
    await scripts.put(own, 'main', source('keep;'));
    assert.deepEqual(await scripts.hits(own, 'main'), [{ line: 1, name: '', count: 0, lastAtMs: 0 }]);
  });

  on(
    'a body that a decision is still to send is not swept away, until the decision is forgotten',
    async ({ store, scripts }) => {
      const folder = mkdtempSync(join(tmpdir(), 'hikyaku-decided-'));
      using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
      const bodies = openFileBodies(folder);
      const names: string[] = [];
      for (let i = 0; i < 3; i++) {
        const writer = bodies.writer();
        await writer.write(Buffer.alloc(100_000, 'x'));
        const body = await writer.finish();
        assert.ok(body.is === 'file');
        names.push(body.name);
      }
      const [one, other] = names as [string, string];
      await store.write(decide, { key: 'k', bodies: [one, one, other] });
      const sweep = () =>
        sweepBodies({
          store,
          folder: join(folder, 'bodies'),
          references: bodyReferences,
          nowMs: Date.now() + 2 * 86_400_000,
        });
      assert.deepEqual(await sweep(), { removed: 1, kept: 2 });
      await tidyScripts(store, 40 * 86_400_000);
      await store.write(decide, { key: 'k', bodies: [one] });
      assert.deepEqual(await sweep(), { removed: 1, kept: 1 });
      await scripts.put(own, 'main', source('keep;'));
      await dropScriptsOf(store, own);
      assert.deepEqual(await sweep(), { removed: 1, kept: 0 });
    },
  );

  on('memories end, and all goes with the account', async ({ scripts, store }) => {
    await store.write(claim, { to: 'a@x.test', handle: '', nowMs: 0, seconds: 1 });
    await store.write(see, { id: '<1>', nowMs: 0 });
    await store.write(decide, { key: 'k' });
    assert.equal(await store.read(() => wasSeen(alice, '', '<1>', 9_999)), true);
    assert.equal(await store.read(() => wasSeen(alice, '', '<1>', 10_000)), false);
    assert.equal(await store.read(() => decisionOf(alice, 'k')), 'x');
    assert.equal(await tidyScripts(store, 5_000), 1);
    assert.equal(await tidyScripts(store, 40 * 86_400_000), 2);
    assert.equal(await store.read(() => decisionOf(alice, 'k')), undefined);
    await scripts.put(own, 'main', source('keep;'));
    await dropScriptsOf(store, own);
    assert.deepEqual(await scripts.list(own), []);
  });
}

const all = { migrations, operations: [...operations, ...testOperations] };

describe('scripts in SQLite', () => contract({ open: () => openTestStore(all) }));

describePostgres('scripts in PostgreSQL', (open) => contract({ open: () => open(all) }));
