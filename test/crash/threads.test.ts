/**
 * Protocol threads that die under load: the server goes on, the thread comes back, and what was answered with 250 is delivered, each mail once but for
 * those whose final dot was out when its thread died.
 */
import assert from 'node:assert/strict';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type * as Threads from 'node:worker_threads';
import { silentLog } from '../../src/base/log.ts';
import { readSettings } from '../../src/config/read.ts';
import { MailSink } from '../mail-sink.ts';

const senders = 6;
const mailsEach = 60;
const kills = 4;

/** Every worker that is started from here on, so that one can be ended as if it had crashed. */
const workers = new Set<Threads.Worker>();
let started = 0;
const threads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Threads.Worker };
threads.Worker = class extends threads.Worker {
  constructor(...given: ConstructorParameters<typeof Threads.Worker>) {
    super(...given);
    if (!String(given[0]).endsWith('protocol-thread.ts')) return;
    started += 1;
    workers.add(this);
    this.once('exit', () => workers.delete(this));
  }
};
syncBuiltinESMExports();
const { Supervisor } = await import('../../src/app/supervisor.ts');

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends mails by one connection after another, each mail until it has heard 250; gives the tokens that were accepted, again and again if need be. */
async function sender(port: number, name: string): Promise<string[]> {
  const accepted: string[] = [];
  for (let i = 0; i < mailsEach; ) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    try {
      const say = speaker(socket);
      await say('');
      await say('EHLO client.test');
      while (i < mailsEach) {
        const token = `${name}-${i}`;
        await say('MAIL FROM:<a@outside.test>');
        await say('RCPT TO:<b@away.test>');
        await say('DATA');
        await say(`Subject: ${token}\r\n\r\nx\r\n.`);
        accepted.push(token);
        i += 1;
      }
    } catch {
      // The thread of this connection has died: another connection meets another one.
      await wait(20);
    } finally {
      socket.destroy();
    }
  }
  return accepted;
}

/** Says a line and resolves with the reply; rejects when it is no, or the connection ends. */
function speaker(socket: ReturnType<typeof connect>): (line: string) => Promise<void> {
  let rest = '';
  const replies: string[] = [];
  let heard = Promise.withResolvers<void>();
  socket.setEncoding('latin1').on('data', (text: string) => {
    const lines = (rest + text).split('\r\n');
    rest = lines.pop()!;
    replies.push(...lines.filter((line) => /^\d{3} /.test(line)));
    heard.resolve();
  });
  let closed = false;
  socket.on('close', () => {
    closed = true;
    heard.resolve();
  });
  return async (line) => {
    if (line !== '') socket.write(`${line}\r\n`);
    while (replies.length === 0) {
      if (closed) throw new Error('closed');
      heard = Promise.withResolvers<void>();
      await heard.promise;
    }
    const reply = replies.shift()!;
    if (!/^[23]/.test(reply)) throw new Error(reply);
  };
}

test('threads that die under load lose nothing, and come back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-threads-'));
  await using away = await MailSink.start();
  const read = readSettings({
    hostname: 'mx.here.test',
    data: join(folder, 'data'),
    threads: 3,
    listeners: [{ kind: 'relay', host: '127.0.0.1', port: 0, trustedNetworks: ['127.0.0.0/8'] }],
    routes: [{ domain: '*', hosts: [`127.0.0.1:${away.port}`] }],
    log: { level: 'error' },
  });
  assert.ok(read.is === 'settings');
  try {
    await using supervisor = await Supervisor.start(read.settings, silentLog);
    const { port } = supervisor.listeners[0]!;
    const sending = Promise.all(Array.from({ length: senders }, (_, i) => sender(port, `s${i}`)));
    for (let i = 0; i < kills; i++) {
      const goal = ((i + 1) * senders * mailsEach) / (kills + 2);
      while (away.mails.length < goal) await wait(5);
      const victim = [...workers][i % workers.size]!;
      await victim.terminate();
      while (!supervisor.health().ready) await wait(5);
    }
    assert.deepEqual([workers.size, started], [3, 3 + kills], 'each was started again');
    const accepted = (await sending).flat();
    const arrived = new Map<string, number>();
    const missing = (): string[] => {
      arrived.clear();
      for (const { subject } of away.mails) arrived.set(subject, (arrived.get(subject) ?? 0) + 1);
      return accepted.filter((token) => !arrived.has(token));
    };
    for (let tries = 0; tries < 1500 && missing().length > 0; tries++) await wait(20);
    assert.deepEqual(missing(), []);
    // A mail that was durable although its client heard nothing is sent again by the client; one whose dot was out, by the queue.
    const twice = [...arrived.values()].filter((times) => times > 1).length;
    assert.ok(twice <= kills * (senders + 20), `${twice} came twice`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
