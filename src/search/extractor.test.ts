import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { Extractor } from './extractor.ts';

const zip = (files: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

/** A PDF of one page: objects, cross references, trailer. */
function pdf(objects: readonly string[]): Uint8Array {
  let out = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const at = out.length;
    out += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const lines = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`);
  return Buffer.from(
    `${out}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${lines.join('')}trailer<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${out.length}\n%%EOF\n`,
    'latin1',
  );
}

/** Its font says by the name of a character map alone that the codes are Shift_JIS. */
function japanesePdf(): Uint8Array {
  const sjis = '90BF8B818F91';
  const stream = `BT /F1 20 Tf 50 700 Td <${sjis}> Tj ET BT /F2 14 Tf 50 650 Td (Invoice 4711) Tj ET`;
  return pdf([
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R/F2 8 0 R>>>>>>',
    `<</Length ${stream.length}>>stream\n${stream}\nendstream`,
    '<</Type/Font/Subtype/Type0/BaseFont/MS-Mincho/Encoding/90ms-RKSJ-H/DescendantFonts[6 0 R]>>',
    '<</Type/Font/Subtype/CIDFontType0/BaseFont/MS-Mincho/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/FontDescriptor 7 0 R/DW 1000>>',
    '<</Type/FontDescriptor/FontName/MS-Mincho/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>',
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ]);
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

test('text of office documents, of PDF files, and of PDF files with Japanese fonts that are not in them', async () => {
  await using extractor = new Extractor({ clock: systemClock, log: silentLog });
  const docx = zip({
    'word/document.xml':
      '<w:document><w:p><w:r><w:t>議事</w:t></w:r><w:r><w:t>録 &amp; plan</w:t></w:r></w:p><w:p><w:t>next</w:t><w:tab/><w:t>line</w:t></w:p></w:document>',
    'word/media/image.xml': '<w:t>not text</w:t>',
  });
  assert.deepEqual(words(await extractor.text('docx', docx)), ['議事録', '&', 'plan', 'next', 'line']);
  const xlsx = zip({
    'xl/sharedStrings.xml': '<sst><si><t>高橋</t><rPh sb="0"><t>タカハシ</t></rPh></si></sst>',
    'xl/worksheets/sheet1.xml':
      '<row><c r="A1" t="s"><v>0</v></c><c><v>4711</v></c><c t="inlineStr"><is><t>inline</t></is></c></row>',
  });
  assert.deepEqual(words(await extractor.text('xlsx', xlsx)), ['高橋', 'タカハシ', '4711', 'inline']);
  const pptx = zip({
    'ppt/slides/slide1.xml': '<a:p><a:r><a:t>発表</a:t></a:r><a:r><a:t>資料</a:t></a:r></a:p>',
  });
  assert.deepEqual(words(await extractor.text('pptx', pptx)), ['発表資料']);
  const odt = zip({ 'content.xml': '<text:p>こん<text:span>にち</text:span>は<text:s/>world</text:p>' });
  assert.deepEqual(words(await extractor.text('odf', odt)), ['こんにちは', 'world']);
  assert.deepEqual(words(await extractor.text('pdf', japanesePdf())), ['請求書', 'Invoice', '4711']);
});

test('what is no document, claims too much or takes too long is nothing, and the next one is read', async () => {
  await using extractor = new Extractor({ clock: systemClock, log: silentLog });
  const good = zip({ 'word/document.xml': '<w:p><w:t>still here</w:t></w:p>' });
  const bomb = zip({ 'word/document.xml': ' '.repeat(60 * 1024 * 1024) });
  const broken = good.slice(0, good.length - 30);
  for (const bytes of [Buffer.from('no document'), new Uint8Array(0), bomb, broken])
    assert.equal(await extractor.text('docx', bytes), '');
  for (const bytes of [Buffer.from('%PDF-1.4\nno more'), japanesePdf().slice(0, 200)])
    assert.equal(await extractor.text('pdf', bytes), '');
  assert.deepEqual(words(await extractor.text('docx', good)), ['still', 'here']);
  await using hasty = new Extractor({ clock: systemClock, log: silentLog, withinMs: 0 });
  assert.equal(await hasty.text('pdf', japanesePdf()), '');
  assert.equal(await hasty.text('pdf', japanesePdf()), '');
});
