/** What a message needs of the next server, from what it is: not from what its client has announced. */
import type { TextFlags } from '../proto/smtp/dot-stuffing.ts';
import type { MailParams } from '../proto/smtp/params.ts';
import { isAsciiText } from '../proto/smtp/path.ts';
import type { QueuedMessage } from '../queue/message.ts';

/** What the text is, whatever the client called it: the least that the next server must be able to take. */
export function bodyKindOf(
  { body }: MailParams,
  { bareLineEnd, nul, eightBit }: TextFlags,
): QueuedMessage['bodyKind'] {
  if (body === 'binarymime' && (bareLineEnd || nul)) return 'binarymime';
  return eightBit ? '8bitmime' : '7bit';
}

/** Of what was announced as SMTPUTF8: a message in plain ASCII goes to servers without it as well (RFC 6531, 3.4). */
export function needsUtf8(inHeader: boolean, addresses: readonly string[]): boolean {
  return inHeader || addresses.some((address) => !isAsciiText(address));
}
