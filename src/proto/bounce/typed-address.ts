/** Addresses with their type, as reports name them (RFC 3464, 2.3; RFC 6533, 3): `rfc822; bob@there.test`, `utf-8; b\x{F6}b@there.test`. */

/** The address alone, in Unicode, without brackets and remarks. */
export function decodeUtf8Address(text: string): string {
  const [, type = '', rest = ''] = /^\s*([a-z0-9-]+)\s*;\s*(.*)$/is.exec(text) ?? ['', '', text];
  const plain = type.toLowerCase() === 'utf-8' ? unitext(rest) : rest;
  // A program or a file is a recipient, too.
  if (/^[|/]/.test(plain.trim())) return plain.trim();
  return addressIn(plain) || plain.trim().replace(/^<|>$/g, '');
}

/** RFC 6533, 3: `\x{20AC}`; a blank is `\x{20}`, a backslash `\x{5C}`. */
function unitext(text: string): string {
  return text.replace(/\\x\{([0-9a-f]{1,6})\}/gi, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code > 0x10_ff_ff || (code >= 0xd8_00 && code <= 0xdf_ff) ? whole : String.fromCodePoint(code);
  });
}

/** One address, also with the dots that carriers of Japan once gave out, and quoted. */
export const addressSource = String.raw`(?:"(?:[^"\\\r\n]|\\.){1,128}"|[^\s<>()\[\]",;:@\\]{1,128})@(?:[^\s<>()\[\]",;:@\\]{1,253}|\[[^\]\s]{1,60}\])`;
const address = new RegExp(addressSource, 'u');

/** The first address in a text, or `''`. */
export function addressIn(text: string): string {
  const found = address.exec(text)?.[0] ?? '';
  return tidy(found);
}

/** Without what stands around an address in a sentence. */
export function tidy(found: string): string {
  return found.replace(/^(?:mailto:|['`*]+)/i, '').replace(/['`*.。、」』]+$/u, '');
}
