/** Text in SASL messages: UTF-8, no NUL, bounded. */
import { secretMaxBytes } from './mechanism.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes, or undefined when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether a user name or password is of a length that is looked at. */
export function isSecretSized(text: string): boolean {
  return text.length <= secretMaxBytes && Buffer.byteLength(text) <= secretMaxBytes;
}
