import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock, type Clock } from '../base/clock.ts';
import { negativeTtl, startDnsTestServer, type DnsTestServer } from './dns-test-server.ts';
import { decodeMessage } from './dns/message.ts';
import { parseResolvConf, Servers } from './dns/servers.ts';
import { createResolver, type Answer, type Resolver, type ResolverOptions } from './resolver.ts';
import { createZone, type ZoneRecord } from './zone.ts';

const records: readonly ZoneRecord[] = [
  { name: 'here.test', type: 'MX', data: '10 mx1.here.test' },
  { name: 'here.test', type: 'MX', data: '20 mx2.here.test' },
  { name: 'here.test', type: 'TXT', data: 'v=spf1 mx -all' },
  ...Array.from(
    { length: 10 },
    (_, i): ZoneRecord => ({ name: 'long.here.test', type: 'TXT', data: `${i}`.repeat(200) }),
  ),
  { name: 'mx1.here.test', type: 'A', data: '192.0.2.1', ttl: 30 },
  { name: 'mx1.here.test', type: 'AAAA', data: '2001:db8::1' },
  { name: '_25._tcp.mx1.here.test', type: 'TLSA', data: '3 1 1 00ff' },
  { name: 'alias.here.test', type: 'CNAME', data: 'mx1.here.test', ttl: 10 },
  { name: 'away.here.test', type: 'CNAME', data: 'mx.there.test' },
  { name: 'null.here.test', type: 'MX', data: '0 .' },
  { name: '1.2.0.192.in-addr.arpa', type: 'PTR', data: 'mx1.here.test' },
  { name: 'mx.there.test', type: 'A', data: '192.0.2.2', ttl: 0 },
];

/** The system's clock, and a hand on it. */
function movableClock(): Clock & { move(ms: number): void } {
  let movedMs = 0;
  return {
    nowMs: () => systemClock.nowMs() + movedMs,
    monotonicMs: () => systemClock.monotonicMs() + movedMs,
    after: (delayMs, run) => systemClock.after(delayMs, run),
    move: (ms) => void (movedMs += ms),
  };
}

interface Setup {
  readonly server: DnsTestServer;
  readonly resolver: Resolver;
  readonly clock: ReturnType<typeof movableClock>;
}

async function setup(
  options: Partial<ResolverOptions> = {},
  use: (given: Setup) => Promise<void>,
): Promise<void> {
  await using server = await startDnsTestServer(records);
  const clock = movableClock();
  const resolver = createResolver({
    clock,
    servers: [server.address],
    tryTimeoutMs: 60,
    deadlineMs: 1_500,
    ...options,
  });
  await use({ server, resolver, clock });
}

function recordsOf<T>(answer: Answer<T>): readonly T[] {
  assert(answer.is === 'records', JSON.stringify(answer));
  return answer.records;
}

function failureOf(answer: Answer<unknown>): string {
  assert(answer.is === 'failure', JSON.stringify(answer));
  return answer.reason;
}

test('each kind of record is found, and the step says what was asked and heard', () =>
  setup({}, async ({ resolver }) => {
    const mx = await resolver.mx('Here.Test.');
    assert.deepEqual(recordsOf(mx), [
      { preference: 10, exchange: 'mx1.here.test' },
      { preference: 20, exchange: 'mx2.here.test' },
    ]);
    assert.deepEqual(mx.step.answer, ['10 mx1.here.test', '20 mx2.here.test']);
    assert.deepEqual([mx.step.name, mx.step.type], ['here.test', 'MX']);
    assert(mx.step.ms >= 0);
    assert.deepEqual(recordsOf(await resolver.a('mx1.here.test')), ['192.0.2.1']);
    assert.deepEqual(recordsOf(await resolver.aaaa('mx1.here.test')), ['2001:db8::1']);
    assert.deepEqual(recordsOf(await resolver.txt('here.test')), ['v=spf1 mx -all']);
    assert.deepEqual(recordsOf(await resolver.ptr('192.0.2.1')), ['mx1.here.test']);
    const [tlsa] = recordsOf(await resolver.tlsa('_25._tcp.mx1.here.test'));
    assert.deepEqual(tlsa, { usage: 3, selector: 1, matchingType: 1, data: Uint8Array.of(0, 255) });
    assert.deepEqual(recordsOf(await resolver.mx('null.here.test')), [{ preference: 0, exchange: '.' }]);
  }));

test('no such name, no such records and could not find out are three different answers', () =>
  setup({}, async ({ server, resolver }) => {
    const missing = await resolver.mx('nobody.here.test');
    assert.equal(missing.is, 'nxDomain');
    assert.deepEqual(missing.step.answer, ['NXDOMAIN']);
    const empty = await resolver.mx('mx1.here.test');
    assert.equal(empty.is, 'noData');
    assert.deepEqual(empty.step.answer, ['no MX records']);
    assert.equal((await resolver.a('_tcp.mx1.here.test')).is, 'noData', 'an empty non-terminal exists');
    server.misbehave('here.test', { rcode: 2, extendedError: 6 });
    const broken = await resolver.mx('here.test');
    assert.equal(failureOf(broken), 'servfail');
    assert.deepEqual(broken.step.answer, ['servfail: SERVFAIL: 6 DNSSEC bogus (127.0.0.1)']);
    assert.equal(failureOf(await resolver.mx('elsewhere.example')), 'refused');
  }));

test('what is no name is not asked', () =>
  setup({}, async ({ server, resolver }) => {
    for (const bad of ['', 'a..b', '例え.jp', 'x'.repeat(64), 'a b.test']) {
      assert.equal(failureOf(await resolver.mx(bad)), 'invalidName');
    }
    assert.equal(failureOf(await resolver.ptr('not an address')), 'invalidName');
    assert.equal(server.asked.length, 0);
  }));

test('CNAMEs are followed, within a response and beyond it, and the shortest TTL of the chain counts', () =>
  setup({}, async ({ server, resolver }) => {
    const near = await resolver.a('alias.here.test');
    assert.deepEqual(recordsOf(near), ['192.0.2.1']);
    assert(near.is === 'records' && near.canonicalName === 'mx1.here.test' && near.ttlSeconds === 10);
    // A resolver that gives only the first link: the rest is asked for.
    server.misbehave('away.here.test', {
      answers: [{ name: 'away.here.test', type: 'CNAME', data: 'mx.there.test' }],
    });
    assert.deepEqual(recordsOf(await resolver.a('away.here.test')), ['192.0.2.2']);
    assert.equal(recordsOf(await resolver.cname('alias.here.test'))[0], 'mx1.here.test');
  }));

test('a loop of CNAMEs ends as a failure, within one response and over many', () =>
  setup({}, async ({ server, resolver }) => {
    server.misbehave('a.test', { answers: [{ name: 'a.test', type: 'CNAME', data: 'b.test' }] });
    server.misbehave('b.test', { answers: [{ name: 'b.test', type: 'CNAME', data: 'a.test' }] });
    server.misbehave('c.test', { answers: [{ name: 'c.test', type: 'CNAME', data: 'c.test' }] });
    for (let i = 0; i < 40; i++) {
      server.misbehave(`n${i}.test`, {
        answers: [{ name: `n${i}.test`, type: 'CNAME', data: `n${i + 1}.test` }],
      });
    }
    for (const name of ['a.test', 'c.test', 'n0.test']) {
      const answer = await resolver.a(name);
      assert.equal(failureOf(answer), 'malformed', name);
      assert.match(answer.step.answer[0]!, /CNAME loop/);
    }
    assert(server.asked.length < 20);
  }));

test('an answer that does not fit is asked again over TCP', () =>
  setup({}, async ({ server, resolver }) => {
    server.misbehave('here.test', { truncate: true });
    assert.equal(recordsOf(await resolver.mx('here.test')).length, 2);
    assert.deepEqual(
      server.asked.map((one) => one.over),
      ['udp', 'tcp'],
    );
    server.misbehave('here.test', { truncate: true, closeTcp: true });
    resolver.flush();
    assert.equal(failureOf(await resolver.mx('here.test')), 'network');
  }));

test('a lost datagram is sent again; a silent server is a timeout within the deadline', () =>
  setup({}, async ({ server, resolver }) => {
    server.misbehave('here.test', { drop: 1 });
    assert.equal((await resolver.mx('here.test')).is, 'records');
    server.misbehave('mx1.here.test', { drop: true });
    const answer = await resolver.a('mx1.here.test');
    assert.equal(failureOf(answer), 'timeout');
    assert(answer.step.ms < 1_500, String(answer.step.ms));
    assert.equal(server.asked.filter((one) => one.name === 'mx1.here.test').length, 3);
  }));

test('a silent or failing server is passed over for the next, and asked last from then on', async () => {
  await using bad = await startDnsTestServer();
  await using good = await startDnsTestServer(records);
  const servers = [bad.address, good.address];
  const resolver = createResolver({ clock: systemClock, servers, tryTimeoutMs: 60 });
  bad.misbehave('here.test', { drop: true });
  assert.equal((await resolver.mx('here.test')).is, 'records');
  assert.equal((await resolver.txt('here.test')).is, 'records');
  assert.equal(bad.asked.length, 1);
  const again = createResolver({ clock: systemClock, servers, tryTimeoutMs: 60 });
  bad.misbehave('here.test', { rcode: 2 });
  assert.equal((await again.mx('here.test')).is, 'records');
});

test('a closed port is known at once', async () => {
  const server = await startDnsTestServer();
  await server[Symbol.asyncDispose]();
  const resolver = createResolver({ clock: systemClock, servers: [server.address], tryTimeoutMs: 5_000 });
  const answer = await resolver.mx('here.test');
  assert.equal(failureOf(answer), 'network');
  assert(answer.step.ms < 1_000);
});

test('a server that cannot be reached at all is a network failure', async () => {
  for (const ip of ['2001:db8::1', '255.255.255.255']) {
    const resolver = createResolver({
      clock: systemClock,
      servers: [{ ip }],
      tryTimeoutMs: 30,
      deadlineMs: 200,
    });
    assert.match(failureOf(await resolver.mx('here.test')), /network|timeout/, ip);
  }
});

test('datagrams of another id, to another question, or that are no answers are not believed', () =>
  setup({}, async ({ server, resolver }) => {
    const forged = [{ name: 'mx1.here.test', type: 'A', data: '203.0.113.66' }] as const;
    server.misbehave('mx1.here.test', { forged });
    assert.deepEqual(recordsOf(await resolver.a('mx1.here.test')), ['192.0.2.1']);
  }));

test('records of other names in an answer are neither believed nor kept', () =>
  setup({}, async ({ server, resolver }) => {
    const stranger = { name: 'mx.there.test', type: 'A', data: '203.0.113.66' } as const;
    server.misbehave('mx1.here.test', { answers: [stranger] });
    assert.equal((await resolver.a('mx1.here.test')).is, 'noData');
    server.misbehave('mx1.here.test', {
      answers: [stranger, { name: 'mx1.here.test', type: 'A', data: '192.0.2.1' }],
      authority: [stranger],
    });
    assert.deepEqual(recordsOf(await resolver.a('mx1.here.test')), ['192.0.2.1']);
    assert.deepEqual(recordsOf(await resolver.a('mx.there.test')), ['192.0.2.2']);
  }));

test('noise is a malformed answer', () =>
  setup({}, async ({ server, resolver }) => {
    server.misbehave('here.test', { noise: Buffer.from([0x81, 0x80, 0, 1, 0xff, 0xff, 0, 0, 0, 0, 0xc0]) });
    assert.equal(failureOf(await resolver.mx('here.test')), 'malformed');
  }));

test('a server that does not know EDNS is asked without it', () =>
  setup({}, async ({ server, resolver }) => {
    server.misbehave('here.test', { rcode: 1 });
    assert.equal(failureOf(await resolver.mx('here.test')), 'malformed');
    assert.deepEqual(
      server.asked.map((one) => one.edns),
      [true, false],
    );
  }));

test('positive answers live for their TTL, and a TTL of zero is not kept', () =>
  setup({}, async ({ server, resolver, clock }) => {
    await resolver.a('mx1.here.test');
    clock.move(12_000);
    const kept = await resolver.a('MX1.here.test');
    assert(kept.is === 'records' && kept.ttlSeconds === 17, JSON.stringify(kept));
    assert.equal(server.asked.length, 1);
    clock.move(19_000);
    await resolver.a('mx1.here.test');
    assert.equal(server.asked.length, 2);
    await resolver.a('mx.there.test');
    await resolver.a('mx.there.test');
    assert.equal(server.asked.length, 4);
  }));

test('no TTL is longer than the longest', () =>
  setup({ ttlMaxSeconds: 5 }, async ({ resolver }) => {
    const answer = await resolver.mx('here.test');
    assert(answer.is === 'records' && answer.ttlSeconds === 5);
  }));

test('negative answers live for the minimum of the SOA, failures for a few seconds', () =>
  setup({}, async ({ server, resolver, clock }) => {
    await resolver.mx('nobody.here.test');
    clock.move((negativeTtl - 1) * 1000);
    assert.equal((await resolver.mx('nobody.here.test')).is, 'nxDomain');
    assert.equal(server.asked.length, 1);
    clock.move(2_000);
    await resolver.mx('nobody.here.test');
    assert.equal(server.asked.length, 2);
    server.misbehave('here.test', { rcode: 2 });
    await resolver.mx('here.test');
    server.misbehave('here.test', undefined);
    assert.equal((await resolver.mx('here.test')).is, 'failure');
    clock.move(6_000);
    assert.equal((await resolver.mx('here.test')).is, 'records');
  }));

test('a negative answer without a SOA is not kept', () =>
  setup({}, async ({ server, resolver }) => {
    server.misbehave('here.test', { answers: [] });
    assert.equal((await resolver.mx('here.test')).is, 'noData');
    await resolver.mx('here.test');
    assert.equal(server.asked.length, 2);
  }));

test('the cache is bounded, and forgets what was used longest ago', () =>
  setup({ cacheEntriesMax: 2 }, async ({ server, resolver }) => {
    await resolver.mx('here.test');
    await resolver.txt('here.test');
    await resolver.mx('here.test');
    await resolver.aaaa('mx1.here.test'); // puts TXT out
    assert.equal(server.asked.length, 3);
    await resolver.mx('here.test');
    assert.equal(server.asked.length, 3);
    await resolver.txt('here.test');
    assert.equal(server.asked.length, 4);
  }));

test('a long answer takes the place of several in the cache', () =>
  setup({ cacheEntriesMax: 5 }, async ({ server, resolver }) => {
    const asked = async (ask: () => Promise<unknown>): Promise<boolean> => {
      const before = server.asked.length;
      await ask();
      return server.asked.length > before;
    };
    const short = [() => resolver.mx('here.test'), () => resolver.txt('here.test')];
    for (const one of short) assert.equal(await asked(one), true);
    assert.equal(recordsOf(await resolver.txt('long.here.test')).join('').length, 2000);
    assert.equal(await asked(() => resolver.txt('long.here.test')), false);
    assert.equal(await asked(short[1]!), false);
    assert.equal(await asked(short[0]!), true);
  }));

test('the same question at the same time is asked once', () =>
  setup({}, async ({ server, resolver }) => {
    server.misbehave('here.test', { delayMs: 20 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => resolver.mx('here.test')));
    assert(answers.every((answer) => answer.is === 'records'));
    assert.equal(server.asked.length, 1);
  }));

test('more questions than may be asked at a time wait for their turn', () =>
  setup({ inFlightMax: 2 }, async ({ resolver }) => {
    const names = Array.from({ length: 40 }, (_, i) => `n${i}.here.test`);
    const answers = await Promise.all(names.map((name) => resolver.a(name)));
    assert(answers.every((answer) => answer.is === 'nxDomain'));
  }));

test('the AD bit is believed only from a trusted server, and only for a chain that has it throughout', () =>
  setup({}, async ({ server, resolver }) => {
    server.authenticated = true;
    const untrusted = await resolver.tlsa('_25._tcp.mx1.here.test');
    assert(untrusted.is === 'records' && !untrusted.authenticated);
    const trusting = createResolver({ clock: systemClock, servers: [{ ...server.address, trusted: true }] });
    const secure = await trusting.tlsa('_25._tcp.mx1.here.test');
    assert(secure.is === 'records' && secure.authenticated);
    const denied = await trusting.tlsa('_25._tcp.nobody.here.test');
    assert(denied.is === 'nxDomain' && denied.authenticated);
    server.authenticated = false;
    const insecure = await trusting.tlsa('_25._tcp.nobody2.here.test');
    assert(insecure.is === 'nxDomain' && !insecure.authenticated);
  }));

test('with mixed case, a datagram that repeats the question otherwise is not believed: it is asked over TCP', () =>
  setup({ mixedCase: true }, async ({ server, resolver }) => {
    const over = (): string[] => server.asked.splice(0).map((one) => one.over);
    assert.equal((await resolver.mx('here.test')).is, 'records');
    assert.deepEqual(over(), ['udp']);
    // A server that is no friend of the case of names, three times; from then on it is asked in lower case.
    for (const ways of [['udp', 'tcp'], ['udp', 'tcp'], ['udp', 'tcp'], ['udp']]) {
      resolver.flush();
      server.misbehave('a-name-that-is-long-enough.here.test', { lowerCase: true });
      assert.equal((await resolver.mx('a-name-that-is-long-enough.here.test')).is, 'nxDomain');
      assert.deepEqual(over(), ways);
    }
  }));

test('an answer that was guessed without the case of the question is worth nothing', () =>
  setup({ mixedCase: true }, async ({ server, resolver }) => {
    const forged = { answers: [{ name: 'mx1.here.test', type: 'A', data: '203.0.113.66' }] } as const;
    server.misbehave('mx1.here.test', { ...forged, lowerCase: true, closeTcp: true });
    assert.equal(failureOf(await resolver.a('mx1.here.test')), 'network');
  }));

test('questions leave from ever other ports, with ids and cases that nobody can guess (RFC 5452)', async () => {
  const seen: { port: number; id: number; name: string }[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { port }) => {
    const { id, question } = decodeMessage(bytes);
    seen.push({ port, id, name: question!.rawName.toString('latin1') });
    const answer = Buffer.from(bytes);
    answer.writeUInt16BE(0x8183, 2);
    socket.send(answer, port, '127.0.0.1');
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const resolver = createResolver({
    clock: systemClock,
    servers: [{ ip: '127.0.0.1', port }],
    mixedCase: true,
    cacheEntriesMax: 0,
  });
  const questions = 64;
  await Promise.all(
    Array.from({ length: questions }, (_, i) => resolver.txt(`abcdefghijklmnop${i % 2}.test`)),
  );
  for (let i = 2; i < questions; i++) await resolver.txt('abcdefghijklmnop.test');
  socket.close();
  assert.equal(seen.length, questions, 'the same question at the same time is asked once');
  const distinct = (of: (one: (typeof seen)[number]) => unknown): number => new Set(seen.map(of)).size;
  assert.ok(distinct((one) => one.id) > questions * 0.9, 'ids');
  assert.ok(distinct((one) => one.name) > questions * 0.9, 'cases');
  assert.ok(distinct((one) => one.port) > questions / 2, 'ports');
  const steps = seen.slice(1).map((one, i) => (one.id - seen[i]!.id + 65_536) % 65_536);
  assert.ok(new Set(steps).size > questions * 0.9, 'ids do not count up');
});

test('localhost and all below it never go to the network', () =>
  setup({}, async ({ server, resolver }) => {
    assert.deepEqual(recordsOf(await resolver.a('localhost')), ['127.0.0.1']);
    assert.deepEqual(recordsOf(await resolver.aaaa('mail.localhost.')), ['::1']);
    assert.equal((await resolver.mx('localhost')).is, 'noData');
    assert.equal(server.asked.length, 0);
  }));

test('the built-in zone comes before the network and is the whole truth below its apexes', () => {
  const zone = createZone({
    records: [
      { name: 'demo.test', type: 'MX', data: '10 mx.demo.test' },
      { name: 'mx.demo.test', type: 'A', data: '127.0.0.2' },
      { name: '*.wild.demo.test', type: 'A', data: '127.0.0.3' },
      { name: 'out.demo.test', type: 'CNAME', data: 'mx1.here.test' },
      { name: 'mx2.here.test', type: 'A', data: '127.0.0.4' },
    ],
  });
  assert.deepEqual(zone.apexes, ['demo.test', 'mx2.here.test']);
  return setup({ zone }, async ({ server, resolver }) => {
    assert.deepEqual(recordsOf(await resolver.mx('DEMO.test')), [
      { preference: 10, exchange: 'mx.demo.test' },
    ]);
    assert.equal((await resolver.aaaa('mx.demo.test')).is, 'noData');
    assert.equal((await resolver.a('wild.demo.test')).is, 'noData');
    assert.deepEqual(recordsOf(await resolver.a('any.thing.wild.demo.test')), ['127.0.0.3']);
    assert.equal((await resolver.mx('nobody.demo.test')).is, 'nxDomain');
    assert.deepEqual(recordsOf(await resolver.a('mx2.here.test')), ['127.0.0.4']);
    assert.equal(server.asked.length, 0);
    assert.deepEqual(recordsOf(await resolver.a('out.demo.test')), ['192.0.2.1']);
    assert.equal(server.asked.length, 1);
  });
});

test('names of one label and the root itself are names like any other', async () => {
  const root: readonly ZoneRecord[] = [
    { name: '.', type: 'NS', data: 'a.root.test' },
    { name: 'jp', type: 'NS', data: 'a.dns.jp' },
    { name: 'ai', type: 'MX', data: '10 mail.ai' },
    { name: '*', type: 'TXT', data: 'whatever' },
  ];
  await using server = await startDnsTestServer(root);
  const zone = createZone({ records: root });
  assert.deepEqual(zone.apexes, ['.']);
  for (const source of [{ servers: [server.address] }, { zone }]) {
    const resolver = createResolver({ clock: systemClock, ...source });
    assert.deepEqual(recordsOf(await resolver.lookup('.', 'NS')), ['a.root.test']);
    assert.deepEqual(recordsOf(await resolver.lookup('JP.', 'NS')), ['a.dns.jp']);
    assert.deepEqual(recordsOf(await resolver.mx('ai')), [{ preference: 10, exchange: 'mail.ai' }]);
    assert.deepEqual(recordsOf(await resolver.txt('nowhere')), ['whatever']);
    assert.equal((await resolver.mx('jp')).is, 'noData');
    assert.equal((await resolver.mx('.')).is, 'noData');
    assert.equal((await resolver.mx('below.jp')).is, 'nxDomain');
  }
});

test('a zone with a record that is none is refused with its name', () => {
  const bad = { records: [{ name: 'demo.test', type: 'MX', data: 'mx.demo.test' }] } as const;
  assert.throws(() => createZone(bad), /demo\.test: not MX data: mx\.demo\.test/);
  assert.throws(
    () => createZone({ records: [{ name: 'a..b', type: 'A', data: '127.0.0.1' }] }),
    /not a domain name: a\.\.b/,
  );
});

test('resolv.conf is read as the manual says', () => {
  const text =
    '# comment\nnameserver 127.0.0.53\nsearch example.jp\nnameserver 2001:db8::1 ; second\noptions rotate trust-ad\n';
  assert.deepEqual(parseResolvConf(text), {
    servers: [
      { ip: '127.0.0.53', port: 53, trusted: true },
      { ip: '2001:db8::1', port: 53, trusted: false },
    ],
    rotate: true,
  });
  const local = [{ ip: '127.0.0.1', port: 53, trusted: false }];
  assert.deepEqual(parseResolvConf('nameserver nonsense\nnameserver'), { servers: local, rotate: false });
});

test('the word of a resolver that this is validated counts only on this machine, and only if told so', () => {
  const text = 'nameserver 127.0.0.1\nnameserver ::1\nnameserver 192.0.2.1\n';
  const trusted = (given: string, trust?: boolean): boolean[] =>
    parseResolvConf(given, trust).servers.map((server) => server.trusted);
  assert.deepEqual(trusted(text), [false, false, false]);
  assert.deepEqual(trusted(text, true), [true, true, false]);
});

test('resolv.conf is read again when it changes, and kept when it vanishes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'resolv-'));
  try {
    const path = join(folder, 'resolv.conf');
    const clock = movableClock();
    const servers = new Servers(path, clock);
    const ips = (): string[] => servers.inOrder().map((server) => server.ip);
    assert.deepEqual(ips(), ['127.0.0.1']);
    writeFileSync(path, 'nameserver 192.0.2.1\n');
    assert.deepEqual(ips(), ['127.0.0.1'], 'not looked at each time');
    clock.move(6_000);
    assert.deepEqual(ips(), ['192.0.2.1']);
    writeFileSync(path, 'nameserver 192.0.2.22\nnameserver 192.0.2.33\n');
    clock.move(6_000);
    assert.deepEqual(ips(), ['192.0.2.22', '192.0.2.33']);
    rmSync(path);
    clock.move(6_000);
    assert.deepEqual(ips(), ['192.0.2.22', '192.0.2.33']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
