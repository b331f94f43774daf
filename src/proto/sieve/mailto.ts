/** `mailto:` URIs (RFC 6068) as a notification may name them (RFC 5436). */
import { parseLegacyAddrSpec } from '../mime/addr-spec.ts';
import { formatAddrSpec } from '../mime/address.ts';

export interface Mailto {
  readonly to: readonly string[];
  /** Fields of the message besides, names in lower case, in their order; `body` among them. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const recipientsMax = 20;
const fieldsMax = 20;

/** Undefined when the text is no such URI, or has no recipient. */
export function parseMailto(uri: string): Mailto | undefined {
  const [, path, query = ''] = /^mailto:([^?#]*)(?:\?([^#]*))?$/i.exec(uri) ?? [];
  if (path === undefined) return undefined;
  const fields = fieldsIn(query);
  if (fields === undefined) return undefined;
  const named = fields.filter(([name]) => name === 'to').map(([, value]) => value);
  const to = addressesIn([path, ...named.map(encodeURI)].filter((each) => each !== '').join(','));
  if (to === undefined || to.length === 0 || to.length > recipientsMax) return undefined;
  return { to, fields: fields.filter(([name]) => name !== 'to') };
}

function addressesIn(list: string): readonly string[] | undefined {
  const addresses = list.split(',').map((each) => parseLegacyAddrSpec(decoded(each)?.trim() ?? ''));
  return addresses.every((each) => each !== undefined) ? addresses.map(formatAddrSpec) : undefined;
}

function fieldsIn(query: string): readonly (readonly [string, string])[] | undefined {
  const fields: (readonly [string, string])[] = [];
  for (const piece of query === '' ? [] : query.split('&')) {
    const equals = piece.indexOf('=');
    const name = decoded(piece.slice(0, equals));
    const value = decoded(piece.slice(equals + 1));
    if (equals < 1 || value === undefined || name === undefined || !/^[!-9;-~]+$/.test(name))
      return undefined;
    fields.push([name.toLowerCase(), value]);
  }
  return fields.length > fieldsMax ? undefined : fields;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
