import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseProxyHeader, type ProxyHeader } from './header.ts';

const text = (line: string): Buffer => Buffer.from(`${line}\r\n`, 'latin1');

function binary(verCmd: number, family: number, body: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([
    Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
    Buffer.of(verCmd, family),
    length,
    body,
  ]);
}

const v4Body = Buffer.of(192, 0, 2, 1, 192, 0, 2, 2, 0xab, 0xcd, 0, 25);
const v6Body = Buffer.from('20010db8000000000000000000000001'.repeat(2) + 'abcd0019', 'hex');
const tlvs = Buffer.from('0300040badcafe04000200ff', 'hex');

const samples: readonly (readonly [Buffer, Omit<Extract<ProxyHeader, { is: 'header' }>, 'length' | 'is'>])[] =
  [
    [
      text('PROXY TCP4 192.0.2.1 192.0.2.2 43981 25'),
      { source: { ip: '192.0.2.1', port: 43_981 }, destination: { ip: '192.0.2.2', port: 25 } },
    ],
    [
      text('PROXY TCP6 2001:DB8::1 2001:db8::2 1 65535'),
      { source: { ip: '2001:db8::1', port: 1 }, destination: { ip: '2001:db8::2', port: 65_535 } },
    ],
    [text('PROXY UNKNOWN'), {}],
    [text('PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535'), {}],
    [
      binary(0x21, 0x11, v4Body),
      { source: { ip: '192.0.2.1', port: 43_981 }, destination: { ip: '192.0.2.2', port: 25 } },
    ],
    [
      binary(0x21, 0x21, Buffer.concat([v6Body, tlvs])),
      { source: { ip: '2001:db8::1', port: 43_981 }, destination: { ip: '2001:db8::1', port: 25 } },
    ],
    [binary(0x20, 0x00, Buffer.alloc(0)), {}],
    [binary(0x20, 0x11, v4Body), {}],
    [binary(0x21, 0x31, Buffer.alloc(216)), {}],
  ];

test('both versions give the client, and UNKNOWN and LOCAL give none', () => {
  for (const [bytes, expected] of samples) {
    const header = parseProxyHeader(Buffer.concat([bytes, Buffer.from('EHLO x\r\n')]));
    assert.deepEqual(header, { is: 'header', length: bytes.length, ...expected });
  }
});

test('a header cut anywhere is partial, never anything else', () => {
  for (const [bytes] of samples) {
    for (let end = 0; end < bytes.length; end++) {
      assert.deepEqual(
        parseProxyHeader(bytes.subarray(0, end)),
        { is: 'partial' },
        `${bytes.toString('hex')} to ${end}`,
      );
    }
  }
});

test('what is no header is malformed as soon as that can be seen', () => {
  const bad = [
    Buffer.from('E'),
    Buffer.from('PROXX'),
    text('PROXY TCP4 192.0.2.1 192.0.2.2 1'),
    text('PROXY TCP4 192.0.2.1 192.0.2.2 1 65536'),
    text('PROXY TCP4 192.0.2.1 192.0.2.2 01 25'),
    text('PROXY TCP4 2001:db8::1 2001:db8::2 1 25'),
    text('PROXY TCP4 192.0.2.1 192.0.2.2 1 25 more'),
    text('PROXY TCP4  192.0.2.1 192.0.2.2 1 25'),
    text('PROXY UDP4 192.0.2.1 192.0.2.2 1 25'),
    Buffer.from(`PROXY UNKNOWN ${'x'.repeat(100)}`),
    binary(0x11, 0x11, v4Body),
    binary(0x22, 0x11, v4Body),
    binary(0x21, 0x11, v4Body.subarray(1)),
    binary(0x21, 0x21, v4Body),
  ];
  for (const bytes of bad) assert.equal(parseProxyHeader(bytes).is, 'malformed', bytes.toString('latin1'));
});

test('noise never throws, and a header is never longer than the bytes', () => {
  const start = fc.constantFrom(
    Buffer.from('PROXY TCP4 '),
    binary(0x21, 0x11, v4Body).subarray(0, 15),
    Buffer.alloc(0),
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 200 }), (head, rest) => {
      const bytes = Buffer.concat([head, rest]);
      const header = parseProxyHeader(bytes);
      if (header.is === 'header') assert(header.length <= bytes.length);
    }),
  );
});
