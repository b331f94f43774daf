/** Messages of the send API as others read them: Python's email package (strict policy) and nodemailer's parser of addresses must find in them what was put in. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import addressparser from 'nodemailer/lib/addressparser/index.js';
import { composeLetter, type Letter } from '../../src/httpd/send-api/draft.ts';
import { readAddress } from '../../src/httpd/send-api/addresses.ts';
import { needing, run } from './programs.ts';

/** What Python finds: header, texts, files, and every defect it sees. `name` of Content-Type is for old mailers, which want encoded words in quotes there: the right name is in Content-Disposition. */
const script = `
import base64, email, email.policy, json, sys
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.SMTP)
parts = list(m.walk())
print(json.dumps({
  'subject': m['Subject'], 'from': [[a.display_name, a.addr_spec] for a in m['From'].addresses],
  'to': [[a.display_name, a.addr_spec] for a in m['To'].addresses],
  'defects': [str(d) for p in parts for d in p.defects] + [str(d) for p in parts for n, v in p.items() if n != 'Content-Type' for d in getattr(v, 'defects', [])],
  'types': [p.get_content_type() for p in parts],
  'texts': [p.get_content() for p in parts if p.get_content_maintype() == 'text' and not p.is_attachment()],
  'charsets': [p.get_content_charset() for p in parts if p.get_content_maintype() == 'text'],
  'files': [[p.get_filename(), p['Content-ID'], base64.b64encode(p.get_content() if isinstance(p.get_content(), bytes) else p.get_content().encode()).decode()] for p in parts if p.get_content_disposition()],
}))
`;

interface Read {
  readonly subject: string;
  readonly from: [string, string][];
  readonly to: [string, string][];
  readonly defects: string[];
  readonly types: string[];
  readonly texts: string[];
  readonly charsets: string[];
  readonly files: [string, string | null, string][];
}

const subjects = [
  'Plain',
  'ご注文ありがとうございます。商品の発送が完了いたしましたのでお知らせいたします',
  '=?UTF-8?B?not an encoded word?=',
  ' blanks  inside  and around ',
  'Ünïcödé with ASCII in between and 日本語',
  '🍣'.repeat(60),
  'x'.repeat(990),
];
const people = [
  '山田 太郎 <yamada@here.test>',
  '"Doe, John \\"JD\\"" <john.doe@here.test>',
  'a@here.test',
  'Ünï (x) <u@here.test>',
];
const texts = [
  'Hello\nWorld\n',
  '.\nFrom here\n-- \n',
  '日本語の本文です。\n'.repeat(40),
  `${'long '.repeat(400)}\n`,
  '🍣 = \t\n',
  'x'.repeat(3000),
];
const files = ['資料（最終版）.pdf', 'a "quoted" name; x.txt', 'plain.png', '長い名前'.repeat(40)];

async function read(bytes: Buffer): Promise<Read> {
  for (const line of bytes.toString('latin1').split('\r\n')) assert(line.length <= 998, 'a line is too long');
  assert.doesNotMatch(bytes.toString('latin1'), /[^\r]\n|\r[^\n]/);
  const { stdout } = await run('python3', ['-c', script], { input: bytes });
  return JSON.parse(stdout) as Read;
}

const letter = (more: Partial<Letter>): Letter => ({
  from: readAddress(people[0]!, 'from'),
  sender: undefined,
  to: people.map((one, i) => readAddress(one, `to.${i}`)),
  cc: [],
  replyTo: [],
  subject: 'Plain',
  text: 'Hello\n',
  html: undefined,
  attachments: [],
  given: {},
  ...more,
});
const facts = { messageId: '<m@here.test>', dateMs: Date.UTC(2027, 0, 31) };
const trimmed = (text: string): string => text.replaceAll('\r\n', '\n').replace(/\n$/, '');

suite('messages of the send API', needing('python3'), () => {
  for (const charset of ['utf-8', 'iso-2022-jp'] as const) {
    test(`Python's email package reads them without a defect, in ${charset}`, async () => {
      for (const [i, subject] of subjects.entries()) {
        const text = texts[i % texts.length]!;
        const file = files[i % files.length]!;
        const html = i % 2 === 0 ? '<p>日本 <img src="cid:logo@here"></p>' : undefined;
        const attachments = [
          { filename: file, contentType: 'application/octet-stream', bytes: Buffer.from([0, 13, 10, 255]) },
          ...(html ? [{ filename: 'logo.png', contentId: 'logo@here', bytes: Buffer.from('png') }] : []),
        ];
        const found = await read(
          composeLetter(letter({ subject, text, html, attachments, given: { charset } }), facts),
        );
        assert.deepEqual(found.defects, [], subject);
        assert.equal(found.subject.trim(), subject.trim());
        assert.deepEqual(found.from, [['山田 太郎', 'yamada@here.test']]);
        assert.deepEqual(
          found.to.map(([, address]) => address),
          ['yamada@here.test', 'john.doe@here.test', 'a@here.test', 'u@here.test'],
        );
        assert.equal(found.to[1]![0], 'Doe, John "JD"');
        assert.equal(trimmed(found.texts[0]!), trimmed(text));
        if (html) assert.equal(trimmed(found.texts[1]!), html);
        const [given] = found.files.filter(([name]) => name === file);
        assert.equal(given?.[2], Buffer.from([0, 13, 10, 255]).toString('base64'), file);
        if (html) assert(found.files.some(([, id]) => id === '<logo@here>'));
        const jis = charset === 'iso-2022-jp' && /[ぁ-ん]/.test(text);
        if (jis) assert.equal(found.charsets[0], 'iso-2022-jp');
      }
    });
  }

  test("nodemailer's parser finds the same addresses", () => {
    const bytes = composeLetter(letter({}), facts)
      .toString('latin1')
      .replaceAll(/\r\n[ \t]/g, ' ');
    const to = /^To: (.*)$/m.exec(bytes)![1]!;
    const found = addressparser(to.trim(), { flatten: true });
    assert.deepEqual(
      found.map(({ address }: { address: string }) => address),
      ['yamada@here.test', 'john.doe@here.test', 'a@here.test', 'u@here.test'],
    );
    assert.equal(found[1]!.name, 'Doe, John "JD"');
  });
});
