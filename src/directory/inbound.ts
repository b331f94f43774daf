/** Routes that hand mail to programs over HTTP: the address that stands for one in the queue, and which address a pattern is for. */
import type { CredentialId } from '../base/ids.ts';

/** Nothing on the Internet has it (RFC 6761, 6.4). */
const hookDomain = 'hook.invalid';

/** Each route has a destination of its own, so that a slow program holds up no other. */
export const hookAddress = (id: string): string => `inbound@${id}.${hookDomain}`;

/** The route of a destination, if it is one. */
export function routeOfDestination(destination: string): CredentialId | undefined {
  const ending = `.${hookDomain}`;
  return destination.endsWith(ending) ? (destination.slice(0, -ending.length) as CredentialId) : undefined;
}

/** Whether the pattern is for this name, whatever its case. `*` is anything, also nothing. */
export function patternFits(pattern: string, local: string): boolean {
  const text = local.toLowerCase();
  const pieces = pattern.toLowerCase().split('*');
  if (pieces.length === 1) return text === pieces[0];
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= text.length - last.length;
}
