/** Writes Authentication-Results (RFC 8601, 2.2). What strangers chose (domains, reasons) is quoted, and loses what would end the field. */

export interface MethodResult {
  /** `spf`, `dkim`, `dmarc`, `arc`, `bimi`. */
  readonly method: string;
  readonly result: string;
  /** Why, in a few words. */
  readonly reason?: string | undefined;
  /** For people, in parentheses. */
  readonly comment?: string | undefined;
  /** `ptype.property` and its value, as `['smtp.mailfrom', 'user@example.jp']`. */
  readonly properties?: readonly (readonly [name: string, value: string])[];
}

const valueCharsMax = 400;
const token = /^[\w!#$%&'*+.^`{|}~-]+$/;
const dotAtomAddress = /^(?:[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*)?@[a-z0-9.-]+$/i;

/** The content of the field, folded: our id first. */
export function formatResults(authservId: string, results: readonly MethodResult[]): string {
  if (results.length === 0) return `${authservId}; none`;
  return [authservId, ...results.map(formatMethod)].join(';\r\n\t');
}

/** The whole field with its CRLF. */
export function authenticationResultsField(authservId: string, results: readonly MethodResult[]): string {
  return `Authentication-Results: ${formatResults(authservId, results)}\r\n`;
}

function formatMethod({ method, result, reason, comment, properties = [] }: MethodResult): string {
  const parts = [`${method}=${result}`];
  if (comment !== undefined && comment !== '') parts.push(`(${commentText(comment)})`);
  if (reason !== undefined && reason !== '') parts.push(`reason=${quoted(clean(reason))}`);
  for (const [name, value] of properties) parts.push(`${name}=${pvalue(clean(value))}`);
  return folded(parts);
}

/** A result that is long goes on in further lines. */
function folded(parts: readonly string[]): string {
  let text = '';
  let column = 8;
  for (const part of parts) {
    const breaks = text !== '' && column + part.length + 1 > 90;
    text += text === '' ? part : breaks ? `\r\n\t ${part}` : ` ${part}`;
    column = breaks ? 9 + part.length : column + part.length + 1;
  }
  return text;
}

const clean = (text: string): string =>
  text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .toWellFormed()
    .slice(0, valueCharsMax);

/** RFC 8601, 2.2: a token, `[local]@domain`, or a quoted string. */
const pvalue = (text: string): string =>
  token.test(text) || dotAtomAddress.test(text) ? text : quoted(text);
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
const commentText = (text: string): string => clean(text).replace(/[()\\]/g, '\\$&');
