import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { systemClock, type Clock } from '../../base/clock.ts';
import { createResolver, type Resolver } from '../../net/resolver.ts';
import { testAuthority } from '../../net/testing-authority.ts';
import { createZone, type ZoneRecord } from '../../net/zone.ts';
import { openTestStore, type TestStore } from '../../store/testing.ts';
import { migrations } from '../migrations.ts';
import { operations } from '../operations.ts';
import { StsPolicies, type StsParts } from './sts-policies.ts';

const authority = await testAuthority('Roots');
const certificate = await authority.issue({ names: ['mta-sts.there.test', 'mta-sts.other.test'] });
const day = 86_400_000;

const policyText = (mode: string, mx = 'mx.there.test', maxAge = 604_800): string =>
  `version: STSv1\nmode: ${mode}\nmx: ${mx}\nmax_age: ${maxAge}\n`;

/** What the policy server does, and how often it was asked. */
interface PolicyServer extends AsyncDisposable {
  readonly port: number;
  asked: number;
  answer: { status?: number; type?: string; body: string };
}

async function policyServer(): Promise<PolicyServer> {
  const server = createServer({ cert: certificate.chain, key: certificate.key }, (request, response) => {
    made.asked += 1;
    assert.equal(request.url, '/.well-known/mta-sts.txt');
    const { status = 200, type = 'text/plain; charset=utf-8', body } = made.answer;
    response.writeHead(status, {
      'content-type': type,
      ...(status === 302 ? { location: '/elsewhere' } : {}),
    });
    response.end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const made: PolicyServer = {
    port: (server.address() as AddressInfo).port,
    asked: 0,
    answer: { body: policyText('enforce') },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
  return made;
}

/** A resolver whose answers change as the test says, and are not kept. */
class Dns {
  texts: readonly string[] = ['v=STSv1; id=1'];
  down = false;
  get resolver(): Resolver {
    const current = (): Resolver => {
      const records: ZoneRecord[] = [
        ...this.texts.map((data) => ({ name: '_mta-sts.there.test', type: 'TXT' as const, data })),
        { name: 'mta-sts.there.test', type: 'A', data: '127.0.0.1' },
        { name: '_mta-sts.bad.test', type: 'TXT', data: 'v=STSv1; id=1' },
        { name: 'mta-sts.bad.test', type: 'A', data: '127.0.0.1' },
      ];
      return createResolver({
        clock: systemClock,
        servers: [],
        zone: createZone({ records, apexes: this.down ? ['nothing.test'] : ['test'] }),
      });
    };
    return new Proxy({} as Resolver, {
      get: (_, name) => Reflect.get(current(), name) as unknown,
    });
  }
}

/** Time that a test moves; timers run as ever. */
class MovedClock implements Clock {
  movedMs = 0;
  nowMs = (): number => systemClock.nowMs() + this.movedMs;
  monotonicMs = (): number => systemClock.monotonicMs() + this.movedMs;
  after: Clock['after'] = (delayMs, run) => systemClock.after(delayMs, run);
}

interface Setup {
  readonly dns: Dns;
  readonly server: PolicyServer;
  readonly clock: MovedClock;
  readonly store: TestStore;
  readonly parts: StsParts;
}

async function setup(use: (given: Setup, policies: StsPolicies) => Promise<void>): Promise<void> {
  const dns = new Dns();
  await using server = await policyServer();
  await using store = await openTestStore({ migrations, operations });
  const clock = new MovedClock();
  const parts: StsParts = {
    clock,
    resolver: dns.resolver,
    store,
    port: server.port,
    ca: [authority.certificate],
    allowPrivateAddresses: true,
  };
  await use({ dns, server, clock, store, parts }, new StsPolicies(parts));
}

const modeOf = async (policies: StsPolicies, domain = 'there.test'): Promise<string> =>
  (await policies.of(domain)).kept?.policy.mode ?? 'none kept';
const problemOf = async (policies: StsPolicies, domain = 'there.test'): Promise<string> => {
  const { failure } = await policies.of(domain);
  return failure === undefined ? '' : `${failure.problem}: ${failure.detail}`;
};

test('a policy is fetched once, and again when its id changes', () =>
  setup(async ({ dns, server }, policies) => {
    assert.equal(await modeOf(policies), 'enforce');
    assert.equal(await modeOf(policies), 'enforce');
    assert.equal(server.asked, 1);
    server.answer = { body: policyText('testing') };
    assert.equal(await modeOf(policies), 'enforce', 'the id is the same');
    dns.texts = ['v=STSv1; id=2'];
    assert.equal(await modeOf(policies), 'testing');
    assert.equal(server.asked, 2);
  }));

test('questions at the same time are one fetch', () =>
  setup(async ({ server }, policies) => {
    await Promise.all(Array.from({ length: 20 }, () => policies.of('there.test')));
    assert.equal(server.asked, 1);
  }));

test('a kept policy holds while DNS and the web say nothing, across a restart, and until it runs out', () =>
  setup(async ({ dns, server, clock, parts }, policies) => {
    assert.equal(await modeOf(policies), 'enforce');
    for (const trouble of ['record gone', 'DNS down', 'web down with another id']) {
      dns.texts = trouble === 'record gone' ? [] : ['v=STSv1; id=9'];
      dns.down = trouble === 'DNS down';
      server.answer = { status: 500, body: '' };
      assert.equal(await modeOf(policies), 'enforce', trouble);
      assert.equal(await modeOf(new StsPolicies(parts)), 'enforce', `${trouble}, after a restart`);
    }
    clock.movedMs += 604_800_000 + 1000;
    dns.texts = [];
    dns.down = false;
    assert.equal(await modeOf(policies), 'none kept');
    assert.equal(await modeOf(new StsPolicies(parts)), 'none kept');
  }));

test('the same id for a day: the policy is fetched beside the mail, so that it does not run out', () =>
  setup(async ({ server, clock }, policies) => {
    const first = (await policies.of('there.test')).kept!;
    clock.movedMs += 2 * day;
    assert.equal(
      (await policies.of('there.test')).kept?.fetchedAtMs,
      first.fetchedAtMs,
      'nobody waits for it',
    );
    for (let i = 0; i < 200 && server.asked < 2; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    let later = await policies.of('there.test');
    for (let i = 0; i < 200 && later.kept!.fetchedAtMs === first.fetchedAtMs; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      later = await policies.of('there.test');
    }
    assert.ok(later.kept!.expiresAtMs > first.expiresAtMs + day);
    assert.equal(server.asked, 2);
  }));

test('a policy by which a delivery failed is fetched again before the next', () =>
  setup(async ({ server }, policies) => {
    assert.equal(await modeOf(policies), 'enforce');
    server.answer = { body: policyText('none') };
    policies.doubt('there.test');
    assert.equal(await modeOf(policies), 'none');
  }));

test('what cannot be had or read is told, counts as no policy, and is not asked for again at once', () =>
  setup(async ({ dns, server, clock }, policies) => {
    const cases = [
      [{ status: 404, body: '' }, 'sts-policy-fetch-error: HTTP 404'],
      [{ status: 302, body: policyText('enforce') }, 'sts-policy-fetch-error: HTTP 302'],
      [
        { type: 'text/html', body: policyText('enforce') },
        'sts-policy-invalid: is text/html, not text/plain',
      ],
      [{ body: 'mode: enforce\n' }, 'sts-policy-invalid: the version is not STSv1'],
      [{ body: policyText('enforce') + 'x'.repeat(65_536) }, 'sts-policy-fetch-error: more than 65536 bytes'],
    ] as const;
    let asked = 0;
    for (const [answer, expected] of cases) {
      server.answer = answer;
      dns.texts = [`v=STSv1; id=case${(asked += 1)}`];
      assert.equal(await problemOf(policies), expected);
      assert.equal(await modeOf(policies), 'none kept');
      assert.equal(server.asked, asked, 'asked once');
    }
    server.answer = { body: policyText('enforce') };
    clock.movedMs += 301_000;
    assert.equal(await modeOf(policies), 'enforce');
    assert.equal(await problemOf(policies), '');
  }));

test('the policy server must show a certificate for its name', () =>
  setup(async (_, policies) => {
    assert.equal(await problemOf(policies, 'bad.test'), 'sts-webpki-invalid: ERR_TLS_CERT_ALTNAME_INVALID');
  }));

test('strangers cannot send us to addresses of our own network', () =>
  setup(async ({ parts, server }) => {
    const guarded = new StsPolicies({ ...parts, allowPrivateAddresses: false });
    assert.equal(await problemOf(guarded), 'sts-policy-fetch-error: address not allowed');
    assert.equal(server.asked, 0);
  }));

test('two records, or one that is garbled, are told as such and fetch nothing', () =>
  setup(async ({ dns, server }, policies) => {
    dns.texts = ['v=STSv1; id=1', 'v=STSv1; id=2'];
    assert.equal(await problemOf(policies), 'sts-policy-invalid: 2 records instead of one');
    assert.equal(server.asked, 0);
  }));

test('a domain that has never heard of MTA-STS costs one question and no words', () =>
  setup(async ({ dns, server }, policies) => {
    dns.texts = [];
    assert.deepEqual(await policies.of('there.test'), {
      kept: undefined,
      failure: undefined,
      step: undefined,
    });
    assert.equal(server.asked, 0);
  }));
