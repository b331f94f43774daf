/** Header fields as a client writes them into an email or a part of one (RFC 8621, 4.6). Throws SetErrors. */
import { parseMessageIds } from '../mime/message-id.ts';
import { parseJmapDate } from './date.ts';
import { convenienceProperties } from './email-properties.ts';
import { type HeaderForm, parseHeaderProperty } from './header-form.ts';
import { invalidProperties } from './method-error.ts';
import { isObject } from './pointer.ts';
import type { Arguments } from './request.ts';

/** One field to be written. */
export interface DraftHeader {
  /** As the client named it, with where it stands in front. */
  readonly property: string;
  readonly name: string;
  readonly form: HeaderForm;
  readonly value: unknown;
}

/** Header properties of an email or a part; `others` are its properties that are none. Errors name properties with `prefix` in front. */
export function readHeaders(record: Arguments, others: ReadonlySet<string>, prefix = ''): DraftHeader[] {
  const wrong = (property: string): Error => invalidProperties([`${prefix}${property}`]);
  const headers: DraftHeader[] = [];
  const seen = new Set<string>();
  for (const [property, value] of Object.entries(record)) {
    if (others.has(property)) continue;
    const header = convenienceProperties.get(property) ?? parseHeaderProperty(property);
    if (header === undefined) throw wrong(property);
    const lower = header.name.toLowerCase();
    // The same field twice.
    if (seen.has(lower)) throw wrong(property);
    seen.add(lower);
    if (value === null) continue;
    const values = header.all ? value : [value];
    if (!Array.isArray(values)) throw wrong(property);
    for (const each of values) {
      if (!isOfForm(header.form, each)) throw wrong(property);
      headers.push({
        property: `${prefix}${property}`,
        name: header.name,
        form: header.form,
        value: each,
      });
    }
  }
  return headers;
}

function isOfForm(form: HeaderForm, value: unknown): boolean {
  switch (form) {
    case 'Raw':
      // A fold is a line end and a blank.
      return typeof value === 'string' && !/[\0]|\r(?!\n)|\n(?![ \t])/.test(value);
    case 'Text':
      return typeof value === 'string' && !/[\0\r\n]/.test(value);
    case 'Addresses':
      return Array.isArray(value) && value.every(isAddress);
    case 'GroupedAddresses':
      return Array.isArray(value) && value.every(isGroup);
    case 'MessageIds':
      return isTexts(value) && value.every((id) => parseMessageIds(`<${id}>`)[0] === id && !/\s/.test(id));
    case 'Date':
      return parseJmapDate(value) !== undefined;
    default:
      return isTexts(value) && value.every((url) => /^[!-;=?-~]+$/.test(url));
  }
}

export const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

const isAddress = (value: unknown): boolean =>
  isObject(value) &&
  isLine(value['name'] ?? '') &&
  typeof value['email'] === 'string' &&
  isLine(value['email']);

const isGroup = (value: unknown): boolean =>
  isObject(value) &&
  isLine(value['name'] ?? '') &&
  Array.isArray(value['addresses']) &&
  value['addresses'].every(isAddress);

export const isLine = (value: unknown): boolean => typeof value === 'string' && !/[\0\r\n]/.test(value);
