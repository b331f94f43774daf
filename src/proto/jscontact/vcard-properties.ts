/** What each property of a vCard becomes in a Card (RFC 9555, 2.3 to 2.15). */
import { components, listOf, param, typesOf, unescapeText, type VcardProperty } from '../vcard/vcard.ts';
import type { Draft } from './draft.ts';
import { addressKinds, readPlaces } from './name-parts.ts';
import { dateOf, utcOf } from './vcard-dates.ts';

export type Mapping = (draft: Draft, property: VcardProperty) => 'unmapped' | void;

const textOf = (property: VcardProperty): string => unescapeText(property.value).trim();

const single =
  (name: string, read: (text: string) => unknown = (text) => text): Mapping =>
  (draft, property) => {
    const value = read(textOf(property));
    if (value === undefined || value === '' || draft.card[name] !== undefined) return 'unmapped';
    draft.card[name] = value;
    return undefined;
  };

const entries =
  (name: string, read: (property: VcardProperty, draft: Draft) => object | undefined): Mapping =>
  (draft, property) => {
    const entry = read(property, draft);
    if (entry === undefined) return 'unmapped';
    draft.add(name, property, { ...entry, ...draft.contextual(property) });
    return undefined;
  };

const named = (name: string, key: string, more: object = {}): Mapping =>
  entries(name, (property) => {
    const text = textOf(property);
    return text === '' ? undefined : { [key]: text, ...more };
  });

const uriShape = /^[A-Za-z][A-Za-z0-9+.-]*:\S*$/s;
const mediaTypes: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  wave: 'audio/wav',
  pgp: 'application/pgp-keys',
  x509: 'application/pkix-cert',
};

const resource = (name: string, kind?: string): Mapping =>
  entries(name, (property) => {
    const said =
      param(property, 'MEDIATYPE') ??
      typesOf(property)
        .map((type) => mediaTypes[type])
        .find(Boolean);
    const uri = property.isBinary
      ? `data:${said ?? 'application/octet-stream'};base64,${property.value}`
      : property.value.trim();
    if (!uriShape.test(uri)) return undefined;
    const hasType = said !== undefined && /^[^/\s]+\/[^/\s]+$/.test(said);
    return { uri, ...(kind && { kind }), ...(hasType && !property.isBinary && { mediaType: said }) };
  });

const anniversary =
  (kind: string): Mapping =>
  (draft, property) => {
    const date = dateOf(
      param(property, 'X-APPLE-OMIT-YEAR') === property.value.slice(0, 4)
        ? property.value.replace(/^\d{4}-?/, '--')
        : property.value,
    );
    if (date === undefined) return 'unmapped';
    const same = Object.values(draft.map('anniversaries')).find(
      (each) => (each as { kind: string }).kind === kind,
    );
    if (same === undefined) draft.add('anniversaries', property, { kind, date });
    else return 'unmapped';
    return undefined;
  };

const phoneFeatures: Readonly<Record<string, string>> = {
  voice: 'voice',
  fax: 'fax',
  cell: 'mobile',
  video: 'video',
  pager: 'pager',
  text: 'text',
  textphone: 'textphone',
  'main-number': 'main-number',
};

function phone(property: VcardProperty): object | undefined {
  const number = textOf(property);
  if (number === '') return undefined;
  const features: Record<string, true> = {};
  for (const type of typesOf(property)) {
    const feature = Object.hasOwn(phoneFeatures, type) ? phoneFeatures[type] : undefined;
    if (feature) features[feature] = true;
  }
  return { number, ...(Object.keys(features).length > 0 && { features }) };
}

const address: Mapping = (draft, property) => {
  const placed = readPlaces(
    components(property.value, draft.vcard.version),
    addressKinds,
    param(property, 'JSCOMPS'),
  );
  const full = param(property, 'LABEL');
  if (placed.components.length === 0 && full === undefined) return 'unmapped';
  const countryCode = param(property, 'CC');
  const coordinates = param(property, 'GEO');
  const timeZone = param(property, 'TZ');
  const types = typesOf(property);
  const about = draft.contextual(property) as { contexts?: Record<string, true> };
  const contexts = { ...about.contexts };
  for (const type of ['billing', 'delivery']) if (types.includes(type)) contexts[type] = true;
  draft.add('addresses', property, {
    ...(placed.components.length > 0 && placed),
    ...(full && { full: full.replaceAll('\\n', '\n') }),
    ...(countryCode && /^[A-Za-z]{2}$/.test(countryCode) && { countryCode }),
    ...(coordinates && /^geo:/i.test(coordinates) && { coordinates }),
    ...(timeZone && { timeZone }),
    ...about,
    ...(Object.keys(contexts).length > 0 && { contexts }),
  });
  return undefined;
};

const organization = entries('organizations', (property, { vcard }) => {
  const parts = components(property.value, vcard.version).map((each) => each.join(', '));
  const [name = '', ...units] = parts;
  const filledUnits = units.filter((each) => each !== '');
  if (name === '' && filledUnits.length === 0) return undefined;
  const [sortAs, ...unitSort] = (property.params.get('SORT-AS') ?? []).flatMap((each) => each.split(','));
  return {
    ...(name !== '' && { name }),
    ...(filledUnits.length > 0 && {
      units: filledUnits.map((each, index) => ({
        name: each,
        ...(unitSort[index] && { sortAs: unitSort[index] }),
      })),
    }),
    ...(sortAs && { sortAs }),
  };
});

const service = (vCardName: string): Mapping =>
  entries('onlineServices', (property) => {
    const text = textOf(property);
    if (text === '') return undefined;
    const name = param(property, 'SERVICE-TYPE') ?? param(property, 'X-SERVICE-TYPE') ?? typesOf(property)[0];
    const isKind = name !== undefined && !['home', 'work', 'pref'].includes(name.toLowerCase());
    const user = param(property, 'USERNAME') ?? param(property, 'X-USER');
    return {
      ...(isKind && { service: name }),
      ...(uriShape.test(text) ? { uri: text } : { user: text }),
      ...(user && { user }),
      vCardName,
    };
  });

const levels: Readonly<Record<string, string>> = {
  beginner: 'low',
  average: 'medium',
  expert: 'high',
  low: 'low',
  medium: 'medium',
  high: 'high',
};

const personal = (kind: string): Mapping =>
  entries('personalInfo', (property) => {
    const value = textOf(property);
    const level = levels[(param(property, 'LEVEL') ?? '').toLowerCase()];
    const listAs = Number(param(property, 'INDEX'));
    return value === ''
      ? undefined
      : { kind, value, ...(level && { level }), ...(Number.isInteger(listAs) && listAs > 0 && { listAs }) };
  });

const keywords: Mapping = (draft, property) => {
  for (const each of listOf(property.value)) draft.map('keywords')[each] = true;
  return undefined;
};

const nicknames: Mapping = (draft, property) => {
  for (const name of listOf(property.value))
    draft.add('nicknames', property, { name, ...draft.contextual(property) });
  return undefined;
};

const members: Mapping = (draft, property) => {
  const uid = property.value.trim();
  if (uid === '') return 'unmapped';
  draft.map('members')[uid] = true;
  draft.card.kind ??= 'group';
  return undefined;
};

const related: Mapping = (draft, property) => {
  const to = textOf(property);
  if (to === '') return 'unmapped';
  const relation: Record<string, true> = {};
  for (const type of typesOf(property)) if (type !== 'pref') relation[type] = true;
  draft.map('relatedTo')[to] = Object.keys(relation).length > 0 ? { relation } : {};
  return undefined;
};

const note: Mapping = (draft, property) => {
  const text = unescapeText(property.value);
  if (text.trim() === '') return undefined;
  const name = param(property, 'AUTHOR-NAME');
  const uri = param(property, 'AUTHOR');
  const created = utcOf(param(property, 'CREATED') ?? '');
  const author = { ...(name && { name }), ...(uri && uriShape.test(uri) && { uri }) };
  draft.add('notes', property, {
    note: text,
    ...(created && { created }),
    ...(Object.keys(author).length > 0 && { author }),
  });
  return undefined;
};

const place =
  (kind: string): Mapping =>
  (draft, property) => {
    const text = textOf(property);
    const isGeo = /^geo:/i.test(text);
    const known = Object.values(draft.map('anniversaries')).find(
      (each) => (each as { kind: string }).kind === kind,
    );
    if (known === undefined || text === '') return 'unmapped';
    (known as Record<string, unknown>).place = isGeo ? { coordinates: text } : { full: text };
    return undefined;
  };

const fullName: Mapping = (draft, property) => {
  const full = textOf(property);
  if (full === '') return undefined;
  const name = draft.map('name');
  if (name.full !== undefined) return 'unmapped';
  name.full = full;
  return undefined;
};

const speak =
  (key: 'grammaticalGender' | 'pronouns'): Mapping =>
  (draft, property) => {
    const text = textOf(property);
    if (text === '') return 'unmapped';
    const about = draft.map('speakToAs');
    if (key === 'grammaticalGender') about[key] = text.toLowerCase();
    else {
      const pronouns = (about.pronouns ??= {}) as Record<string, unknown>;
      pronouns[`${Object.keys(pronouns).length + 1}`] = { pronouns: text, ...draft.contextual(property) };
    }
    return undefined;
  };

/** A property of a Card that a vCard has no place for (RFC 9555, 3.2.1). Whole properties alone. */
const jsprop: Mapping = (draft, property) => {
  const pointer = param(property, 'JSPTR') ?? '';
  if (!/^[A-Za-z0-9.:_-]+$/.test(pointer) || draft.card[pointer] !== undefined) return 'unmapped';
  try {
    draft.card[pointer] = JSON.parse(unescapeText(property.value));
    return undefined;
  } catch {
    return 'unmapped';
  }
};

const language = (text: string): string | undefined =>
  /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/.test(text) ? text : undefined;
const word = (text: string): string | undefined =>
  /^[A-Za-z0-9:._/-]{1,255}$/.test(text) ? text.toLowerCase() : undefined;

export const mapped: Readonly<Record<string, Mapping>> = {
  FN: fullName,
  KIND: single('kind', word),
  'X-ADDRESSBOOKSERVER-KIND': single('kind', word),
  UID: single('uid'),
  PRODID: single('prodId'),
  REV: single('updated', utcOf),
  CREATED: single('created', utcOf),
  LANGUAGE: single('language', language),
  NICKNAME: nicknames,
  ORG: organization,
  TITLE: named('titles', 'name', { kind: 'title' }),
  ROLE: named('titles', 'name', { kind: 'role' }),
  EMAIL: named('emails', 'address'),
  TEL: entries('phones', phone),
  IMPP: service('impp'),
  SOCIALPROFILE: service('socialprofile'),
  'X-SOCIALPROFILE': service('socialprofile'),
  LANG: entries('preferredLanguages', (property) => {
    const tag = language(textOf(property));
    return tag === undefined ? undefined : { language: tag };
  }),
  ADR: address,
  BDAY: anniversary('birth'),
  DEATHDATE: anniversary('death'),
  ANNIVERSARY: anniversary('wedding'),
  'X-ANNIVERSARY': anniversary('wedding'),
  BIRTHPLACE: place('birth'),
  DEATHPLACE: place('death'),
  GRAMGENDER: speak('grammaticalGender'),
  PRONOUNS: speak('pronouns'),
  CALURI: resource('calendars', 'calendar'),
  FBURL: resource('calendars', 'freeBusy'),
  CALADRURI: entries('schedulingAddresses', (property) =>
    uriShape.test(property.value.trim()) ? { uri: property.value.trim() } : undefined,
  ),
  KEY: resource('cryptoKeys'),
  SOURCE: resource('directories', 'entry'),
  'ORG-DIRECTORY': resource('directories', 'directory'),
  URL: resource('links'),
  'CONTACT-URI': resource('links', 'contact'),
  PHOTO: resource('media', 'photo'),
  LOGO: resource('media', 'logo'),
  SOUND: (draft, property) =>
    typesOf(property).includes('x-irmc-n') ? undefined : resource('media', 'sound')(draft, property),
  CATEGORIES: keywords,
  NOTE: note,
  EXPERTISE: personal('expertise'),
  HOBBY: personal('hobby'),
  INTEREST: personal('interest'),
  MEMBER: members,
  'X-ADDRESSBOOKSERVER-MEMBER': members,
  RELATED: related,
  JSPROP: jsprop,
};
