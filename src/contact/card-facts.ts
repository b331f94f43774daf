/** What of a card is searched for and sorted by, in the form in which texts are compared (search/fold.ts). */
import { type Card, fullName, type Json, valuesOfKind } from '../proto/jscontact/card.ts';
import { foldText } from '../search/fold.ts';
import { asHiragana, readingsOf } from '../search/readings.ts';
import type { findFields } from './migrations.ts';

export type FindField = (typeof findFields)[number];

export interface CardFacts {
  readonly uid: string;
  readonly kind: string;
  /** 0: the card does not say. */
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Each between line ends. */
  readonly members: string;
  readonly sort: { readonly given: string; readonly surname: string; readonly surname2: string };
  readonly find: Readonly<Record<FindField, string>>;
  readonly json: string;
  readonly size: number;
}

const marks = /[\u0300-\u036f]/g;
/** Remy finds Rémy: whoever looks for a person types no accents. */
const plainText = (text: string): string => foldText(text).replace(marks, '');
/** A text as it is looked for: kana are one. */
export const looked = (text: string): string => asHiragana(plainText(text));

export function factsOf(card: Card): CardFacts {
  const json = JSON.stringify(card);
  return {
    uid: card.uid ?? '',
    kind: card.kind ?? 'individual',
    createdMs: msOf(card.created),
    updatedMs: msOf(card.updated),
    members: lined(Object.keys(card.members ?? {})),
    sort: {
      given: sortKey(card, 'given'),
      surname: sortKey(card, 'surname'),
      surname2: sortKey(card, 'surname2'),
    },
    find: textsOf(card),
    json,
    size: Buffer.byteLength(json),
  };
}

const msOf = (utc: string | undefined): number => (utc === undefined ? 0 : Date.parse(utc) || 0);
const lined = (uids: readonly string[]): string => (uids.length === 0 ? '' : `\n${uids.join('\n')}\n`);

/** As it says itself, as it is read, as a dictionary of names reads it, or as it is written. */
function sortKey(card: Card, kind: string): string {
  const said = card.name?.sortAs?.[kind];
  if (said !== undefined && said !== '') return looked(said);
  const components = (card.name?.components ?? []).filter((each) => each.kind === kind);
  return components
    .map(({ value, phonetic }) => looked(phonetic || (readingsOf(value, true)[0] ?? value)))
    .join(' ');
}

function textsOf(card: Card): Record<FindField, string> {
  const { name } = card;
  const whole = fullName(card);
  const phonetics = (kinds?: readonly string[]): string[] =>
    (name?.components ?? [])
      .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
      .flatMap(({ value, phonetic }) => (phonetic ? [phonetic] : readingsOf(value, true)));
  const part = (kind: string): string => folded([...valuesOfKind(name, kind), ...phonetics([kind])]);
  return {
    name: folded([
      whole,
      ...(name?.components ?? []).map(({ value }) => value),
      ...phonetics(),
      ...readingsOf(whole, true),
    ]),
    given: part('given'),
    surname: part('surname'),
    surname2: part('surname2'),
    nickname: folded(each(card.nicknames, (one) => [one.name])),
    organization: folded(
      each(card.organizations, (one) => [one.name, ...(one.units ?? []).map((unit) => unit.name)]),
    ),
    email: folded(each(card.emails, (one) => [one.address, one.label])),
    phone: phonesOf(card),
    online: folded(each(card.onlineServices, (one) => [one.service, one.uri, one.user, one.label])),
    address: folded(
      each(card.addresses, (one) => [
        one.full,
        (one.components ?? []).map(({ value }) => value).join(' '),
        one.countryCode,
        one.label,
      ]),
    ),
    note: folded(each(card.notes, (one) => [one.note])),
    other: folded([
      ...each(card.titles, (one) => [one.name]),
      ...Object.keys(card.keywords ?? {}),
      ...each(card.personalInfo, (one) => [one.value]),
      ...each(card.links, (one) => [one.uri]),
      ...localized(card),
    ]),
  };
}

function each<T>(
  entries: Readonly<Record<string, T>> | undefined,
  texts: (entry: T) => readonly (string | undefined)[],
): readonly string[] {
  return Object.values(entries ?? {}).flatMap((entry) => texts(entry).filter((text) => text !== undefined));
}

/** As written and as digits alone: 090-1234 is found by 0901234. */
function phonesOf(card: Card): string {
  return folded(each(card.phones, (one) => [one.number, one.number.replace(/[^0-9+]/g, ''), one.label]));
}

/** Texts in other languages. */
function localized({ localizations = {} }: Card): readonly string[] {
  const texts: string[] = [];
  const walk = (value: Json | undefined): void => {
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) walk(one);
  };
  for (const patch of Object.values(localizations)) walk(patch);
  return texts;
}

const textMaxChars = 20_000;
const folded = (texts: readonly string[]): string =>
  [...new Set(texts.flatMap((text) => [plainText(text), looked(text)]))].join('\n').slice(0, textMaxChars);
