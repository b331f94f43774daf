/** What the forms of rules write is Sieve that the server takes, and that does what the form says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../src/proto/sieve/testing.ts';
import { compileScript } from '../../src/proto/sieve/compile.ts';
import type { Condition, Rule, TextTest } from '../../web/src/mail/settings/rules/rule.ts';
import { scriptOf } from '../../web/src/mail/settings/rules/sieve.ts';

const mail = [
  'From: "髙橋 一郎" <Ichiro@There.Test>',
  'To: alice@here.test',
  'Cc: Bob <bob@here.test>',
  'Subject: =?utf-8?B?6KaL56mN44Gu5Lu2?= [A*B] 100%',
  'List-Id: The team <team.there.test>',
  'X-Part: one',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  'the text of it',
  '--b',
  'Content-Type: text/plain; name=a.txt',
  'Content-Disposition: attachment; filename=a.txt',
  '',
  'x',
  '--b--',
  '',
].join('\r\n');

const holds = async (condition: Condition): Promise<boolean> => {
  const rule: Rule = {
    name: 'r',
    on: true,
    match: 'all',
    conditions: [condition],
    actions: [{ do: 'label', keyword: 'hit' }],
  };
  const source = scriptOf({ blocked: [], rules: [rule], behind: undefined });
  const { flags } = await run(source, { message: mail });
  return flags.includes('hit');
};

test('each condition holds for what it says, and for nothing else', async () => {
  const text = (of: 'from' | 'to' | 'subject' | 'body', how: TextTest, given: string): Condition => ({
    of,
    how,
    text: given,
  });
  const yes: readonly Condition[] = [
    text('from', 'contains', '髙橋'),
    text('from', 'contains', 'there.test'),
    text('from', 'is', 'ichiro@there.test'),
    text('from', 'ends', '@there.test'),
    text('to', 'is', 'bob@here.test'),
    text('subject', 'begins', '見積'),
    text('subject', 'contains', '[a*b]'),
    text('subject', 'ends', '100%'),
    text('subject', 'containsNot', '請求'),
    text('body', 'contains', 'TEXT of'),
    { of: 'header', field: 'X-Part', how: 'is', text: 'one' },
    { of: 'list', text: '' },
    { of: 'list', text: 'team.there' },
    { of: 'attachment', has: true },
    { of: 'size', how: 'under', kib: 10 },
  ];
  for (const each of yes) assert.equal(await holds(each), true, JSON.stringify(each));
  const no: readonly Condition[] = [
    text('from', 'is', '髙橋'),
    text('subject', 'begins', 'A?B'),
    text('subject', 'contains', 'axb'),
    text('subject', 'containsNot', '見積'),
    { of: 'list', text: 'other' },
    { of: 'attachment', has: false },
    { of: 'size', how: 'over', kib: 10 },
  ];
  for (const each of no) assert.equal(await holds(each), false, JSON.stringify(each));
});

test('every action is Sieve that may be stored, and rules have their names', () => {
  const source = scriptOf({
    blocked: ['a@b.test', '@evil.test'],
    behind: 'other',
    rules: [
      {
        name: '請求書',
        on: true,
        match: 'any',
        conditions: [{ of: 'list', text: '' }],
        actions: [
          { do: 'stop' },
          { do: 'move', mailbox: 'P-x', name: '請求書' },
          { do: 'label', keyword: '$label1' },
          { do: 'mark', as: 'seen' },
          { do: 'forward', to: 'x@y.test' },
          { do: 'delete' },
        ],
      },
    ],
  });
  const compiled = compileScript(Buffer.from(source));
  assert.equal(compiled.is, 'program', JSON.stringify(compiled));
  assert.ok(compiled.is === 'program');
  assert.deepEqual(
    compiled.program.rules.map(({ name }) => name),
    ['Blocked senders', '請求書', 'other'],
  );
});
