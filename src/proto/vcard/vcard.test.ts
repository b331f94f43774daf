import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatVcards } from './format.ts';
import { parseVcards } from './parse.ts';
import { components, escapeText, listOf, type Vcard } from './vcard.ts';

const read = (text: string): readonly Vcard[] => parseVcards(Buffer.from(text, 'latin1'));
const valueOf = (card: Vcard | undefined, name: string): string | undefined =>
  card?.properties.find((each) => each.name === name)?.value;

test('the example of RFC 6350 is read: folds, groups, parameters in quotes and without', () => {
  const [card] = read(
    'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Simon Perreault\r\nN:Perreault;Simon;;;ing. jr,M.Sc.\r\n' +
      'item1.TEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+1-418-656-9254;ext=102\r\nNOTE:A lon\r\n g note\\, with\\nlines\r\nEND:VCARD\r\n',
  );
  assert.equal(card?.version, '4.0');
  const tel = card?.properties.find(({ name }) => name === 'TEL');
  assert.deepEqual(
    [tel?.group, tel?.params.get('TYPE'), tel?.value],
    ['item1', ['voice,home'], 'tel:+1-418-656-9254;ext=102'],
  );
  assert.equal(valueOf(card, 'NOTE'), 'A long note\\, with\\nlines');
  assert.deepEqual(components(valueOf(card, 'N')!), [['Perreault'], ['Simon'], [], [], ['ing. jr', 'M.Sc.']]);
});

test('a Japanese telephone writes version 2.1 in Shift_JIS, labelled or not, raw or quoted-printable', () => {
  const sjis = '\x8eR\x93c'; // 山田
  const [labelled, raw] = read(
    `BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8ER=\n=93c;=91=BE=98Y\nSOUND;X-IRMC-N;CHARSET=SHIFT_JIS:\xd4\xcf\xc0\xde;\xc0\xdb\xb3;;;\nTEL;CELL;VOICE:09012345678\nEND:VCARD\n` +
      `BEGIN:VCARD\nVERSION:2.1\nN:${sjis};\x91\xbe\x98Y\nNOTE;ENCODING=QUOTED-PRINTABLE:a=0D=0Ab\nEND:VCARD\n`,
  );
  assert.equal(valueOf(labelled, 'N'), '山田;太郎');
  assert.equal(valueOf(labelled, 'SOUND'), 'ﾔﾏﾀﾞ;ﾀﾛｳ;;;');
  assert.deepEqual(labelled?.properties.find(({ name }) => name === 'TEL')?.params.get('TYPE'), [
    'CELL',
    'VOICE',
  ]);
  assert.equal(valueOf(raw, 'N'), '山田;太郎');
  assert.equal(valueOf(raw, 'NOTE'), 'a\\nb');
});

test('a photo in base64 is put together, with indented lines and without', () => {
  const [card] = read(
    'BEGIN:VCARD\r\nVERSION:2.1\r\nPHOTO;ENCODING=BASE64;JPEG:\r\n AAAA\r\nBBBB\r\n\r\nTEL:1\r\nEND:VCARD\r\n',
  );
  const photo = card?.properties.find(({ name }) => name === 'PHOTO');
  assert.deepEqual([photo?.value, photo?.isBinary, photo?.params.get('TYPE')], ['AAAABBBB', true, ['JPEG']]);
  assert.equal(valueOf(card, 'TEL'), '1');
});

test('lines that are none are passed over, cards in cards too, and a lost end is forgiven', () => {
  const cards = read(
    'junk\r\nBEGIN:VCARD\r\nVERSION:3.0\r\n???\r\nFN:A\r\nBEGIN:VCARD\r\nFN:inner\r\nEND:VCARD\r\nEND:VCARD\r\nbegin:vcard\r\nFN:B\r\n',
  );
  assert.deepEqual(
    cards.map((card) => valueOf(card, 'FN')),
    ['A', 'B'],
  );
});

test('what is written is read again, whatever is in it, in lines of at most 75 octets', () => {
  const word = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/\p{Cc}|\p{Cs}/gu, ''));
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 3 }), (text, params) => {
      const property = {
        group: '',
        name: 'NOTE',
        params: new Map(params.length > 0 ? [['X-P', params]] : []),
        value: escapeText(`${text}\nend`),
      };
      const written = formatVcards([{ version: '4.0', properties: [property] }]);
      for (const line of written.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, line);
      const [card] = parseVcards(Buffer.from(written));
      const [back] = card!.properties;
      assert.equal(back?.value, property.value);
      assert.deepEqual(
        (back?.params.get('X-P') ?? []).map((each) => each.trim()),
        params.map((each) => each.trim()),
      );
    }),
  );
});

test('any bytes are read without an error', () => {
  const piece = fc.constantFrom(
    'BEGIN:VCARD\r\n',
    'END:VCARD\r\n',
    'N;',
    ':',
    '=',
    '"',
    '\x1b$B',
    '\r\n ',
    'ENCODING=B:',
    'A',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
      for (const card of parseVcards(Buffer.from(pieces.join(''), 'latin1')))
        for (const { value } of card.properties)
          assert.ok(components(value).length > 0 && listOf(value).length >= 0);
    }),
  );
});
