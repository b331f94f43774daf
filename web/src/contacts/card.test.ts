import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf, fieldsOf, nameOfCard, noFields, readingOfCard } from './card.ts';

test('what a form makes of a card is what it shows again', () => {
  const fields = {
    ...noFields,
    surname: '髙橋',
    given: '一郎',
    surnameReading: 'たかはし',
    givenReading: 'いちろう',
    organization: '飛脚株式会社',
    unit: '営業部',
    title: '部長',
    emails: [{ key: '', value: 'ichiro@there.test', kind: 'work' as const }],
    phones: [{ key: '', value: '03-1234-5678', kind: '' as const }],
    postcode: '100-0001',
    address: '東京都千代田区千代田1-1',
    birthday: '1970-01-31',
    note: 'お得意様',
  };
  const card = changesOf({}, fields);
  const shown = fieldsOf(card);
  assert.deepEqual(
    { ...shown, emails: shown.emails.map((each) => ({ ...each, key: '' })), phones: fields.phones },
    fields,
  );
  assert.equal(nameOfCard(card), '髙橋 一郎');
  assert.equal(readingOfCard(card), 'たかはし いちろう');
  assert.equal((card['name'] as { phoneticScript: string }).phoneticScript, 'Hira');
});

test('what the form does not know stays in the card', () => {
  const card = {
    name: {
      components: [
        { kind: 'title', value: 'Dr.' },
        { kind: 'surname', value: 'Roe' },
      ],
      sortAs: { surname: 'roe' },
    },
    emails: {
      a: { address: 'x@y.test', pref: 1, contexts: { work: true } as const },
      b: { address: 'z@y.test' },
    },
    addresses: { h: { components: [{ kind: 'locality', value: 'Kyoto' }], countryCode: 'JP' } },
    notes: { one: { note: 'first' }, two: { note: 'second' } },
  };
  const fields = fieldsOf(card);
  const changed = changesOf(card, { ...fields, surname: 'Doe', emails: fields.emails.slice(0, 1) });
  assert.deepEqual(changed['name'], {
    sortAs: { surname: 'roe' },
    components: [
      { kind: 'surname', value: 'Doe' },
      { kind: 'title', value: 'Dr.' },
    ],
  });
  assert.deepEqual(changed['emails'], { a: { address: 'x@y.test', pref: 1, contexts: { work: true } } });
  assert.deepEqual(changed['addresses'], card.addresses);
  assert.deepEqual(changed['notes'], card.notes);
  assert.equal(changed['phones'], null);
  assert.deepEqual(changesOf(card, { ...fields, note: '' })['notes'], { two: { note: 'second' } });
});

test('a contact without a name is called by what there is', () => {
  assert.equal(nameOfCard({ organizations: { o: { name: 'ACME' } } }), 'ACME');
  assert.equal(nameOfCard({ emails: { e: { address: 'a@b.test' } } }), 'a@b.test');
  assert.equal(
    nameOfCard({ name: { full: 'Jane Roe', components: [{ kind: 'given', value: 'J' }] } }),
    'Jane Roe',
  );
  assert.equal(fieldsOf({ name: { full: 'Jane Roe' } }).surname, 'Jane Roe');
});
