/**
 * Much mail that waits for a destination that is down: memory does not follow the queue's length, a start does not read it through, and once the destination is
 * back all of it goes out, each mail exactly once. `HIKYAKU_DEFERRED` sets how much (100,000 for the whole).
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { MailSink } from '../mail-sink.ts';
import { sendMails, type Taken } from '../mail-source.ts';
import { freePorts, RunningServer } from '../running-server.ts';

const count = Number(process.env['HIKYAKU_DEFERRED'] ?? 20_000);
const growthMaxMb = 100;

describe(`${count} mails for a destination that is down`, { timeout: 900_000 }, () => {
  let server: RunningServer;
  let sinkPort = 0;
  let sink: MailSink | undefined;
  let relayPerSecond = 0;
  let fill: Taken;

  const send = (many: number, prefix: string): Promise<Taken> =>
    sendMails({
      port: server.port('relay'),
      count: many,
      to: (i) => `user${i % 100}@away.test`,
      token: (i) => `${prefix}-${i}`,
    });

  /** Mails a second at the sink, from the first to the last of `many`; a quiet minute ends it. */
  async function arrivals(at: MailSink, many: number): Promise<number> {
    const begin = at.mails.length;
    const startMs = performance.now();
    let lastMs = startMs;
    let seen = begin;
    while (at.mails.length < begin + many && performance.now() - lastMs < 60_000) {
      await wait(20);
      if (at.mails.length > seen) lastMs = performance.now();
      seen = at.mails.length;
    }
    return ((seen - begin) * 1000) / (lastMs - startMs);
  }

  before(async () => {
    [sinkPort] = (await freePorts(1)) as [number];
    server = await RunningServer.start({
      listeners: { relay: { trustedNetworks: ['127.0.0.0/8'] }, http: {} },
      settings: {
        delivery: { ownNetworksAllowed: true },
        queue: { firstRetrySeconds: 3600 },
        routes: [{ domain: 'away.test', hosts: [`127.0.0.1:${sinkPort}`] }],
      },
    });
    // What the way of mail needs at its usual rate is there before anything is measured; and the rate is what the drain is compared with.
    await using usual = await MailSink.start({ port: sinkPort });
    const warm = Math.min(3000, count);
    await Promise.all([arrivals(usual, warm), send(warm, 'warm')]);
    const many = Math.min(10_000, count);
    const [perSecond] = await Promise.all([arrivals(usual, many), send(many, 'usual')]);
    relayPerSecond = perSecond;
  });

  after(async () => {
    await sink?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  test('they are taken, and memory does not follow their number', async () => {
    const beforeMb = server.memoryMb();
    const outcomes = await server.metric('hikyaku_queue_outcomes_total');
    fill = await send(count, 'waiting');
    assert.deepEqual(fill.refused, []);
    assert.equal(fill.accepted.length, count);
    // Each has been tried, or sent back untried since nobody answers.
    for (let i = 0; i < 600; i++) {
      if ((await server.metric('hikyaku_queue_outcomes_total')) - outcomes >= count) break;
      await wait(100);
    }
    // What taking them left to the garbage collector is not what waiting costs.
    let grownMb = server.memoryMb() - beforeMb;
    for (let i = 0; i < 40 && grownMb > growthMaxMb / 2; i++) {
      await wait(500);
      grownMb = Math.min(grownMb, server.memoryMb() - beforeMb);
    }
    console.log(
      `${count} waiting: ${grownMb.toFixed(0)} MiB more than before (${server.memoryMb().toFixed(0)} in all), taken at ${fill.perSecond.toFixed(0)}/s`,
    );
    assert.match(server.command('queue'), new RegExp(`away\\.test +${count} `));
    assert(grownMb < growthMaxMb, `${grownMb.toFixed(0)} MiB`);
  });

  test('a start does not read them through', async () => {
    await server.stop();
    const startMs = await server.begin();
    await wait(500);
    console.log(`start with ${count} waiting: ${startMs.toFixed(0)} ms, ${server.memoryMb().toFixed(0)} MiB`);
    assert.match(server.command('queue'), new RegExp(`away\\.test +${count} `));
  });

  test('once the destination is back all of them go out, each exactly once', async () => {
    sink = await MailSink.start({ port: sinkPort });
    const id = /"message": ?"(\w+)"/.exec(server.api('GET', '/api/v1/admin/queue/entries?limit=1'))![1]!;
    // One that is tried by hand shows that somebody answers again.
    server.command('queue', 'retry', '--message', id);
    const perSecond = await arrivals(sink, count);
    console.log(
      `drained at ${perSecond.toFixed(0)}/s: ${(perSecond / relayPerSecond).toFixed(2)} of the usual relay rate (${relayPerSecond.toFixed(0)}/s)`,
    );
    const arrived = sink.mails.map(({ subject }) => subject).sort();
    assert.deepEqual(arrived, [...fill.accepted].sort());
    for (let i = 0; i < 100 && !server.command('queue').includes('The queue is empty'); i++) await wait(100);
    assert.match(server.command('queue'), /The queue is empty/);
  });
});
