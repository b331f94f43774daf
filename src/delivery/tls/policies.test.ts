import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { TlsPolicy } from '../../events/event.ts';
import { testAuthority } from '../../net/testing-authority.ts';
import type { Resolver } from '../../net/resolver.ts';
import { TlsContexts, type Certificate } from '../../net/tls-contexts.ts';
import type { ZoneRecord } from '../../net/zone.ts';
import { partsOf } from '../../proto/dane/certificate-parts.ts';
import type { StsPolicy } from '../../proto/mta-sts/policy.ts';
import type { AttemptResult } from '../../queue/attempt.ts';
import type { DeliveryOptions, TlsRule } from '../options.ts';
import type { TlsSessionResult } from '../tls-results.ts';
import {
  deliverTo,
  remoteTo,
  startTls,
  testResolver,
  testServer,
  withAnswers,
  type TestServer,
} from '../testing.ts';
import { X509Certificate } from 'node:crypto';
import type { StsPolicies, StsState } from './sts-policies.ts';

const authority = await testAuthority('Roots');
const unknown = await testAuthority('Unknown');
const good = await authority.issue({ names: ['mx.there.test'] });
const wrongName = await authority.issue({ names: ['elsewhere.test'] });
const untrusted = await unknown.issue({ names: ['mx.there.test'] });
const old = await authority.issue({
  names: ['mx.there.test'],
  notBefore: new Date(0),
  notAfter: new Date(Date.now() - 1000),
});

const withTls = (shown: Certificate, extensions: readonly string[] = []): Promise<TestServer> =>
  testServer({
    extensions: ['PIPELINING', 'STARTTLS', ...extensions],
    answer: startTls(new TlsContexts({ certificates: [shown] })),
  });
const withoutTls = (): Promise<TestServer> => testServer({ extensions: ['PIPELINING'] });

/** MTA-STS as if it had been looked up. */
function stsOf(policies: Readonly<Record<string, Partial<StsPolicy> | 'failed'>>) {
  const doubted: string[] = [];
  const stateOf = (domain: string): StsState => {
    const given = policies[domain];
    if (given === undefined) return { kept: undefined, failure: undefined, step: undefined };
    if (given === 'failed')
      return {
        kept: undefined,
        failure: { problem: 'sts-policy-fetch-error', detail: 'HTTP 404' },
        step: undefined,
      };
    const policy: StsPolicy = { mode: 'enforce', maxAgeSeconds: 86_400, mx: ['mx.there.test'], ...given };
    return {
      kept: { domain, id: '1', policy, fetchedAtMs: 0, expiresAtMs: Infinity },
      failure: undefined,
      step: undefined,
    };
  };
  const sts = {
    of: async (domain: string) => stateOf(domain),
    doubt: (domain: string) => void doubted.push(domain),
  } as unknown as StsPolicies;
  return { sts, doubted };
}

interface World {
  readonly server: TestServer;
  readonly sts?: StsPolicies;
  readonly options?: Partial<DeliveryOptions>;
  readonly records?: readonly ZoneRecord[];
  readonly resolver?: Resolver;
  readonly requireTls?: boolean;
  readonly tlsOptional?: boolean;
  readonly to?: string;
}

async function send(world: World): Promise<{
  told: string;
  policies: readonly TlsPolicy[];
  counted: string[];
  results: readonly TlsSessionResult[];
}> {
  const results: TlsSessionResult[] = [];
  const tlsResults = { record: (result: TlsSessionResult): void => void results.push(result) };
  const remote = remoteTo(
    world.server.port,
    { caCertificates: [authority.certificate], dane: false, ...world.options },
    world.records,
    {
      tlsResults,
      ...(world.sts ? { sts: world.sts } : {}),
      ...(world.resolver ? { resolver: world.resolver } : {}),
    },
  );
  const { requireTls = false, tlsOptional = false, to = 'a@there.test' } = world;
  const result = await deliverTo(remote, [to], { requireTls, tlsOptional });
  remote.stop();
  const counted = results.map(
    ({ domain, policy, failure }) => `${domain} ${policy.type} ${failure?.result ?? 'fine'}`,
  );
  return { told: tellOf(result), policies: policiesIn(result), counted, results };
}

function tellOf({ outcomes: [outcome] }: AttemptResult): string {
  assert.ok(outcome);
  if (outcome.is === 'delivered') {
    const { tls } = outcome.event!;
    return tls === null
      ? 'in the clear'
      : tls.byDane
        ? 'proved by DANE'
        : tls.verified
          ? 'verified'
          : 'encrypted';
  }
  return 'answer' in outcome ? `${outcome.is}: ${outcome.answer.reply}` : outcome.is;
}

const policiesIn = ({ outcomes: [outcome], conversations }: AttemptResult): readonly TlsPolicy[] =>
  (outcome?.is === 'delivered' ? outcome.event?.policies : conversations[0]?.policies) ?? [];

test('MTA-STS enforced: a good certificate passes, everything else waits, says why, and has the policy looked at again', async () => {
  const cases: readonly (readonly [() => Promise<TestServer>, string, string])[] = [
    [() => withTls(good), 'verified', 'fine'],
    [
      () => withTls(wrongName),
      'deferred: 451 4.7.5 TLS failed: ERR_TLS_CERT_ALTNAME_INVALID (asked for by MTA-STS of there.test)',
      'certificate-host-mismatch',
    ],
    [
      () => withTls(untrusted),
      'deferred: 451 4.7.5 TLS failed: UNABLE_TO_VERIFY_LEAF_SIGNATURE (asked for by MTA-STS of there.test)',
      'certificate-not-trusted',
    ],
    [
      () => withTls(old),
      'deferred: 451 4.7.5 TLS failed: CERT_HAS_EXPIRED (asked for by MTA-STS of there.test)',
      'certificate-expired',
    ],
    [
      withoutTls,
      'deferred: 451 4.7.4 The server offers no TLS, and MTA-STS of there.test asks for it',
      'starttls-not-supported',
    ],
  ];
  for (const [open, expected, counted] of cases) {
    await using server = await open();
    const { sts, doubted } = stsOf({ 'there.test': {} });
    const sent = await send({ server, sts });
    assert.equal(sent.told, expected);
    assert.deepEqual(sent.counted, [`there.test sts ${counted}`]);
    assert.deepEqual(doubted, counted === 'fine' ? [] : ['there.test']);
    const [policy] = sent.policies;
    assert.deepEqual([policy?.is, policy?.of, policy?.detail], ['sts', 'there.test', 'enforce']);
    assert.equal(policy?.problem, counted === 'fine' ? undefined : counted);
    assert.equal(server.heard.includes('DATA'), counted === 'fine', 'no text leaves otherwise');
  }
});

test('MTA-STS enforced: hosts that the policy does not list are not spoken to, the others are', async () => {
  await using server = await withTls(good);
  const records: ZoneRecord[] = [
    { name: 'there.test', type: 'MX', data: '5 rogue.test' },
    { name: 'rogue.test', type: 'A', data: '127.0.0.1' },
  ];
  const some = await send({ server, records, sts: stsOf({ 'there.test': {} }).sts });
  assert.equal(some.told, 'verified');
  assert.deepEqual(some.counted, ['there.test sts validation-failure', 'there.test sts fine']);
  const none = await send({ server, sts: stsOf({ 'there.test': { mx: ['*.other.test'] } }).sts });
  assert.equal(
    none.told,
    'deferred: 451 4.7.5 MTA-STS of there.test does not list mx.there.test among its MX hosts',
  );
  assert.deepEqual(none.counted, ['there.test sts validation-failure']);
  assert.equal(server.connections, 1);
});

test('MTA-STS in testing, none, or not to be had: mail goes, and what would have been wrong is counted', async () => {
  await using server = await withTls(untrusted);
  const cases: readonly (readonly [Partial<StsPolicy> | 'failed', string])[] = [
    [{ mode: 'testing' }, 'there.test sts certificate-not-trusted'],
    [{ mode: 'testing', mx: ['other.test'] }, 'there.test sts validation-failure'],
    [{ mode: 'none' }, 'there.test no-policy-found fine'],
    ['failed', 'there.test sts sts-policy-fetch-error'],
  ];
  for (const [policy, counted] of cases) {
    const sent = await send({ server, sts: stsOf({ 'there.test': policy }).sts });
    assert.equal(sent.told, 'encrypted');
    assert.deepEqual(sent.counted, [counted]);
  }
  await using plain = await withoutTls();
  const sent = await send({ server: plain, sts: stsOf({ 'there.test': { mode: 'testing' } }).sts });
  assert.equal(sent.told, 'in the clear');
  assert.deepEqual(sent.counted, ['there.test sts starttls-not-supported']);
});

test('a broken policy of one domain does not touch the others on the same host', async () => {
  await using server = await withTls(untrusted);
  const records: ZoneRecord[] = ['strict.test', 'odd.test', 'loose.test'].map((name) => ({
    name,
    type: 'MX',
    data: '10 mx.there.test',
  }));
  const { sts } = stsOf({ 'strict.test': {}, 'odd.test': { mx: ['nowhere.test'] } });
  const remote = remoteTo(server.port, { caCertificates: [authority.certificate], dane: false }, records, {
    sts,
  });
  const results = await Promise.all(
    ['a@strict.test', 'a@odd.test', 'a@loose.test', 'a@there.test'].map((to) => deliverTo(remote, [to])),
  );
  assert.deepEqual(
    results.map((result) => tellOf(result).split(':')[0]),
    ['deferred', 'deferred', 'encrypted', 'encrypted'],
  );
  remote.stop();
});

test('a host that one policy lists and another does not is spoken to for the first domain only', async () => {
  const [one, two] = ['127.0.0.1', '127.0.0.2'];
  const shown = await authority.issue({ names: ['one.hosts.test', 'two.hosts.test'] });
  const answer = startTls(new TlsContexts({ certificates: [shown] }));
  const extensions = ['PIPELINING', 'STARTTLS'];
  await using first = await testServer({ extensions, answer, host: one });
  await using second = await testServer({ extensions, answer, host: two, port: first.port });
  const records: ZoneRecord[] = ['left.test', 'right.test'].flatMap((name): ZoneRecord[] => [
    { name, type: 'MX', data: '10 one.hosts.test' },
    { name, type: 'MX', data: '20 two.hosts.test' },
  ]);
  records.push(
    { name: 'one.hosts.test', type: 'A', data: one },
    { name: 'two.hosts.test', type: 'A', data: two },
  );
  const { sts } = stsOf({
    'left.test': { mx: ['one.hosts.test'] },
    'right.test': { mx: ['two.hosts.test'] },
  });
  const given = { caCertificates: [authority.certificate], dane: false };
  const remote = remoteTo(first.port, given, records, { sts });
  for (const to of ['a@left.test', 'a@right.test', 'b@left.test', 'b@right.test'])
    assert.equal(tellOf(await deliverTo(remote, [to])), 'verified', to);
  const recipients = ({ heard }: TestServer): string[] => heard.filter((line) => line.startsWith('RCPT'));
  assert.deepEqual(recipients(first), ['RCPT TO:<a@left.test>', 'RCPT TO:<b@left.test>']);
  assert.deepEqual(recipients(second), ['RCPT TO:<a@right.test>', 'RCPT TO:<b@right.test>']);
  remote.stop();
});

const rule = (
  level: TlsRule['level'],
  names: readonly string[] = [],
  domain = 'there.test',
): Partial<DeliveryOptions> => ({
  tlsRules: [{ domain, level, names }],
});

test('rules for a destination: what they let through, and what waits', async () => {
  const needed = 'deferred: 451 4.7.4 The server offers no TLS';
  const failed = 'deferred: 451 4.7.5';
  const cases: readonly (readonly [TlsRule['level'], string, string, string])[] = [
    // level, without TLS, with an unknown certificate, with a good one
    ['none', 'in the clear', 'in the clear', 'in the clear'],
    ['may', 'in the clear', 'encrypted', 'verified'],
    ['encrypt', needed, 'encrypted', 'verified'],
    ['verify', needed, failed, 'verified'],
    ['dane', failed, failed, failed],
    ['secure', needed, failed, 'verified'],
  ];
  for (const [level, plain, bad, fine] of cases) {
    for (const [open, expected] of [
      [withoutTls, plain],
      [() => withTls(untrusted), bad],
      [() => withTls(good), fine],
    ] as const) {
      await using server = await open();
      const sent = await send({ server, options: rule(level) });
      assert.ok(sent.told.startsWith(expected), `${level}: ${sent.told}, not ${expected}`);
      assert.equal(sent.policies[0]?.is, 'rule');
    }
  }
});

test('level secure asks for the name of the destination, whatever MX says', async () => {
  const named = await authority.issue({ names: ['there.test'] });
  const below = await authority.issue({ names: ['anything.there.test'] });
  const partner = await authority.issue({ names: ['mx.partner.test'] });
  const quoting = await authority.issue({ names: ['x, DNS:mx.partner.test, y'] });
  for (const [shown, names, passes] of [
    [named, [], true],
    [below, [], true],
    [partner, [], false],
    [partner, ['mx.partner.test'], true],
    [partner, ['.partner.test'], true],
    [named, ['.partner.test'], false],
    // One name that contains a comma and what looks like another one (CVE-2021-44532).
    [quoting, ['.partner.test'], false],
    [quoting, ['mx.partner.test'], false],
  ] as const) {
    await using server = await withTls(shown);
    const { told } = await send({ server, options: rule('secure', names) });
    assert.match(told, passes ? /^verified/ : /ERR_TLS_CERT_ALTNAME_INVALID/);
  }
});

test('of several rules the nearest counts, and "may" goes before a policy of the destination', async () => {
  await using server = await withTls(untrusted);
  const { sts } = stsOf({ 'there.test': {} });
  assert.equal((await send({ server, sts, options: rule('may') })).told, 'encrypted');
  const tlsRules: TlsRule[] = [
    { domain: '*', level: 'none', names: [] },
    { domain: '.test', level: 'encrypt', names: [] },
    { domain: 'there.test', level: 'may', names: [] },
  ];
  assert.equal((await send({ server, options: { tlsRules } })).told, 'encrypted');
  const above = await send({ server, options: { tlsRules: tlsRules.slice(0, 2) } });
  assert.deepEqual(above.policies[0], { is: 'rule', of: '.test', detail: 'encrypt' });
  assert.equal((await send({ server, options: { tlsRules: tlsRules.slice(0, 1) } })).told, 'in the clear');
});

test('"encrypt" is a minimum: a policy of the destination comes on top', async () => {
  await using server = await withTls(untrusted);
  const { told } = await send({ server, sts: stsOf({ 'there.test': {} }).sts, options: rule('encrypt') });
  assert.match(told, /asked for by MTA-STS/);
});

test('a counted session has all that a row of a report needs (RFC 8460, 4.3 and 4.4)', async () => {
  await using server = await withTls(old);
  const row = { domain: 'there.test' };
  const failure = {
    sendingIp: '127.0.0.1',
    mxHost: 'mx.there.test',
    receivingIp: '127.0.0.1',
  };
  const bySts = await send({ server, sts: stsOf({ 'there.test': {} }).sts });
  assert.deepEqual(bySts.results, [
    {
      ...row,
      policy: {
        type: 'sts',
        domain: 'there.test',
        text: ['version: STSv1', 'mode: enforce', 'mx: mx.there.test', 'max_age: 86400'],
        mxHosts: ['mx.there.test'],
      },
      failure: { ...failure, result: 'certificate-expired', code: 'CERT_HAS_EXPIRED' },
    },
  ]);
  const record = tlsaRecord(server.port, good);
  const byDane = await send({ server, options: { dane: true }, records: [record] });
  assert.deepEqual(byDane.results, [
    {
      ...row,
      policy: { type: 'tlsa', domain: 'mx.there.test', text: [record.data], mxHosts: [] },
      failure: { ...failure, result: 'validation-failure', code: '' },
    },
  ]);
  assert.deepEqual((await send({ server })).results, [
    { ...row, policy: { type: 'no-policy-found', domain: 'there.test', text: [], mxHosts: [] } },
  ]);
});

/** The record of the certificate, as the built-in zone has it: that zone counts as validated. */
function tlsaRecord(port: number, certificate: Certificate, form = [3, 1, 1]): ZoneRecord {
  const [usage, selector, matchingType] = form;
  const { raw } = new X509Certificate(certificate.chain);
  const selected = selector === 0 ? raw : partsOf(raw).publicKey;
  const data = createHash(matchingType === 2 ? 'sha512' : 'sha256')
    .update(selected)
    .digest('hex');
  return {
    name: `_${port}._tcp.mx.there.test`,
    type: 'TLSA',
    data: `${usage} ${selector} ${matchingType} ${data}`,
  };
}

test('DANE: the right certificate passes, another waits, and so does a server without TLS', async () => {
  const dane = { dane: true };
  await using server = await withTls(untrusted);
  const right = await send({ server, options: dane, records: [tlsaRecord(server.port, untrusted)] });
  assert.equal(right.told, 'proved by DANE');
  assert.deepEqual(right.counted, ['there.test tlsa fine']);
  assert.match(right.policies[0]!.detail, /^3 1 1 [0-9a-f]{16}…$/);
  const wrong = await send({ server, options: dane, records: [tlsaRecord(server.port, good)] });
  assert.equal(
    wrong.told,
    'deferred: 451 4.7.5 TLS failed: no TLSA record matches the certificate of the server (asked for by DANE of mx.there.test)',
  );
  assert.deepEqual(wrong.counted, ['there.test tlsa validation-failure']);
  await using plain = await withoutTls();
  const clear = await send({ server: plain, options: dane, records: [tlsaRecord(plain.port, good)] });
  assert.match(clear.told, /^deferred: 451 4\.7\.4 The server offers no TLS, and DANE of mx\.there\.test/);
  assert.deepEqual(clear.counted, ['there.test tlsa starttls-not-supported']);
});

test('DANE: where the records cannot be had, mail waits and nothing is said to the host (RFC 7672, 2.2)', async () => {
  await using server = await withTls(good);
  const resolver = withAnswers(
    testResolver([
      { name: 'there.test', type: 'MX', data: '10 mx.there.test' },
      { name: 'mx.there.test', type: 'A', data: '127.0.0.1' },
    ]),
    {
      tlsa: async (name) => ({
        is: 'failure',
        reason: 'servfail',
        detail: 'bogus',
        step: { name, type: 'TLSA', answer: ['servfail'], ms: 0 },
      }),
    },
  );
  for (const rules of [{}, rule('encrypt')]) {
    const { told, counted } = await send({ server, options: { dane: true, ...rules }, resolver });
    assert.match(
      told,
      /^deferred: 451 4\.7\.5 The TLSA records of mx\.there\.test cannot be had \(servfail: bogus\)/,
    );
    assert.deepEqual(counted, ['there.test tlsa dnssec-invalid']);
  }
  assert.equal(server.connections, 0);
});

test('DANE: records that cannot be used still ask for encryption, and no more', async () => {
  const options = { dane: true };
  await using server = await withTls(untrusted);
  const unusable = tlsaRecord(server.port, good, [1, 1, 1]);
  const sent = await send({ server, options, records: [unusable] });
  assert.equal(sent.told, 'encrypted');
  assert.deepEqual(sent.counted, ['there.test tlsa tlsa-invalid']);
  await using plain = await withoutTls();
  const clear = await send({ server: plain, options, records: [tlsaRecord(plain.port, good, [1, 1, 1])] });
  assert.match(clear.told, /^deferred: 451 4\.7\.4/);
});

test('DANE and MTA-STS together: TLSA records decide, both are counted; MTA-STS never excuses a failure', async () => {
  await using server = await withTls(untrusted);
  const options = { dane: true };
  const { sts } = stsOf({ 'there.test': {} });
  const proved = await send({ server, sts, options, records: [tlsaRecord(server.port, untrusted)] });
  assert.equal(proved.told, 'proved by DANE');
  assert.deepEqual(proved.counted, ['there.test tlsa fine', 'there.test sts certificate-not-trusted']);
  await using trusted = await withTls(good);
  const failed = await send({
    server: trusted,
    sts,
    options,
    records: [tlsaRecord(trusted.port, untrusted)],
  });
  assert.match(failed.told, /^deferred: 451 4\.7\.5 TLS failed: no TLSA record matches/);
});

test('level dane: a host without TLSA records is not used', async () => {
  await using server = await withTls(good);
  const none = await send({ server, options: { dane: true, ...rule('dane') } });
  assert.match(none.told, /^deferred: 451 4\.7\.5 mx\.there\.test has no TLSA record/);
  const some = await send({
    server,
    options: { dane: true, ...rule('dane') },
    records: [tlsaRecord(server.port, good)],
  });
  assert.equal(some.told, 'proved by DANE');
  assert.equal(server.connections, 1);
});

test('REQUIRETLS goes only to a proved server whose name is vouched for, and says so on', async () => {
  await using server = await withTls(good, ['REQUIRETLS']);
  // The built-in zone counts as validated by DNSSEC.
  const sent = await send({ server, requireTls: true });
  assert.equal(sent.told, 'verified');
  assert.ok(server.heard.some((line) => line.startsWith('MAIL FROM:') && line.includes(' REQUIRETLS')));
  assert.deepEqual(sent.policies, [{ is: 'requireTls', of: 'there.test', detail: '' }]);
  await using bad = await withTls(untrusted, ['REQUIRETLS']);
  assert.match(
    (await send({ server: bad, requireTls: true })).told,
    /^deferred: 451 4\.7\.5 .*asked for by REQUIRETLS/,
  );
  const records = [tlsaRecord(bad.port, untrusted)];
  assert.equal(
    (await send({ server: bad, requireTls: true, records, options: { dane: true } })).told,
    'proved by DANE',
  );
  await using without = await withTls(good);
  assert.match(
    (await send({ server: without, requireTls: true })).told,
    /^failed: 550 5\.7\.30 The server does not support/,
  );
});

test('TLS-Required: No goes past the policies of the destination, but not past the rules of the operator', async () => {
  await using server = await withTls(untrusted);
  const { sts } = stsOf({ 'there.test': {} });
  const records = [tlsaRecord(server.port, good)];
  const waived = await send({ server, sts, records, options: { dane: true }, tlsOptional: true });
  assert.equal(waived.told, 'encrypted');
  assert.deepEqual(waived.policies, [{ is: 'waived', of: 'there.test', detail: '' }]);
  assert.deepEqual(waived.counted, [], 'it says nothing of the policies');
  await using plain = await withoutTls();
  assert.equal((await send({ server: plain, sts, tlsOptional: true })).told, 'in the clear');
  assert.match(
    (await send({ server: plain, options: rule('encrypt'), tlsOptional: true })).told,
    /^deferred/,
  );
  assert.match((await send({ server, sts, requireTls: true, tlsOptional: true })).told, /^deferred|^failed/);
});

test('a message that asks for more or less shares no connection with the others', async () => {
  await using server = await withTls(untrusted);
  const { sts } = stsOf({ 'there.test': {} });
  const remote = remoteTo(server.port, { caCertificates: [authority.certificate], dane: false }, [], { sts });
  const waived = await deliverTo(remote, ['a@there.test'], { tlsOptional: true });
  const normal = await deliverTo(remote, ['b@there.test']);
  assert.deepEqual([tellOf(waived), tellOf(normal).split(':')[0]], ['encrypted', 'deferred']);
  remote.stop();
});

test('without any policy sessions are counted too: encrypted, or how not', async () => {
  await using server = await withTls(untrusted);
  assert.deepEqual((await send({ server })).counted, ['there.test no-policy-found fine']);
  await using plain = await withoutTls();
  assert.deepEqual((await send({ server: plain })).counted, [
    'there.test no-policy-found starttls-not-supported',
  ]);
  await using broken = await testServer({
    extensions: ['STARTTLS'],
    answer: (line, connection) => {
      if (line !== 'STARTTLS') return undefined;
      connection.write('220 Go\r\nthis is no handshake\r\n');
      connection.end();
      return '';
    },
  });
  const sent = await send({ server: broken });
  assert.equal(sent.told, 'in the clear');
  assert.deepEqual(
    sent.counted,
    ['there.test no-policy-found validation-failure'],
    'once, though it was tried twice',
  );
});
