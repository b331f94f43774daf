/**
 * DANE (RFC 7672) with a real validating resolver and zones that were really signed: what is secure, insecure, bogus, and what becomes of mail.
 */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { DeliveryOptions } from '../../src/delivery/options.ts';
import { RemoteDelivery } from '../../src/delivery/smtp/remote.ts';
import {
  deliverTo,
  noBodies,
  startTls,
  testOptions,
  testServer,
  type TestAttempt,
  type TestServer,
} from '../../src/delivery/testing.ts';
import { createResolver } from '../../src/net/resolver.ts';
import { testAuthority } from '../../src/net/testing-authority.ts';
import { TlsContexts } from '../../src/net/tls-contexts.ts';
import { partsOf } from '../../src/proto/dane/certificate-parts.ts';
import {
  serveSignedZones,
  signedZonesMissing,
  type SignedZone,
  type ValidatingResolver,
} from '../signed-zones.ts';

const authority = await testAuthority('Private root');
const shown = await authority.issue({ names: ['mx.signed.test', 'other.signed.test'] });
const stranger = await testAuthority('Stranger');
const leaf = new X509Certificate(shown.chain);

function tlsa(usage: number, selector: number, matchingType: number, certificate: X509Certificate): string {
  const selected = selector === 0 ? certificate.raw : partsOf(certificate.raw).publicKey;
  const hash = [undefined, 'sha256', 'sha512'][matchingType];
  const data = hash === undefined ? Buffer.from(selected) : createHash(hash).update(selected).digest();
  return `${usage} ${selector} ${matchingType} ${data.toString('hex')}`;
}

/** Each host: an address, and TLSA records. Each domain of the same name has it as MX. */
function zoneRecords(port: number): readonly string[] {
  const host = (name: string, ...records: string[]): string[] => [
    `${name} IN A 127.0.0.1`,
    ...records.map((data) => `_${port}._tcp.${name} IN TLSA ${data}`),
  ];
  const forms = [2, 3].flatMap((usage) =>
    [0, 1].flatMap((selector) => [0, 1, 2].map((type) => [usage, selector, type] as const)),
  );
  return [
    ...forms.flatMap(([u, s, t]) => [
      ...host(`h${u}${s}${t}`, tlsa(u, s, t, u === 2 ? authority.x509 : leaf)),
      `d${u}${s}${t} IN MX 10 h${u}${s}${t}`,
    ]),
    ...host('mx', tlsa(3, 1, 1, leaf)),
    '@ IN MX 10 mx',
    ...host('wrong', tlsa(3, 1, 1, stranger.x509)),
    'wrongdomain IN MX 10 wrong',
    ...host('unusable', tlsa(1, 0, 1, leaf), '3 1 1 abcd'),
    'unusabledomain IN MX 10 unusable',
    ...host('none'),
    'nonedomain IN MX 10 none',
    'alias IN CNAME mx',
    'aliasdomain IN MX 10 alias',
    'insecurehost IN MX 10 mx.plain.test.',
    ...host('broken', tlsa(3, 1, 1, leaf)),
    'brokendomain IN MX 10 broken',
    'second IN MX 10 broken',
    'second IN MX 20 mx',
    'away IN CNAME mx.plain.test.',
    `_${port}._tcp.away IN TLSA ${tlsa(3, 1, 1, leaf)}`,
    'awaydomain IN MX 10 away',
  ];
}

/** The certificate carries these names: with DANE-TA it must carry the name of the host. */
const hostNames = [0, 1].flatMap((s) => [0, 1, 2].map((t) => `h2${s}${t}.signed.test`));

function zones(port: number): readonly SignedZone[] {
  const broken = new RegExp(
    `^(_${port}\\._tcp\\.broken\\.signed\\.test\\.\\s+\\d+\\s+IN\\s+TLSA\\s+3 1 1 ).*$`,
    'm',
  );
  return [
    {
      name: 'signed.test',
      signed: true,
      records: zoneRecords(port),
      // Other data under the old signature.
      afterSigning: (text) => {
        assert.match(text, broken);
        return text.replace(broken, `$1${'00'.repeat(32)}`);
      },
    },
    {
      name: 'plain.test',
      signed: false,
      records: [
        'mx IN A 127.0.0.1',
        `_${port}._tcp.mx IN TLSA ${tlsa(3, 1, 1, stranger.x509)}`,
        '@ IN MX 10 mx',
        'onward IN MX 10 wrong.signed.test.',
      ],
    },
  ];
}

let server: TestServer;
let dns: ValidatingResolver;

before(async () => {
  if (signedZonesMissing) return;
  const many = await authority.issue({ names: hostNames });
  // A server must send the authority that its TLSA record knows by a digest (RFC 7671, 5.2.1).
  const chain = many.chain + authority.certificate;
  const contexts = new TlsContexts({ certificates: [shown, { ...many, chain }] });
  server = await testServer({ extensions: ['STARTTLS', 'REQUIRETLS'], answer: startTls(contexts) });
  dns = await serveSignedZones(zones(server.port));
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
  await dns?.[Symbol.asyncDispose]();
});

async function send(
  domain: string,
  { trusted = true, ...options }: Partial<DeliveryOptions> & { trusted?: boolean } = {},
  attempt: Partial<TestAttempt> = {},
): Promise<string> {
  const remote = new RemoteDelivery({
    clock: systemClock,
    resolver: createResolver({ clock: systemClock, servers: [{ ...dns, trusted }], tryTimeoutMs: 10_000 }),
    bodies: noBodies,
    options: testOptions({ smtpPort: server.port, ...options }),
  });
  const { outcomes } = await deliverTo(remote, [`a@${domain}`], attempt);
  remote.stop();
  const [outcome] = outcomes;
  assert.ok(outcome);
  if (outcome.is === 'delivered') return outcome.event?.tls?.byDane ? 'proved' : 'encrypted';
  return 'answer' in outcome ? `${outcome.is} ${outcome.answer.reply}` : outcome.is;
}

const options = { skip: signedZonesMissing };

test('TLSA usages 2 and 3 with every selector and matching type', options, async () => {
  for (const usage of [2, 3])
    for (const selector of [0, 1])
      for (const type of [0, 1, 2])
        assert.equal(
          await send(`d${usage}${selector}${type}.signed.test`),
          'proved',
          `${usage} ${selector} ${type}`,
        );
});

test('a certificate that is not the one of the records: the mail waits', options, async () => {
  assert.match(
    await send('wrongdomain.signed.test'),
    /^deferred 451 4\.7\.5 TLS failed: no TLSA record matches/,
  );
});

test('unusable records ask for encryption only; no records for nothing', options, async () => {
  assert.equal(await send('unusabledomain.signed.test'), 'encrypted');
  assert.equal(await send('nonedomain.signed.test'), 'encrypted');
});

test(
  'a record that fails its signature: the host is not used, the next one is, and without a next one the mail waits',
  options,
  async () => {
    assert.match(
      await send('brokendomain.signed.test'),
      /^deferred 451 4\.7\.5 The TLSA records of broken\.signed\.test cannot be had \(servfail/,
    );
    assert.equal(await send('second.signed.test'), 'proved');
  },
);

test('where DNSSEC does not reach from end to end, TLSA records count for nothing', options, async () => {
  assert.equal(await send('plain.test'), 'encrypted', 'an unsigned zone');
  assert.equal(await send('insecurehost.signed.test'), 'encrypted', 'a signed MX leads to an unsigned host');
  assert.equal(await send('onward.plain.test'), 'encrypted', 'an unsigned MX leads to a signed host');
});

test(
  'aliases: the records of their end count, or of their beginning where the end is unsigned',
  options,
  async () => {
    assert.equal(await send('aliasdomain.signed.test'), 'proved');
    assert.equal(await send('awaydomain.signed.test'), 'proved');
  },
);

test('a resolver that is not trusted proves nothing', options, async () => {
  assert.equal(await send('wrongdomain.signed.test', { trusted: false }), 'encrypted');
});

test('level dane asks for records', options, async () => {
  const tlsRules = [{ domain: '*', level: 'dane', names: [] }] as const;
  assert.equal(await send('signed.test', { tlsRules }), 'proved');
  assert.match(
    await send('nonedomain.signed.test', { tlsRules }),
    /^deferred 451 4\.7\.5 none\.signed\.test has no TLSA/,
  );
});

test('REQUIRETLS needs the name of the server proved too', options, async () => {
  const requireTls = { requireTls: true };
  const trusting = { caCertificates: [authority.certificate] };
  assert.equal(await send('signed.test', {}, requireTls), 'proved');
  assert.match(
    await send('plain.test', trusting, requireTls),
    /^failed 550 5\.7\.30 Neither DNSSEC nor MTA-STS/,
  );
});
