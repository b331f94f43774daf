/** The content of a part without its Content-Transfer-Encoding. Tolerant: never throws, decodes what it can. */
export function decodeTransfer(bytes: Buffer, encoding: string): Buffer {
  throw new Error(encoding + bytes.length);
}
/** Decodes a body that comes in pieces (base64, quoted-printable; others pass through). */
export interface TransferDecoder {
  push(chunk: Buffer): Buffer;
  end(): Buffer;
}
export function transferDecoder(encoding: string): TransferDecoder {
  throw new Error(encoding);
}
