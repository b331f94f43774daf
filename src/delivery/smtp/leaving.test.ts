import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliverTo, remoteTo, testServer } from '../testing.ts';

test('when we are stopped, mail that waits for a connection and mail before its dot come back untried', async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  await using server = await testServer({
    answer: (line) => {
      if (!line.startsWith('RCPT')) return undefined;
      ask();
      return '';
    },
  });
  const remote = remoteTo(server.port, {});
  const begun = deliverTo(remote, ['a@there.test'], { connectionsMax: 1 });
  await asked;
  remote.leave();
  const behind = await deliverTo(remote, ['b@there.test'], { connectionsMax: 1 });
  assert.equal(behind.untried, true);
  assert.deepEqual(behind.conversations, []);
  const first = await begun;
  assert.equal(first.untried, true);
  assert.equal(server.texts.length, 0);
  remote.stop();
});

test('when we are stopped, mail whose dot has been sent waits for its answer', async () => {
  const { promise: dotted, resolve: dot } = Promise.withResolvers<() => void>();
  await using server = await testServer({
    answer: (line, connection) => {
      if (line !== '.') return undefined;
      dot(() => void connection.write('250 2.0.0 At last\r\n'));
      return '';
    },
  });
  const remote = remoteTo(server.port, {});
  const begun = deliverTo(remote, ['a@there.test']);
  const answer = await dotted;
  remote.leave();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  answer();
  const { outcomes, untried } = await begun;
  assert.equal(outcomes[0]?.is, 'delivered');
  assert.equal(untried, undefined);
  remote.stop();
});

test('a connection that is only being opened when we are stopped ends as well', async () => {
  const { promise: greeted, resolve: greet } = Promise.withResolvers<() => void>();
  const gone = Promise.withResolvers<void>();
  await using server = await testServer({
    answer: (line, connection) => {
      if (!line.startsWith('EHLO')) return undefined;
      connection.onClose(() => gone.resolve());
      connection.onEnd(() => connection.end());
      greet(() => void connection.write('250 mx.test\r\n'));
      return '';
    },
  });
  const remote = remoteTo(server.port, {});
  const begun = deliverTo(remote, ['a@there.test']);
  const answer = await greeted;
  remote.leave();
  assert.equal((await begun).untried, true);
  answer();
  await gone.promise;
  remote.stop();
});
