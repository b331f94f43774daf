/**
 * The texts of an email's attachments: made once by whoever indexes, and kept with the index, since making them takes long.
 *
 * An email that has attachments with text has an entry from then on, perhaps an empty one.
 */
import { deserialize, serialize } from 'node:v8';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { AccountId } from '../../base/ids.ts';
import { maybe, type Transaction } from '../../store/transaction.ts';
import type { EmailDetails } from '../email-facts.ts';
import type { EmailNumber } from '../ids.ts';
import { attachmentsOf } from './searched-parts.ts';

const none: readonly string[] = [];

export const packAttachments = (texts: readonly string[]): Uint8Array => zstdCompressSync(serialize(texts));

/** In the order of `attachmentsOf`. Undefined while they are not made yet. */
export function* readAttachments(
  account: AccountId,
  email: EmailNumber,
  { index }: EmailDetails,
): Transaction<readonly string[] | undefined> {
  if (attachmentsOf(index.root).length === 0) return none;
  const found = yield* maybe<{ texts: Uint8Array }>(
    'select texts from search.attachment where account = ? and email = ?',
    account,
    email,
  );
  return found && (deserialize(zstdDecompressSync(found.texts)) as readonly string[]);
}
