/** A contact as the form has it, and as a JSContact Card (RFC 9553). What the form does not know stays in the card. */
import type {
  Address,
  Anniversary,
  Card as StoredCard,
  NameComponent,
  Organization,
} from '../../../src/proto/jscontact/card.ts';

export type Card = StoredCard & {
  readonly id: string;
  readonly addressBookIds: Readonly<Record<string, true>>;
};

/** What has no place of its own in the form. */
interface Line {
  /** Its key in the card; empty: it is new. */
  readonly key: string;
  readonly value: string;
  readonly kind: 'work' | 'private' | '';
}
export type ContactLine = Line;

export interface ContactFields {
  readonly surname: string;
  readonly given: string;
  readonly surnameReading: string;
  readonly givenReading: string;
  readonly organization: string;
  readonly unit: string;
  readonly title: string;
  readonly emails: readonly Line[];
  readonly phones: readonly Line[];
  readonly postcode: string;
  readonly address: string;
  /** `2026-01-31`, or empty. */
  readonly birthday: string;
  readonly note: string;
}

export const noFields: ContactFields = {
  surname: '',
  given: '',
  surnameReading: '',
  givenReading: '',
  organization: '',
  unit: '',
  title: '',
  emails: [{ key: '', value: '', kind: '' }],
  phones: [],
  postcode: '',
  address: '',
  birthday: '',
  note: '',
};

const first = <T>(map: Readonly<Record<string, T>> | undefined): readonly [string, T] | undefined =>
  Object.entries(map ?? {})[0];
const part = (card: StoredCard, kind: string): NameComponent | undefined =>
  card.name?.components?.find((each) => each.kind === kind);

/** How a contact is called: as it says itself, or by its parts, its organisation, its address. */
export function nameOfCard(card: StoredCard): string {
  const { name } = card;
  const components = name?.components ?? [];
  const join = name?.isOrdered === true ? (name.defaultSeparator ?? ' ') : ' ';
  const parts = components.filter(({ kind }) => kind !== 'separator').map(({ value }) => value);
  return (
    name?.full ||
    parts.join(join) ||
    first(card.organizations)?.[1].name ||
    first(card.emails)?.[1].address ||
    first(card.phones)?.[1].number ||
    ''
  );
}

export function readingOfCard(card: StoredCard): string {
  return (card.name?.components ?? []).flatMap(({ phonetic }) => phonetic ?? []).join(' ');
}

export function fieldsOf(card: StoredCard): ContactFields {
  const surname = part(card, 'surname');
  const given = part(card, 'given');
  const organization = first(card.organizations)?.[1];
  const address = first(card.addresses)?.[1];
  const lines = <T extends { readonly contexts?: Readonly<Record<string, true>> }>(
    map: Readonly<Record<string, T>> | undefined,
    value: (each: T) => string,
  ): readonly Line[] =>
    Object.entries(map ?? {}).map(([key, each]) => ({
      key,
      value: value(each),
      kind: contextOf(each.contexts),
    }));
  const unnamed = surname === undefined && given === undefined ? (card.name?.full ?? '') : '';
  return {
    surname: surname?.value ?? unnamed,
    given: given?.value ?? '',
    surnameReading: surname?.phonetic ?? '',
    givenReading: given?.phonetic ?? '',
    organization: organization?.name ?? '',
    unit: organization?.units?.[0]?.name ?? '',
    title: first(card.titles)?.[1].name ?? '',
    emails: lines(card.emails, ({ address: value }) => value),
    phones: lines(card.phones, ({ number }) => number),
    postcode: address?.components?.find(({ kind }) => kind === 'postcode')?.value ?? '',
    address: addressText(address),
    birthday: birthdayOf(card),
    note: first(card.notes)?.[1].note ?? '',
  };
}

const contextOf = (contexts: Readonly<Record<string, true>> | undefined): Line['kind'] =>
  contexts?.['work'] ? 'work' : contexts?.['private'] ? 'private' : '';

export function addressText(address: Address | undefined): string {
  if (address === undefined) return '';
  const parts = (address.components ?? []).filter(({ kind }) => kind !== 'postcode' && kind !== 'separator');
  return address.full ?? parts.map(({ value }) => value).join(' ');
}

function birthdayOf(card: StoredCard): string {
  const found = Object.values(card.anniversaries ?? {}).find(({ kind }) => kind === 'birth');
  const date = found?.date;
  if (date === undefined || 'utc' in date) return '';
  const { year, month, day } = date;
  if (year === undefined || month === undefined || day === undefined) return '';
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** The properties of the card that the form changes, as they will be; null takes one away. */
export function changesOf(before: StoredCard, fields: ContactFields): Readonly<Record<string, unknown>> {
  return {
    name: nameFrom(before, fields),
    emails: linesFrom(before.emails, fields.emails, (value) => ({ address: value })),
    phones: linesFrom(before.phones, fields.phones, (value) => ({ number: value })),
    organizations: organizationsFrom(before, fields),
    titles: single(before.titles, fields.title, (name) => ({ name })),
    addresses: addressesFrom(before, fields),
    anniversaries: anniversariesFrom(before, fields.birthday),
    notes: single(before.notes, fields.note, (note) => ({ note })),
  };
}

function nameFrom(before: StoredCard, fields: ContactFields): unknown {
  const { surname, given, surnameReading, givenReading } = fields;
  const component = (kind: string, value: string, phonetic: string): readonly NameComponent[] =>
    value.trim() === ''
      ? []
      : [{ kind, value: value.trim(), ...(phonetic.trim() !== '' && { phonetic: phonetic.trim() }) }];
  const others = (before.name?.components ?? []).filter(
    ({ kind }) => kind !== 'surname' && kind !== 'given' && kind !== 'separator',
  );
  const named = [
    ...component('surname', surname, surnameReading),
    ...component('given', given, givenReading),
  ];
  if (named.length + others.length === 0) return null;
  // Names in kanji and kana go without a space in between in the order of the country; others by their parts.
  const { full: _, isOrdered: __, defaultSeparator: ___, ...rest } = before.name ?? {};
  const readings = `${surnameReading}${givenReading}`.trim();
  return {
    ...rest,
    components: [...named, ...others],
    ...(readings !== '' && { phoneticScript: /^[\u3040-\u309f\s]*$/.test(readings) ? 'Hira' : 'Kana' }),
  };
}

function linesFrom<T extends object>(
  before: Readonly<Record<string, T>> | undefined,
  lines: readonly Line[],
  make: (value: string) => object,
): unknown {
  const kept = lines.filter(({ value }) => value.trim() !== '');
  if (kept.length === 0) return null;
  const used = new Set(kept.map(({ key }) => key));
  let next = 1;
  const newKey = (): string => {
    while (used.has(`k${next}`)) next++;
    used.add(`k${next}`);
    return `k${next}`;
  };
  return Object.fromEntries(
    kept.map(({ key, value, kind }) => {
      const known = before?.[key] as { readonly contexts?: object } | undefined;
      const { contexts: _, ...rest } = known ?? {};
      const contexts = kind === '' ? {} : { contexts: { [kind]: true } };
      return [key === '' ? newKey() : key, { ...rest, ...make(value.trim()), ...contexts }];
    }),
  );
}

/** The first of its kind is that of the form; the others stay. */
function single<T extends object>(
  before: Readonly<Record<string, T>> | undefined,
  value: string,
  make: (value: string) => object,
): unknown {
  const [key, known] = first(before) ?? ['k1', undefined];
  const { [key]: _, ...others } = before ?? {};
  const next = value.trim() === '' ? others : { [key]: { ...known, ...make(value.trim()) }, ...others };
  return Object.keys(next).length === 0 ? null : next;
}

function organizationsFrom(before: StoredCard, { organization, unit }: ContactFields): unknown {
  if (organization.trim() === '' && unit.trim() !== '')
    return single<Organization>(before.organizations, unit, (name) => ({ units: [{ name }] }));
  return single<Organization>(before.organizations, organization, (name) => ({
    name,
    ...(unit.trim() !== '' && { units: [{ name: unit.trim() }] }),
  }));
}

function addressesFrom(before: StoredCard, fields: ContactFields): unknown {
  const known = first(before.addresses)?.[1];
  const was = fieldsOf(before);
  // Untouched, it keeps its parts.
  if (known !== undefined && was.address === fields.address && was.postcode === fields.postcode)
    return before.addresses ?? null;
  const text = fields.address.trim();
  const postcode = fields.postcode.trim();
  return single<Address>(before.addresses, text || postcode, () => ({
    components: [
      ...(postcode === '' ? [] : [{ kind: 'postcode', value: postcode }]),
      ...(text === '' ? [] : [{ kind: 'name', value: text }]),
    ],
    ...(text !== '' && { full: text }),
  }));
}

function anniversariesFrom(before: StoredCard, birthday: string): unknown {
  const entries = Object.entries(before.anniversaries ?? {});
  const [key] = entries.find(([, { kind }]) => kind === 'birth') ?? ['birth'];
  const others = Object.fromEntries(entries.filter(([each]) => each !== key));
  const [year, month, day] = birthday.split('-').map(Number);
  const born: Anniversary | undefined =
    birthday === '' ? undefined : { kind: 'birth', date: { year: year!, month: month!, day: day! } };
  const next = born === undefined ? others : { ...others, [key]: born };
  return Object.keys(next).length === 0 ? null : next;
}
