/**
 * A vCard as a Card (RFC 9555, section 2). What has no place in a Card is kept in `vCardProps`, so that it comes out again.
 *
 * Beyond the standard: readings of names as Apple, Android (X-PHONETIC-…) and Japanese telephones (SOUND;X-IRMC-N) write them, labels (X-ABLabel), groups of Apple.
 */
import { components, param, typesOf, unescapeText, type Vcard, type VcardProperty } from '../vcard/vcard.ts';
import { Draft } from './draft.ts';
import type { Card, Json, NameComponent } from './card.ts';
import { mapped, type Mapping } from './vcard-properties.ts';
import { nameKinds, readPlaces } from './name-parts.ts';

/** `uid` for a vCard that has none. */
export function cardFromVcard(vcard: Vcard, uid: string): Card {
  const draft = new Draft(vcard);
  for (const property of vcard.properties) {
    const map: Mapping | undefined = Object.hasOwn(mapped, property.name) ? mapped[property.name] : undefined;
    if (map === undefined) keep(draft, property);
    else if (map(draft, property) === 'unmapped') keep(draft, property);
  }
  readName(draft, vcard);
  return { '@type': 'Card', version: '1.0', uid, ...draft.card };
}

/** What groups and parts that were read elsewhere do not need to be kept for. */
const readElsewhere: ReadonlySet<string> = new Set([
  'BEGIN',
  'END',
  'N',
  'X-ABLABEL',
  'X-PHONETIC-FIRST-NAME',
  'X-PHONETIC-LAST-NAME',
  'X-PHONETIC-MIDDLE-NAME',
  'SORT-STRING',
]);

/** As jCard has it (RFC 7095, 3.3). */
function keep(draft: Draft, property: VcardProperty): void {
  const { name, params, value, group, isBinary } = property;
  if (readElsewhere.has(name)) return;
  const kept: Record<string, Json> = {};
  for (const [key, values] of params)
    if (key !== 'VALUE') kept[key.toLowerCase()] = values.length === 1 ? values[0]! : [...values];
  if (group !== '') kept.group = group;
  if (isBinary) kept.encoding = 'b';
  const type = param(property, 'VALUE')?.toLowerCase() ?? 'unknown';
  draft.list('vCardProps').push([name.toLowerCase(), kept, type, value]);
}

function readName(draft: Draft, vcard: Vcard): void {
  const all = vcard.properties.filter(({ name }) => name === 'N');
  const isPhonetic = (property: VcardProperty): boolean => property.params.has('PHONETIC');
  const n = all.find((each) => !isPhonetic(each));
  const placed = n && readPlaces(components(n.value, vcard.version), nameKinds, param(n, 'JSCOMPS'));
  const readings = readingsIn(vcard, all.find(isPhonetic));
  const name = { ...(draft.card.name as object | undefined) } as Record<string, unknown>;
  if (placed !== undefined && placed.components.length > 0) {
    Object.assign(name, placed, { components: withReadings(placed.components, readings) });
  } else if (readings.size > 0 && name.full !== undefined) {
    const components = [...readings].map(([kind, phonetic]) => ({ kind, value: phonetic }));
    if (components.length > 0) name.components = components;
  }
  const phonetic = all.find(isPhonetic);
  const script = phonetic && param(phonetic, 'SCRIPT');
  const system = phonetic && param(phonetic, 'PHONETIC');
  if (script) name.phoneticScript = script;
  if (system && system !== 'script') name.phoneticSystem = system;
  const sortAs = sortOf(vcard, n);
  if (sortAs !== undefined) name.sortAs = sortAs;
  if (Object.keys(name).length > 0) draft.card.name = name;
}

function withReadings(
  components: readonly NameComponent[],
  readings: ReadonlyMap<string, string>,
): readonly NameComponent[] {
  const given = new Set<string>();
  return components.map((component) => {
    const reading = readings.get(component.kind);
    if (reading === undefined || given.has(component.kind)) return component;
    given.add(component.kind);
    return { ...component, phonetic: reading };
  });
}

function readingsIn(vcard: Vcard, phonetic: VcardProperty | undefined): ReadonlyMap<string, string> {
  const readings = new Map<string, string>();
  const note = (kind: string, value: string | undefined): void => {
    const text = value?.normalize('NFKC').trim() ?? '';
    if (text !== '' && !readings.has(kind)) readings.set(kind, text);
  };
  for (const property of vcard.properties) {
    if (property.name === 'X-PHONETIC-LAST-NAME') note('surname', unescapeText(property.value));
    if (property.name === 'X-PHONETIC-FIRST-NAME') note('given', unescapeText(property.value));
    if (property.name === 'X-PHONETIC-MIDDLE-NAME') note('given2', unescapeText(property.value));
    if (property.name === 'SOUND' && typesOf(property).includes('x-irmc-n')) noteTelephone(property, note);
  }
  const places = phonetic ? components(phonetic.value, vcard.version) : [];
  for (const [place, values] of places.entries()) note(nameKinds[place] ?? '', values.join(' '));
  readings.delete('');
  return readings;
}

/** `ﾔﾏﾀﾞ;ﾀﾛｳ;;;`, or both in the first component with a blank between them. */
function noteTelephone(
  property: VcardProperty,
  note: (kind: string, value: string | undefined) => void,
): void {
  const [surname = '', given = ''] = components(property.value, '2.1').map((each) => each.join(' '));
  if (given === '' && /\s/.test(surname)) {
    const [first, ...rest] = surname.split(/\s+/);
    note('surname', first);
    note('given', rest.join(' '));
  } else {
    note('surname', surname);
    note('given', given);
  }
}

function sortOf(vcard: Vcard, n: VcardProperty | undefined): Record<string, string> | undefined {
  const said = n?.params.get('SORT-AS')?.flatMap((each) => each.split(',')) ?? [];
  const old = vcard.properties.find(({ name }) => name === 'SORT-STRING')?.value;
  const [surname = old === undefined ? '' : unescapeText(old), given = ''] = said;
  const sortAs = { ...(surname !== '' && { surname }), ...(given !== '' && { given }) };
  return Object.keys(sortAs).length > 0 ? sortAs : undefined;
}
