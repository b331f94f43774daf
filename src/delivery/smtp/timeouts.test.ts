import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryDefaults, type DeliveryTimeouts } from '../options.ts';
import { deliverTo, remoteTo, testServer, type ServerOptions } from '../testing.ts';

/** Which limit is short, where the server says nothing any more, and what is told of it. */
const cases: readonly (readonly [keyof DeliveryTimeouts, ServerOptions, string])[] = [
  ['greetingMs', { banner: '220-mx.test and then nothing' }, 'deferred banner'],
  ['commandMs', silentAt(/^EHLO/), 'deferred ehlo'],
  ['commandMs', silentAt(/^MAIL/), 'deferred mail'],
  ['commandMs', silentAt(/^RCPT/), 'deferred rcpt'],
  ['dataMs', silentAt(/^DATA/), 'deferred data'],
  ['dotMs', silentAt(/^\.$/), 'unknown dot'],
];

function silentAt(pattern: RegExp): ServerOptions {
  return { extensions: [], answer: (line) => (pattern.test(line) ? '' : undefined) };
}

test('each phase has a limit of its own (RFC 5321, 4.5.3.2)', async () => {
  assert.deepEqual(deliveryDefaults.timeouts, {
    connectMs: 30_000,
    greetingMs: 300_000,
    commandMs: 300_000,
    dataMs: 120_000,
    blockMs: 180_000,
    dotMs: 600_000,
  });
  await Promise.all(
    cases.map(async ([limit, options, expected]) => {
      await using server = await testServer(options);
      const timeouts = { ...deliveryDefaults.timeouts, [limit]: 20 };
      const remote = remoteTo(server.port, { timeouts });
      const { outcomes } = await deliverTo(remote, ['a@there.test']);
      const [outcome] = outcomes;
      assert.ok(outcome?.is === 'deferred' || outcome?.is === 'unknown', `${limit}: ${outcome?.is}`);
      assert.equal(`${outcome.is} ${outcome.answer.phase}`, expected);
      remote.stop();
    }),
  );
});
