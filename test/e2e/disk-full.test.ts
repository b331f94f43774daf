/**
 * A disk that fills up under the whole server: new mail is put off, what gives space back goes on, nothing acknowledged is lost, and all is well again by itself once there
 * is room.
 */
import assert from 'node:assert/strict';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { ImapFlow } from 'imapflow';
import { MailSink } from '../mail-sink.ts';
import { sendMails } from '../mail-source.ts';
import { openInbox } from '../inbox-reader.ts';
import { cannotMount, freePorts, RunningServer } from '../running-server.ts';

const user = 'user@here.test';
const mebibyte = 1024 * 1024;
/** Below a twentieth of the disk new mail is refused. */
const diskMiB = 100;
const watermark = (diskMiB * mebibyte) / 20;

describe('a disk that fills up', { skip: cannotMount, timeout: 240_000 }, () => {
  let server: RunningServer;
  let sinkPort = 0;
  let sink: MailSink | undefined;
  const accepted: string[] = [];
  let deferred: readonly string[] = [];

  before(async () => {
    [sinkPort] = (await freePorts(1)) as [number];
    server = await RunningServer.start({
      listeners: { relay: { trustedNetworks: ['127.0.0.0/8'] }, imap: {}, http: {} },
      settings: {
        imap: { plainTextLogin: true },
        delivery: { ownNetworksAllowed: true },
        routes: [{ domain: 'away.test', hosts: [`127.0.0.1:${sinkPort}`] }],
      },
      accounts: [user],
      diskMiB,
    });
  });
  after(async () => {
    await sink?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const filler = (): string => join(server.folder, 'data', 'filler');
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(join(server.folder, 'data'));
    return bavail * bsize;
  };

  /** Takes room until no more than this is left. */
  function fillTo(leftBytes: number): void {
    const file = openSync(filler(), 'a');
    try {
      for (let left = freeBytes(); left > leftBytes; left = freeBytes())
        writeSync(file, Buffer.alloc(Math.min(mebibyte, Math.max(4096, left - leftBytes))));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    } finally {
      closeSync(file);
    }
  }

  const send = async (prefix: string, count: number, to: string, sizeBytes = 2000) => {
    const taken = await sendMails({
      port: server.port('relay'),
      count,
      connections: 2,
      sizeBytes,
      to: () => to,
      token: (i) => `${prefix}-${i}`,
    });
    if (to === user) accepted.push(...taken.accepted);
    return taken;
  };

  const reader = (): Promise<ImapFlow> => openInbox(server.port('imap'), user);

  async function subjects(): Promise<string[]> {
    const client = await reader();
    try {
      if (client.mailbox === false || client.mailbox.exists === 0) return [];
      return (await client.fetchAll('1:*', { envelope: true })).map((mail) => mail.envelope!.subject!);
    } finally {
      await client.logout();
    }
  }

  async function untilThere(wanted: readonly string[]): Promise<void> {
    let missing: readonly string[] = wanted;
    for (let i = 0; i < 100 && missing.length > 0; i++) {
      // What could not be stored waits for its next try.
      if (i % 10 === 5) server.command('queue', 'retry', '--all');
      const there = new Set(await subjects());
      missing = wanted.filter((subject) => !there.has(subject));
      if (missing.length > 0) await wait(200);
    }
    assert.deepEqual(missing, []);
  }

  const readiness = async (): Promise<number> =>
    (await fetch(`http://127.0.0.1:${server.port('http')}/readyz`)).status;

  test('with room, mail is taken; some waits for a server that is down', async () => {
    await send('early', 20, user);
    await untilThere(accepted);
    deferred = (await send('waiting', 20, 'u@away.test')).accepted;
    assert.equal(deferred.length, 20);
    assert.equal(await readiness(), 200);
  });

  test('below the watermark new mail is put off with a 4xx, and the server says that it is not ready', async () => {
    fillTo(watermark - mebibyte);
    await wait(300);
    const { accepted: none, refused } = await send('late', 10, user);
    assert.deepEqual(none, []);
    // 503 to what follows MAIL, and 421 when one connection heard all of them.
    for (const line of refused) assert.match(line, /^(?:452 4\.3\.1|451|503|421) /);
    assert(refused.some((line) => line.startsWith('452 4.3.1')));
    assert.equal(await readiness(), 503);
  });

  test('mail is read and deleted all the same, and what waits goes out', async () => {
    const client = await reader();
    const [first] = await client.fetchAll('1', { source: true, envelope: true });
    assert(first!.source!.length > 1000);
    assert(await client.messageDelete('1'), 'a message is deleted');
    accepted.splice(accepted.indexOf(first!.envelope!.subject!), 1);
    await client.logout();
    sink = await MailSink.start({ port: sinkPort });
    server.command('queue', 'retry', '--all');
    for (let i = 0; i < 100 && sink.mails.length < deferred.length; i++) await wait(100);
    assert.deepEqual(sink.mails.map(({ subject }) => subject).sort(), [...deferred].sort());
    for (let i = 0; i < 50 && !/empty/.test(server.command('queue')); i++) await wait(100);
    assert.match(server.command('queue'), /The queue is empty/);
  });

  test('when the last byte goes while mail comes in, it still stands, reads, and answers 4xx', async () => {
    rmSync(filler());
    fillTo(watermark + 10 * mebibyte);
    for (let i = 0; i < 100 && (await readiness()) !== 200; i++) await wait(100);
    const racing = send('racing', 1000, user, 40_000);
    await wait(150);
    fillTo(0);
    const { accepted: some, refused: others } = await racing;
    assert(some.length > 0 && others.length > 0, `${some.length} taken, ${others.length} refused`);
    fillTo(0);
    const { accepted: none, refused } = await send('full', 10, user);
    assert.deepEqual(none, []);
    for (const line of [...others, ...refused]) assert.match(line, /^(?:4\d\d|503) /);
    assert((await subjects()).length > 0);
    assert(server.running);
  });

  test('when there is room again it takes mail by itself, and nothing that was acknowledged is lost or twice', async () => {
    rmSync(filler());
    for (let i = 0; i < 100 && (await readiness()) !== 200; i++) await wait(100);
    assert.equal(await readiness(), 200);
    const { refused } = await send('again', 20, user);
    assert.deepEqual(refused, []);
    await untilThere(accepted);
    const there = await subjects();
    assert.equal(new Set(there).size, there.length, 'each once');
    assert.match(server.command('check'), / 0 problems/);
    await server.stop();
    const log = server.log.map((line) => JSON.parse(line) as { level: string; msg: string });
    assert(log.some(({ msg }) => msg === 'storage is full'));
    assert(
      !log.some(({ msg }) => /protocol thread stopped|storage thread stopped|shard lost/.test(msg)),
      JSON.stringify(log),
    );
  });
});
