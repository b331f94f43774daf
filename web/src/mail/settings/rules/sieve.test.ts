import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyBook, faultOf, type Rule } from './rule.ts';
import { bookOf, scriptOf } from './sieve.ts';

const rule = (more: Partial<Rule>): Rule => ({
  name: 'A rule',
  on: true,
  match: 'all',
  conditions: [],
  actions: [{ do: 'mark', as: 'seen' }],
  ...more,
});

test('what comes out of a script is what went in, whatever the texts', () => {
  const book = {
    blocked: ['spam@evil.test', '@evil.test'],
    rules: [
      rule({ name: '請求書 ]\r\n}', conditions: [{ of: 'subject', how: 'contains', text: '"請求" \\ *' }] }),
      rule({ on: false, match: 'any', conditions: [{ of: 'list', text: '' }] }),
      rule({ actions: [{ do: 'stop' }, { do: 'move', mailbox: 'm1', name: 'A"B' }] }),
    ],
    behind: 'roundcube "own"',
  };
  assert.deepEqual(bookOf(scriptOf(book)), book);
  assert.deepEqual(bookOf(scriptOf(emptyBook)), emptyBook);
});

test('a script that was changed elsewhere, or was never ours, is not taken for rules', () => {
  const ours = scriptOf({ ...emptyBook, rules: [rule({})] });
  assert.equal(bookOf(`${ours}keep;\r\n`), undefined);
  assert.equal(bookOf(ours.replace('\\\\Seen', '\\\\Flagged')), undefined);
  assert.equal(bookOf(ours.replace('# rule {', '# rule {{')), undefined);
  assert.equal(bookOf('keep;'), undefined);
});

test('a rule that is off does nothing; the end stands last', () => {
  const off = scriptOf({ ...emptyBook, rules: [rule({ on: false })] });
  assert.equal(/addflag|require/.test(off.replaceAll(/^#.*$/gm, '')), false);
  const lines = scriptOf({
    ...emptyBook,
    rules: [rule({ actions: [{ do: 'stop' }, { do: 'delete' }, { do: 'mark', as: 'flagged' }] })],
  }).split('\r\n');
  const at = (text: string): number =>
    lines.findIndex((line) => line.includes(text) && !line.startsWith('#'));
  assert.equal(at('addflag') < at('fileinto :spec') && at('fileinto :spec') < at('stop;'), true);
});

test('what keeps a rule from being stored is told', () => {
  assert.equal(faultOf(rule({})), undefined);
  assert.equal(faultOf(rule({ actions: [{ do: 'stop' }] })), 'noAction');
  assert.equal(faultOf(rule({ conditions: [{ of: 'from', how: 'is', text: ' ' }] })), 'noText');
  assert.equal(
    faultOf(rule({ conditions: [{ of: 'header', field: 'a b', how: 'is', text: 'x' }] })),
    'badField',
  );
  assert.equal(faultOf(rule({ actions: [{ do: 'forward', to: 'nobody' }] })), 'badAddress');
});
