/** Searches with an index that knows all, some or nothing, against the definition of what they find. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { silentLog } from '../../base/log.ts';
import { foldText } from '../../search/fold.ts';
import { type IndexStore, indexInStore, openSqliteIndex } from '../../store/open-index.ts';
import type { Store } from '../../store/store.ts';
import type { TestStore } from '../../store/testing.ts';
import { AccountIndex } from '../account-index.ts';
import type { Criterion } from '../criterion.ts';
import type { EmailNumber } from '../ids.ts';
import { raiseGeneration } from '../operations.ts';
import { alice, mailboxesOf, message } from '../testing.ts';
import type { Engine } from './engine.ts';
import type { Leaf } from '../search/evaluate.ts';
import { verdictOfDetails } from '../search/leaf-details.ts';
import { MessageText } from '../search/message-text.ts';

const words = [
  ['report', 'reports', 'sport', 'Port', 'café', 'x1f9', '2026', 'alice', 'here.test', 'a-b', 'Re:'],
  [
    'お願い',
    'お願いします',
    '会議室',
    '東京都',
    '東京',
    'の',
    'メール',
    'ﾒｰﾙ',
    '髙橋',
    '高橋',
    '。',
    '한국어',
  ],
].flat();
const text = fc
  .array(fc.tuple(fc.constantFrom(...words), fc.constantFrom('', ' ', '\n', ', ')), { maxLength: 12 })
  .map((pairs) => pairs.flat().join('').trim());

const encoded = (value: string): string =>
  `=?utf-8?B?${Buffer.from(value.replaceAll('\n', ' ')).toString('base64')}?=`;

const mail = fc
  .record({ subject: text, name: text, body: text, html: text, tag: text, file: text })
  .map(
    ({ subject, name, body, html, tag, file }) =>
      `From: ${encoded(name)} <bob@there.test>\nTo: "Alice" <alice@here.test>, team@here.test\nSubject: ${encoded(subject)}\nMessage-ID: <x1f9.${body.length}@there.test>\n` +
      `X-Tag: ${encoded(tag)}\nDKIM-Signature: v=1; b=reportsport\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n${body}\n` +
      `--b\nContent-Type: text/html; charset=utf-8\n\n<p>${html}</p>\n--b\nContent-Type: application/x-thing; name="${encoded(file)}"\nContent-Transfer-Encoding: base64\n\nAAAA\n` +
      `--b\nContent-Type: message/rfc822\n\nSubject: ${encoded(tag)}\n\n${html}\n--b--\n`,
  );

const searched = fc
  .tuple(
    fc.constantFrom(...words, 'subject', 'subject: ', 'multipart', '@there', 'Alice" <'),
    fc.nat(4),
    fc.nat(6),
    text,
  )
  .map(([one, from, length, more]) =>
    Array.from(length === 0 ? more : one)
      .slice(from, from + length + 1)
      .join(''),
  );

const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  fc.record({
    is: fc.constant('header' as const),
    field: fc.constantFrom('subject', 'From', 'to', 'x-tag', 'message-id', 'dkim-signature', 'cc'),
    contains: searched,
    fuzzy: fc.boolean(),
  }),
  fc.record({
    is: fc.constantFrom('body' as const, 'text' as const),
    contains: searched,
    fuzzy: fc.boolean(),
  }),
);

/** Numbers leap so far that no set has a bit for each. */
const oldBackupMs = 400 * 86_400_000;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('append' as const),
      mails: fc.array(mail, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('index' as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('settle' as const) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('expunge' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('purge' as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('empty' as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('restore' as const) }) },
  { weight: 6, arbitrary: fc.record({ is: fc.constant('search' as const), leaf, not: fc.boolean() }) },
);

/** The one who fills the index has, with SQLite, a connection of its own to it. */
const indexOf = (store: Store): IndexStore =>
  store.engine === 'sqlite' ? openSqliteIndex((store as TestStore).folder) : indexInStore(store);

export function indexedSearchContract(engine: Engine): void {
  test('a search finds the same whatever the index knows, while mail comes and goes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 24 }), async (steps) => {
        await using store = await engine.open();
        await using index = indexOf(store);
        using mailboxes = mailboxesOf(store);
        const inbox = (await mailboxes.find(alice, 'INBOX'))!;
        using session = await mailboxes.open(alice, inbox.id);
        const indexed = new AccountIndex(
          { store, index, log: silentLog, extract: async () => '', signal: new AbortController().signal },
          alice,
        );
        let generation = 1;
        for (const each of steps) {
          if (each.is === 'append')
            await mailboxes.append(
              alice,
              inbox.id,
              each.mails.map((one) => message(one)),
            );
          else if (each.is === 'index') await indexed.catchUp((await indexed.state())!.watermark);
          else if (each.is === 'settle') await indexed.settle();
          else if (each.is === 'purge') await indexed.purge(100);
          else if (each.is === 'empty') await indexed.empty();
          else if (each.is === 'restore')
            await store.write(raiseGeneration, {
              account: alice,
              generation: ++generation,
              lostMs: oldBackupMs,
            });
          else if (each.is === 'expunge' && session.count > 0)
            await mailboxes.expunge(alice, inbox.id, [session.uidOf(1 + (each.which % session.count))], true);
          session.sync({ expunge: true });
          if (each.is === 'search') await compare(each.leaf, each.not);
        }

        async function compare(asked: Leaf, not: boolean): Promise<void> {
          const criterion: Criterion = not ? { is: 'not', of: asked } : asked;
          const found = await mailboxes.search(session, criterion);
          const expected: number[] = [];
          for (let sequence = 1; sequence <= session.count; sequence++) {
            const email = session.view.emailAt(sequence - 1);
            if ((await fits(asked, email)) !== not) expected.push(session.uidOf(sequence));
          }
          assert.deepEqual(found, expected, JSON.stringify(criterion));
        }

        async function fits(asked: Leaf, email: EmailNumber): Promise<boolean> {
          const details = (await mailboxes.details(alice, [email])).get(email)!;
          const body = (await mailboxes.body(alice, email))!;
          assert(body.is === 'inline');
          const bytes = Buffer.from(body.bytes);
          const plain = { ...asked, contains: foldText((asked as { contains: string }).contains) } as Leaf;
          const text = new MessageText(details, (start, end) => bytes.subarray(start, end), []);
          return verdictOfDetails(plain, details) ?? text.matches(plain);
        }
      }),
      { numRuns: Math.ceil(engine.runs / 3) },
    );
  });
}
