/** Where one header field lies. Offsets are into the bytes that were given to `parseHeaders`. */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** First byte of the name. */
  readonly start: number;
  /** First byte behind the colon. */
  readonly valueStart: number;
  /** Behind the line end of the field's last line. */
  readonly end: number;
}

export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  readonly start: number;
  /** Behind the last header line; the blank line, if there is one, lies between `end` and `bodyStart`. */
  readonly end: number;
  readonly bodyStart: number;
}

export function parseHeaders(bytes: Buffer, start = 0, limit = bytes.length): HeaderBlock {
  throw new Error(`${bytes.length}${start}${limit}`);
}
/** The first field of a name (lower case). */
export function findField(block: HeaderBlock, name: string): HeaderField | undefined {
  return block.fields.find((field) => field.name === name);
}
export function findFields(block: HeaderBlock, name: string): HeaderField[] {
  return block.fields.filter((field) => field.name === name);
}
/** The whole field with name and line ends. */
export function fieldBytes(bytes: Buffer, field: HeaderField): Buffer {
  return bytes.subarray(field.start, field.end);
}
/** The name as it was written. */
export function fieldName(bytes: Buffer, field: HeaderField): string {
  return bytes.toString('latin1', field.start, field.start + field.name.length);
}
/** The value, unfolded, as Unicode; encoded words are left as they are. No CR, LF or NUL in it. */
export function fieldText(bytes: Buffer, field: HeaderField): string {
  throw new Error(`${bytes.length}${field.start}`);
}
