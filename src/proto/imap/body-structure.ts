/**
 * BODYSTRUCTURE and BODY (RFC 3501, 7.4.2), from an indexed message.
 *
 * Never NIL where the grammar has a string or number: mailers crash on it. What cannot be shown as it claims to be (a multipart without parts) is shown
 * as what `presentedType` says. Depth is bounded by the index.
 */
import type { Parameters, ParameterizedValue } from '../mime/parameter.ts';
import { presentedType, type Part } from '../mime/structure.ts';
import { envelopeText } from './envelope.ts';
import { nstring, string } from './response.ts';

/** `extended` for BODYSTRUCTURE, without it for BODY. */
export function bodyText(part: Part, extended: boolean, utf8 = false): string {
  if (part.parts !== undefined && part.parts.length > 0) return multipart(part, part.parts, extended, utf8);
  const { type, subtype, params: given } = presentedType(part);
  const params = type === 'text' ? withCharset(given) : given;
  let out =
    `(${token(type, utf8)} ${token(subtype, utf8)} ${parameterList(params, utf8)} ${nstring(part.id, utf8)} ` +
    `${nstring(part.description, utf8)} ${token(part.encoding, utf8)} ${part.bodyEnd - part.bodyStart}`;
  if (part.message !== undefined) {
    const { envelope, root } = part.message;
    out += ` ${envelopeText(envelope, utf8)} ${bodyText(root, extended, utf8)} ${part.lines ?? 0}`;
  } else if (type === 'text') out += ` ${part.lines ?? 0}`;
  if (extended) out += ` ${nstring(part.md5, utf8)}${tail(part, utf8)}`;
  return `${out})`;
}

/** The charset of a text that names none is known all the same (RFC 2045, 5.2; RFC 2046, 4.1.2). */
function withCharset(params: Parameters): Parameters {
  return params.some(([name]) => name.toLowerCase() === 'charset')
    ? params
    : [...params, ['charset', 'us-ascii']];
}

function multipart(part: Part, parts: readonly Part[], extended: boolean, utf8: boolean): string {
  let out = '(';
  for (const child of parts) out += bodyText(child, extended, utf8);
  out += ` ${token(part.subtype, utf8)}`;
  if (extended) out += ` ${parameterList(part.params, utf8)}${tail(part, utf8)}`;
  return `${out})`;
}

/** Disposition, language and location: the same in both forms. */
function tail(part: Part, utf8: boolean): string {
  return ` ${disposition(part.disposition, utf8)} ${language(part.language, utf8)} ${nstring(part.location, utf8)}`;
}

function disposition(value: ParameterizedValue | undefined, utf8: boolean): string {
  if (value === undefined || value.value === '') return 'NIL';
  return `(${token(value.value, utf8)} ${parameterList(value.params, utf8)})`;
}

function language(tags: readonly string[] | undefined, utf8: boolean): string {
  if (tags === undefined || tags.length === 0) return 'NIL';
  return tags.length === 1 ? string(tags[0]!, utf8) : `(${tags.map((tag) => string(tag, utf8)).join(' ')})`;
}

function parameterList(params: Parameters, utf8: boolean): string {
  if (params.length === 0) return 'NIL';
  return `(${params.map(([name, value]) => `${string(name, utf8)} ${string(value, utf8)}`).join(' ')})`;
}

/** Types, encodings and dispositions are shown in upper case, as most servers do and some old mailers expect. */
const token = (text: string, utf8: boolean): string => string(text.toUpperCase(), utf8);
