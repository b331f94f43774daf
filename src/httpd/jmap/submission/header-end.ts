/** Where the header of a message ends, its empty line included; all of it when there is none. */
export function headerEnd(bytes: Buffer): number {
  const at = bytes.indexOf('\r\n\r\n');
  return at === -1 ? bytes.length : at + 4;
}
