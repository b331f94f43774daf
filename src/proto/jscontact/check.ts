/** What is wrong with a Card (RFC 9553, sections 2 and 3). */
import type { Json } from './card.ts';
import {
  anything,
  byId,
  eitherType,
  filled,
  isObject,
  languageTag,
  listOf,
  mapOf,
  matching,
  mediaType,
  type Rule,
  setOf,
  shaped,
  text,
  truth,
  uri,
  utcDate,
  whole,
  word,
} from './rule.ts';

/** Problems that are told of one card. */
const problemsMax = 50;
const unsignedMax = 2 ** 53 - 1;

const words = setOf(/^[A-Za-z0-9:._/-]{1,255}$/);
const contextual: Readonly<Record<string, Rule>> = { contexts: words, pref: whole(1, 100), label: text };
const phonetics: Readonly<Record<string, Rule>> = {
  phoneticScript: matching(/^[A-Za-z]{4}$/),
  phoneticSystem: text,
};
/** A URI, or a blob in its place (RFC 9610, 3: `blobId`). */
const resource = (type: string, more: Readonly<Record<string, Rule>> = {}): Rule =>
  shaped({ type, must: { uri }, may: { ...contextual, kind: word, mediaType, ...more } });

const component = (type: string): Rule =>
  shaped({ type, must: { value: text, kind: word }, may: { phonetic: text } });

/** A default separator is for components in their order (RFC 9553, 2.2.1.1). */
const ordered =
  (rule: Rule): Rule =>
  (value, path, wrong) => {
    rule(value, path, wrong);
    if (!isObject(value)) return;
    if (value.defaultSeparator !== undefined && value.isOrdered !== true)
      wrong.push(`${path}/defaultSeparator`);
    if (value.isOrdered === true || !Array.isArray(value.components)) return;
    if (value.components.some((each) => isObject(each) && each.kind === 'separator'))
      wrong.push(`${path}/components`);
  };

const name: Rule = ordered(
  shaped({
    type: 'Name',
    may: {
      components: listOf(component('NameComponent')),
      isOrdered: truth,
      defaultSeparator: text,
      full: text,
      sortAs: mapOf(text),
      ...phonetics,
    },
  }),
);

const address: Rule = ordered(
  shaped({
    type: 'Address',
    may: {
      components: listOf(component('AddressComponent')),
      isOrdered: truth,
      defaultSeparator: text,
      full: text,
      countryCode: matching(/^[A-Za-z]{2}$/),
      coordinates: matching(/^geo:/i),
      timeZone: text,
      ...contextual,
      ...phonetics,
    },
  }),
);

const partialDate: Rule = (value, path, wrong) => {
  shaped({
    type: 'PartialDate',
    may: { year: whole(0, 9999), month: whole(1, 12), day: whole(1, 31), calendarScale: word },
  })(value, path, wrong);
  if (!isObject(value)) return;
  const { year, month, day } = value;
  // RFC 9553, 2.8.1: a day needs its month; year, or month, is there.
  if ((day !== undefined && month === undefined) || (year === undefined && month === undefined))
    wrong.push(path);
};

const card: Rule = shaped({
  type: 'Card',
  must: { version: matching(/^[12]\.0$/), uid: filled },
  may: {
    created: utcDate,
    updated: utcDate,
    kind: word,
    language: languageTag,
    members: setOf(/^.+$/s),
    prodId: text,
    relatedTo: mapOf(shaped({ type: 'Relation', may: { relation: words } })),
    name,
    nicknames: byId(shaped({ type: 'Nickname', must: { name: text }, may: contextual })),
    organizations: byId(
      shaped({
        type: 'Organization',
        may: {
          name: text,
          units: listOf(shaped({ type: 'OrgUnit', must: { name: text }, may: { sortAs: text } })),
          sortAs: text,
          ...contextual,
        },
        oneOf: ['name', 'units'],
      }),
    ),
    speakToAs: shaped({
      type: 'SpeakToAs',
      may: {
        grammaticalGender: word,
        pronouns: byId(shaped({ type: 'Pronouns', must: { pronouns: text }, may: contextual })),
      },
      oneOf: ['grammaticalGender', 'pronouns'],
    }),
    titles: byId(
      shaped({
        type: 'Title',
        must: { name: text },
        may: { ...contextual, kind: word, organizationId: text },
      }),
    ),
    emails: byId(shaped({ type: 'EmailAddress', must: { address: filled }, may: contextual })),
    onlineServices: byId(
      shaped({
        type: 'OnlineService',
        may: { service: text, uri, user: text, ...contextual },
        oneOf: ['uri', 'user'],
      }),
    ),
    phones: byId(
      shaped({ type: 'Phone', must: { number: filled }, may: { features: words, ...contextual } }),
    ),
    preferredLanguages: byId(
      shaped({ type: 'LanguagePref', must: { language: languageTag }, may: contextual }),
    ),
    calendars: byId(resource('Calendar')),
    schedulingAddresses: byId(shaped({ type: 'SchedulingAddress', must: { uri }, may: contextual })),
    addresses: byId(address),
    cryptoKeys: byId(resource('CryptoKey')),
    directories: byId(resource('Directory', { listAs: whole(1, unsignedMax) })),
    links: byId(resource('Link')),
    media: byId(resource('Media')),
    localizations: mapOf(mapOf(anything)),
    anniversaries: byId(
      shaped({
        type: 'Anniversary',
        must: {
          kind: word,
          date: eitherType({
            PartialDate: partialDate,
            Timestamp: shaped({ type: 'Timestamp', must: { utc: utcDate } }),
          }),
        },
        may: { place: address, contexts: words },
      }),
    ),
    keywords: setOf(/^.+$/s),
    notes: byId(
      shaped({
        type: 'Note',
        must: { note: text },
        may: { created: utcDate, author: shaped({ type: 'Author', may: { name: text, uri } }) },
      }),
    ),
    personalInfo: byId(
      shaped({
        type: 'PersonalInfo',
        must: { kind: word, value: text },
        may: { level: word, listAs: whole(1, unsignedMax), label: text },
      }),
    ),
    vCardProps: listOf(anything),
  },
});

/** Paths of what is not as the standard has it; none for a sound card. */
export function checkCard(given: Json): readonly string[] {
  const wrong: string[] = [];
  card(given, '', wrong);
  if (isObject(given) && given.members !== undefined && given.kind !== 'group') wrong.push('members');
  return [...new Set(wrong)].slice(0, problemsMax);
}
