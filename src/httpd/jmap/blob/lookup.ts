/** Blob/lookup (RFC 9404, 4.3): which records a blob is of. */
import { emailId, mailboxId, threadId } from '../../../mailbox/ids.ts';
import { limits } from '../../../proto/jmap/limits.ts';
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import type { HttpParts } from '../../parts.ts';
import { parseBlobId } from '../blob-id.ts';
import { openBlob } from '../blobs.ts';
import { reachOf } from '../mail/reach.ts';
import type { Answer, Method } from '../method.ts';
import { idsOf } from '../../../proto/jmap/arguments.ts';

export const lookedUpTypes: readonly string[] = ['Email', 'Thread', 'Mailbox'];

export function blobLookup(parts: Pick<HttpParts, 'mailboxes'>): Method {
  return async (args, context) => {
    const reach = await reachOf(parts, args, context);
    const { typeNames } = args;
    if (!Array.isArray(typeNames) || !typeNames.every((each) => typeof each === 'string'))
      throw invalidArguments('typeNames is a list of names');
    if (typeNames.some((name) => !lookedUpTypes.includes(name))) throw new MethodError('unknownDataType');
    const ids = idsOf(args, 'ids') ?? [];
    if (ids.length > limits.maxObjectsInGet) throw new MethodError('requestTooLarge');
    const list: Answer[] = [];
    const notFound: string[] = [];
    for (const id of new Set(ids)) {
      if ((await openBlob(parts, reach, id)) === undefined) {
        notFound.push(id);
        continue;
      }
      const root = parseBlobId(id)?.root;
      const rows =
        root?.is === 'email'
          ? ((await parts.mailboxes.mail.emails(reach.account.id, [root.email], reach.readable)).get(
              root.email,
            ) ?? [])
          : [];
      const all: Readonly<Record<string, readonly string[]>> = {
        Email: rows.map(({ email }) => emailId(email)),
        Thread: rows.map(({ thread }) => threadId(thread)),
        Mailbox: rows.map(({ mailbox }) => mailboxId(mailbox)),
      };
      list.push({
        id,
        matchedIds: Object.fromEntries(typeNames.map((name) => [name, [...new Set(all[name])]])),
      });
    }
    return { accountId: reach.account.id, list, notFound };
  };
}
