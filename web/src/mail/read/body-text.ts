/** The text of some parts of a message. */
import type { BodyPart, Email } from '../jmap/types.ts';

export function bodyText(email: Email, parts: readonly BodyPart[]): string {
  return parts.map(({ partId }) => email.bodyValues[partId ?? '']?.value ?? '').join('\n');
}
