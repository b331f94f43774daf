import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliverTo, remoteTo, testServer } from '../testing.ts';
import { unansweredPolicy } from './unanswered.ts';

test('the first rule for the organisation and the destination decides; without one it is tried again', () => {
  const rules = [
    { org: 'a', domains: ['bank.test'], policy: 'hold' },
    { domains: ['.bank.test'], policy: 'bounce' },
    { org: 'b', domains: ['*'], policy: 'bounce' },
  ] as const;
  const at = (org: string, destination: string) => unansweredPolicy(rules, { org, destination });
  assert.equal(at('a', 'bank.test'), 'hold');
  assert.equal(at('b', 'bank.test'), 'bounce');
  assert.equal(at('a', 'mail.bank.test'), 'bounce');
  assert.equal(at('a', 'other.test'), 'retry');
  assert.equal(unansweredPolicy([], { org: 'a', destination: 'bank.test' }), 'retry');
});

test('a server that dies after the dot: the mail may have arrived, and the rules say what is done', async () => {
  await using server = await testServer({
    answer: (line, connection) => {
      if (line !== '.') return undefined;
      connection.destroy('it dies');
      return '';
    },
  });
  for (const policy of ['retry', 'hold', 'bounce'] as const) {
    const remote = remoteTo(server.port, { unanswered: [{ domains: ['*'], policy }] });
    const { outcomes, conversations } = await deliverTo(remote, ['a@there.test']);
    const [outcome] = outcomes;
    assert.ok(outcome?.is === 'unknown', String(outcome?.is));
    assert.deepEqual([outcome.policy, outcome.answer.phase], [policy, 'dot']);
    assert.equal(conversations[0]?.phase, 'dot');
    remote.stop();
  }
  assert.equal(server.texts.length, 3);
});
