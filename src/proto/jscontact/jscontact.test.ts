import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatVcards } from '../vcard/format.ts';
import { parseVcards } from '../vcard/parse.ts';
import { type Card, fullName, type Json } from './card.ts';
import { checkCard } from './check.ts';
import { cardFromVcard } from './from-vcard.ts';
import { cardToVcard } from './to-vcard.ts';

const base = { '@type': 'Card', version: '1.0', uid: 'u1' } as const;
const fromText = (text: string): Card =>
  cardFromVcard(parseVcards(Buffer.from(text.replaceAll('\n', '\r\n')))[0]!, 'fallback');
const again = (card: Card, version: '3.0' | '4.0' = '4.0'): Card =>
  cardFromVcard(parseVcards(Buffer.from(formatVcards([cardToVcard(card, version)])))[0]!, 'fallback');

/** Something of everything (RFC 9553, section 2). */
const rich: Card = {
  ...base,
  kind: 'individual',
  created: '2022-09-30T14:35:10Z',
  updated: '2021-10-31T22:27:10Z',
  language: 'ja',
  prodId: 'ACME 1.0',
  relatedTo: { 'urn:uuid:1': { relation: { friend: true } } },
  name: {
    components: [
      { kind: 'surname', value: '山田', phonetic: 'やまだ' },
      { kind: 'given', value: '太郎', phonetic: 'たろう' },
    ],
    isOrdered: true,
    defaultSeparator: ' ',
    full: '山田 太郎',
    sortAs: { surname: 'やまだ' },
  },
  nicknames: { 'n-1': { name: 'Taro', pref: 2 } },
  organizations: { o1: { name: '飛脚', units: [{ name: '開発' }], contexts: { work: true } } },
  speakToAs: { grammaticalGender: 'neuter', pronouns: { '1': { pronouns: 'they/them', pref: 2 } } },
  titles: { t1: { name: '部長', kind: 'title' } },
  emails: { e1: { address: 'taro@example.jp', contexts: { work: true }, pref: 1, label: '会社' } },
  phones: { p1: { number: 'tel:+81-90-1234-5678', features: { mobile: true }, contexts: { private: true } } },
  onlineServices: { s1: { service: 'Mastodon', uri: 'https://example.com/@taro', user: 'taro' } },
  preferredLanguages: { l1: { language: 'ja', pref: 1 } },
  addresses: {
    a1: {
      components: [
        { kind: 'locality', value: '千代田区' },
        { kind: 'region', value: '東京都' },
        { kind: 'postcode', value: '100-0001' },
        { kind: 'name', value: '千代田 1-1' },
      ],
      countryCode: 'JP',
      coordinates: 'geo:35.68,139.75',
      timeZone: 'Asia/Tokyo',
      full: '〒100-0001\n東京都千代田区千代田 1-1',
    },
  },
  calendars: { c1: { uri: 'https://example.com/cal', kind: 'freeBusy' } },
  schedulingAddresses: { c2: { uri: 'mailto:taro@example.jp' } },
  cryptoKeys: { k1: { uri: 'https://example.com/key.asc', mediaType: 'application/pgp-keys' } },
  directories: { d1: { uri: 'https://example.com/dir', kind: 'directory' } },
  links: { w1: { uri: 'https://example.com/', contexts: { private: true } } },
  media: { m1: { uri: 'data:image/png;base64,AAAA', kind: 'photo' } },
  anniversaries: {
    b1: { kind: 'birth', date: { '@type': 'PartialDate', month: 4, day: 15 } },
    b2: { kind: 'wedding', date: { '@type': 'PartialDate', year: 2009, month: 8, day: 8 } },
  },
  keywords: { 友人: true, work: true },
  notes: { x1: { note: 'a, b; c\\ \n二行目', created: '2022-11-23T15:01:32Z', author: { name: 'Jiro' } } },
  personalInfo: { h1: { kind: 'hobby', value: '読書', level: 'high', listAs: 1 } },
};

test('a sound card has nothing wrong with it; what we do not know is let in', () => {
  assert.deepEqual(checkCard(rich as unknown as Json), []);
  assert.deepEqual(checkCard({ ...base, 'example.com:foo': { bar: 1 } }), []);
});

test('what the standard forbids is told by its path', () => {
  const cases: readonly (readonly [Json, readonly string[]])[] = [
    [[], ['']],
    [{ ...base, uid: '' }, ['uid']],
    [{ '@type': 'Card', uid: 'x' }, ['version']],
    [{ ...base, '@type': 'Group' }, ['@type']],
    [{ ...base, emails: { 'a b': { address: 'x' } } }, ['emails/a b']],
    [{ ...base, emails: { a: {} } }, ['emails/a/address']],
    [{ ...base, emails: { a: { address: 'x@y', pref: 101 } } }, ['emails/a/pref']],
    [{ ...base, emails: { a: { address: 'x@y', contexts: { work: false } } } }, ['emails/a/contexts/work']],
    [{ ...base, emails: { a: { '@type': 'Phone', address: 'x@y' } } }, ['emails/a/@type']],
    [{ ...base, name: { components: [{ kind: 'given' }] } }, ['name/components/0/value']],
    [{ ...base, name: { defaultSeparator: ' ' } }, ['name/defaultSeparator']],
    [{ ...base, updated: '2021-10-31' }, ['updated']],
    [{ ...base, members: { x: true } }, ['members']],
    [{ ...base, organizations: { o: {} } }, ['organizations/o']],
    [{ ...base, anniversaries: { a: { kind: 'birth', date: { day: 3 } } } }, ['anniversaries/a/date']],
    [
      { ...base, anniversaries: { a: { kind: 'birth', date: { '@type': 'X' } } } },
      ['anniversaries/a/date/@type'],
    ],
    [{ ...base, media: { m: { kind: 'photo', uri: 'none' } } }, ['media/m/uri']],
    [{ ...base, keywords: { a: 1 } }, ['keywords/a']],
  ];
  for (const [card, wrong] of cases) assert.deepEqual(checkCard(card), wrong, JSON.stringify(card));
});

test('a card goes through version 4.0 without losing anything', () => {
  // Entries without a PROP-ID are numbered; a service keeps the name that vCard has for it.
  assert.deepEqual(again(rich), {
    ...rich,
    onlineServices: {
      s1: { ...rich.onlineServices?.s1, vCardName: 'socialprofile' },
    } as never,
    anniversaries: { '1': rich.anniversaries?.b1, '2': rich.anniversaries?.b2 },
    notes: { '1': rich.notes?.x1 },
  });
});

test('properties of a card that no vCard knows come back, and those of a vCard that no card knows', () => {
  const card = { ...base, name: { full: 'A' }, 'example.com:foo': { bar: [1, 'x,y'] } } as Card;
  assert.deepEqual(again(card), card);
  const kept = fromText(
    'BEGIN:VCARD\nVERSION:4.0\nUID:u1\nFN:A\nGENDER:O;it\nX-FOO;X-P=1:a\\,b\nEND:VCARD\n',
  );
  assert.deepEqual(kept.vCardProps, [
    ['gender', {}, 'unknown', 'O;it'],
    ['x-foo', { 'x-p': '1' }, 'unknown', 'a\\,b'],
  ]);
  assert.deepEqual(again(kept), kept);
});

test('readings are read from Apple, from RFC 9554 and from Japanese telephones', () => {
  const expected = [
    { kind: 'surname', value: '山田', phonetic: 'ヤマダ' },
    { kind: 'given', value: '太郎', phonetic: 'タロウ' },
  ];
  for (const lines of [
    'VERSION:3.0\nN:山田;太郎;;;\nX-PHONETIC-FIRST-NAME:タロウ\nX-PHONETIC-LAST-NAME:ヤマダ',
    'VERSION:4.0\nN;ALTID=1:山田;太郎;;;\nN;ALTID=1;PHONETIC=script;SCRIPT=Kana:ヤマダ;タロウ;;;',
    'VERSION:2.1\nN:山田;太郎\nSOUND;X-IRMC-N:ﾔﾏﾀﾞ;ﾀﾛｳ;;;',
    'VERSION:2.1\nN:山田;太郎\nSOUND;X-IRMC-N:ﾔﾏﾀﾞ ﾀﾛｳ;;;;',
  ])
    assert.deepEqual(fromText(`BEGIN:VCARD\n${lines}\nEND:VCARD\n`).name?.components, expected, lines);
});

test('version 3.0: birthday without a year, photo, labels, group and its members', () => {
  const group: Card = { ...base, kind: 'group', name: { full: 'G' }, members: { 'urn:uuid:2': true } };
  assert.deepEqual(again(group, '3.0'), group);
  const back = again(rich, '3.0');
  assert.deepEqual(Object.values(back.anniversaries ?? {})[0]?.date, rich.anniversaries?.b1?.date);
  assert.deepEqual(back.media, { '1': { uri: 'data:image/png;base64,AAAA', kind: 'photo' } });
  assert.deepEqual(back.emails, { '1': rich.emails?.e1 });
  assert.deepEqual(
    back.name?.components?.map(({ phonetic }) => phonetic),
    ['やまだ', 'たろう'],
  );
});

test('a name is shown as it says, as it is ordered, or as its script is used to', () => {
  const components = [
    { kind: 'given', value: 'John' },
    { kind: 'surname', value: 'Stevenson' },
    { kind: 'title', value: 'Dr.' },
  ];
  assert.equal(fullName({ name: { components } }), 'Dr. John Stevenson');
  const japanese = [
    { kind: 'given', value: '太郎' },
    { kind: 'surname', value: '山田' },
  ];
  assert.equal(fullName({ name: { components: japanese } }), '山田 太郎');
  assert.equal(
    fullName({ name: { components: japanese, isOrdered: true, defaultSeparator: '・' } }),
    '太郎・山田',
  );
  assert.equal(fullName({}), '');
});
