/** Parts of an email as a client writes them (RFC 8621, 4.6): as a structure, or as texts and attachments. Throws SetErrors. */
import { type DraftHeader, isLine, isTexts, readHeaders } from './draft-header.ts';
import { invalidProperties } from './method-error.ts';
import { isObject } from './pointer.ts';
import { type Arguments, isId } from './request.ts';

export type DraftPart = {
  readonly type: string;
  readonly name: string | undefined;
  readonly disposition: string | undefined;
  readonly cid: string | undefined;
  readonly language: readonly string[] | undefined;
  readonly location: string | undefined;
  readonly headers: readonly DraftHeader[];
} & (
  | { readonly is: 'text'; readonly text: string }
  | {
      readonly is: 'blob';
      readonly blobId: string;
      readonly charset: string | undefined;
      readonly typeGiven: boolean;
    }
  | { readonly is: 'multipart'; readonly parts: readonly DraftPart[] }
);

/** Parts of one draft, and how deep they go. */
const partsMax = 500;
const depthMax = 20;
/** JSON's null stands for what is not given. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const partProperties = new Set([
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
  'subParts',
]);

export class PartReader {
  readonly #values: Arguments;
  #left = partsMax;

  constructor(values: unknown) {
    if (values !== undefined && values !== null && !isObject(values)) throw invalidProperties(['bodyValues']);
    this.#values = values ?? {};
    const wrong = Object.entries(this.#values).flatMap(([partId, value]) =>
      wrongInValue(`bodyValues/${partId}`, value),
    );
    if (wrong.length > 0) throw invalidProperties(wrong);
  }

  fromStructure(record: Arguments): DraftPart {
    const beside = ['textBody', 'htmlBody', 'attachments'].filter((name) => isGiven(record[name]));
    // One or the other.
    if (beside.length > 0) throw invalidProperties(beside);
    return this.#part(record['bodyStructure'], { property: 'bodyStructure', depth: 0 });
  }

  /** text and html are alternatives; what HTML shows within it is related to it; the rest is attached. */
  fromLists(record: Arguments): DraftPart {
    const text = this.#only(record, 'textBody', 'text/plain');
    const html = this.#only(record, 'htmlBody', 'text/html');
    const given = record['attachments'] ?? [];
    if (!Array.isArray(given)) throw invalidProperties(['attachments'], 'is an array');
    const all = given.map((each: unknown) => this.#part(each, { property: 'attachments', depth: 1 }));
    const isShown = (part: DraftPart): boolean =>
      html !== undefined && part.cid !== undefined && part.disposition !== 'attachment';
    const shown = all.filter(isShown);
    const attached = all.filter((part) => !isShown(part));
    const rich = html === undefined || shown.length === 0 ? html : multipart('related', [html, ...shown]);
    const texts = [text, rich].filter((part) => part !== undefined);
    const body = texts.length > 1 ? multipart('alternative', texts) : texts[0];
    if (attached.length === 0) return body ?? emptyText;
    return multipart('mixed', body === undefined ? attached : [body, ...attached]);
  }

  #only(record: Arguments, property: string, type: string): DraftPart | undefined {
    const list = record[property];
    if (list === undefined || list === null) return undefined;
    if (!Array.isArray(list) || list.length !== 1) throw invalidProperties([property]);
    const part = this.#part(list[0], { property, depth: 1, type });
    if (part.type !== type) throw invalidProperties([`${property}/type`], `is ${type}`);
    return part;
  }

  #part(
    given: unknown,
    at: { readonly property: string; readonly depth: number; readonly type?: string },
  ): DraftPart {
    const { property, depth } = at;
    if (!isObject(given)) throw invalidProperties([property], 'a part is an object');
    if (--this.#left < 0 || depth > depthMax) throw invalidProperties([property], 'too many parts');
    const wrong = (name: string): Error => invalidProperties([`${property}/${name}`]);
    const headers = readHeaders(given, partProperties, `${property}/`);
    if (headers.some(({ name }) => name.toLowerCase() === 'content-transfer-encoding'))
      throw wrong('header:Content-Transfer-Encoding');
    for (const name of ['name', 'type', 'charset', 'disposition', 'cid', 'location'])
      if (isGiven(given[name]) && !isLine(given[name])) throw wrong(name);
    const language = given['language'] ?? undefined;
    if (language !== undefined && !(isTexts(language) && language.every(isLine))) throw wrong('language');
    const string = (name: string): string | undefined =>
      (given[name] as string | null | undefined) ?? undefined;
    const contentType = headers.find(({ name }) => name.toLowerCase() === 'content-type');
    if (contentType !== undefined && isGiven(given['type'])) throw wrong('type');
    const written =
      typeof contentType?.value === 'string' ? contentType.value.split(';')[0]!.trim() : undefined;
    const isMultipart = isGiven(given['subParts']);
    const fallback =
      at.type ??
      (isMultipart
        ? 'multipart/mixed'
        : !isGiven(given['partId'])
          ? 'application/octet-stream'
          : 'text/plain');
    const type = (string('type') ?? written ?? fallback).toLowerCase();
    if (!/^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/.test(type)) throw wrong('type');
    const common = {
      type,
      name: string('name'),
      disposition: string('disposition'),
      cid: string('cid')?.replace(/^<(.*)>$/, '$1'),
      language: language as readonly string[] | undefined,
      location: string('location'),
      headers,
    };
    if (common.disposition !== undefined && !/^[A-Za-z0-9!#$&+.^_-]{1,60}$/.test(common.disposition))
      throw wrong('disposition');
    if (common.cid !== undefined && !/^[!-;=?-~]{1,500}$/.test(common.cid)) throw wrong('cid');
    if (common.location !== undefined && !/^[!-~]{1,900}$/.test(common.location)) throw wrong('location');
    if (isMultipart) return this.#multipart(given, common, at);
    if (type.startsWith('multipart/')) throw wrong('subParts');
    return this.#leaf(given, {
      common,
      property,
      typeGiven: string('type') !== undefined || written !== undefined,
    });
  }

  #multipart(
    given: Arguments,
    common: Omit<DraftPart, 'is'>,
    { property, depth }: { readonly property: string; readonly depth: number },
  ): DraftPart {
    const { subParts } = given;
    if (!common.type.startsWith('multipart/') || isGiven(given['partId']) || isGiven(given['blobId']))
      throw invalidProperties([`${property}/subParts`], 'only a multipart has parts');
    if (!Array.isArray(subParts) || subParts.length === 0) throw invalidProperties([`${property}/subParts`]);
    const parts = subParts.map((each: unknown) =>
      this.#part(each, { property: `${property}/subParts`, depth: depth + 1 }),
    );
    return { ...common, is: 'multipart', parts };
  }

  #leaf(
    given: Arguments,
    {
      common,
      property,
      typeGiven,
    }: { readonly common: Omit<DraftPart, 'is'>; readonly property: string; readonly typeGiven: boolean },
  ): DraftPart {
    const { partId, blobId, charset } = given;
    if (!isGiven(partId) === !isGiven(blobId))
      throw invalidProperties([`${property}/partId`, `${property}/blobId`]);
    if (isGiven(blobId)) {
      if (!isId(blobId)) throw invalidProperties([`${property}/blobId`]);
      return {
        ...common,
        is: 'blob',
        blobId,
        typeGiven,
        charset: (charset as string | null | undefined) ?? undefined,
      };
    }
    // Both are settled here (RFC 8621, 4.6).
    const settled = ['charset', 'size'].filter((name) => isGiven(given[name]));
    if (settled.length > 0) throw invalidProperties(settled.map((name) => `${property}/${name}`));
    const value =
      typeof partId === 'string' && Object.hasOwn(this.#values, partId) ? this.#values[partId] : undefined;
    if (!isObject(value)) throw invalidProperties([`${property}/partId`]);
    if (!common.type.startsWith('text/')) throw invalidProperties([`${property}/type`]);
    return { ...common, is: 'text', text: String(value['value']) };
  }
}

/** A value that is sent has no problem and is whole (RFC 8621, 4.6). */
function wrongInValue(at: string, value: unknown): string[] {
  if (!isObject(value) || typeof value['value'] !== 'string') return [`${at}/value`];
  return ['isEncodingProblem', 'isTruncated']
    .filter((name) => (value[name] ?? false) !== false)
    .map((name) => `${at}/${name}`);
}

const bare = {
  name: undefined,
  disposition: undefined,
  cid: undefined,
  language: undefined,
  location: undefined,
  headers: [],
};

const multipart = (subtype: string, parts: readonly DraftPart[]): DraftPart => ({
  ...bare,
  is: 'multipart',
  type: `multipart/${subtype}`,
  parts,
});

const emptyText: DraftPart = { ...bare, is: 'text', type: 'text/plain', text: '' };
