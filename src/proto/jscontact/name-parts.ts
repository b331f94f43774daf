/** Places of the components of N and ADR (RFC 6350, 6.2.2 and 6.3.1; RFC 9554, 2.1 and 2.2), and the order that JSCOMPS gives them (RFC 9555, 3.3.1). */
import type { NameComponent } from './card.ts';

/** By place. `''`: what an older address says once more, in a component of its own. */
export const nameKinds = ['surname', 'given', 'given2', 'title', 'credential', 'surname2', 'generation'];

export const addressKinds = [
  'postOfficeBox',
  'apartment',
  'name',
  'locality',
  'region',
  'postcode',
  'country',
  'room',
  'apartment',
  'floor',
  'number',
  'name',
  'building',
  'block',
  'subdistrict',
  'district',
  'landmark',
  'direction',
];

/** Addresses of RFC 9554 have these; the old places then say the same for older readers. */
const newAddressFrom = 7;
const extendedPlace = 1;
const streetPlace = 2;

export interface Placed {
  readonly components: readonly NameComponent[];
  readonly isOrdered?: true;
  readonly defaultSeparator?: string;
}

type Places = readonly (readonly string[])[];

/** `jscomps` as the parameter has it. */
export function readPlaces(places: Places, kinds: readonly string[], jscomps: string | undefined): Placed {
  const ordered = jscomps === undefined ? undefined : inOrder(places, kinds, jscomps);
  if (ordered !== undefined) return ordered;
  const isNewAddress = kinds === addressKinds && places.slice(newAddressFrom).some((each) => each.length > 0);
  const components: NameComponent[] = [];
  for (const [place, values] of places.entries()) {
    const kind = kinds[place];
    if (kind === undefined || (isNewAddress && (place === extendedPlace || place === streetPlace))) continue;
    // RFC 9554, 2.2: the second surname and the generation stand in the old places as well.
    const repeated = (value: string): boolean =>
      kinds === nameKinds &&
      ((place === 0 && places[5]?.includes(value) === true) ||
        (place === 4 && places[6]?.includes(value) === true));
    for (const value of values) if (!repeated(value)) components.push({ kind, value });
  }
  return { components };
}

function inOrder(places: Places, kinds: readonly string[], jscomps: string): Placed | undefined {
  const [first = '', ...rest] = splitUnescaped(jscomps);
  const components: NameComponent[] = [];
  for (const each of rest) {
    if (each.startsWith('s,')) components.push({ kind: 'separator', value: plain(each.slice(2)) });
    else {
      const [place, index] = each.split(',').map(Number) as [number, number?];
      const value = places[place]?.[index ?? 0];
      if (value === undefined || kinds[place] === undefined) return undefined;
      components.push({ kind: kinds[place], value });
    }
  }
  const separator = first.startsWith('s,') ? { defaultSeparator: plain(first.slice(2)) } : {};
  return { components, isOrdered: true, ...separator };
}

const splitUnescaped = (text: string): readonly string[] =>
  text.match(/(?:\\.|[^;\\])+|(?<=^|;)(?=;|$)/gs) ?? [];
const plain = (text: string): string => text.replace(/\\(.)/gs, '$1');
const quoted = (text: string): string => text.replace(/[\\,;]/g, '\\$&');

/** Values by place, and the order where the components have one. What has no place is left out. */
export function writePlaces(
  placed: {
    readonly components?: readonly NameComponent[];
    readonly isOrdered?: boolean;
    readonly defaultSeparator?: string;
  },
  kinds: readonly string[],
): { readonly places: readonly (readonly string[])[]; readonly jscomps: string | undefined } {
  const places: string[][] = kinds.map(() => []);
  const order: string[] = [];
  const isAddress = kinds === addressKinds;
  for (const { kind, value } of placed.components ?? []) {
    if (kind === 'separator') {
      order.push(`s,${quoted(value)}`);
      continue;
    }
    const place = isAddress ? kinds.lastIndexOf(kind) : kinds.indexOf(kind);
    if (place === -1) continue;
    const index = places[place]!.push(value) - 1;
    order.push(index === 0 ? `${place}` : `${place},${index}`);
  }
  if (isAddress) oldPlaces(places);
  else {
    places[0]!.push(...places[5]!);
    places[4]!.push(...places[6]!);
  }
  if (!placed.isOrdered) return { places, jscomps: undefined };
  const first = placed.defaultSeparator === undefined ? '' : `s,${quoted(placed.defaultSeparator)}`;
  return { places, jscomps: [first, ...order].join(';') };
}

/** For readers of RFC 6350: street and extended address, in the order of the country's neighbours as far as we can tell. */
function oldPlaces(places: string[][]): void {
  const of = (kind: string): string[] => places[addressKinds.lastIndexOf(kind)]!;
  places[streetPlace] = [[...of('number'), ...of('name')].join(' ')].filter((each) => each !== '');
  places[extendedPlace] = [
    [...of('building'), ...of('floor'), ...of('apartment'), ...of('room')].join(' '),
  ].filter((each) => each !== '');
  for (const kind of ['block', 'district', 'subdistrict'])
    if (places[streetPlace].length === 0 && of(kind).length > 0) places[streetPlace] = [...of(kind)];
}
