/** EmailBodyPart, the lists of them, and their texts (RFC 8621, 4.1.4). */
import { bodyValue, type BodyValue } from '../../../proto/jmap/body-value.ts';
import type { EmailAsk } from '../../../proto/jmap/email-properties.ts';
import { headerValue, rawValueOf } from '../../../proto/jmap/header-form.ts';
import { type BodyPart, bodyLists, partName } from '../../../proto/mime/body-list.ts';
import { fieldName } from '../../../proto/mime/headers.ts';
import { parameter } from '../../../proto/mime/parameter.ts';
import { type Part, presentedType } from '../../../proto/mime/structure.ts';
import { partText } from '../../../proto/mime/text.ts';
import type { Header, MessageSource } from './message-source.ts';

type Json = Record<string, unknown>;

const knownEncodings = new Set(['7bit', '8bit', 'binary', 'base64', 'quoted-printable']);

/** Only what was asked for; `subParts` where there are some. */
export async function partJson(
  source: MessageSource,
  { path, part }: BodyPart,
  ask: EmailAsk,
): Promise<Json> {
  const json: Json = {};
  for (const name of ask.partProperties) {
    if (name !== 'subParts') json[name] = await partProperty(source, { path, part }, name);
  }
  for (const header of ask.partHeaders) {
    const { bytes, block } = await source.header(part);
    json[header.property] = headerValue(bytes, block, header);
  }
  return json;
}

async function partProperty(source: MessageSource, { path, part }: BodyPart, name: string): Promise<unknown> {
  const { type, subtype } = presentedType(part);
  switch (name) {
    case 'partId':
      return part.parts === undefined ? path : null;
    case 'blobId':
      return part.parts === undefined ? source.partBlobId(path) : null;
    case 'size':
      return source.size(part);
    case 'name':
      return partName(part) ?? null;
    case 'type':
      return `${type}/${subtype}`;
    case 'charset':
      return type === 'text' ? (parameter(part.params, 'charset') ?? 'us-ascii') : null;
    case 'disposition':
      return part.disposition?.value || null;
    case 'cid':
      return part.id?.replace(/^<([^]*)>$/, '$1') ?? null;
    case 'language':
      return part.language ?? null;
    case 'location':
      return part.location ?? null;
    default:
      return headersJson(await source.header(part));
  }
}

export const headersJson = ({ bytes, block }: Header): object[] =>
  block.fields.map((field) => ({ name: fieldName(bytes, field), value: rawValueOf(bytes, field) }));

/** The tree of parts. A message within is a leaf here: it has parts of its own when it is parsed. */
export async function structureJson(source: MessageSource, ask: EmailAsk): Promise<Json> {
  const { root } = source;
  return treeJson(source, root.parts ? { path: '', part: root } : { path: '1', part: root }, ask);
}

async function treeJson(source: MessageSource, entry: BodyPart, ask: EmailAsk): Promise<Json> {
  const json = await partJson(source, entry, ask);
  if (entry.part.parts === undefined) {
    if (ask.partProperties.includes('subParts')) json['subParts'] = null;
    return json;
  }
  const subParts: Json[] = [];
  for (const child of childrenOf(entry)) subParts.push(await treeJson(source, child, ask));
  return { ...json, subParts };
}

export function childrenOf({ path, part }: BodyPart): BodyPart[] {
  const prefix = path === '' ? '' : `${path}.`;
  return (part.parts ?? []).map((child, i) => ({ path: `${prefix}${i + 1}`, part: child }));
}

/** All leaves, in order. */
function leavesOf(entry: BodyPart): BodyPart[] {
  return entry.part.parts === undefined ? [entry] : childrenOf(entry).flatMap(leavesOf);
}

export async function listJson(
  source: MessageSource,
  list: readonly BodyPart[],
  ask: EmailAsk,
): Promise<Json[]> {
  const parts: Json[] = [];
  for (const entry of list) {
    const json = await partJson(source, entry, ask);
    parts.push(ask.partProperties.includes('subParts') ? { ...json, subParts: null } : json);
  }
  return parts;
}

export async function bodyValues(source: MessageSource, ask: EmailAsk): Promise<Record<string, BodyValue>> {
  const values: Record<string, BodyValue> = {};
  for (const { path, part } of wantedTexts(source.root, ask)) {
    const { type, subtype } = presentedType(part);
    if (type !== 'text' || values[path] !== undefined) continue;
    const content = await source.content(part);
    // The transfer encoding is undone already.
    const plain: Part = { ...part, encoding: 'binary', bodyStart: 0, bodyEnd: content.length };
    const { text, problem } = partText(content, plain);
    values[path] = bodyValue(text, {
      maxBytes: ask.valueMaxBytes,
      isHtml: subtype === 'html',
      isEncodingProblem: problem || !knownEncodings.has(part.encoding),
    });
  }
  return values;
}

function wantedTexts(root: Part, { values }: EmailAsk): readonly BodyPart[] {
  if (values === 'none') return [];
  if (values === 'all') return leavesOf(root.parts ? { path: '', part: root } : { path: '1', part: root });
  const { textBody, htmlBody } = bodyLists(root);
  return [...(values === 'html' ? [] : textBody), ...(values === 'text' ? [] : htmlBody)];
}
