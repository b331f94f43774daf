/** Email/parse (RFC 8621, 4.9): messages that are blobs, without making emails of them. */
import { prepareEmail } from '../../../mailbox/email-facts.ts';
import { decodeDetails } from '../../../mailbox/stored-details.ts';
import { idsOf } from '../../../proto/jmap/arguments.ts';
import { readEmailAsk } from '../../../proto/jmap/email-properties.ts';
import { invalidArguments } from '../../../proto/jmap/method-error.ts';
import { parseHeaders } from '../../../proto/mime/headers.ts';
import type { HttpParts } from '../../parts.ts';
import { openBlob } from '../blobs.ts';
import type { Method } from '../method.ts';
import { orNull } from '../setting.ts';
import { emailJson } from './email-json.ts';
import { MessageSource } from './message-source.ts';
import { reachOf } from './reach.ts';

/** Messages of one call. */
const parsedMax = 100;
/** Larger ones are read after they were imported. */
const parsedMaxBytes = 75_000_000;

export const emailParse =
  (parts: Pick<HttpParts, 'mailboxes'>): Method =>
  async (args, context) => {
    const reach = await reachOf(parts, args, context);
    const ask = readEmailAsk(args, 'parse');
    const ids = idsOf(args, 'blobIds', parsedMax);
    if (ids === undefined) throw invalidArguments('blobIds is missing');
    const parsed: Record<string, unknown> = {};
    const notParsable: string[] = [];
    const notFound: string[] = [];
    for (const id of ids) {
      const blob = await openBlob(parts, reach, id);
      if (blob === undefined) {
        notFound.push(id);
        continue;
      }
      const bytes = blob.sizeBytes > parsedMaxBytes ? undefined : await blob.bytes();
      if (bytes === undefined || parseHeaders(bytes).fields.length === 0) {
        notParsable.push(id);
        continue;
      }
      const details = decodeDetails(prepareEmail(bytes).details);
      const source = new MessageSource(details, id, async (start, end) => bytes.subarray(start, end));
      parsed[id] = await emailJson(source, { ...notStored, blobId: id, size: bytes.length }, ask);
    }
    return {
      accountId: reach.account.id,
      parsed: orNull(parsed),
      notParsable: notParsable.length === 0 ? null : notParsable,
      notFound: notFound.length === 0 ? null : notFound,
    };
  };

/** What only a stored email has. */
const notStored = { id: null, threadId: null, mailboxIds: null, keywords: null, receivedAt: null };
