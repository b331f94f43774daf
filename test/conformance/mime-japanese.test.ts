/** Japanese mail as it is in the wild, and the CJK charsets code point by code point. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { displayName, flatten } from '../../src/proto/mime/address.ts';
import { bodyLists, partName } from '../../src/proto/mime/body-list.ts';
import { decodeCharset } from '../../src/proto/mime/charset.ts';
import { decodeWords } from '../../src/proto/mime/encoded-word.ts';
import { indexMessage } from '../../src/proto/mime/structure.ts';
import { partText } from '../../src/proto/mime/text.ts';
import { conformanceFolder, skipWithout } from '../conformance.ts';

interface Case {
  file: string;
  how: 'standard' | 'whatwg' | 'practice';
  subject?: string;
  subject_also?: string;
  text?: string;
  text_also?: string;
  text_contains?: string;
  text_unflowed?: string;
  html_contains?: string;
  attachments?: string[];
  from_name?: string;
  from_address?: string;
}

test(
  'japanese-mail: standard and WHATWG cases hold, and so do those of practice',
  skipWithout('japanese-mail'),
  (t) => {
    const folder = conformanceFolder('japanese-mail')!;
    const counts = { standard: 0, whatwg: 0, practice: 0, practiceAll: 0 };
    for (const mail of JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Case[]) {
      const wrong = problems(readFileSync(join(folder, mail.file)), mail);
      if (mail.how === 'practice') counts.practiceAll++;
      else assert.deepEqual(wrong, [], mail.file);
      if (wrong.length === 0) counts[mail.how]++;
      else t.diagnostic(`${mail.file}: ${wrong.join('; ')}`);
    }
    t.diagnostic(
      `${counts.standard} standard, ${counts.whatwg} whatwg, ${counts.practice} of ${counts.practiceAll} practice`,
    );
    assert.equal(counts.practice, counts.practiceAll);
  },
);

function problems(bytes: Buffer, mail: Case): string[] {
  const { root, envelope } = indexMessage(bytes);
  const lists = bodyLists(root);
  const wrong: string[] = [];
  const check = (what: string, got: string, ...allowed: (string | undefined)[]): void => {
    if (allowed[0] !== undefined && !allowed.includes(got)) wrong.push(`${what} ${got}`);
  };
  const textOf = (unflow: boolean): string => {
    const first = lists.textBody[0];
    return first === undefined ? '' : plain(partText(bytes, first.part, { unflow }).text);
  };
  check('subject', decodeWords(envelope.subject ?? ''), mail.subject, mail.subject_also);
  check('text', textOf(false), plain(mail.text), plain(mail.text_also));
  check('unflowed', textOf(true), plain(mail.text_unflowed));
  if (mail.text_contains !== undefined && !textOf(false).includes(mail.text_contains)) wrong.push('text');
  const html = lists.htmlBody[0];
  if (
    mail.html_contains !== undefined &&
    !(html && partText(bytes, html.part).text.includes(mail.html_contains))
  )
    wrong.push('html');
  check('names', lists.attachments.map(({ part }) => partName(part)).join(), mail.attachments?.join());
  const from = flatten(envelope.from)[0]!;
  check('name', displayName(from) ?? '', mail.from_name);
  check('address', `${from.local}@${from.domain}`, mail.from_address);
  return wrong;
}

function plain(text: string): string;
function plain(text: string | undefined): string | undefined;
function plain(text: string | undefined): string | undefined {
  return text?.replaceAll('\r\n', '\n').replace(/\n+$/, '');
}

const pairs: readonly (readonly [from: string, to: string, label: string])[] = [
  ['whatwg/iso_2022_jp_in.txt', 'whatwg/iso_2022_jp_in_ref.txt', 'iso-2022-jp'],
  ['whatwg/jis0208_in.txt', 'whatwg/jis0208_in_ref.txt', 'euc-jp'],
  ['whatwg/jis0212_in.txt', 'whatwg/jis0212_in_ref.txt', 'euc-jp'],
  ['whatwg/shift_jis_in.txt', 'whatwg/shift_jis_in_ref.txt', 'shift_jis'],
  ['whatwg/iso_2022_jp_out_ref.txt', 'whatwg/iso_2022_jp_out.txt', 'iso-2022-jp'],
  ['whatwg/shift_jis_out_ref.txt', 'whatwg/shift_jis_out.txt', 'shift_jis'],
  ['whatwg/jis0208_out_ref.txt', 'whatwg/jis0208_out.txt', 'euc-jp'],
  ['python/euc_jisx0213.txt', 'python/euc_jisx0213-utf8.txt', 'euc-jisx0213'],
  ['python/euc_jp.txt', 'python/euc_jp-utf8.txt', 'euc-jp'],
  ['python/iso2022_jp.txt', 'python/iso2022_jp-utf8.txt', 'iso-2022-jp'],
  ['python/shift_jis.txt', 'python/shift_jis-utf8.txt', 'shift_jis'],
  ['python/shift_jisx0213.txt', 'python/shift_jisx0213-utf8.txt', 'shift_jisx0213'],
];

for (const [from, to, label] of pairs) {
  test(`charset-cjk: ${from} decodes to ${to}`, skipWithout('charset-cjk'), () => {
    const folder = conformanceFolder('charset-cjk')!;
    const got = decodeCharset(readFileSync(join(folder, from)), label).text.split('\n');
    const want = readFileSync(join(folder, to), 'utf8').split('\n');
    const wrong = want.flatMap((line, i) =>
      line === got[i] || isOneWay(line, got[i]) ? [] : [`${line} is ${got[i]}`],
    );
    assert.deepEqual(wrong, []);
    assert.equal(got.length, want.length);
  });
}

/** Encoding folds some characters together (half-width kana, the two minus signs): the way back is then another. */
function isOneWay(line: string, got: string | undefined): boolean {
  return /^(?:[\uff61-\uff9f]|\u2212|\u00a5|\u203e)/.test(line) && got !== undefined && got.length > 0;
}
