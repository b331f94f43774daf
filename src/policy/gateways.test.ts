import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageId } from '../base/ids.ts';
import { parseBlocks } from '../net/address-block.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import { Gateways } from './gateways.ts';
import { Inspector } from './inspector.ts';
import type { Arriving } from './opinion.ts';

const gateways = new Gateways(parseBlocks(['10.0.0.0/8', '2001:db8:1::/48']));
const strangerOf = (...received: readonly string[]): string | undefined => {
  const header = Buffer.from(
    `${received.map((text) => `Received: ${text}\r\n`).join('')}From: a@there.test\r\n`,
  );
  const found = gateways.strangerOf({ ip: '10.0.0.1', header, block: parseHeaders(header) });
  return found && `${found.ip} ${found.helo}`;
};

test('the stranger is whom the gateway names, however it writes that', () => {
  for (const [text, expected] of [
    [
      'from mail.there.test (unknown [192.0.2.7])\r\n\tby gate (Postfix) with ESMTPS id 1',
      '192.0.2.7 mail.there.test',
    ],
    ['from mail.there.test ([2001:db8::7])\r\n\tby gate with ESMTP', '2001:db8::7 mail.there.test'],
    ['from mail.there.test (host.test [IPv6:2001:db8::7]) by gate', '2001:db8::7 mail.there.test'],
    ['from [192.0.2.7] (helo=mail.there.test)\r\n\tby gate with esmtp (Exim 4.98)', '192.0.2.7 192.0.2.7'],
    [
      'from mail.there.test (192.0.2.7) by gate.test (10.0.0.1) with Microsoft SMTP',
      '192.0.2.7 mail.there.test',
    ],
    ['FROM mail.there.test (HELO x) (192.0.2.7) BY gate', '192.0.2.7 mail.there.test'],
  ] as const)
    assert.equal(strangerOf(text), expected);
});

test('an address that the stranger gives himself is not believed', () => {
  for (const text of [
    'from [198.51.100.1] (unknown [192.0.2.7]) by gate (Postfix)',
    'from [198.51.100.1] (192.0.2.7) by gate with Microsoft SMTP',
    'from mail.there.test ([192.0.2.7] helo=[198.51.100.1]) by gate with esmtp (Exim 4.98)',
    'from [192.0.2.7] (helo=[198.51.100.1]) by gate with esmtp (Exim 4.98)',
    'from [192.0.2.7] (port=2525 helo=[198.51.100.1]) by gate with esmtp (Exim 4.98)',
    'from unknown (HELO [198.51.100.1]) (192.0.2.7) by gate',
    'from unknown (EHLO [198.51.100.1]) ([192.0.2.7]) by gate',
  ])
    assert.equal(strangerOf(text)?.split(' ')[0], '192.0.2.7', text);
});

test('filters within the gateway and gateways in a row are passed over, and nobody below the stranger is believed', () => {
  const inside = 'from localhost (localhost [127.0.0.1]) by gate';
  const second = 'from gate2 (gate2 [10.1.2.3]) by gate';
  const stranger = 'from mail.there.test (x [192.0.2.7]) by gate2';
  const forged = 'from good.test (good.test [198.51.100.1]) by mail.there.test';
  assert.equal(strangerOf(inside, second, stranger, forged), '192.0.2.7 mail.there.test');
});

test('what a gateway sends itself, or says nothing about, is from nobody', () => {
  assert.equal(strangerOf(), undefined);
  assert.equal(strangerOf('by gate with local id 1', 'from mail.there.test ([192.0.2.7]) by x'), undefined);
  assert.equal(strangerOf('from gate2 ([10.1.2.3]) by gate'), undefined);
  assert.equal(strangerOf(...Array<string>(50).fill('from localhost ([127.0.0.1]) by gate')), undefined);
  assert.equal(strangerOf(`from ${'('.repeat(50_000)}[192.0.2.7] by gate`), undefined);
});

test('the proof of senders is asked about the stranger, and not at all about mail of the gateway itself', () => {
  const seen: Arriving[] = [];
  const examiner = {
    begin: (mail: Arriving) => {
      seen.push(mail);
      return { body() {}, finish: () => Promise.reject(new Error('not asked')), abort() {} };
    },
  };
  const inspector = new Inspector({ examiner, gateways });
  const bring = (ip: string, received: string): void => {
    const header = Buffer.from(`Received: ${received}\r\nFrom: a@there.test\r\n`);
    const about = {
      id: 'm1' as MessageId,
      direction: 'in',
      tls: null,
      sender: 'a@there.test',
      to: [],
    } as const;
    inspector.begin({ ...about, ip, helo: 'gate', header, block: parseHeaders(header) });
  };
  bring('10.0.0.1', 'from mail.there.test ([192.0.2.7]) by gate');
  bring('192.0.2.9', 'from mail.there.test ([192.0.2.7]) by gate');
  bring('10.0.0.1', 'by gate with local');
  assert.deepEqual(
    seen.map(({ ip, helo, byGateway }) => [ip, helo, byGateway]),
    [
      ['192.0.2.7', 'mail.there.test', true],
      ['192.0.2.9', 'gate', false],
    ],
  );
});
