/** Domains with the same hosts share connections and limits; what is each one's own stays so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testAuthority } from '../../net/testing-authority.ts';
import { TlsContexts } from '../../net/tls-contexts.ts';
import type { ZoneRecord } from '../../net/zone.ts';
import type { AttemptResult, Outcome } from '../../queue/attempt.ts';
import { systemClock } from '../../base/clock.ts';
import type { DeliveryOptions } from '../options.ts';
import {
  deliverTo,
  noBodies,
  remoteTo,
  startTls,
  testAttempt,
  testOptions,
  testResolver,
  testServer,
  withAnswers,
} from '../testing.ts';
import type { StsPolicies, StsState } from '../tls/sts-policies.ts';
import { RemoteDelivery } from './remote.ts';

const zone: ZoneRecord[] = [
  { name: 'one.test', type: 'MX', data: '10 a.mx.test' },
  { name: 'one.test', type: 'MX', data: '20 b.mx.test' },
  { name: 'other.test', type: 'MX', data: '10 b.mx.test' },
  { name: 'other.test', type: 'MX', data: '20 a.mx.test' },
  { name: 'either.test', type: 'MX', data: '10 a.mx.test' },
  { name: 'either.test', type: 'MX', data: '10 b.mx.test' },
  { name: 'a.mx.test', type: 'A', data: '127.0.0.1' },
  { name: 'b.mx.test', type: 'A', data: '127.0.0.2' },
];

/** `a` and `b` have the same port, as they would on the Internet. */
async function twoHosts(options: { readonly slow?: Promise<void> } = {}) {
  const answer = async (line: string): Promise<undefined> => {
    if (line === '.') await options.slow;
    return undefined;
  };
  const a = await testServer({ answer });
  const b = await testServer({ answer, host: '127.0.0.2', port: a.port });
  return {
    a,
    b,
    [Symbol.asyncDispose]: async () => {
      await a[Symbol.asyncDispose]();
      await b[Symbol.asyncDispose]();
    },
  };
}

const told = (outcome: Outcome | undefined): string =>
  outcome?.is === 'delivered'
    ? outcome.event!.host
    : outcome && 'answer' in outcome
      ? `${outcome.is} ${outcome.answer.reply}`
      : String(outcome?.is);

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000 && !isSo(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 2));
  assert.ok(isSo());
}

const toldOf = ({ outcomes }: AttemptResult): string[] => outcomes.map(told);

test('each domain has its hosts tried in its own order, whichever was looked up last', async () => {
  await using hosts = await twoHosts();
  const remote = remoteTo(hosts.a.port, {}, zone);
  const { site } = await remote.route('one.test');
  assert.equal((await remote.route('other.test')).site, site);
  assert.equal((await remote.route('either.test')).site, site);
  const to = (...recipients: string[]): Promise<AttemptResult> =>
    remote.deliver(testAttempt(recipients, { site }));
  assert.deepEqual(toldOf(await to('a@one.test')), ['a.mx.test']);
  assert.deepEqual(toldOf(await to('a@other.test')), ['b.mx.test']);
  assert.deepEqual(toldOf(await to('b@one.test')), ['a.mx.test']);
  await to('a@either.test');
  assert.equal(remote.connections, 2, 'where any host will do, what is open already does');
  assert.deepEqual(
    toldOf(await to('c@one.test', 'c@other.test', 'd@one.test')),
    ['a.mx.test', 'b.mx.test', 'a.mx.test'],
    'one message for both is two mails',
  );
  assert.deepEqual([hosts.a.connections, hosts.b.connections], [1, 1]);
  remote.stop();
});

test('the limit of a site is one for all its domains: connections that are idle make room', async () => {
  await using hosts = await twoHosts();
  const remote = remoteTo(hosts.a.port, {}, zone);
  const { site } = await remote.route('one.test');
  await remote.route('other.test');
  for (const domain of ['one', 'other', 'one', 'other']) {
    const sent = await remote.deliver(testAttempt([`a@${domain}.test`], { site, connectionsMax: 1 }));
    assert.deepEqual(toldOf(sent), [domain === 'one' ? 'a.mx.test' : 'b.mx.test']);
    assert.equal(remote.connections, 1);
  }
  remote.stop();
});

test('at the limit mail of one order waits for connections of the other, and nobody is forgotten', async () => {
  const { promise: slow, resolve: go } = Promise.withResolvers<void>();
  await using hosts = await twoHosts({ slow });
  const remote = remoteTo(hosts.a.port, {}, zone);
  const { site } = await remote.route('one.test');
  await remote.route('other.test');
  const domains = Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? 'one.test' : 'other.test'));
  const sent = domains.map((domain) =>
    remote.deliver(testAttempt([`a@${domain}`], { site, connectionsMax: 2 })),
  );
  go();
  const hostsUsed = (await Promise.all(sent)).flatMap(toldOf);
  assert.deepEqual(
    hostsUsed,
    domains.map((domain) => (domain === 'one.test' ? 'a.mx.test' : 'b.mx.test')),
  );
  assert.ok(remote.connections <= 2);
  remote.stop();
});

test('when no host lets mail in by its own order, a connection of the other domain will do', async () => {
  let full = false;
  const refuse = (line: string) =>
    full && line.startsWith('EHLO') ? '421 4.3.2 Too many connections' : undefined;
  const { promise: slow, resolve: go } = Promise.withResolvers<void>();
  await using a = await testServer({
    answer: async (line) => {
      if (line === '.') await slow;
      return refuse(line);
    },
  });
  await using b = await testServer({ host: '127.0.0.2', port: a.port, answer: (line) => refuse(line) });
  const remote = remoteTo(a.port, {}, zone);
  const { site } = await remote.route('one.test');
  await remote.route('other.test');
  const first = remote.deliver(testAttempt(['a@one.test'], { site }));
  await until(() => a.heard.includes('.'));
  full = true;
  const second = remote.deliver(testAttempt(['a@other.test'], { site }));
  await until(() => b.heard.some((line) => line.startsWith('EHLO')));
  go();
  assert.deepEqual([...toldOf(await first), ...toldOf(await second)], ['a.mx.test', 'a.mx.test']);
  remote.stop();
});

test('what vouches for the hosts of one domain does not vouch for them to REQUIRETLS mail of another', async () => {
  const authority = await testAuthority('Roots');
  const shown = await authority.issue({ names: ['a.mx.test'] });
  await using server = await testServer({
    extensions: ['STARTTLS', 'REQUIRETLS'],
    answer: startTls(new TlsContexts({ certificates: [shown] })),
  });
  const records: ZoneRecord[] = [
    { name: 'vouched.test', type: 'MX', data: '10 a.mx.test' },
    { name: 'stranger.test', type: 'MX', data: '10 a.mx.test' },
    { name: 'a.mx.test', type: 'A', data: '127.0.0.1' },
  ];
  const policy = { mode: 'testing', maxAgeSeconds: 86_400, mx: ['a.mx.test'] } as const;
  const vouches: StsState = {
    kept: { domain: 'vouched.test', id: '1', policy, fetchedAtMs: 0, expiresAtMs: Infinity },
    failure: undefined,
    step: undefined,
  };
  const nothing: StsState = { kept: undefined, failure: undefined, step: undefined };
  const sts = {
    of: async (domain: string) => (domain === 'vouched.test' ? vouches : nothing),
    doubt: () => undefined,
  } as unknown as StsPolicies;
  const resolver = testResolver(records);
  const remote = new RemoteDelivery({
    clock: systemClock,
    // DNSSEC vouches for nobody here.
    resolver: withAnswers(resolver, {
      mx: async (name) => {
        const answer = await resolver.mx(name);
        return answer.is === 'records' ? { ...answer, authenticated: false } : answer;
      },
    }),
    bodies: noBodies,
    options: testOptions({ smtpPort: server.port, caCertificates: [authority.certificate] }),
    sts,
  });
  const { site } = await remote.route('stranger.test');
  assert.equal((await remote.route('vouched.test')).site, site);
  const to = (recipient: string) => remote.deliver(testAttempt([recipient], { site, requireTls: true }));
  const refused =
    /^failed 550 5\.7\.30 Neither DNSSEC nor MTA-STS vouches for the mail server of stranger\.test/;
  assert.match(told((await to('a@stranger.test')).outcomes[0]), refused);
  assert.deepEqual(toldOf(await to('a@vouched.test')), ['a.mx.test']);
  assert.match(
    told((await to('b@stranger.test')).outcomes[0]),
    refused,
    'nor over a connection that is open',
  );
  remote.stop();
});

test('a stranger whose MX names a host of a route goes no way that only the route may go', async () => {
  await using server = await testServer();
  const records: ZoneRecord[] = ['inside.test', 'stranger.test'].flatMap((name) => [
    { name, type: 'MX', data: '10 inner.test' },
    { name: 'inner.test', type: 'A', data: '127.0.0.1' },
  ]);
  const options: Partial<DeliveryOptions> = {
    allowPrivateAddresses: false,
    routes: [{ domains: ['inside.test'], hosts: [{ host: 'inside.test', mx: true }] }],
  };
  const remote = remoteTo(server.port, options, records);
  assert.deepEqual(toldOf(await deliverTo(remote, ['a@inside.test'])), ['inner.test']);
  const [stranger] = (await deliverTo(remote, ['a@stranger.test'])).outcomes;
  assert.match(told(stranger), /^deferred 451 4\.4\.4 .* not on the Internet/);
  remote.stop();
});
