/**
 * xtext of RFC 3461, 4 (`+HH` for what may not stand in a parameter), and the forms of international addresses in ORCPT of
 * RFC 6533, 3 (`\x{HEX}`).
 */

/** Printable ASCII without space, `+` and `=` stands for itself; every other octet of the UTF-8 form becomes `+HH`. */
export function encodeXtext(text: string): string {
  if (/^[!-*,-<>-~]*$/.test(text)) return text;
  let wire = '';
  for (const octet of Buffer.from(text)) {
    const plain = octet >= 0x21 && octet <= 0x7e && octet !== 0x2b && octet !== 0x3d;
    wire += plain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return wire;
}

/** The text, or undefined when it is not xtext. Hex digits in lower case are taken too: several mailers write them. */
export function decodeXtext(wire: string): string | undefined {
  if (/^[!-*,-<>-~]*$/.test(wire)) return wire;
  if (!/^(?:[!-*,-<>-~]|\+[0-9A-Fa-f]{2})*$/.test(wire)) return undefined;
  return Buffer.from(
    wire.replace(/\+(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();
}

/** An international address for ORCPT on a server without SMTPUTF8: utf-8-addr-xtext (RFC 6533, 3). */
export function encodeUtf8Xtext(address: string): string {
  return address.replace(/[^!-*,-<>-[\]-~]/gu, (char) => {
    const hex = char.codePointAt(0)!.toString(16).toUpperCase();
    return `\\x{${hex.padStart(2, '0')}}`;
  });
}

/** The address in utf-8-addr-xtext or utf-8-addr-unitext; undefined when it is neither. */
export function decodeUtf8Xtext(wire: string): string | undefined {
  if (!/^(?:[!-*,-<>-[\]-~\u{80}-\u{10ffff}]|\\x\{(?:10|0?[0-9A-Fa-f])?[0-9A-Fa-f]{1,4}\})*$/u.test(wire))
    return undefined;
  const text = wire.replace(/\\x\{([0-9A-Fa-f]+)\}/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );
  return text.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(text) ? text : undefined;
}
