/** What a ManageSieve server writes (RFC 5804, 4). */

/** Longer strings, and those with line ends, are literals. */
const quotedMaxBytes = 1024;

/** A string, quoted where that is possible. */
export function string(text: string): string {
  if (/[\r\n\0]/.test(text) || Buffer.byteLength(text) > quotedMaxBytes)
    return `{${Buffer.byteLength(text)}}\r\n${text}`;
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

export type Status = 'OK' | 'NO' | 'BYE';

/** `code` with its data, without parentheses. */
export function response(status: Status, text?: string, code?: string): string {
  const inside = code === undefined ? '' : ` (${code})`;
  return `${status}${inside}${text === undefined ? '' : ` ${string(text)}`}\r\n`;
}

/** A line of the capabilities. */
export function capability(name: string, value?: string): string {
  return `${string(name)}${value === undefined ? '' : ` ${string(value)}`}\r\n`;
}
