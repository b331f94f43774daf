/** Email/import (RFC 8621, 4.8) and Email/copy (4.7). */
import { emailId, emailNumber } from '../../../mailbox/ids.ts';
import { booleanOf, mapOf, optionalString } from '../../../proto/jmap/arguments.ts';
import { limits } from '../../../proto/jmap/limits.ts';
import {
  invalidArguments,
  invalidProperties,
  MethodError,
  SetError,
} from '../../../proto/jmap/method-error.ts';
import { parseDate } from '../../../proto/mime/date.ts';
import { fieldText, findField, parseHeaders } from '../../../proto/mime/headers.ts';
import type { Arguments } from '../../../proto/jmap/request.ts';
import { reachFrom } from '../blob-copy.ts';
import { bodyOf, openBlob } from '../blobs.ts';
import type { Answered, Context, Method } from '../method.ts';
import { orNull } from '../setting.ts';
import { attempt } from '../set-error.ts';
import { IfInState } from '../if-in-state.ts';
import { type EmailParts, type Placing, storeEmail } from './email-create.ts';
import { keywordsJson } from './email-json.ts';
import { placesToAdd, readKeywords, readReceivedAt } from './email-place.ts';
import { mustWrite, type Reach, reachOf, resolvedId } from './reach.ts';

/** Bytes of a header that are looked at. */
const headerMaxBytes = 256 * 1024;

type Created = Record<string, unknown>;
type Errors = Record<string, Readonly<Record<string, unknown>>>;

export const emailImport =
  (parts: EmailParts): Method =>
  async (args, context) => {
    const reach = await reachOf(parts, args, context);
    mustWrite(reach);
    const emails = mapOf(args, 'emails');
    const known = optionalString(args, 'ifInState');
    const oldState = await mustMatch(parts, reach, known);
    const ifInState = new IfInState(known);
    const created: Created = {};
    const notCreated: Errors = {};
    for (const [id, record] of emails)
      await attempt(id, notCreated, async () => {
        const made = await importEmail(parts, record, { reach, context, ifInState });
        created[id] = made;
        context.createdIds.set(id, String(made['id']));
      });
    return {
      accountId: reach.account.id,
      oldState,
      newState: String(await parts.mailboxes.mail.version(reach.account.id)),
      created: orNull(created),
      notCreated: orNull(notCreated),
    };
  };

async function importEmail(
  parts: EmailParts,
  record: Arguments,
  { reach, context, ifInState }: Placing,
): Promise<Created> {
  const unknown = Object.keys(record).filter((name) => !importable.includes(name));
  if (unknown.length > 0) throw invalidProperties(unknown, 'not to be set');
  const { blobId, mailboxIds, keywords, receivedAt } = record;
  const missing = [
    ...(typeof blobId === 'string' ? [] : ['blobId']),
    ...(mailboxIds === undefined ? ['mailboxIds'] : []),
  ];
  if (missing.length > 0) throw invalidProperties(missing);
  const mailboxes = placesToAdd(mailboxIds, reach, context);
  const flags = readKeywords(keywords);
  readReceivedAt(receivedAt, 0);
  const blob = await openBlob(parts, reach, resolvedId(context, String(blobId)) ?? '');
  // An id that is not found is an invalid one here (RFC 8621, 4.8).
  if (blob === undefined) throw invalidProperties(['blobId']);
  const body = await bodyOf(parts, blob);
  const start = await parts.mailboxes.read(body, 0, headerMaxBytes);
  const received = receivedOf(Buffer.from(start.buffer, start.byteOffset, start.byteLength));
  if (received === undefined) throw new SetError('invalidEmail', 'the blob is no message');
  const receivedAtMs = readReceivedAt(receivedAt, received ?? parts.clock.nowMs());
  return storeEmail(parts, { reach, ifInState }, { mailboxes, flags, receivedAtMs, body });
}

const importable = ['blobId', 'mailboxIds', 'keywords', 'receivedAt'];

/** Of the newest Received field, null without one; undefined where there is no header at all. */
function receivedOf(bytes: Buffer): number | null | undefined {
  const block = parseHeaders(bytes);
  if (block.fields.length === 0) return undefined;
  const field = findField(block, 'received');
  const date = field && parseDate(fieldText(bytes, field).split(';').at(-1)!);
  return date === undefined ? null : date.atMs;
}

export const emailCopy =
  (parts: EmailParts): Method =>
  async (args, context) => {
    const to = await reachOf(parts, args, context);
    const from = await reachFrom(parts, args, context);
    if (from.account.id === to.account.id) throw invalidArguments('the accounts are the same');
    mustWrite(to);
    const emails = mapOf(args, 'create');
    const destroys = booleanOf(args, 'onSuccessDestroyOriginal');
    await mustMatch(parts, from, optionalString(args, 'ifFromInState'));
    const known = optionalString(args, 'ifInState');
    const oldState = await mustMatch(parts, to, known);
    const ifInState = new IfInState(known);
    const created: Created = {};
    const notCreated: Errors = {};
    const originals: string[] = [];
    for (const [id, record] of emails)
      await attempt(id, notCreated, async () => {
        const { made, original } = await copyEmail(parts, record, { from, to, context, ifInState });
        created[id] = made;
        context.createdIds.set(id, String(made['id']));
        originals.push(original);
      });
    const answer = {
      fromAccountId: from.account.id,
      accountId: to.account.id,
      oldState,
      newState: String(await parts.mailboxes.mail.version(to.account.id)),
      created: orNull(created),
      notCreated: orNull(notCreated),
    };
    if (!destroys || originals.length === 0) return answer;
    return withDestroyed(answer, { args, context, originals });
  };

/** RFC 8620, 5.4: an implicit Foo/set behind the answer. */
async function withDestroyed(
  answer: Readonly<Record<string, unknown>>,
  of: { readonly args: Arguments; readonly context: Context; readonly originals: readonly string[] },
): Promise<Answered> {
  const { args, context, originals } = of;
  const ifInState = optionalString(args, 'destroyFromIfInState');
  const set = {
    accountId: args['fromAccountId'],
    destroy: originals,
    ...(ifInState === undefined ? {} : { ifInState }),
  };
  try {
    return { answer, implied: await context.invoke('Email/set', set) };
  } catch (error) {
    if (!(error instanceof MethodError)) throw error;
    return { answer, implied: [['error', error.answer, context.callId]] };
  }
}

interface Ways {
  readonly from: Reach;
  readonly to: Reach;
  readonly context: Context;
  readonly ifInState: IfInState;
}

async function copyEmail(
  parts: EmailParts,
  record: Arguments,
  { from, to, context, ifInState }: Ways,
): Promise<{ made: Created; original: string }> {
  const unknown = Object.keys(record).filter((name) => !copyable.includes(name));
  if (unknown.length > 0) throw invalidProperties(unknown, 'not to be set');
  const { id, mailboxIds, keywords, receivedAt } = record;
  if (mailboxIds === undefined) throw invalidProperties(['mailboxIds']);
  const mailboxes = placesToAdd(mailboxIds, to, context);
  const number = typeof id === 'string' ? emailNumber(resolvedId(context, id) ?? '') : undefined;
  const rows =
    number === undefined
      ? undefined
      : (await parts.mailboxes.mail.emails(from.account.id, [number], from.readable)).get(number);
  if (rows === undefined || number === undefined) throw new SetError('notFound');
  const stored = await parts.mailboxes.body(from.account.id, number);
  if (stored === undefined) throw new SetError('notFound');
  const sizeBytes = stored.is === 'inline' ? stored.bytes.length : stored.sizeBytes;
  if (sizeBytes > limits.maxSizeUpload) throw new SetError('tooLarge');
  const flags = readKeywords(keywords ?? keywordsJson(rows));
  const receivedAtMs = readReceivedAt(receivedAt, rows[0]!.received);
  const blob = await openBlob(parts, from, `b${number.toString(32)}`);
  const body = await bodyOf(parts, blob!);
  const made = await storeEmail(parts, { reach: to, ifInState }, { mailboxes, flags, receivedAtMs, body });
  return { made, original: emailId(number) };
}

const copyable = ['id', 'mailboxIds', 'keywords', 'receivedAt'];

/** The state now; MethodError when the client has missed something. */
async function mustMatch(parts: EmailParts, reach: Reach, known: string | undefined): Promise<string> {
  const state = String(await parts.mailboxes.mail.version(reach.account.id));
  if (known !== undefined && !(await isCurrent(parts, reach, known))) throw new MethodError('stateMismatch');
  return state;
}

const isCurrent = (
  { mailboxes }: EmailParts,
  { account, readable }: Reach,
  state: string,
): Promise<boolean> => mailboxes.mail.isUnchanged(account.id, { of: 'emails', state, readable });
