/** Readers who want no more of a program's mail: links into it, and what happens when somebody follows one. */
import type { Clock } from '../base/clock.ts';
import type { Directory } from '../directory/directory.ts';
import type { IntakeParts } from '../intake/intake.ts';
import type { PublishedParts } from '../httpd/parts.ts';
import type { MessageId } from '../base/ids.ts';
import { recordEvents } from '../events/operations.ts';
import type { Unsubscribing } from '../proto/srs/unsubscribe-token.ts';
import type { Store } from '../store/store.ts';
import type { Suppressions } from '../suppression/suppressions.ts';

export interface UnsubscribingParts {
  readonly store: Store;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly directory: Pick<Directory, 'readUnsubscribe' | 'unsubscribeLinks'>;
  readonly suppressions: Pick<Suppressions, 'put'>;
}

export function unsubscribeLinks(
  directory: UnsubscribingParts['directory'],
  hostName: string,
): NonNullable<IntakeParts['unsubscribeLinks']> {
  return async ({ message, sender, ...about }) => {
    const { token, address } = await directory.unsubscribeLinks(
      { message, sender, org: about.org },
      { ...about, message },
    );
    return {
      url: `https://${hostName}/unsubscribe/${token}`,
      mailto: address && `mailto:${address}?subject=${token}`,
    };
  };
}

export function unsubscribeDesk(parts: UnsubscribingParts): PublishedParts['unsubscribe'] {
  return {
    read: (token) => parts.directory.readUnsubscribe(token),
    take: (token, how) => unsubscribe(parts, token, how),
  };
}

/** Undefined: the token is none of ours. */
export async function unsubscribe(
  parts: UnsubscribingParts,
  token: string,
  how: string,
): Promise<Unsubscribing | undefined> {
  const about = await parts.directory.readUnsubscribe(token);
  if (about === undefined) return undefined;
  const { org, scope, message, address } = about;
  const entry = { address, scope, cause: 'unsubscribe', reason: how, untilMs: 0 };
  await parts.suppressions.put(org, 'recipient', [entry]);
  await parts.store.write(recordEvents, [
    {
      is: 'suppressed',
      atMs: parts.clock.nowMs(),
      message: message as MessageId,
      org,
      recipient: address,
      data: { cause: 'unsubscribe', reason: 'optOut', scope, untilMs: 0 },
    },
  ]);
  return about;
}
