/** The rules of `hikyaku firewall` on a real kernel: a customer, a router with the rules and the world, each in a network namespace of its own. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needingRoot, newFolder, run } from './programs.ts';

const program = join(import.meta.dirname, '../../bin/hikyaku.ts');
const rules = async (...args: string[]): Promise<string> =>
  Buffer.from((await run(process.execPath, [program, 'firewall', ...args])).stdout, 'latin1').toString();

const options = needingRoot('nft', 'ip');
const namespaces = spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'hk0', 'type', 'veth']).status === 0;
const whole = namespaces ? options : { ...options, skip: 'no network namespaces here' };

test('nft takes the rules, whatever is asked for', options, async () => {
  const variants = [
    ['--customers', '192.0.2.0/24'],
    ['--customers', '2001:db8::/32', '--no-log', '--answer', 'drop'],
    ['--customers', '0.0.0.0/0', '::/0', '--answer', 'prohibited', '--language', 'ja', '--table', 'mine'],
    ['--customers', '10.0.0.0/8', '10.1.0.0/16', '10.0.0.1', '--interface', 'ppp*', 'eth0.7'],
  ];
  for (const args of variants) await run('nft', ['-c', '-f', '-'], { input: await rules(...args) });
});

interface Network extends AsyncDisposable {
  /** Runs a program in a namespace. */
  in(place: Place, program: string, args: readonly string[]): Promise<string>;
  /** `open`, or the code of the error. */
  connect(from: string, to: string, port: number): Promise<string>;
}

type Place = 'customer' | 'router' | 'world';

/** Both sides reach each other through the router, by IPv4 and IPv6; the world listens at ports 25, 465 and 587 of each of its addresses. */
async function network(): Promise<Network> {
  const name = (place: Place): string => `hk-${process.pid}-${place}`;
  const inside = async (place: Place, command: string, args: readonly string[]): Promise<string> =>
    (await run('ip', ['netns', 'exec', name(place), command, ...args])).stdout;
  const ip = (place: Place, line: string): Promise<string> => inside(place, 'ip', line.split(' '));
  await using parts = new AsyncDisposableStack();
  for (const place of ['customer', 'router', 'world'] as const) {
    await run('ip', ['netns', 'add', name(place)]);
    parts.defer(async () => void (await run('ip', ['netns', 'del', name(place)])));
    await ip(place, 'link set lo up');
    // Addresses hold at once: nobody else could have them.
    await inside(place, 'sh', ['-c', 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad']);
  }
  for (const [place, v4, v6] of [
    ['customer', '10.9.1', '2001:db8:1:'],
    ['world', '10.9.2', '2001:db8:2:'],
  ] as const) {
    await ip('router', `link add ${place} type veth peer name line netns ${name(place)}`);
    await ip('router', `addr add ${v4}.1/24 dev ${place}`);
    await ip('router', `addr add ${v6}:1/64 dev ${place}`);
    await ip('router', `link set ${place} up`);
    await ip(place, 'link set line up');
    for (const host of [2, 3]) {
      await ip(place, `addr add ${v4}.${host}/24 dev line`);
      await ip(place, `addr add ${v6}:${host}/64 dev line`);
    }
    await ip(place, `route add default via ${v4}.1`);
    await ip(place, `-6 route add default via ${v6}:1`);
  }
  const forward =
    'for f in /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding; do echo 1 > $f; done';
  await inside('router', 'sh', ['-c', forward]);
  const world = await worldServer(name('world'));
  parts.defer(async () => {
    world.kill();
    await once(world, 'close');
  });
  const all = parts.move();
  return {
    in: inside,
    async connect(from, to, port) {
      const answer = await inside('customer', process.execPath, ['-e', connecting, from, to, String(port)]);
      return answer.trim();
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const connecting = `
const [from, host, port] = process.argv.slice(1);
const socket = require('net').connect({ host, port: Number(port), localAddress: from, timeout: 1500 });
const say = (what) => { console.log(what); process.exit(); };
socket.on('connect', () => say('open')).on('error', (e) => say(e.code)).on('timeout', () => say('silence'));`;

async function worldServer(namespace: string): Promise<ChildProcess> {
  const code = `for (const port of [25, 465, 587]) require('net').createServer((s) => s.end()).listen(port, '::', () => console.log(port))`;
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += String(chunk);
    if (said.split('\n').length > 3) break;
  }
  return child;
}

test(
  'customers do not reach port 25, exceptions and mail servers do, and all of it is counted',
  whole,
  async () => {
    await using net = await network();
    using folder = newFolder('firewall');
    const file = join(folder.path, 'op25b.nft');
    const load = async (...args: string[]): Promise<void> => {
      writeFileSync(file, await rules('--customers', '10.9.1.0/24', '2001:db8:1::/48', ...args));
      await net.in('router', 'nft', ['-f', file]);
    };
    for (const to of ['10.9.2.2', '2001:db8:2::2'])
      assert.equal(await net.connect(to.includes(':') ? '2001:db8:1::2' : '10.9.1.2', to, 25), 'open', to);
    const exceptions = [
      '--except',
      '10.9.1.3',
      '2001:db8:1::3',
      '--mail-servers',
      '10.9.2.3',
      '2001:db8:2::3',
    ];
    await load(...exceptions, '--interface', 'cust*');
    for (const [customer, static_, world, own] of [
      ['10.9.1.2', '10.9.1.3', '10.9.2.2', '10.9.2.3'],
      ['2001:db8:1::2', '2001:db8:1::3', '2001:db8:2::2', '2001:db8:2::3'],
    ] as const) {
      assert.equal(await net.connect(customer, world, 25), 'ECONNREFUSED');
      assert.equal(await net.connect(customer, world, 587), 'open');
      assert.equal(await net.connect(customer, world, 465), 'open');
      assert.equal(await net.connect(customer, own, 25), 'open');
      assert.equal(await net.connect(static_, world, 25), 'open');
    }
    const counters = await net.in('router', 'nft', ['list', 'counters', 'table', 'inet', 'hikyaku_op25b']);
    for (const name of ['refused', 'passed_exceptions', 'passed_mail_servers'])
      for (const version of [4, 6])
        assert.match(counters, new RegExp(`counter ${name}_v${version} \\{\\s+packets 1 `), counters);
    const refused = await net.in('router', 'nft', [
      'list',
      'set',
      'inet',
      'hikyaku_op25b',
      'refused_sources_v6',
    ]);
    assert.match(refused, /2001:db8:1:: .*counter packets 1 /s);
    const logged = await net.in('router', 'nft', [
      'list',
      'set',
      'inet',
      'hikyaku_op25b',
      'logged_sources_v4',
    ]);
    assert.match(logged, /10\.9\.1\.2 /);

    const element = ['add', 'element', 'inet', 'hikyaku_op25b', 'exceptions_v4', '{ 10.9.1.2 }'];
    await net.in('router', 'nft', element);
    assert.equal(await net.connect('10.9.1.2', '10.9.2.2', 25), 'open');

    await load('--answer', 'prohibited');
    assert.equal(await net.connect('10.9.1.2', '10.9.2.2', 25), 'EHOSTUNREACH');
    assert.equal(await net.connect('2001:db8:1::2', '2001:db8:2::2', 25), 'EACCES');
    await load('--answer', 'drop', '--no-log', '--interface', 'elsewhere');
    assert.equal(await net.connect('10.9.1.2', '10.9.2.2', 25), 'open');
    await load('--answer', 'drop', '--no-log');
    assert.equal(await net.connect('10.9.1.2', '10.9.2.2', 25), 'silence');
  },
);

test('slips in the lists are named, and nothing is printed', options, async () => {
  using folder = newFolder('firewall');
  const list = join(folder.path, 'customers.txt');
  writeFileSync(list, '# fibre\n192.0.2.0/24, 198.51.100.0/24\n192.0.2.7/25 # a slip\nnonsense\n');
  const answer = await run(process.execPath, [program, 'firewall', '--customers', `@${list}`], {
    mayEndWith: [2],
  });
  assert.equal(answer.stdout, '');
  assert.match(answer.stderr, /customers\.txt, line 3: 192\.0\.2\.7\/25 names one address within a network/);
  assert.match(answer.stderr, /line 4: nonsense is no IP address or network/);
  for (const args of [
    ['--customers', '192.0.2.0/24', '--table', 'x; flush ruleset'],
    ['--customers', '192.0.2.0/24', '--interface', 'eth0" drop'],
    [],
  ])
    await run(process.execPath, [program, 'firewall', ...args], { mayEndWith: [2] });
  const odd = ['firewall', '--customers', '192.0.2.0/24', '--except', '192.0.2.9', '203.0.113.9'];
  const { stderr } = await run(process.execPath, [program, ...odd]);
  assert.match(stderr, /^203\.0\.113\.9 is an exception, but/);
});
