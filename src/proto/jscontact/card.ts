/**
 * A JSContact Card (RFC 9553): JSON, with what is looked at by name. What we do not know stays in it (RFC 9553, 1.7.3).
 *
 * The types below hold for a card that `checkCard` has found nothing wrong with.
 */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

export type ById<T> = Readonly<Record<string, T>>;

export interface NameComponent {
  readonly kind: string;
  readonly value: string;
  readonly phonetic?: string;
}

export interface Name {
  readonly components?: readonly NameComponent[];
  readonly isOrdered?: boolean;
  readonly defaultSeparator?: string;
  readonly full?: string;
  readonly sortAs?: Readonly<Record<string, string>>;
  readonly phoneticSystem?: string;
  readonly phoneticScript?: string;
}

export interface Contextual {
  readonly contexts?: Readonly<Record<string, true>>;
  readonly pref?: number;
  readonly label?: string;
}

export interface Resource extends Contextual {
  readonly uri: string;
  readonly kind?: string;
  readonly mediaType?: string;
}

export interface Organization extends Contextual {
  readonly name?: string;
  readonly units?: readonly { readonly name: string; readonly sortAs?: string }[];
  readonly sortAs?: string;
}

export interface Address extends Contextual {
  readonly components?: readonly NameComponent[];
  readonly isOrdered?: boolean;
  readonly defaultSeparator?: string;
  readonly full?: string;
  readonly countryCode?: string;
  readonly coordinates?: string;
  readonly timeZone?: string;
}

export interface OnlineService extends Contextual {
  readonly service?: string;
  readonly uri?: string;
  readonly user?: string;
}

export interface PartialDate {
  readonly '@type'?: string;
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
  readonly calendarScale?: string;
}

export interface Anniversary {
  readonly kind: string;
  readonly date: PartialDate | { readonly '@type': 'Timestamp'; readonly utc: string };
  readonly place?: Address;
  readonly contexts?: Readonly<Record<string, true>>;
}

export interface Card {
  readonly '@type'?: 'Card';
  readonly version?: string;
  readonly uid?: string;
  readonly created?: string;
  readonly updated?: string;
  readonly kind?: string;
  readonly language?: string;
  readonly prodId?: string;
  readonly members?: Readonly<Record<string, true>>;
  readonly relatedTo?: ById<{ readonly relation?: Readonly<Record<string, true>> }>;
  readonly name?: Name;
  readonly nicknames?: ById<Contextual & { readonly name: string }>;
  readonly organizations?: ById<Organization>;
  readonly speakToAs?: {
    readonly grammaticalGender?: string;
    readonly pronouns?: ById<Contextual & { readonly pronouns: string }>;
  };
  readonly titles?: ById<
    Contextual & { readonly name: string; readonly kind?: string; readonly organizationId?: string }
  >;
  readonly emails?: ById<Contextual & { readonly address: string }>;
  readonly onlineServices?: ById<OnlineService>;
  readonly phones?: ById<
    Contextual & { readonly number: string; readonly features?: Readonly<Record<string, true>> }
  >;
  readonly preferredLanguages?: ById<Contextual & { readonly language: string }>;
  readonly calendars?: ById<Resource>;
  readonly schedulingAddresses?: ById<Contextual & { readonly uri: string }>;
  readonly addresses?: ById<Address>;
  readonly cryptoKeys?: ById<Resource>;
  readonly directories?: ById<Resource & { readonly listAs?: number }>;
  readonly links?: ById<Resource>;
  readonly media?: ById<Resource>;
  readonly localizations?: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly anniversaries?: ById<Anniversary>;
  readonly keywords?: Readonly<Record<string, true>>;
  readonly notes?: ById<{
    readonly note: string;
    readonly created?: string;
    readonly author?: { readonly name?: string; readonly uri?: string };
  }>;
  readonly personalInfo?: ById<{
    readonly kind: string;
    readonly value: string;
    readonly level?: string;
    readonly listAs?: number;
    readonly label?: string;
  }>;
  /** Properties of vCard that have no other place (RFC 9555, 3.2.1). */
  readonly vCardProps?: readonly Json[];
}

/** Kinds of separators between the parts of a name or an address. */
const separator = 'separator';

/** A text of components: as they are separated, or else with what separates them by default. */
export function joinComponents(of: {
  readonly components?: readonly NameComponent[];
  readonly isOrdered?: boolean;
  readonly defaultSeparator?: string;
}): string {
  const { components = [], isOrdered = false, defaultSeparator = ' ' } = of;
  const between = isOrdered ? defaultSeparator : ' ';
  let text = '';
  let separated = true;
  for (const { kind, value } of components) {
    if (kind === separator) {
      text += value;
      separated = true;
    } else {
      text += separated ? value : between + value;
      separated = false;
    }
  }
  return text;
}

const westernOrder = ['title', 'given', 'given2', 'surname', 'surname2', 'generation', 'credential'];
const ideographs = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]/;

/** How a name is shown: as it says, as its components are ordered, or as the script is used to. */
export function fullName(card: Pick<Card, 'name'>): string {
  const { name } = card;
  if (name === undefined) return '';
  if (name.full !== undefined && name.full !== '') return name.full;
  if (name.isOrdered) return joinComponents(name);
  const components = name.components ?? [];
  const eastern = components.some(({ kind, value }) => kind === 'surname' && ideographs.test(value));
  const order = eastern ? ['title', 'surname', 'surname2', 'given', 'given2'] : westernOrder;
  const rank = (kind: string): number => (order.includes(kind) ? order.indexOf(kind) : order.length);
  return joinComponents({ components: components.toSorted((a, b) => rank(a.kind) - rank(b.kind)) });
}

/** Values of the components of one kind. */
export const valuesOfKind = (name: Name | undefined, kind: string): readonly string[] =>
  (name?.components ?? []).filter((each) => each.kind === kind).map(({ value }) => value);
