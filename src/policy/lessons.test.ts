/** Lessons and what comes of them, on both engines. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describePostgres } from '../../test/test-postgres.ts';
import { newMessageId } from '../base/ids.ts';
import { TestClock } from '../base/test-clock.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import type { CheckedMail, Finding } from './check.ts';
import { learn, tallyOf } from './classifier/lesson-rows.ts';
import { Tally } from './classifier/tally.ts';
import { packHashes, tokenHash } from './classifier/token-hash.ts';
import { classifierCheck } from './classifier-check.ts';
import { LearnedTallies } from './learned.ts';
import {
  dropLessonsOfGoneOrgs,
  forgetAccount,
  forgetOrg,
  learnedOf,
  teach,
  tidyLessons,
  type Label,
} from './lessons.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

const account = { is: 'account', id: 'alice' } as const;
const org = { is: 'org', id: 'acme' } as const;
const spam = (i: number): string =>
  `From: s${i}@junk.test\nSubject: cheap pills\n\nBuy cheap pills at http://pills${i % 3}.test/now 当選おめでとう\n`;
const ham = (i: number): string =>
  `From: c${i % 5}@work.test\nSubject: minutes of the meeting\n\nThe minutes are attached, 議事録を送ります\n`;

const told = (
  email: number,
  label: Label | 'nothing',
  text: string,
  more: { account?: string; atMs?: number } = {},
) => ({
  account: more.account ?? account.id,
  org: org.id,
  email,
  label,
  atMs: more.atMs ?? 1000 + email,
  message: Buffer.from(text.replaceAll('\n', '\r\n')),
});

function contract(engine: { readonly open: () => Promise<Store> }): void {
  const on = (name: string, body: (store: Store) => Promise<void>): void => {
    test(name, async () => {
      await using store = await engine.open();
      await body(store);
    });
  };

  on(
    'a mail is learned once, by its account and its organisation, changes sides, and is forgotten without a trace',
    async (store) => {
      for (let i = 0; i < 3; i++) await teach(store, told(1, 'spam', spam(1)));
      await teach(store, told(1, 'spam', spam(1), { account: 'bob' }));
      const counts = async () => {
        const [own, all] = [await learnedOf(store, account), await learnedOf(store, org)];
        return [own.spam, own.ham, all.spam, all.ham];
      };
      assert.deepEqual(await counts(), [1, 0, 2, 0]);
      await teach(store, told(1, 'ham', spam(1)));
      assert.deepEqual(await counts(), [0, 1, 1, 1]);
      await teach(store, told(1, 'nothing', ''));
      await teach(store, told(1, 'nothing', ''));
      assert.deepEqual(await counts(), [0, 0, 1, 0]);
      const tally = Tally.unpack(await store.scan(tallyOf, 'org/acme'));
      assert.deepEqual(tally.countsOf(tokenHash('cheap')), { spam: 1, ham: 0 });
      assert.deepEqual(tally.countsOf(tokenHash('当選')), { spam: 1, ham: 0 });
      assert.deepEqual(
        Tally.unpack(await store.scan(tallyOf, 'account/alice')).countsOf(tokenHash('cheap')),
        { spam: 0, ham: 0 },
      );
      assert.equal(await forgetAccount(store, 'bob', org.id), 1);
      assert.deepEqual(await counts(), [0, 0, 0, 0]);
    },
  );

  on('the oldest lessons of a label give way to new ones, and what is too old goes', async (store) => {
    const lesson = { scope: 'account/alice', tokens: packHashes(['x']), max: 5 };
    for (let i = 0; i < 8; i++)
      await store.write(learn, { ...lesson, mail: `alice/${i}`, label: 'spam', atMs: i });
    await store.write(learn, { ...lesson, mail: 'alice/9', label: 'ham', atMs: 9 });
    const { spam: kept, ham: wanted } = await learnedOf(store, account);
    assert.deepEqual([kept, wanted], [5, 1]);
    // The newest five are there, so telling the first again is news, and it is the youngest now.
    assert.equal(await store.write(learn, { ...lesson, mail: 'alice/7', label: 'spam', atMs: 10 }), false);
    assert.equal(await store.write(learn, { ...lesson, mail: 'alice/0', label: 'spam', atMs: 10 }), true);
    const twoYearsMs = 2 * 365 * 24 * 3600 * 1000;
    assert.equal(await tidyLessons(store, twoYearsMs + 10), 5);
    assert.deepEqual(await learnedOf(store, account), { spam: 1, ham: 0, speaks: false, speaksFrom: 30 });
  });

  on(
    'it is silent until it has learned enough, then tells junk from wanted mail, and an organisation never sees what another was taught',
    async (store) => {
      const clock = new TestClock();
      const learned = new LearnedTallies({ store, clock });
      const judge = async (text: string, orgs: readonly string[]): Promise<readonly Finding[]> => {
        const found = classifierCheck(learned)
          .begin(arriving(text, orgs))
          ?.finish({
            content: {
              parts: [],
              texts: [{ path: '', is: 'plain', text: text.slice(text.indexOf('\n\n')), cut: false }],
            },
            findings: [],
          });
        return (await found)?.findings ?? [];
      };
      for (let i = 0; i < 29; i++) await teach(store, told(i, 'spam', spam(i)));
      for (let i = 0; i < 120; i++) await teach(store, told(1000 + i, 'ham', ham(i)));
      assert.deepEqual(await judge(spam(500), ['acme']), []);
      for (let i = 29; i < 120; i++) await teach(store, told(i, 'spam', spam(i)));
      await clock.advance(61_000);
      const [junk] = await judge(spam(500), ['acme', 'other']);
      assert.equal(junk?.rule, 'classifier.spam');
      assert.equal(junk?.org, 'acme');
      assert.ok(junk.weight >= 6, `${junk.weight}`);
      assert.match(junk.detail, /pills/);
      const [wanted] = await judge(ham(501), ['acme']);
      assert.equal(wanted?.rule, 'classifier.ham');
      assert.ok(wanted.weight < 0);
      assert.deepEqual(await judge(spam(500), ['other']), []);
      assert.ok((await forgetOrg(store, 'acme')) >= 240);
      assert.equal((await learnedOf(store, org)).spam, 0);
      await teach(store, { ...told(1, 'spam', spam(1)), org: 'gone' });
      await teach(store, told(2, 'spam', spam(2)));
      await dropLessonsOfGoneOrgs(store, async (id) => id === org.id);
      assert.equal((await learnedOf(store, { is: 'org', id: 'gone' })).spam, 0);
      assert.equal((await learnedOf(store, org)).spam, 1);
    },
  );
}

function arriving(text: string, orgs: readonly string[]): CheckedMail {
  const header = Buffer.from(text.replaceAll('\n', '\r\n'));
  const block = parseHeaders(header);
  return {
    id: newMessageId(new TestClock()),
    direction: 'in',
    ip: '198.51.100.7',
    helo: 'x.test',
    tls: null,
    sender: 'a@b.test',
    to: orgs.flatMap((each) =>
      ['a', 'b'].map((name) => ({ address: `${name}@${each}.test`, org: each, account: `${name}-${each}` })),
    ),
    header: header.subarray(0, block.end),
    block,
  };
}

const parts = { migrations: [...eventMigrations, ...migrations], operations };

describe('the classifier on SQLite', () => contract({ open: () => openTestStore(parts) }));

describePostgres('the classifier on PostgreSQL', (open) => contract({ open: () => open(parts) }));
