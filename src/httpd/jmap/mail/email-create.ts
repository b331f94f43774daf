/** New emails: written from their properties (RFC 8621, 4.6), or from bytes that are there (4.7, 4.8). */
import { newMessageId, newSecret } from '../../../base/ids.ts';
import { Refusal } from '../../../base/refusal.ts';
import type { Flags } from '../../../mailbox/flags.ts';
import { emailId, type MailboxNumber, threadId } from '../../../mailbox/ids.ts';
import type { StoredBody } from '../../../mailbox/mailboxes.ts';
import { composeEmail, type DraftBlob } from '../../../proto/jmap/compose-email.ts';
import { blobsOf, type EmailDraft, readDraft } from '../../../proto/jmap/email-draft.ts';
import { limits } from '../../../proto/jmap/limits.ts';
import { invalidProperties, SetError } from '../../../proto/jmap/method-error.ts';
import type { Arguments } from '../../../proto/jmap/request.ts';
import type { HttpParts } from '../../parts.ts';
import { emailBlobId } from '../blob-id.ts';
import { openBlob } from '../blobs.ts';
import type { IfInState } from '../if-in-state.ts';
import type { Context } from '../method.ts';
import { placesToAdd, readKeywords, readReceivedAt } from './email-place.ts';
import type { Reach } from './reach.ts';

export type EmailParts = Pick<HttpParts, 'mailboxes' | 'clock'>;

export interface ToStore {
  readonly mailboxes: readonly MailboxNumber[];
  readonly flags: Flags;
  readonly receivedAtMs: number;
  readonly body: StoredBody;
}

/** What an email is stored with. */
export interface Placing {
  readonly reach: Reach;
  readonly context: Context;
  readonly ifInState: IfInState;
}

/** Gives what only the server knows. */
export async function createEmail(
  parts: EmailParts,
  record: Arguments,
  { reach, context, ifInState }: Placing,
): Promise<Record<string, unknown>> {
  const { mailboxIds, keywords, receivedAt, ...message } = record;
  if (mailboxIds === undefined) throw invalidProperties(['mailboxIds']);
  const mailboxes = placesToAdd(mailboxIds, reach, context);
  const flags = readKeywords(keywords);
  const receivedAtMs = readReceivedAt(receivedAt, parts.clock.nowMs());
  const draft = readDraft(message);
  const blobs = await blobsFor(parts, reach, draft);
  const bytes = composeEmail(draft, {
    blobs,
    boundary: () => `=_${newSecret(18)}`,
    otherwise: [
      { name: 'Date', dateMs: parts.clock.nowMs() },
      { name: 'Message-ID', raw: `<${newMessageId(parts.clock)}@${domainOf(draft, context)}>` },
    ],
  });
  if (bytes.length > limits.maxSizeUpload) throw new SetError('tooLarge', 'the message is too large');
  const writer = parts.mailboxes.bodyWriter();
  await writer.write(bytes);
  const body = await writer.finish();
  return storeEmail(parts, { reach, ifInState }, { mailboxes, flags, receivedAtMs, body });
}

/** Of the author, else of the account. */
function domainOf({ headers }: EmailDraft, { user }: Context): string {
  const from = headers.find(({ name, form }) => name.toLowerCase() === 'from' && form === 'Addresses');
  const [first] = (from?.value ?? []) as { email?: string }[];
  const [, domain] =
    /@([A-Za-z0-9.-]{1,253})$/.exec(first?.email ?? '') ??
    /@([A-Za-z0-9.-]{1,253})$/.exec(user.address) ??
    [];
  return domain ?? 'localhost';
}

async function blobsFor(
  parts: EmailParts,
  reach: Reach,
  { body }: EmailDraft,
): Promise<ReadonlyMap<string, DraftBlob>> {
  const found = new Map<string, DraftBlob>();
  const notFound: string[] = [];
  let size = 0;
  for (const id of blobsOf(body)) {
    const blob = await openBlob(parts, reach, id);
    if (blob === undefined) {
      notFound.push(id);
      continue;
    }
    size += blob.sizeBytes;
    if (size > limits.maxSizeUpload) throw new SetError('tooLarge', 'the attachments are too large');
    found.set(id, { type: blob.type, bytes: await blob.bytes() });
  }
  if (notFound.length > 0) throw new SetError('blobNotFound', undefined, { notFound });
  return found;
}

export async function storeEmail(
  { mailboxes }: EmailParts,
  { reach, ifInState }: Pick<Placing, 'reach' | 'ifInState'>,
  { mailboxes: places, flags, receivedAtMs, body }: ToStore,
): Promise<Record<string, unknown>> {
  const email = await mailboxes.prepare(body);
  try {
    const { account, readable } = reach;
    const made = await ifInState.around((state) =>
      mailboxes.mail
        .ifUnchanged(state === undefined ? undefined : { of: 'emails', state, readable })
        .create(account.id, places, { flags, receivedAtMs, body, email }),
    );
    return {
      id: emailId(made.email),
      blobId: emailBlobId(made.email),
      threadId: threadId(made.thread),
      size: email.sizeBytes,
    };
  } catch (error) {
    throw error instanceof Refusal ? createErrorOf(error) : error;
  }
}

function createErrorOf(refusal: Refusal): Error {
  switch (refusal.reason) {
    case 'mailboxNotFound':
      return invalidProperties(['mailboxIds'], 'a mailbox is gone');
    case 'mailboxFull':
      return new SetError('overQuota', 'the mailbox is full');
    case 'limitReached':
      return new SetError('tooManyKeywords', refusal.message);
    case 'invalid':
      return invalidProperties(['keywords'], refusal.message);
    default:
      return refusal;
  }
}
