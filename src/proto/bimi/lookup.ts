/**
 * The logo that a domain wants shown beside its mail (draft-brand-indicators-for-message-identification): looked up, not fetched. Only a domain whose mail cannot be
 * forged may show one: DMARC must have passed, under a policy that bites.
 */
import { parseTagList, squeezed } from '../dkim/tag-list.ts';
import { recordsOf, type TxtLookup } from '../dns/lookup.ts';

export interface BimiRecord {
  /** Where the SVG is: `https:`. `''` and no authority: the domain wants none shown. */
  readonly location: string;
  /** Evidence that the logo is theirs (a Mark Certificate), or `''`. */
  readonly authority: string;
}

export type BimiResult =
  | {
      readonly result: 'pass';
      readonly domain: string;
      readonly selector: string;
      readonly record: BimiRecord;
    }
  | {
      readonly result: 'none' | 'declined' | 'fail' | 'temperror';
      readonly domain: string;
      readonly selector: string;
    };

export interface BimiQuestion {
  readonly author: string;
  readonly organization: string;
  /** Of the BIMI-Selector field, or `default`. */
  readonly selector: string;
}

export async function lookUpBimi(
  { author, organization, selector }: BimiQuestion,
  dns: TxtLookup,
): Promise<BimiResult> {
  const places = author === organization ? [author] : [author, organization];
  for (const domain of places) {
    const texts = recordsOf(await dns.txt(`${selector}._bimi.${domain}`));
    if (texts === undefined) return { result: 'temperror', domain, selector };
    const records = texts.filter((text) => /^v=BIMI1\s*(?:;|$)/.test(text));
    if (records.length === 0) continue;
    const record = records.length === 1 ? parseBimiRecord(records[0]!) : undefined;
    if (record === undefined) return { result: 'fail', domain, selector };
    const declined = record.location === '' && record.authority === '';
    return declined ? { result: 'declined', domain, selector } : { result: 'pass', domain, selector, record };
  }
  return { result: 'none', domain: author, selector };
}

export function parseBimiRecord(text: string): BimiRecord | undefined {
  const tags = parseTagList(text);
  if (tags?.get('v') !== 'BIMI1' || !tags.has('l')) return undefined;
  const [location, authority] = [squeezed(tags.get('l')!), squeezed(tags.get('a') ?? '')];
  return isPlace(location) && isPlace(authority) ? { location, authority } : undefined;
}

/** The selector that a message asks for: `v=BIMI1; s=name`. */
export function bimiSelector(field: string): string | undefined {
  const tags = parseTagList(field);
  const selector = tags?.get('v') === 'BIMI1' ? tags.get('s') : undefined;
  return selector !== undefined && /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/i.test(selector)
    ? selector.toLowerCase()
    : undefined;
}

const isPlace = (text: string): boolean => text === '' || /^https:\/\/[\x21-\x7e]{1,2000}$/i.test(text);
