import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../base/log.ts';
import { openSqliteIndex } from '../../store/open-index.ts';
import { operation } from '../../store/operation.ts';
import { rows, type Transaction } from '../../store/transaction.ts';
import { AccountIndex } from '../account-index.ts';
import type { Criterion } from '../criterion.ts';
import { alice, mailboxesOf, message, openMailStore } from '../testing.ts';

const mail = (subject: string, body: string): string =>
  `From: =?utf-8?B?${Buffer.from('髙橋').toString('base64')}?= <t@there.test>\nSubject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=\nContent-Type: text/plain; charset=utf-8\n\n${body}\n`;

test('what fits better has a higher score, and snippets show what was found, marked and escaped', async () => {
  await using store = await openMailStore();
  await using index = openSqliteIndex(store.folder);
  using mailboxes = mailboxesOf(store);
  const inbox = (await mailboxes.find(alice, 'INBOX'))!;
  await mailboxes.append(
    alice,
    inbox.id,
    [
      mail(
        'about lunch',
        'the budget comes up once in a long text, <b>not html</b>. '.padEnd(3000, 'filler text '),
      ),
      mail('Budget & plan', 'budget, budget and budget'),
      mail('nothing', `see the 予算 of ${'x '.repeat(300)}`),
      ...Array.from({ length: 20 }, (_, i) => mail(`other ${i}`, 'hello')),
    ].map((text) => message(text)),
  );
  using session = await mailboxes.open(alice, inbox.id);
  const { view } = session;
  const budget: Criterion = { is: 'text', contains: 'BUDGET', fuzzy: true };
  const uids = await mailboxes.search(session, budget);
  assert.deepEqual(uids, [1, 2]);
  const before = await mailboxes.findings.scores(session, budget, uids);
  assert.deepEqual([...before.values()], [1, 1], 'nothing is known yet');
  const { signal } = new AbortController();
  await new AccountIndex({ store, index, log: silentLog, extract: async () => '', signal }, alice).catchUp(0);
  const scores = await mailboxes.findings.scores(session, budget, uids);
  assert.equal(scores.get(uids[1]!), 1);
  assert.ok(scores.get(uids[0]!)! < 0.5, String(scores.get(uids[0]!)));

  const read: Criterion = { is: 'header', field: 'from', contains: 'たかはし', fuzzy: true };
  assert.equal((await mailboxes.search(session, read)).length, 23, 'by its reading');
  assert.equal((await mailboxes.search(session, { ...read, contains: 'タカハシ' })).length, 23);
  assert.deepEqual(await mailboxes.search(session, { ...read, fuzzy: false }), []);

  const emails = [0, 1, 2].map((at) => view.emailAt(at));
  const snippets = await mailboxes.findings.snippets(
    alice,
    { is: 'or', of: [budget, { is: 'body', contains: '予算' }] },
    [...emails, 999],
  );
  assert.equal(snippets.size, 3);
  const first = snippets.get(emails[0]!)!;
  assert.equal(first.subject, null);
  assert.match(first.preview!, /^the <mark>budget<\/mark> comes .*&lt;b&gt;not html&lt;\/b&gt;\. filler.*…$/);
  assert.ok(Buffer.byteLength(first.preview!) <= 255);
  assert.deepEqual(snippets.get(emails[1]!), {
    subject: '<mark>Budget</mark> &amp; plan',
    preview: '<mark>budget</mark>, <mark>budget</mark> and <mark>budget</mark>',
  });
  assert.match(snippets.get(emails[2]!)!.preview!, /^see the <mark>予算<\/mark> of x/);
});

test('a damaged index makes no search fail or find less', async () => {
  const damage = operation('test.damage', function* (): Transaction<void> {
    yield* rows("update search.piece set data = x'00ff00ff'");
  });
  await using store = await openMailStore();
  await using index = openSqliteIndex(store.folder);
  using mailboxes = mailboxesOf(store);
  const inbox = (await mailboxes.find(alice, 'INBOX'))!;
  await mailboxes.append(alice, inbox.id, [message(mail('one', 'needle')), message(mail('two', 'hay'))]);
  const { signal } = new AbortController();
  await new AccountIndex({ store, index, log: silentLog, extract: async () => '', signal }, alice).catchUp(0);
  await index.write(damage, undefined);
  using session = await mailboxes.open(alice, inbox.id);
  assert.deepEqual(await mailboxes.search(session, { is: 'body', contains: 'needle' }), [1]);
  assert.deepEqual(await mailboxes.search(session, { is: 'header', field: 'subject', contains: 'two' }), [2]);
});
