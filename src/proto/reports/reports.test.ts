/** Hostile reports: bombs, entities, depth, and what reporters get wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import type { DmarcReport } from './dmarc-report.ts';
import { reportsInFile, reportsInMail } from './find-reports.ts';
import { readDmarcReport } from './read-dmarc-report.ts';
import { readTlsReport } from './tls-report.ts';
import { reportMaxBytes, unpack } from './unpack.ts';
import { writeDmarcReport } from './write-dmarc-report.ts';
import { xmlElements, xmlString } from './xml-elements.ts';

const row = `<record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>none</disposition><dkim>PASS</dkim><spf>fail</spf></policy_evaluated></row>
  <identifiers><header_from>Here.Test.</header_from></identifiers><auth_results><dkim><domain>here.test</domain><selector>s</selector><result>pass</result></dkim></auth_results></record>`;
const xml = (rows: string, head = ''): string =>
  `<?xml version="1.0"?>${head}<feedback><report_metadata><org_name>A &amp; B &#x65e5;</org_name><report_id>1</report_id>
  <date_range><begin>10</begin><end>20</end></date_range><error>one</error><error>two</error></report_metadata>
  <policy_published><domain>here.test</domain><p>none</p></policy_published>${rows}</feedback>`;

/** An archive of one file, with the sizes in the central directory alone. */
function zip(content: Buffer, method = 8): Buffer {
  const packed = method === 8 ? deflateRawSync(content) : content;
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 6);
  local.writeUInt16LE(method, 8);
  local.writeUInt16LE(5, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(method, 10);
  central.writeUInt32LE(crc32(content), 16);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(content.length, 24);
  central.writeUInt16LE(5, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + 5, 12);
  end.writeUInt32LE(30 + 5 + packed.length, 16);
  const name = Buffer.from('r.xml');
  return Buffer.concat([local, name, packed, central, name, end]);
}

const text = (report: DmarcReport | undefined): string => JSON.stringify(report);

test('a report is read whatever it is packed in and called', () => {
  const plain = Buffer.from(xml(row));
  for (const bytes of [plain, gzipSync(plain), zip(plain), zip(plain, 0)]) {
    const [found, ...more] = reportsInFile(bytes);
    assert.ok(found?.is === 'dmarc' && more.length === 0);
    const { orgName, errors, rows, beginSeconds, endSeconds } = found.report;
    assert.deepEqual([orgName, errors, beginSeconds, endSeconds], ['A & B 日', ['one', 'two'], 10, 20]);
    assert.deepEqual([rows[0]!.dkim, rows[0]!.headerFrom, rows[0]!.count], ['pass', 'here.test', 3]);
  }
  const mail = `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n${xml(row)}\r\n--b\r\nContent-Type: application/x-thing\r\nContent-Transfer-Encoding: base64\r\n\r\n${gzipSync(plain).toString('base64')}\r\n--b--\r\n`;
  assert.equal(reportsInMail(Buffer.from(mail)).length, 1, 'a text for people is none');
});

test('bombs are not unpacked beyond the bound, broken ends cost nothing of what comes before', () => {
  const zeros = Buffer.alloc(reportMaxBytes + 1);
  assert.equal(unpack(gzipSync(zeros)), undefined);
  assert.equal(unpack(zip(zeros)), undefined);
  assert.equal(unpack(zeros), undefined);
  const packed = gzipSync(Buffer.from(xml(row)));
  assert.equal(
    reportsInFile(Buffer.concat([packed.subarray(0, -8), Buffer.from('wrong sum and more')])).length,
    1,
  );
  assert.equal(unpack(Buffer.from('PK\u0003\u0004' + 'x'.repeat(60))), undefined);
});

test('entities are not expanded, document types passed over, nothing is fetched', () => {
  const lol = `<!DOCTYPE lolz [<!ENTITY a "haha"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>`;
  const report = readDmarcReport(xml(row.replace('192.0.2.1', '&b;&c;'), lol));
  assert.equal(report?.rows[0]!.sourceIp, '&b;&c;');
  assert.equal(readDmarcReport(`<!DOCTYPE x [ ${'['.repeat(1000)}`), undefined);
});

test('depth, rows and texts are bounded', () => {
  const deep = `${'<a>'.repeat(200_000)}x${'</a>'.repeat(200_000)}`;
  assert.equal(readDmarcReport(xml(deep + row))?.rows.length, 1);
  assert.equal(Math.max(...[...xmlElements(deep)].map(({ depth }) => depth)), 32);
  const many = readDmarcReport(xml('<record><row><count>1</count></row></record>'.repeat(100_001)));
  assert.deepEqual([many?.rows.length, many?.cut], [100_000, true]);
  const long = readDmarcReport(xml(row.replace('192.0.2.1', 'x'.repeat(1_000_000))));
  assert.equal(long?.rows[0]!.sourceIp.length, 4096);
  const reasons = '<reason><type>other</type></reason>'.repeat(10_000);
  assert.ok(
    readDmarcReport(xml(row.replace('<disposition>', `${reasons}<disposition>`)))!.rows[0]!.reasons.length <=
      100,
  );
});

test('marks that would be looked for again and again are looked for once', () => {
  for (const mark of ['<', '<a', '<!--', '<![CDATA[', '<!x[', '</', '&', '<a "'])
    assert.equal(readDmarcReport(mark.repeat(1_000_000)), undefined);
});

test('numbers that are none count nothing, and no number is out of bounds', () => {
  const counted = (count: string): number =>
    readDmarcReport(xml(row.replace('>3<', `>${count}<`)))!.rows[0]!.count;
  assert.deepEqual(['', '-1', '1e9', 'NaN', '0x10', '7.0', '99999999999999'].map(counted), [
    0,
    0,
    0,
    0,
    0,
    7,
    2 ** 40,
  ]);
  const tls = readTlsReport(
    '{"date-range":{},"policies":[{"policy":{},"summary":{"total-failure-session-count":-5,"total-successful-session-count":"12"}},null,7]}',
  );
  assert.deepEqual(
    tls?.policies.map(({ successes, failures }) => [successes, failures]),
    [[12, 0]],
  );
  for (const none of [
    '',
    '[]',
    'null',
    '{"policies":[]}',
    '{"date-range":{},"policies":{}}',
    '{'.repeat(100_000),
  ])
    assert.equal(readTlsReport(none), undefined);
});

test('a declared encoding is heeded, one that is unknown is UTF-8', () => {
  const declared = (name: string, letter: Buffer): string =>
    xmlString(Buffer.concat([Buffer.from(`<?xml version="1.0" encoding="${name}"?><a>`), letter]));
  assert.match(declared('ISO-8859-1', Buffer.from([0xe9])), /é$/);
  assert.match(declared('nonsense', Buffer.from('é')), /é$/);
  assert.match(
    xmlString(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<a>é', 'utf16le')])),
    /<a>é$/,
  );
});

test('whatever is written is read as it was, and nothing that is read breaks the reader', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (bytes, name) => {
      readDmarcReport(xml(bytes));
      reportsInFile(Buffer.from(bytes));
      reportsInMail(Buffer.from(bytes));
      const report = readDmarcReport(xml(row))!;
      const again = readDmarcReport(writeDmarcReport({ ...report, contact: name, generator: bytes }));
      assert.equal(
        text({ ...again!, contact: '', generator: '', version: '' }),
        text({ ...report, contact: '', generator: '', version: '' }),
      );
    }),
    { numRuns: 300 },
  );
});
