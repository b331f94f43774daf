import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { TestClock } from '../base/test-clock.ts';
import { AcmeError, type Solver } from '../net/acme-client.ts';
import { createResolver } from '../net/resolver.ts';
import { testAuthority } from '../net/testing-authority.ts';
import type { Certificate } from '../net/tls-contexts.ts';
import { openTestStore, type TestStore } from '../store/testing.ts';
import {
  CertificateKeeper,
  type IssuedCertificate,
  type KeeperParts,
  type WantedCertificate,
} from './keeper.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import { Proofs } from './proofs.ts';
import { keepProof } from './rows/proofs.ts';

const roots = await testAuthority('Roots');
const day = 86_400_000;
const minute = 60_000;
const host: WantedCertificate = { name: 'mail.test', names: ['mail.test'] };

/** An authority that issues for ninety days, or does what the test says. */
class FakeAuthority {
  readonly issued: (readonly string[])[] = [];
  readonly tried: number[] = [];
  window: { startMs: number; endMs: number; askAgainMs: number } | undefined;
  failure: AcmeError | undefined;
  readonly #clock: TestClock;

  constructor(clock: TestClock) {
    this.#clock = clock;
  }

  account = async (): Promise<string> => 'https://authority.test/account/1';
  renewalWindow = async () => this.window;
  issue: (names: readonly string[], solver: Solver) => Promise<Certificate> = async (names) => {
    this.tried.push(this.#clock.nowMs());
    if (this.failure !== undefined) throw this.failure;
    this.issued.push(names);
    const now = this.#clock.nowMs();
    return roots.issue({ names, notBefore: new Date(now), notAfter: new Date(now + 90 * day) });
  };
}

interface World {
  readonly store: TestStore;
  readonly clock: TestClock;
  readonly authority: FakeAuthority;
  wanted: readonly WantedCertificate[];
  readonly told: (readonly IssuedCertificate[])[];
  readonly keeper: (more?: Partial<KeeperParts>) => Promise<CertificateKeeper>;
  /** Lets time pass, and the work of it be done. */
  readonly pass: (ms: number) => Promise<void>;
}

async function within(use: (world: World) => Promise<void>): Promise<void> {
  await using store = await openTestStore({ migrations, operations });
  // Certificates are dated by the real clock of whoever checks them.
  const clock = new TestClock(Math.floor(Date.now() / 1000) * 1000);
  const authority = new FakeAuthority(clock);
  const keepers: CertificateKeeper[] = [];
  const world: World = {
    store,
    clock,
    authority,
    wanted: [host],
    told: [],
    keeper: async (more = {}) => {
      const keeper = new CertificateKeeper({
        store,
        clock,
        log: silentLog,
        https: { resolver: createResolver({ clock, servers: [] }), clock },
        acme: { directory: 'https://authority.test/dir', contact: '' },
        challenge: 'http-01',
        hook: undefined,
        dnsWaitMs: 0,
        keepKey: false,
        node: 'one',
        wanted: async () => world.wanted,
        onChange: (certificates) => void world.told.push(certificates),
        clientFor: () => authority,
        ...more,
      });
      keepers.push(keeper);
      await keeper.open();
      keeper.begin();
      await world.pass(0);
      return keeper;
    },
    pass: async (ms) => {
      await clock.advance(ms, 25);
      // Keys are made in other threads, outside of the clock.
      for (let i = 0; i < 20; i++) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        await clock.settle(5);
      }
    },
  };
  try {
    await use(world);
  } finally {
    for (const keeper of keepers) keeper[Symbol.dispose]();
  }
}

test('what is wanted and not there is asked for once, told, and there again after a restart', () =>
  within(async (world) => {
    const first = await world.keeper();
    assert.deepEqual(world.authority.issued, [['mail.test']]);
    assert.equal(world.told.at(-1)?.[0]?.name, 'mail.test');
    await world.pass(10 * minute);
    assert.equal(world.authority.issued.length, 1);
    first[Symbol.dispose]();
    const second = await world.keeper();
    assert.deepEqual(
      second.issued.map(({ names }) => names),
      [['mail.test']],
    );
    assert.equal(world.authority.issued.length, 1);
  }));

test('it is renewed at two thirds of its life, a little earlier by chance', () =>
  within(async (world) => {
    const keeper = await world.keeper({ roundMs: day / 4 });
    const { renewAtMs } = keeper.issued[0]!;
    const part = (renewAtMs - world.clock.nowMs()) / (90 * day);
    assert.ok(part > 0.6 && part <= 2 / 3 + 0.001, String(part));
    await world.pass(renewAtMs - world.clock.nowMs() - minute);
    assert.equal(world.authority.issued.length, 1);
    await world.pass(day / 2);
    assert.equal(world.authority.issued.length, 2);
  }));

test('another set of names is another certificate', () =>
  within(async (world) => {
    await world.keeper();
    world.wanted = [
      { name: 'mail.test', names: ['mail.test', 'imap.test'] },
      { name: 'a.test', names: ['mta-sts.a.test'] },
    ];
    await world.pass(minute);
    assert.deepEqual(world.authority.issued.slice(1), [['mail.test', 'imap.test'], ['mta-sts.a.test']]);
  }));

test('after a failure it waits, longer each time, also across a restart, and never less than the authority asks', () =>
  within(async (world) => {
    world.authority.failure = new AcmeError('unauthorized', 'not yours');
    const keeper = await world.keeper();
    assert.match(keeper.troubles[0]!.problem, /not yours/);
    await world.pass(20 * minute);
    keeper[Symbol.dispose]();
    const again = await world.keeper();
    await world.pass(60 * minute);
    const gaps = world.authority.tried.map((at, i, all) => (i === 0 ? 0 : at - all[i - 1]!)).slice(1);
    assert.ok(gaps[0]! >= 4 * minute && gaps[0]! <= 8 * minute, String(gaps));
    assert.ok(
      gaps.every((gap, i) => i === 0 || gap > gaps[i - 1]!),
      String(gaps),
    );
    const before = world.authority.tried.length;
    again[Symbol.dispose]();
    await world.keeper({ roundMs: 60 * minute });
    world.authority.failure = new AcmeError('rateLimited', 'too many', 10 * day);
    await world.pass(4 * 60 * minute);
    assert.equal(world.authority.tried.length, before + 1);
    world.authority.failure = undefined;
    await world.pass(9 * day);
    assert.equal(world.authority.tried.length, before + 1);
    await world.pass(2 * day);
    assert.equal(world.authority.issued.length, 1);
  }));

test('of two nodes one asks; the other has the certificate all the same, and takes over when the first is gone', () =>
  within(async (world) => {
    const first = await world.keeper({ node: 'one' });
    const second = await world.keeper({ node: 'two' });
    await world.pass(5 * minute);
    assert.equal(world.authority.issued.length, 1);
    assert.equal(second.issued.length, 1);
    first[Symbol.dispose]();
    world.wanted = [host, { name: 'b.test', names: ['mta-sts.b.test'] }];
    await world.pass(5 * minute);
    assert.equal(world.authority.issued.length, 1, 'the lease of the first still holds');
    await world.pass(20 * minute);
    assert.equal(world.authority.issued.length, 2);
  }));

test('the wish of the authority for a renewal is followed', () =>
  within(async (world) => {
    // The certificates of the fake authority name its key, so it can be asked about them.
    const startMs = world.clock.nowMs() + 2 * day;
    world.authority.window = { startMs, endMs: startMs + day, askAgainMs: 6 * 60 * minute };
    const keeper = await world.keeper({ roundMs: 60 * minute });
    const follows = (): boolean => {
      const renewAtMs = keeper.issued[0]?.renewAtMs ?? 0;
      return renewAtMs >= startMs && renewAtMs <= startMs + day;
    };
    // At first the certificate's own time counts; then the authority is asked.
    await world.pass(2 * 60 * minute);
    for (let hours = 0; hours < 20 && !follows(); hours++) await world.pass(60 * minute);
    assert.ok(follows());
    await world.pass(4 * day);
    assert.ok(world.authority.issued.length >= 2);
  }));

test('proofs are there while they are needed: by token, by name, and for no odd token', () =>
  within(async ({ store, clock, authority, keeper }) => {
    const proofs = new Proofs(store, clock);
    const seen: unknown[] = [];
    authority.issue = async (names, solver) => {
      const challenge = { name: names[0]!, token: 'tok_en-1', keyAuthorization: 'tok_en-1.thumb' };
      await solver.prepare(challenge);
      seen.push(
        await proofs.forToken('tok_en-1'),
        await proofs.forToken('../etc/passwd'),
        await proofs.forToken('other'),
      );
      await solver.remove(challenge);
      seen.push(await proofs.forToken('tok_en-1'));
      throw new AcmeError('unauthorized', 'enough');
    };
    await keeper();
    assert.deepEqual(seen, ['tok_en-1.thumb', undefined, undefined, undefined]);
  }));

test('a proof that nobody cleared up is shown to nobody after its time', () =>
  within(async ({ store, clock }) => {
    const proofs = new Proofs(store, clock);
    const proof = { kind: 'http', subject: 'token', answer: 'token.thumb' } as const;
    await store.write(keepProof, { ...proof, untilMs: clock.nowMs() + 10 });
    assert.equal(await proofs.forToken('token'), 'token.thumb');
    await clock.advance(10);
    assert.equal(await proofs.forToken('token'), undefined);
  }));

test('a DNS proof is published, has its time to spread, and is removed', () =>
  within(async ({ authority, keeper, pass }) => {
    const ran: string[] = [];
    authority.issue = async (names, solver) => {
      const challenge = { name: names[0]!, token: 't', keyAuthorization: 't.thumb' };
      try {
        await solver.prepare(challenge);
      } finally {
        await solver.remove(challenge);
      }
      throw new AcmeError('unauthorized', 'enough');
    };
    const hook = async (action: string, name: string, text: string): Promise<void> =>
      void ran.push(`${action} ${name} ${text}`);
    await keeper({ challenge: 'dns-01', hook, dnsWaitMs: 30_000 });
    assert.equal(ran.length, 1);
    await pass(30_000);
    assert.equal(ran.length, 2);
    assert.match(ran[0]!, /^set _acme-challenge\.mail\.test [\w-]{43}$/);
    assert.equal(ran[1], ran[0]!.replace('set', 'unset'));
  }));
