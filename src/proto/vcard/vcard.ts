/** A vCard as it is written: properties in their order, values not yet taken apart (RFC 6350, 3.3). */

export interface VcardProperty {
  /** As in `item1.TEL`; `''` when it stands alone. */
  readonly group: string;
  /** In capitals. */
  readonly name: string;
  /** Names in capitals. */
  readonly params: ReadonlyMap<string, readonly string[]>;
  /** Decoded from charset and transfer encoding; escapes are still in it. Of binary values, base64. */
  readonly value: string;
  /** It was base64, or is a `data:` URI of version 4 made from it. */
  readonly isBinary?: boolean;
}

export interface Vcard {
  readonly version: '2.1' | '3.0' | '4.0';
  readonly properties: readonly VcardProperty[];
}

/** Components of a structured value, each a list (RFC 6350, 3.4). Lists are not known to version 2.1. */
export function components(value: string, version: Vcard['version'] = '4.0'): readonly (readonly string[])[] {
  return splitEscaped(value, ';').map((component) =>
    (version === '2.1' ? [component] : splitEscaped(component, ','))
      .map((each) => unescapeText(each).trim())
      .filter((each) => each !== ''),
  );
}

/** A list of texts. */
export const listOf = (value: string): readonly string[] =>
  splitEscaped(value, ',')
    .map((each) => unescapeText(each).trim())
    .filter((each) => each !== '');

/** `\n` is a line end, any other character after a backslash is itself (RFC 6350, 3.4). */
export const unescapeText = (text: string): string =>
  text.replace(/\\(.)/gs, (_, char: string) => (char === 'n' || char === 'N' ? '\n' : char));

export const escapeText = (text: string): string =>
  text.replace(/[\\,;]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n');

function splitEscaped(value: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '\\') at += 1;
    else if (value[at] === separator) {
      parts.push(value.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(value.slice(from));
  return parts;
}

/** First value of a parameter. */
export const param = (property: VcardProperty, name: string): string | undefined =>
  property.params.get(name)?.[0];

/** Words of TYPE in lower case, also those of version 2.1 that stand alone. */
export const typesOf = (property: VcardProperty): readonly string[] =>
  (property.params.get('TYPE') ?? []).flatMap((each) => each.toLowerCase().split(','));
