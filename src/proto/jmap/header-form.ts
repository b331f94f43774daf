/** Header fields as properties (RFC 8621, 4.1.2 and 4.1.3): `header:Name`, with a form, of one or all fields of the name. */
import { type Address, displayName, flatten, formatAddrSpec, parseAddresses } from '../mime/address.ts';
import { parseDate } from '../mime/date.ts';
import { decodeWords } from '../mime/encoded-word.ts';
import { fieldText, type HeaderBlock, type HeaderField } from '../mime/headers.ts';
import { parseMessageIds } from '../mime/message-id.ts';
import { formatJmapDate } from './date.ts';

export const headerForms = [
  'Raw',
  'Text',
  'Addresses',
  'GroupedAddresses',
  'MessageIds',
  'Date',
  'URLs',
] as const;
export type HeaderForm = (typeof headerForms)[number];

export interface HeaderProperty {
  /** As the client wrote it. */
  readonly property: string;
  /** Of the field, as written. */
  readonly name: string;
  readonly form: HeaderForm;
  readonly all: boolean;
}

const addressFields = ['from', 'sender', 'reply-to', 'to', 'cc', 'bcc'];
const idFields = ['message-id', 'in-reply-to', 'references'];
const resent = (name: string): string => `resent-${name}`;
const urlFields = ['help', 'unsubscribe', 'subscribe', 'post', 'owner', 'archive'].map(
  (name) => `list-${name}`,
);

/** Which forms a field of RFC 5322 or RFC 2369 may be asked in; all others may be asked in each. */
const formsOf = new Map<string, readonly HeaderForm[]>([
  ...[...addressFields, ...addressFields.map(resent)].map(
    (name) => [name, ['Raw', 'Addresses', 'GroupedAddresses']] as [string, readonly HeaderForm[]],
  ),
  ...[...idFields, resent('message-id')].map(
    (name) => [name, ['Raw', 'MessageIds']] as [string, readonly HeaderForm[]],
  ),
  ...['date', resent('date')].map((name) => [name, ['Raw', 'Date']] as [string, readonly HeaderForm[]]),
  ...urlFields.map((name) => [name, ['Raw', 'URLs']] as [string, readonly HeaderForm[]]),
  ...['subject', 'comments', 'keywords'].map(
    (name) => [name, ['Raw', 'Text']] as [string, readonly HeaderForm[]],
  ),
  ...['return-path', 'received'].map((name) => [name, ['Raw']] as [string, readonly HeaderForm[]]),
]);

/** Undefined: no such property. */
export function parseHeaderProperty(property: string): HeaderProperty | undefined {
  const [prefix, name = '', ...rest] = property.split(':');
  if (prefix !== 'header' || !/^[!-9;-~]{1,200}$/.test(name)) return undefined;
  const all = rest.at(-1) === 'all';
  const forms = all ? rest.slice(0, -1) : rest;
  if (forms.length > 1) return undefined;
  const form = forms.length === 0 ? 'Raw' : headerForms.find((each) => `as${each}` === forms[0]);
  if (form === undefined) return undefined;
  const allowed = formsOf.get(name.toLowerCase());
  return allowed === undefined || allowed.includes(form) ? { property, name, form, all } : undefined;
}

/** The value of the property; null, or an empty array for `:all`, where there is no such field. */
export function headerValue(bytes: Buffer, block: HeaderBlock, { name, form, all }: HeaderProperty): unknown {
  const lower = name.toLowerCase();
  const fields = block.fields.filter((field) => field.name === lower);
  if (all) return fields.map((field) => formOf(bytes, field, form));
  const last = fields.at(-1);
  return last === undefined ? null : formOf(bytes, last, form);
}

function formOf(bytes: Buffer, field: HeaderField, form: HeaderForm): unknown {
  if (form === 'Raw') return rawValueOf(bytes, field);
  const text = fieldText(bytes, field);
  switch (form) {
    case 'Text':
      return textForm(text);
    case 'Addresses':
      return flatten(parseAddresses(text)).map(addressJson);
    case 'GroupedAddresses':
      return groupedJson(parseAddresses(text));
    case 'MessageIds':
      return messageIdsForm(text);
    case 'Date':
      return dateForm(text);
    default:
      return urlsForm(text);
  }
}

/** Behind the colon, with folds, without the last line end. */
export function rawValueOf(bytes: Buffer, field: HeaderField): string {
  let { end } = field;
  if (end > field.valueStart && bytes[end - 1] === 0x0a) end--;
  while (end > field.valueStart && bytes[end - 1] === 0x0d) end--;
  return bytes.toString('utf8', field.valueStart, end).replaceAll('\0', '�');
}

export const textForm = (text: string): string => decodeWords(text).normalize('NFC').trimEnd();

export interface AddressJson {
  readonly name: string | null;
  readonly email: string;
}

export function addressJson(mailbox: ReturnType<typeof flatten>[number]): AddressJson {
  const name = displayName(mailbox)?.normalize('NFC').trim();
  return { name: name === undefined || name === '' ? null : name, email: formatAddrSpec(mailbox) };
}

/** Addresses that stand together without a group are one nameless group (RFC 8621, 4.1.2.4). */
function groupedJson(addresses: readonly Address[]): { name: string | null; addresses: AddressJson[] }[] {
  const groups: { name: string | null; addresses: AddressJson[] }[] = [];
  let open = false;
  for (const address of addresses) {
    if ('group' in address) {
      groups.push({
        name: decodeWords(address.group).normalize('NFC'),
        addresses: flatten([address]).map(addressJson),
      });
      open = false;
    } else if (open) groups.at(-1)!.addresses.push(addressJson(address));
    else {
      groups.push({ name: null, addresses: [addressJson(address)] });
      open = true;
    }
  }
  return groups;
}

/** Without brackets; null where there is none. */
export function messageIdsForm(text: string): string[] | null {
  const ids = parseMessageIds(text).map((id) => id.replace(/^<(.*)>$/s, '$1'));
  return ids.length === 0 ? null : ids;
}

export function dateForm(text: string): string | null {
  const date = parseDate(text);
  return date === undefined ? null : formatJmapDate(date.atMs, date.zoneMinutes);
}

/** What stands between angle brackets, blanks in it taken out (RFC 2369, 2). */
function urlsForm(text: string): string[] | null {
  const urls = Array.from(text.matchAll(/<([^<>]{1,2000})>/g), ([, url]) => url!.replaceAll(/\s/g, ''));
  return urls.length === 0 ? null : urls;
}
