import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { openTestApi } from '../testing.ts';

type Server = Awaited<ReturnType<typeof openTestApi>>;
type Got = { readonly status: number; readonly body: string; readonly type: string };

async function get(server: Server, path: string, host = 'mx.a.test'): Promise<Got> {
  const { status, body, headers } = await server.call('GET', path, { headers: { host } });
  return {
    status,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    type: String(headers['content-type']),
  };
}

test('a certificate authority finds the proof of a name, and nothing else', async () => {
  await using server = await openTestApi();
  assert.equal((await get(server, '/.well-known/acme-challenge/known')).body, 'known.proof');
  assert.equal((await get(server, '/.well-known/acme-challenge/unknown')).status, 404);
});

test('the MTA-STS policy is at its own host of the domain only', async () => {
  await using server = await openTestApi();
  const policy = await get(server, '/.well-known/mta-sts.txt', 'MTA-STS.A.test:443');
  assert.deepEqual([policy.status, policy.type, policy.body], [200, 'text/plain', 'version: STSv1\r\n']);
  for (const host of ['a.test', 'mta-sts.other.test', 'mta-sts', ''])
    assert.equal((await get(server, '/.well-known/mta-sts.txt', host)).status, 404, host);
});

test('Thunderbird: the best way first, names escaped, by the address or by the host', async () => {
  await using server = await openTestApi();
  const asked = [
    ['/mail/config-v1.1.xml', 'autoconfig.a.test'],
    ['/mail/config-v1.1.xml?emailaddress=x%40a.test', 'mx.a.test'],
    ['/.well-known/autoconfig/mail/config-v1.1.xml', 'a.test'],
  ] as const;
  for (const [path, host] of asked) {
    const { status, type, body } = await get(server, path, host);
    assert.deepEqual([status, type], [200, 'text/xml; charset=utf-8']);
    assert.match(body, /<displayName>A &#38; B<\/displayName>/);
    const servers = [
      ...body.matchAll(
        /<(\w+) type="(\w+)">\s*<hostname>([^<]+)<\/hostname>\s*<port>(\d+)<\/port>\s*<socketType>(\w+)</g,
      ),
    ];
    assert.deepEqual(
      servers.map((match) => match.slice(1).join(' ')),
      [
        'incomingServer imap mx.a.test 993 SSL',
        'incomingServer imap mx.a.test 143 STARTTLS',
        'outgoingServer smtp mx.a.test 465 SSL',
      ],
    );
  }
  assert.equal((await get(server, '/mail/config-v1.1.xml?emailaddress=x%40other.test')).status, 404);
});

const outlook = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';
const request = (address: string, schema = outlook): string =>
  `<?xml version="1.0"?><Autodiscover xmlns="x"><Request><EMailAddress>${address}</EMailAddress>
  <AcceptableResponseSchema>${schema}</AcceptableResponseSchema></Request></Autodiscover>`;

test('Outlook: each kind of server once, and errors in its own words', async () => {
  await using server = await openTestApi();
  const post = async (payload: string, path = '/autodiscover/autodiscover.xml'): Promise<Got> => {
    const { status, body, headers } = await server.call('POST', path, {
      body: payload,
      headers: { 'content-type': 'text/xml' },
    });
    return { status, body: String(body), type: String(headers['content-type']) };
  };
  const good = await post(request('taro@a.test'));
  assert.deepEqual([good.status, good.type], [200, 'text/xml; charset=utf-8']);
  const protocols = [
    ...good.body.matchAll(/<Type>(\w+)<\/Type>\s*<Server>([^<]+)<\/Server>\s*<Port>(\d+)</g),
  ];
  assert.deepEqual(
    protocols.map((match) => match.slice(1).join(' ')),
    ['IMAP mx.a.test 993', 'SMTP mx.a.test 465'],
  );
  assert.match(good.body, /<LoginName>taro@a\.test<\/LoginName>/);
  assert.match((await post(request('taro@a.test'), '/Autodiscover/Autodiscover.xml')).body, /<Type>IMAP</);
  assert.match(
    (await post(request('o&apos;neil&amp;co@a.test'))).body,
    /<LoginName>o&#39;neil&#38;co@a\.test</,
  );
  assert.match((await post('<nothing/>')).body, /<ErrorCode>600</);
  assert.match((await post(request('taro@a.test', 'http://mobilesync'))).body, /<ErrorCode>601</);
  assert.equal((await post(request('taro@other.test'))).status, 404);
  assert.equal((await post(request('x'.repeat(20_000)))).status, 413);
  const json = await get(
    server,
    '/autodiscover/autodiscover.json?Email=taro%40a.test&Protocol=AutodiscoverV1',
  );
  assert.match(json.body, /https:\/\/autodiscover\.a\.test\/autodiscover\/autodiscover\.xml/);
});

test('Apple: a profile for one address, the same each time', async () => {
  await using server = await openTestApi();
  const one = await get(server, '/mail/profile.mobileconfig?address=taro%40a.test');
  assert.deepEqual([one.status, one.type], [200, 'application/x-apple-aspen-config; charset=utf-8']);
  assert.match(one.body, /<key>IncomingMailServerPortNumber<\/key>\s*<integer>993<\/integer>/);
  assert.match(one.body, /<key>EmailAddress<\/key>\s*<string>taro@a\.test<\/string>/);
  assert.equal((await get(server, '/mail/profile.mobileconfig?address=taro%40a.test')).body, one.body);
  const other = await get(server, '/mail/profile.mobileconfig?address=hanako%40a.test');
  const uuids = (text: string): string[] => text.match(/[0-9A-F]{8}-[0-9A-F-]{27}/g) ?? [];
  assert.equal(new Set([...uuids(one.body), ...uuids(other.body)]).size, 4);
  for (const query of ['', '?address=none', '?address=x%40other.test'])
    assert.equal((await get(server, `/mail/profile.mobileconfig${query}`)).status, 404, query);
});

test('whatever is asked for as set-up, the answer is one that was meant', async () => {
  await using server = await openTestApi();
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ maxLength: 20 }).map((local) => `${local}@a.test`),
    fc
      .constantFrom('<', '&', '&#0;', ']]>', '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>', '&y;')
      .map((piece) => `${piece}@a.test`),
  );
  const whole = /^<\?xml [^]*<\/(?:clientConfig|plist|Autodiscover)>\n$/;
  await fc.assert(
    fc.asyncProperty(text, text, async (one, other) => {
      const query = encodeURIComponent(one);
      const paths = [
        `/mail/config-v1.1.xml?emailaddress=${query}`,
        `/mail/profile.mobileconfig?address=${query}`,
        `/autodiscover/autodiscover.json?Email=${query}`,
      ];
      for (const path of paths) {
        const { status, body } = await get(server, path);
        assert.ok(
          status === 404 || status === 400 || (status === 200 && (whole.test(body) || body.startsWith('{'))),
        );
      }
      const answer = await server.call('POST', '/autodiscover/autodiscover.xml', {
        body: `${other}${request(one)}${other}`,
        headers: { 'content-type': 'text/xml' },
      });
      assert.ok([200, 404].includes(answer.status), String(answer.status));
      if (answer.status === 200) assert.match(String(answer.body), whole);
    }),
    { numRuns: 150 },
  );
});
