/** The lines of `hikyaku dns --zone` in real name servers: they load them, and what they answer is what was meant. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { createResolver } from '../../src/net/resolver.ts';
import { domainRecords, type MailDomain } from '../../src/records/domain-records.ts';
import { zoneLines } from '../../src/records/zone-text.ts';
import { serveSignedZones, signedZonesMissing } from '../signed-zones.ts';
import { needing, newFolder, run } from './programs.ts';

const key = generateKeyPairSync('rsa', { modulusLength: 4096 }).publicKey;
const wide = key.export({ type: 'spki', format: 'der' }).toString('base64');

const domain: MailDomain = {
  domain: 'xn--eckwd4c7c.test',
  hostname: 'mx.xn--eckwd4c7c.test',
  addresses: ['192.0.2.1', '2001:db8::1'],
  services: (['submissions', 'submission', 'imaps', 'imap', 'pop3s', 'pop3', 'managesieve'] as const).map(
    (kind, i) => ({ kind, port: 1000 + i }),
  ),
  https: true,
  dkim: [
    { selector: 'rsa', record: `v=DKIM1; k=rsa; n=a "quoted" \\ remark; p=${wide}` },
    { selector: 'ed', record: 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=' },
  ],
  mtaStsId: '20261124T000000',
  tlsa: [`3 1 1 ${'0123456789abcdef'.repeat(4)}`],
  dmarcReportsTo: 'dmarc-reports@xn--eckwd4c7c.test',
  tlsReportsTo: 'tls-reports@xn--eckwd4c7c.test',
  bimiLogo: 'https://xn--eckwd4c7c.test/logo.svg?a=1;b=2',
};
const elsewhere: MailDomain = { ...domain, domain: 'other.test' };

const head = ['$TTL 300', '@ IN SOA ns admin 1 3600 600 86400 60', '@ IN NS ns', 'ns IN A 127.0.0.1'];
const fileOf = (of: MailDomain): string =>
  [...head, ...zoneLines(of.domain, domainRecords(of)), ''].join('\n');

for (const [program, args] of [
  ['named-checkzone', ['-i', 'none', '-W', 'error']],
  ['nsd-checkzone', []],
] as const)
  test(`${program} takes the lines without a word`, needing(program), async () => {
    using folder = newFolder('zone');
    for (const one of [domain, elsewhere]) {
      const file = join(folder.path, one.domain);
      writeFileSync(file, fileOf(one));
      const { said } = await run(program, [...args, one.domain, file]);
      assert.doesNotMatch(said, /warning|error|ignoring|out-of-zone|out of zone/i);
    }
  });

test('a name server that loads them answers each record as it was meant', {
  skip: signedZonesMissing,
}, async () => {
  const records = zoneLines(domain.domain, domainRecords(domain));
  await using server = await serveSignedZones([{ name: domain.domain, records, signed: false }]);
  const resolver = createResolver({ clock: systemClock, servers: [server] });
  let seen = 0;
  for (const { name, type, data } of domainRecords(domain)) {
    if (type === 'PTR') continue;
    const { step } = await resolver.lookup(name, type);
    const bare = (text: string): string => (type === 'TXT' ? text : text.replace(/(?<=\w)\.$/, ''));
    assert(step.answer.map(bare).includes(bare(data)), `${name} ${type}: ${step.answer.join(' | ')}`);
    seen += 1;
  }
  assert.equal(seen, 23);
});
