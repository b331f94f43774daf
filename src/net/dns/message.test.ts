import assert from 'node:assert/strict';
import { test } from 'node:test';
import dnsPacket from 'dns-packet';
import * as fc from 'fast-check';
import { encodeMessage, type AnswerRecord } from './encode-message.ts';
import { interpret } from './interpret.ts';
import { decodeMessage, encodeQuery, type DnsMessage } from './message.ts';
import { DnsFormatError, encodeName } from './name.ts';
import { decodeRdata, encodeRdata, typeCodes } from './rdata.ts';
import { parseRecord, printRecord } from './record-text.ts';
import type { RecordType } from './record.ts';

const samples: Readonly<Record<RecordType, readonly string[]>> = {
  A: ['192.0.2.1', '255.255.255.255'],
  AAAA: ['2001:db8::1', '::', '::1'],
  NS: ['ns1.example.jp'],
  CNAME: ['mx.example.jp', '.'],
  PTR: ['host.example.jp'],
  MX: ['10 mx.example.jp', '0 .'],
  TXT: ['v=spf1 -all', '', 'x'.repeat(700), '日本語'],
  SRV: ['0 5 587 mail.example.jp'],
  TLSA: ['3 1 1 0123456789abcdef'],
  CAA: ['0 issue "letsencrypt.org; validationmethods=dns-01"', '128 iodef "mailto:a@example.jp"'],
  SOA: ['ns.example.jp admin.example.jp 2026112401 3600 600 86400 4294967295'],
};
const types = Object.keys(samples) as RecordType[];

function queryFor(name: string, type: RecordType): DnsMessage {
  const wire = { id: 7, name: encodeName(name)!, type: typeCodes[type], edns: true, wantAuthenticated: true };
  return decodeMessage(encodeQuery(wire));
}

function answer(name: string, type: RecordType, data: string, ttl = 300): AnswerRecord {
  return { name, type, record: parseRecord(type, data)!, ttl };
}

function response(
  name: string,
  type: RecordType,
  answers: AnswerRecord[],
  authority: AnswerRecord[] = [],
  rcode = 0,
): Buffer {
  return encodeMessage({ query: queryFor(name, type), flags: 0x8180 | rcode, answers, authority });
}

test('each type of record round-trips: text, wire, response and text again', () => {
  for (const type of types) {
    for (const text of samples[type]) {
      const message = decodeMessage(response('here.test', type, [answer('here.test', type, text)]));
      const reading = interpret(message, 'here.test', type);
      assert(reading.is === 'records');
      assert.equal(printRecord(type, reading.records[0]!), text);
      assert.equal(reading.ttl, 300);
    }
  }
});

test('what another implementation writes, compression included, is read the same', () => {
  const name = 'mail.example.jp';
  const bytes = dnsPacket.encode({
    type: 'response',
    id: 9,
    flags: dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE | dnsPacket.AUTHENTIC_DATA,
    questions: [{ type: 'MX', name }],
    answers: [
      { type: 'MX', name, ttl: 60, data: { preference: 10, exchange: 'mx1.example.jp' } },
      { type: 'MX', name, ttl: 30, data: { preference: 20, exchange: 'mx2.example.jp' } },
    ],
  });
  const message = decodeMessage(bytes);
  assert(message.authenticated && message.recursionAvailable && message.id === 9);
  const reading = interpret(message, name, 'MX');
  assert.deepEqual(reading, {
    is: 'records',
    records: [
      { preference: 10, exchange: 'mx1.example.jp' },
      { preference: 20, exchange: 'mx2.example.jp' },
    ],
    name,
    ttl: 30,
  });
});

test('what we write, another implementation reads', () => {
  const query = encodeQuery({
    id: 513,
    name: encodeName('mx.test')!,
    type: 1,
    edns: true,
    wantAuthenticated: true,
  });
  const read = dnsPacket.decode(query);
  assert.deepEqual(
    [read.id, read.questions?.[0]?.name, read.questions?.[0]?.type, read.flag_ad, read.flag_rd],
    [513, 'mx.test', 'A', true, true],
  );
  assert.equal((read.additionals![0] as { udpPayloadSize: number }).udpPayloadSize, 1232);
});

test('compressed names within record data are followed', () => {
  const head = response('example.jp', 'MX', []);
  // MX 10 mx.<pointer to the question's name>
  const data = Buffer.concat([Buffer.from('\0\x0a\x02mx', 'latin1'), Buffer.of(0xc0, 12)]);
  const record = Buffer.concat([Buffer.of(0xc0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 0, data.length), data]);
  head.writeUInt16BE(1, 6);
  const reading = interpret(decodeMessage(Buffer.concat([head, record])), 'example.jp', 'MX');
  assert(reading.is === 'records');
  assert.deepEqual(reading.records, [{ preference: 10, exchange: 'mx.example.jp' }]);
});

test('a chain of CNAMEs is followed whatever the order of the records, and its shortest TTL counts', () => {
  const answers = [
    answer('c.test', 'A', '192.0.2.9', 500),
    answer('b.test', 'CNAME', 'c.test', 20),
    answer('a.test', 'CNAME', 'b.test', 40),
  ];
  const reading = interpret(decodeMessage(response('a.test', 'A', answers)), 'a.test', 'A');
  assert.deepEqual(reading, { is: 'records', records: ['192.0.2.9'], name: 'c.test', ttl: 20 });
});

test('records of other names are not believed', () => {
  const stranger = [answer('bank.test', 'A', '192.0.2.66'), answer('other.test', 'CNAME', 'evil.test')];
  const reading = interpret(decodeMessage(response('a.test', 'A', stranger)), 'a.test', 'A');
  assert.equal(reading.is, 'noData');
});

test('a chain that leads out of the response is an alias to ask about; one that ends in nothing is not', () => {
  const chain = [answer('a.test', 'CNAME', 'b.other')];
  const end = [answer('other', 'SOA', 'ns.other admin.other 1 2 3 4 60', 3600)];
  const open = interpret(decodeMessage(response('a.test', 'A', chain)), 'a.test', 'A');
  assert.deepEqual(open, { is: 'alias', name: 'b.other', ttl: 300 });
  const ended = interpret(decodeMessage(response('a.test', 'A', chain, end)), 'a.test', 'A');
  assert.deepEqual(ended, { is: 'noData', name: 'b.other', ttl: 60 });
  const missing = interpret(decodeMessage(response('a.test', 'A', chain, end, 3)), 'a.test', 'A');
  assert.deepEqual(missing, { is: 'nxDomain', name: 'b.other', ttl: 60 });
});

test('loops of CNAMEs are an error, of one, of two, of many', () => {
  const loops = [
    [answer('a.test', 'CNAME', 'a.test')],
    [answer('a.test', 'CNAME', 'b.test'), answer('b.test', 'CNAME', 'a.test')],
    Array.from({ length: 30 }, (_, i) =>
      answer(i === 0 ? 'a.test' : `n${i}.test`, 'CNAME', `n${i + 1}.test`),
    ),
  ];
  for (const loop of loops) {
    assert.throws(() => interpret(decodeMessage(response('a.test', 'A', loop)), 'a.test', 'A'), /CNAME loop/);
  }
});

function soa(name: string, ttl: number, minimum: number): AnswerRecord {
  return answer(name, 'SOA', `ns.test admin.test 1 2 3 4 ${minimum}`, ttl);
}

function ttlWith(record: AnswerRecord): number {
  return interpret(decodeMessage(response('a.here.test', 'A', [], [record], 3)), 'a.here.test', 'A').ttl;
}

test('the SOA of a negative answer counts only if it is above the name, and its lesser time does', () => {
  assert.equal(ttlWith(soa('here.test', 900, 60)), 60);
  assert.equal(ttlWith(soa('test', 30, 60)), 30);
  assert.equal(ttlWith(soa('elsewhere.test', 900, 60)), 0);
  assert.equal(ttlWith(soa('here.test', 999_999, 999_999)), 3 * 3600);
});

test('a TTL with its top bit set is zero', () => {
  const reading = interpret(
    decodeMessage(response('a.test', 'A', [answer('a.test', 'A', '192.0.2.1', 2 ** 31)])),
    'a.test',
    'A',
  );
  assert.equal(reading.ttl, 0);
});

test('extended errors are named', () => {
  const bytes = encodeMessage({
    query: queryFor('a.test', 'A'),
    flags: 0x8182,
    answers: [],
    extendedError: 6,
  });
  assert.equal(decodeMessage(bytes).extendedError, '6 DNSSEC bogus');
});

test('a message cut anywhere is a DnsFormatError or reads as the shorter one it says it is', () => {
  const whole = response('a.test', 'MX', [answer('a.test', 'MX', '10 mx.a.test')]);
  for (let end = 0; end < whole.length; end++) {
    assert.throws(() => decodeMessage(whole.subarray(0, end)), DnsFormatError, String(end));
  }
});

test('noise, and real messages with bytes changed, never throw anything else', () => {
  const real = response('a.test', 'A', [
    answer('a.test', 'CNAME', 'b.test'),
    ...types.flatMap((type) => samples[type].map((text) => answer('b.test', type, text))),
  ]);
  const damaged = fc
    .array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 })
    .map((changes) => {
      const bytes = Buffer.from(real);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
  const noise = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(damaged, noise), fc.constantFrom(...types), (bytes, type) => {
      try {
        interpret(decodeMessage(bytes), 'a.test', type);
      } catch (error) {
        assert(error instanceof DnsFormatError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('record data of noise is a DnsFormatError or a record that survives being written', () => {
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 60 }), (type, bytes) => {
      const message = Buffer.from(bytes);
      try {
        const record = decodeRdata(type, message, 0, message.length);
        const again = encodeRdata(type, record);
        if (type !== 'TXT' && type !== 'CAA')
          assert.deepEqual(decodeRdata(type, again, 0, again.length), record);
      } catch (error) {
        assert(error instanceof DnsFormatError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test('text that is not the data of its type is refused', () => {
  const bad: readonly (readonly [RecordType, string])[] = [
    ['A', '192.0.2.256'],
    ['A', '::1'],
    ['AAAA', '192.0.2.1'],
    ['MX', 'mx.test'],
    ['MX', '65536 mx.test'],
    ['MX', '10 mx.test more'],
    ['SRV', '1 2 mx.test'],
    ['TLSA', '3 1 1 xyz'],
    ['TLSA', '3 1 256 ab'],
    ['CNAME', 'a b'],
    ['SOA', 'a b 1 2 3 4'],
    ['CAA', 'issue x'],
  ];
  for (const [type, text] of bad) assert.equal(parseRecord(type, text), undefined, `${type} ${text}`);
});
