/** Blob/copy (RFC 8620, 6.3): what is copied is an upload of the other account. */
import { idsOf, requiredString } from '../../proto/jmap/arguments.ts';
import { invalidArguments, MethodError, SetError } from '../../proto/jmap/method-error.ts';
import type { Arguments } from '../../proto/jmap/request.ts';
import type { HttpParts } from '../parts.ts';
import { uploadBlobId } from './blob-id.ts';
import { bodyOf, openBlob } from './blobs.ts';
import { mustWrite, type Reach, reachOf, reachOfAccount } from './mail/reach.ts';
import type { Context, Method } from './method.ts';
import { orNull } from './setting.ts';
import { attempt } from './set-error.ts';

export const blobCopy =
  (parts: Pick<HttpParts, 'mailboxes'>): Method =>
  async (args, context) => {
    const to = await reachOf(parts, args, context);
    const from = await reachFrom(parts, args, context);
    if (from.account.id === to.account.id) throw invalidArguments('the accounts are the same');
    mustWrite(to);
    const copied: Record<string, string> = {};
    const notCopied: Record<string, Readonly<Record<string, unknown>>> = {};
    const ids = idsOf(args, 'blobIds');
    if (ids === undefined) throw invalidArguments('blobIds is missing');
    for (const id of ids)
      await attempt(id, notCopied, async () => {
        const blob = await openBlob(parts, from, id);
        if (blob === undefined) throw new SetError('notFound');
        const made = await parts.mailboxes.mail.upload(to.account.id, blob.type, await bodyOf(parts, blob));
        copied[id] = uploadBlobId(made.id);
      });
    return {
      fromAccountId: from.account.id,
      accountId: to.account.id,
      copied: orNull(copied),
      notCopied: orNull(notCopied),
    };
  };

/** The account that `fromAccountId` names. */
export async function reachFrom(
  parts: Pick<HttpParts, 'mailboxes'>,
  args: Arguments,
  context: Context,
): Promise<Reach> {
  const id = requiredString(args, 'fromAccountId');
  const account = (await context.accounts()).find((each) => each.id === id);
  if (account === undefined) throw new MethodError('fromAccountNotFound');
  return reachOfAccount(parts, account, context);
}
