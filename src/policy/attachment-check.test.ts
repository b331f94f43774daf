import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { tarOf, rar5Of, zipOf } from '../proto/archive/testing.ts';
import { parseHeaders } from '../proto/mime/headers.ts';
import { PartStream, streamedPartsMax } from '../proto/mime/part-stream.ts';
import { attachmentCheck, type AttachmentOptions } from './attachment-check.ts';
import type { AttachmentRules } from './attachment-rules.ts';
import type { CheckedMail, Found } from './check.ts';
import { testMail } from './engine-testing.ts';

const rules: AttachmentRules = {
  program: 'hold',
  disguised: 'hold',
  encrypted: 'warn',
  macro: 'warn',
  bomb: 'hold',
  unread: 'accept',
};
const mega = 1024 * 1024;

const options: AttachmentOptions = {
  keptMaxBytes: mega,
  unpackedMaxBytes: 10 * mega,
  timeoutMs: 10_000,
  rulesOf: async (org) => (org === 'strict' ? { ...rules, encrypted: 'refuse' } : rules),
};

type Files = Readonly<Record<string, Buffer | string>>;

async function found(files: Files, mail: Partial<CheckedMail> = {}, more = options): Promise<Found> {
  const top = 'Content-Type: multipart/mixed; boundary=b\r\n';
  const parts = Object.entries(files).map(([name, content]) =>
    [
      '--b',
      'Content-Type: application/octet-stream',
      `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}`,
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(content)
        .toString('base64')
        .replace(/.{1,76}/g, '$&\r\n'),
    ].join('\r\n'),
  );
  const body = Buffer.from(`${parts.join('')}--b--\r\n`);
  const running = attachmentCheck(more).begin(testMail(mail, top))!;
  const header = Buffer.from(top);
  const stream = new PartStream(header, parseHeaders(header), (part) => running.part!(part));
  for (let at = 0; at < body.length; at += 10_000) stream.push(body.subarray(at, at + 10_000));
  stream.end();
  return running.finish({ content: { parts: [], texts: [], cut: stream.isCut }, findings: [] });
}

/** `rule: detail`, of those that mean anything. */
async function told(files: Files, more = options): Promise<string[]> {
  const { findings } = await found(files, {}, more);
  return findings.map(({ rule, detail }) => `${rule.replace('attachment.', '')}: ${detail}`);
}

const program = Buffer.alloc(300);
program.write('MZ');
program.writeUInt32LE(128, 0x3c);
program.write('PE', 128);
const office = (...names: string[]): Buffer =>
  zipOf([
    { name: '[Content_Types].xml', bytes: '<Types/>' },
    ...names.map((name) => ({ name, bytes: '<x/>' })),
  ]);

test('ordinary attachments are nothing to tell', async () => {
  assert.deepEqual(
    await found({
      'a.pdf': '%PDF-1.7',
      'b.docx': office('word/document.xml'),
      'c.jpg': Buffer.from('\xff\xd8\xff\xe0', 'latin1'),
      'd.txt': 'hello',
      'e.csv': 'a,b',
      'f.zip': zipOf([{ name: '資料.txt', bytes: 'hello' }]),
      'g.xls': '<html><table>',
      'h.tar.gz': gzipSync(tarOf({ 'x.md': '# x' })),
      'broken.pdf': '',
      'key.asc': '-----BEGIN PGP',
    }),
    { findings: [] },
  );
});

test('programs are found by name and by content, on their own and at any depth of archives', async () => {
  const inner = zipOf([{ name: 'run.js', bytes: 'alert(1)' }]);
  const cases: readonly [Files, string][] = [
    [{ 'setup.exe': 'x' }, 'program: setup.exe: .exe'],
    [{ tool: program }, 'program: tool: windowsProgram'],
    [{ 'a.iso': 'x' }, 'program: a.iso: .iso'],
    [{ 'a.zip': zipOf([{ name: 'b/c.lnk', bytes: 'x' }]) }, 'program: a.zip/b/c.lnk: .lnk'],
    [{ 'a.zip': zipOf([{ name: 'b', bytes: program }]) }, 'program: a.zip/b: windowsProgram'],
    [{ 'a.zip': zipOf([{ name: 'b.zip', bytes: inner }]) }, 'program: a.zip/b.zip/run.js: .js'],
    [{ 'a.tgz': gzipSync(tarOf({ 'x.vbs': 'x' })) }, 'program: a.tgz/a.tar/x.vbs: .vbs'],
    [{ 'a.rar': rar5Of(['x.scr']) }, 'program: a.rar/x.scr: .scr'],
    // A document is unpacked like any archive where something is embedded.
    [
      {
        'a.docx': zipOf([
          { name: '[Content_Types].xml', bytes: 'x' },
          { name: 'inner.zip', bytes: inner },
        ]),
      },
      'program: a.docx/inner.zip/run.js: .js',
    ],
  ];
  for (const [files, expected] of cases) assert.deepEqual(await told(files), [expected]);
});

test('what is not what it is called is found', async () => {
  assert.deepEqual(await told({ 'invoice.pdf': program }), [
    'program: invoice.pdf: windowsProgram',
    'disguised: invoice.pdf: windowsProgram',
  ]);
  assert.deepEqual(await told({ 'invoice.pdf': '<html><script>' }), ['disguised: invoice.pdf: html']);
  assert.deepEqual(await told({ 'photo.jpg': zipOf([]) }), ['disguised: photo.jpg: zip']);
  assert.deepEqual(await told({ 'invoice.pdf.exe': 'x' }), [
    'program: invoice.pdf.exe: .exe',
    'disguised: invoice.pdf.exe: two extensions',
  ]);
  assert.deepEqual(await told({ 'a\u202efdp.scr': 'x' }), [
    'program: a\ufffdfdp.scr: .scr',
    'disguised: a\ufffdfdp.scr: a name that runs backwards',
  ]);
});

test('encrypted archives, macros, bombs, and what cannot be looked into', async () => {
  const ole = Buffer.concat([
    Buffer.from('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'latin1'),
    Buffer.alloc(500),
    Buffer.from('_VBA_PROJECT', 'utf16le'),
  ]);
  const cases: readonly [Files, string][] = [
    [{ 'a.zip': zipOf([{ name: 'x.pdf', bytes: 'x', encrypted: true }]) }, 'encrypted: a.zip: zip'],
    [{ 'a.rar': rar5Of(['x'], { hidden: true }) }, 'encrypted: a.rar: rar'],
    [{ 'a.xlsx': office('xl/vbaProject.bin') }, 'macro: a.xlsx: VBA'],
    [{ 'a.xlsm': office('xl/workbook.xml') }, 'macro: a.xlsm: .xlsm'],
    [{ 'a.doc': ole }, 'macro: a.doc: VBA'],
    [{ 'a.gz': gzipSync(Buffer.alloc(9 * mega)) }, 'bomb: a.gz: more than 250 bytes from one'],
    [{ 'a.7z': Buffer.from("7z\xbc\xaf'\x1c\0\x04", 'latin1') }, 'unread: a.7z: broken'],
    [{ 'a.xz': Buffer.from('\xfd7zXZ\0', 'latin1') }, 'unread: a.xz: xz'],
    [{ 'a.rar': rar5Of(['b.zip']) }, 'unread: a.rar/b.zip: within another archive'],
    [{ 'a.zip': Buffer.from('PK\x03\x04 and no more') }, 'unread: a.zip: broken'],
  ];
  for (const [files, expected] of cases) assert.deepEqual(await told(files), [expected]);
});

test('attachments of attached mails, and of what Outlook wraps, are attachments', async () => {
  const eml = [
    'From: a@b.test',
    'Content-Type: multipart/mixed; boundary=x',
    '',
    '--x',
    'Content-Type: application/octet-stream; name=run.js',
    '',
    'alert(1)',
    '--x--',
    '',
  ].join('\r\n');
  assert.deepEqual(await told({ 'fwd.eml': eml }), ['program: fwd.eml/run.js: .js']);
  const winmail = tnefOf('run.vbs', 'MsgBox');
  assert.deepEqual(await told({ 'winmail.dat': winmail }), ['program: winmail.dat/run.vbs: .vbs']);
});

/** A message of one attachment ([MS-OXTNEF], 2.1.3). */
function tnefOf(name: string, content: string): Buffer {
  const attribute = (level: number, id: number, value: Buffer): Buffer => {
    const head = Buffer.alloc(9);
    head.writeUInt8(level, 0);
    head.writeUInt32LE(id, 1);
    head.writeUInt32LE(value.length, 5);
    const sum = Buffer.alloc(2);
    sum.writeUInt16LE(value.reduce((total, byte) => (total + byte) & 0xffff, 0));
    return Buffer.concat([head, value, sum]);
  };
  return Buffer.concat([
    Buffer.from([0x78, 0x9f, 0x3e, 0x22, 1, 0]),
    attribute(2, 0x00069002, Buffer.alloc(14)),
    attribute(2, 0x00018010, Buffer.from(`${name}\0`)),
    attribute(2, 0x0006800f, Buffer.from(content)),
  ]);
}

test('an archive of too many files is not looked into for long, whatever its layers', async () => {
  let zip = zipOf(Array.from({ length: 20 }, (_, i) => ({ name: `${i}.txt`, bytes: 'x' })));
  for (let layer = 0; layer < 3; layer++)
    zip = zipOf(Array.from({ length: 20 }, (_, i) => ({ name: `${i}.zip`, bytes: zip })));
  const { findings } = await found({ 'layers.zip': zip });
  assert.deepEqual(
    findings.map(({ rule }) => rule),
    ['attachment.unread'],
  );
  assert.match(findings[0]!.detail, /too many files/);
});

test('a crowd of harmless files hides none that is not, nor that it was not looked at whole', async () => {
  const crowd = Array.from({ length: 100 }, (_, i) => `${i}.zip`);
  const found = await told({ 'a.rar': rar5Of([...crowd, 'x.scr']) });
  assert(found.includes('program: a.rar/x.scr: .scr'), found.join());
  const many = Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`${i}.dat`, 'x']));
  assert.deepEqual(await told(many), ['unread: attachment: too many attachments']);
  const head = 'Content-Type: multipart/mixed; boundary=b\r\n';
  const stream = new PartStream(Buffer.from(head), parseHeaders(Buffer.from(head)), () => undefined);
  stream.push(Buffer.from('--b\r\n\r\n'.repeat(streamedPartsMax - 1)));
  assert(!stream.isCut);
  stream.push(Buffer.from('--b\r\nContent-Disposition: attachment; filename=a.exe\r\n\r\nx\r\n--b--\r\n'));
  assert(stream.isCut);
  const content = { parts: [], texts: [], cut: true };
  const unseen = await attachmentCheck(options).begin(testMail({}, head))!.finish({ content, findings: [] });
  assert.deepEqual(
    unseen.findings.map(({ rule }) => rule),
    ['attachment.unread'],
  );
  const names = Array.from({ length: 6000 }, (_, i) => `${i}`);
  assert.deepEqual(await told({ 'a.rar': rar5Of(names) }), ['unread: a.rar: too many files']);
});

test('archives within archives are opened to a depth, and no deeper', async () => {
  let zip = zipOf([{ name: 'x.exe', bytes: 'x' }]);
  for (let i = 0; i < 5; i++) zip = zipOf([{ name: 'n.zip', bytes: zip, stored: true }]);
  assert.deepEqual(await told({ 'a.zip': zip }), ['unread: a.zip/n.zip/n.zip/n.zip/n.zip: nested too deep']);
});

test('an archive beyond what is kept is judged by its list', async () => {
  const zip = zipOf([
    { name: 'big', bytes: Buffer.alloc(2 * mega, 7), stored: true },
    { name: 'x.exe', bytes: 'x' },
    { name: 'y', bytes: 'y', encrypted: true },
  ]);
  assert.deepEqual(await told({ 'a.zip': zip }), [
    'unread: a.zip: too large',
    'program: a.zip/x.exe: .exe',
    'encrypted: a.zip: zip',
  ]);
});

test('each organisation has it done its own way, and a field warns whoever gets it', async () => {
  const to = ['org', 'strict'].map((org) => ({ address: `a@${org}.test`, org, account: '' }));
  const locked = zipOf([{ name: 'x', bytes: 'x', encrypted: true }]);
  const { findings, fields } = await found({ 'a.zip': locked, 'b.exe': 'x' }, { to });
  assert.deepEqual(
    findings.map(({ rule, org, action, weight }) => [rule, org, action, weight]),
    [
      ['attachment.encrypted', 'org', undefined, 1],
      ['attachment.program', 'org', 'quarantine', 5],
      ['attachment.encrypted', 'strict', 'refuse', 1],
      ['attachment.program', 'strict', 'quarantine', 5],
    ],
  );
  assert.match(findings[2]!.reply!, /PPAP/);
  assert.equal(fields, 'X-Attachment-Warning: encrypted, program\r\n');
  const login = { org: 'strict', account: 'a', address: 'a@strict.test' };
  const out = await found({ 'a.zip': locked }, { to, direction: 'out', login });
  assert.deepEqual(
    out.findings.map(({ org, action }) => [org, action]),
    [['strict', 'refuse']],
  );
  assert.equal(out.fields, undefined);
  const program = await found({ 'run.js': Buffer.from('x') }, { to, direction: 'out', login });
  assert.deepEqual(
    program.findings.map(({ rule, action }) => [rule, action]),
    [['attachment.program', 'refuse']],
  );
});
