/**
 * A Card as a vCard (RFC 9555, section 3), of version 4.0, or 3.0 for programs that know no other. What a vCard has no property for is carried in JSPROP.
 *
 * Readings are written as Apple and Android read them (X-PHONETIC-…); labels as X-ABLabel.
 */
import { escapeText, type Vcard, type VcardProperty } from '../vcard/vcard.ts';
import {
  type Card,
  type Contextual,
  fullName,
  type Json,
  type Name,
  type NameComponent,
  type Resource,
} from './card.ts';
import { addressKinds, nameKinds, writePlaces } from './name-parts.ts';
import { basicUtc, dateText } from './vcard-dates.ts';

type Params = Readonly<Record<string, string | readonly string[] | undefined>>;

export function cardToVcard(card: Card, version: '3.0' | '4.0' = '4.0'): Vcard {
  return { version, properties: new Writer(card, version).write() };
}

const empty: Name = {};
const phoneTypes: Readonly<Record<string, string>> = { mobile: 'cell' };
const levels: Readonly<Record<string, string>> = { low: 'beginner', medium: 'average', high: 'expert' };
const readingNames: readonly (readonly [kind: string, property: string])[] = [
  ['surname', 'X-PHONETIC-LAST-NAME'],
  ['given', 'X-PHONETIC-FIRST-NAME'],
  ['given2', 'X-PHONETIC-MIDDLE-NAME'],
];

/** Properties that have a place in a vCard. */
const placed: ReadonlySet<string> = new Set(
  (
    '@type version uid created updated kind language prodId members relatedTo name nicknames organizations speakToAs titles emails onlineServices phones ' +
    'preferredLanguages calendars schedulingAddresses addresses cryptoKeys directories links media anniversaries keywords notes personalInfo vCardProps'
  ).split(' '),
);

class Writer {
  readonly #card: Card;
  readonly #version: '3.0' | '4.0';
  readonly #properties: VcardProperty[] = [];
  #labels = 0;

  constructor(card: Card, version: '3.0' | '4.0') {
    this.#card = card;
    this.#version = version;
  }

  get #isNew(): boolean {
    return this.#version === '4.0';
  }

  write(): readonly VcardProperty[] {
    this.#about();
    this.#name();
    this.#person();
    this.#reaching();
    this.#resources();
    this.#rest();
    return this.#properties;
  }

  #put(name: string, value: string, params: Params = {}, group = ''): void {
    const written = new Map<string, readonly string[]>();
    for (const [key, each] of Object.entries(params))
      if (each !== undefined && each.length > 0) written.set(key, typeof each === 'string' ? [each] : each);
    this.#properties.push({ group, name, params: written, value });
  }

  #text(name: string, text: string | undefined, params: Params = {}): void {
    if (text !== undefined && text !== '') this.#put(name, escapeText(text), params);
  }

  /** With contexts, preference and label. */
  #contextual(name: string, value: string, entry: Contextual, params: Params = {}, id?: string): void {
    const types = [...((params.TYPE as readonly string[] | undefined) ?? [])];
    if (entry.contexts?.private) types.push('home');
    if (entry.contexts?.work) types.push('work');
    for (const more of ['billing', 'delivery']) if (entry.contexts?.[more]) types.push(more);
    if (entry.pref === 1 && !this.#isNew) types.push('pref');
    const pref = entry.pref !== undefined && this.#isNew ? String(entry.pref) : undefined;
    const label = entry.label;
    const group = label === undefined ? '' : `item${++this.#labels}`;
    const isPlainId = id === undefined || /^[1-9]\d*$/.test(id);
    const propId = this.#isNew && !isPlainId ? id : undefined;
    this.#put(name, value, { ...params, TYPE: types, PREF: pref, 'PROP-ID': propId }, group);
    if (label !== undefined) this.#put('X-ABLabel', escapeText(label), {}, group);
  }

  #about(): void {
    const { kind, uid, prodId, updated, created, language, members, relatedTo } = this.#card;
    if (this.#isNew) this.#text('KIND', kind);
    else if (kind === 'group') this.#text('X-ADDRESSBOOKSERVER-KIND', kind);
    this.#text('UID', uid);
    this.#text('PRODID', prodId);
    if (updated) this.#put('REV', this.#isNew ? basicUtc(updated) : updated);
    if (this.#isNew && created) this.#put('CREATED', basicUtc(created));
    if (this.#isNew) this.#text('LANGUAGE', language);
    for (const member of Object.keys(members ?? {}))
      this.#put(this.#isNew ? 'MEMBER' : 'X-ADDRESSBOOKSERVER-MEMBER', member);
    for (const [to, { relation = {} }] of Object.entries(relatedTo ?? {})) {
      const isUri = /^[A-Za-z][A-Za-z0-9+.-]*:/.test(to);
      const value = isUri ? undefined : 'text';
      if (this.#isNew)
        this.#put('RELATED', isUri ? to : escapeText(to), { TYPE: Object.keys(relation), VALUE: value });
    }
  }

  #name(): void {
    const { name = empty, organizations = {} } = this.#card;
    const [organization] = Object.values(organizations);
    // A vCard has an FN (RFC 6350, 6.2.1).
    const shown =
      fullName(this.#card) || organization?.name || Object.values(this.#card.emails ?? {})[0]?.address || '';
    this.#put('FN', escapeText(shown));
    const { places, jscomps } = writePlaces(name, nameKinds);
    const known = this.#isNew ? places : places.slice(0, 5);
    const sortAs = [name.sortAs?.surname ?? '', name.sortAs?.given ?? ''];
    const hasSort = sortAs.some((each) => each !== '');
    const used =
      this.#isNew && (places[5]!.length > 0 || places[6]!.length > 0 || jscomps) ? known : known.slice(0, 5);
    if (name.components !== undefined || !this.#isNew)
      this.#put('N', used.map((each) => each.map(escapeText).join(',')).join(';'), {
        ...(this.#isNew && { JSCOMPS: jscomps, 'SORT-AS': hasSort ? sortAs.join(',') : undefined }),
      });
    if (!this.#isNew && hasSort) this.#text('SORT-STRING', sortAs.filter((each) => each !== '').join(' '));
    for (const [kind, property] of readingNames) this.#text(property, readingOf(name.components ?? [], kind));
  }

  #person(): void {
    const { nicknames, organizations, titles, speakToAs, anniversaries, keywords, notes, personalInfo } =
      this.#card;
    for (const [id, entry] of Object.entries(nicknames ?? {}))
      this.#contextual('NICKNAME', escapeText(entry.name), entry, {}, id);
    for (const [id, entry] of Object.entries(organizations ?? {})) {
      const parts = [entry.name ?? '', ...(entry.units ?? []).map((unit) => unit.name)];
      const sortAs = this.#isNew ? entry.sortAs : undefined;
      this.#contextual('ORG', parts.map(escapeText).join(';'), entry, { 'SORT-AS': sortAs }, id);
    }
    for (const [id, entry] of Object.entries(titles ?? {}))
      this.#contextual(entry.kind === 'role' ? 'ROLE' : 'TITLE', escapeText(entry.name), entry, {}, id);
    if (this.#isNew) {
      this.#text('GRAMGENDER', speakToAs?.grammaticalGender?.toUpperCase());
      for (const entry of Object.values(speakToAs?.pronouns ?? {}))
        this.#contextual('PRONOUNS', escapeText(entry.pronouns), entry);
    }
    for (const { kind, date, place } of Object.values(anniversaries ?? {}))
      this.#anniversary(kind, date, place);
    const words = Object.keys(keywords ?? {});
    if (words.length > 0) this.#put('CATEGORIES', words.map(escapeText).join(','));
    for (const { note, created, author } of Object.values(notes ?? {}))
      this.#text('NOTE', note, {
        ...(this.#isNew && {
          CREATED: created && basicUtc(created),
          'AUTHOR-NAME': author?.name,
          AUTHOR: author?.uri,
        }),
      });
    if (!this.#isNew) return;
    for (const [id, { kind, value, level, listAs, label }] of Object.entries(personalInfo ?? {})) {
      if (!['expertise', 'hobby', 'interest'].includes(kind)) continue;
      const said = level === undefined ? undefined : kind === 'expertise' ? (levels[level] ?? level) : level;
      const params = { LEVEL: said, INDEX: listAs?.toString() };
      this.#contextual(
        kind.toUpperCase(),
        escapeText(value),
        label === undefined ? {} : { label },
        params,
        id,
      );
    }
  }

  #anniversary(
    kind: string,
    date: Parameters<typeof dateText>[0],
    place: { full?: string; coordinates?: string } | undefined,
  ): void {
    const names: Readonly<Record<string, string>> = this.#isNew
      ? { birth: 'BDAY', death: 'DEATHDATE', wedding: 'ANNIVERSARY' }
      : { birth: 'BDAY', wedding: 'X-ANNIVERSARY' };
    const name = names[kind];
    const text = dateText(date, this.#version);
    if (name === undefined || text === undefined) return;
    const isTime = 'utc' in date ? 'timestamp' : undefined;
    const noYear = !('utc' in date) && date.year === undefined && !this.#isNew;
    this.#put(name, text, {
      VALUE: this.#isNew ? isTime : undefined,
      'X-APPLE-OMIT-YEAR': noYear ? '1604' : undefined,
    });
    if (!this.#isNew || place === undefined || !['birth', 'death'].includes(kind)) return;
    if (place.coordinates) this.#put(`${kind.toUpperCase()}PLACE`, place.coordinates, { VALUE: 'uri' });
    else this.#text(`${kind.toUpperCase()}PLACE`, place.full);
  }

  #reaching(): void {
    const { emails, phones, onlineServices, preferredLanguages, addresses, schedulingAddresses } = this.#card;
    for (const [id, entry] of Object.entries(emails ?? {}))
      this.#contextual('EMAIL', escapeText(entry.address), entry, {}, id);
    for (const [id, entry] of Object.entries(phones ?? {})) {
      const types = Object.keys(entry.features ?? {}).map((each) => phoneTypes[each] ?? each);
      const isUri = this.#isNew && /^(?:tel|sip):/i.test(entry.number);
      const params = { TYPE: types, VALUE: isUri ? 'uri' : undefined };
      this.#contextual('TEL', isUri ? entry.number : escapeText(entry.number), entry, params, id);
    }
    for (const [id, entry] of Object.entries(onlineServices ?? {})) {
      const isImpp = (entry as { vCardName?: string }).vCardName === 'impp';
      const name = isImpp ? 'IMPP' : this.#isNew ? 'SOCIALPROFILE' : 'X-SOCIALPROFILE';
      const value = entry.uri ?? escapeText(entry.user ?? '');
      const username = entry.uri === undefined ? undefined : entry.user;
      const params = this.#isNew
        ? {
            'SERVICE-TYPE': entry.service,
            USERNAME: username,
            VALUE: entry.uri === undefined ? 'text' : undefined,
          }
        : { TYPE: entry.service === undefined ? [] : [entry.service.toLowerCase()], 'X-USER': username };
      this.#contextual(name, value, entry, params, id);
    }
    if (this.#isNew) {
      for (const [id, entry] of Object.entries(preferredLanguages ?? {}))
        this.#contextual('LANG', entry.language, entry, {}, id);
      for (const [id, entry] of Object.entries(schedulingAddresses ?? {}))
        this.#contextual('CALADRURI', entry.uri, entry, {}, id);
    }
    for (const [id, entry] of Object.entries(addresses ?? {})) {
      const { places, jscomps } = writePlaces(entry, addressKinds);
      const isExtended = places.slice(7).some((each) => each.length > 0);
      const used = this.#isNew && (isExtended || jscomps) ? places : places.slice(0, 7);
      const params = this.#isNew
        ? {
            LABEL: entry.full,
            CC: entry.countryCode,
            GEO: entry.coordinates,
            TZ: entry.timeZone,
            JSCOMPS: jscomps,
          }
        : {};
      this.#contextual(
        'ADR',
        used.map((each) => each.map(escapeText).join(',')).join(';'),
        entry,
        params,
        id,
      );
    }
  }

  #resources(): void {
    const { calendars, cryptoKeys, directories, links, media } = this.#card;
    const each = (
      entries: Readonly<Record<string, Resource>> | undefined,
      name: (kind: string) => string,
    ): void => {
      for (const [id, entry] of Object.entries(entries ?? {}))
        this.#resource(name(entry.kind ?? ''), id, entry);
    };
    each(calendars, (kind) => (kind === 'freeBusy' ? 'FBURL' : 'CALURI'));
    each(cryptoKeys, () => 'KEY');
    if (this.#isNew) each(directories, (kind) => (kind === 'directory' ? 'ORG-DIRECTORY' : 'SOURCE'));
    each(links, (kind) => (kind === 'contact' && this.#isNew ? 'CONTACT-URI' : 'URL'));
    each(media, (kind) => (kind === 'logo' ? 'LOGO' : kind === 'sound' ? 'SOUND' : 'PHOTO'));
  }

  #resource(name: string, id: string, entry: Resource): void {
    const data = /^data:([^;,]*)[^,]*;base64,(.*)$/s.exec(entry.uri);
    if (!this.#isNew && data !== null) {
      const [, type = '', value = ''] = data;
      const word = type.slice(type.indexOf('/') + 1).toUpperCase();
      const params = new Map<string, readonly string[]>(word === '' ? [] : [['TYPE', [word]]]);
      this.#properties.push({ group: '', name, params, value, isBinary: true });
      return;
    }
    const params = this.#isNew ? { MEDIATYPE: entry.mediaType } : {};
    const isPhotoUri = !this.#isNew && ['PHOTO', 'LOGO', 'SOUND', 'KEY'].includes(name);
    this.#contextual(name, entry.uri, entry, { ...params, VALUE: isPhotoUri ? 'uri' : undefined }, id);
  }

  #rest(): void {
    for (const kept of this.#card.vCardProps ?? []) this.#kept(kept);
    if (!this.#isNew) return;
    for (const [name, value] of Object.entries(this.#card))
      if (!placed.has(name) && value !== undefined)
        this.#text('JSPROP', JSON.stringify(value), { JSPTR: name });
  }

  /** One of `vCardProps`. What is not as jCard has it is left out. */
  #kept(kept: Json): void {
    if (!Array.isArray(kept)) return;
    const [name, params, type, value] = kept as readonly Json[];
    if (typeof name !== 'string' || !/^[A-Za-z0-9-]+$/.test(name) || typeof value !== 'string') return;
    const { group, encoding, ...others } = (params ?? {}) as Record<string, string | readonly string[]>;
    const written = new Map<string, readonly string[]>();
    for (const [key, each] of Object.entries(others))
      if (/^[A-Za-z0-9-]+$/.test(key))
        written.set(key.toUpperCase(), typeof each === 'string' ? [each] : each);
    if (typeof type === 'string' && type !== 'unknown') written.set('VALUE', [type]);
    const where = typeof group === 'string' && /^[A-Za-z0-9-]+$/.test(group) ? group : '';
    this.#properties.push({
      group: where,
      name: name.toUpperCase(),
      params: written,
      value,
      ...(encoding === 'b' && { isBinary: true }),
    });
  }
}

const readingOf = (components: readonly NameComponent[], kind: string): string =>
  components
    .filter((each) => each.kind === kind && each.phonetic !== undefined)
    .map((each) => each.phonetic)
    .join(' ');
