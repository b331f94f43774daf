/**
 * EmailSubmission (RFC 8621, 7): mail of the user on its way. It enters by intake like any other submission: the same checks, limits, signatures, journey.
 *
 * What is kept is what the client said and what became of it; while that may still change, it is looked up in the ledger whenever somebody asks, and a change of it is
 * one of the record, so that states tell the truth.
 */
import type { MessageId } from '../../../base/ids.ts';
import { Refusal } from '../../../base/refusal.ts';
import { emailId, emailNumber, threadId } from '../../../mailbox/ids.ts';
import type { Kept } from '../../../profile/profiles.ts';
import { invalidProperties, SetError } from '../../../proto/jmap/method-error.ts';
import { patched, touched } from '../../../proto/jmap/patch.ts';
import { fieldText, findField, parseHeaders } from '../../../proto/mime/headers.ts';
import { parseMessageIds } from '../../../proto/mime/message-id.ts';
import { headerEnd } from './header-end.ts';
import { numberOf, stateOf, writeKept } from '../kept-records.ts';
import type { Call, JmapRecord, Properties, RecordChanging } from '../records.ts';
import { checkNames, notFound } from '../set-error.ts';
import { currentSubmissions } from './current.ts';
import { becameOf } from './delivery-status.ts';
import { envelopeOfHeader, missingFields, readEnvelope, type ReadEnvelope } from './envelope.ts';
import { handIn } from './hand-in.ts';
import { identityOf, type IdentityValue } from './identities.ts';
import {
  fixed,
  properties,
  shown,
  type SubmissionParts,
  submissionType,
  type SubmissionValue,
} from './submission.ts';

/** As long as mail may wait for its time (RFC 4865). */
export const maxDelayedSendSeconds = 60 * 24 * 3600;

export function submissions(parts: SubmissionParts): RecordChanging {
  const { profiles } = parts;
  return {
    name: 'EmailSubmission',
    properties,
    state: async (call) => {
      await currentSubmissions(parts, call);
      return stateOf(profiles, submissionType, call.account.id);
    },
    get: async (call, ids) =>
      (await currentSubmissions(parts, call))
        .map(shown)
        .filter(({ id }) => ids === undefined || ids.includes(id)),
    create: (call, given) => submit(parts, call, given),
    async update(call, id, patch) {
      const kept = await submissionOf(parts, call, id);
      const now = shown(kept);
      const next = patched(now, patch);
      const changed = touched(patch).filter(
        (name) => JSON.stringify(next[name]) !== JSON.stringify(now[name]),
      );
      checkNames(changed, {
        known: properties,
        fixed: properties.filter((name) => name !== 'undoStatus'),
      });
      if (changed.length === 0) return null;
      if (next['undoStatus'] !== 'canceled') throw invalidProperties(['undoStatus']);
      await cancel(parts, call, kept);
      return null;
    },
    async destroy(call, id) {
      const { id: number } = await submissionOf(parts, call, id);
      await writeKept(profiles, call, {
        type: 'EmailSubmission',
        writes: [{ is: 'destroy', id: number }],
      });
    },
  };
}

/** Takes it back while none of it has been tried. */
async function cancel(
  { profiles, send }: SubmissionParts,
  { account, context: { user } }: Call,
  kept: Kept<SubmissionValue>,
): Promise<void> {
  if (kept.value.undoStatus !== 'pending') throw new SetError('cannotUnsend', 'it is on its way');
  const done = await send.reschedule(kept.value.message as MessageId, { org: user.org, by: user.by });
  if (done !== 'done') throw new SetError('cannotUnsend', 'it is on its way');
  const value: SubmissionValue = { ...kept.value, undoStatus: 'canceled', isOver: true };
  await profiles.write(account.id, 'EmailSubmission', [
    { is: 'update', id: kept.id, data: JSON.stringify(value) },
  ]);
}

async function submissionOf(parts: SubmissionParts, call: Call, id: string): Promise<Kept<SubmissionValue>> {
  const number = numberOf(submissionType, id);
  const kept = (await currentSubmissions(parts, call)).find((each) => each.id === number);
  if (kept === undefined) throw notFound();
  return kept;
}

async function submit(parts: SubmissionParts, call: Call, given: Properties): Promise<JmapRecord> {
  checkNames(Object.keys(given), { known: properties, fixed });
  if (
    given['undoStatus'] !== undefined &&
    given['undoStatus'] !== 'pending' &&
    given['undoStatus'] !== 'final'
  )
    throw invalidProperties(['undoStatus']);
  const { user } = call.context;
  if (!call.account.isPersonal || !user.maySend)
    throw new SetError('forbiddenToSend', 'not from this account, or not with this key');
  const identity = await identityGiven(parts, call, given['identityId']);
  const email = await emailGiven(parts, call, given['emailId']);
  const { bytes, thread } = email;
  const header = bytes.subarray(0, headerEnd(bytes));
  const missing = missingFields(header);
  if (missing.length > 0) throw new SetError('invalidEmail', undefined, { properties: missing });
  const envelope =
    (given['envelope'] ?? null) === null ? envelopeOfHeader(header) : readEnvelope(given['envelope']);
  const sendAtMs = sendTime(parts, envelope);
  const message = await handIn(parts, call, { envelope, bytes, identity: identity.value });
  const value: SubmissionValue = {
    identityId: identity.id,
    emailId: email.id,
    threadId: threadId(thread),
    envelope: envelope.shown,
    sendAt: utc(sendAtMs),
    undoStatus: sendAtMs > parts.clock.nowMs() ? 'pending' : 'final',
    deliveryStatus: becameOf(
      envelope.shown.rcptTo.map(({ email: to }) => to),
      [],
    ).deliveryStatus,
    message,
    ...messageIdIn(header),
    isOver: false,
  };
  const number = await keep(parts, call, value);
  const { identityId: _, emailId: __, envelope: taken, ...set } = shown({ id: number, value });
  return (given['envelope'] ?? null) === null ? { ...set, envelope: taken } : set;
}

function messageIdIn(header: Buffer): { readonly messageId?: string } {
  const field = findField(parseHeaders(header), 'message-id');
  const [messageId] = field === undefined ? [] : parseMessageIds(fieldText(header, field));
  return messageId === undefined ? {} : { messageId };
}

/** Makes room when there are too many: what is over for longest goes first. */
async function keep(
  { profiles }: SubmissionParts,
  { account }: Call,
  value: SubmissionValue,
): Promise<number> {
  const create = { is: 'create' as const, data: JSON.stringify(value) };
  try {
    const [id] = await profiles.write(account.id, 'EmailSubmission', [create]);
    return id!;
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason !== 'limitReached') throw error;
  }
  const kept = await profiles.list<SubmissionValue>(account.id, 'EmailSubmission');
  const old = kept.slice(0, Math.ceil(kept.length / 10)).map(({ id }) => ({ is: 'destroy' as const, id }));
  const [id] = await profiles.write(account.id, 'EmailSubmission', [...old, create]);
  return id!;
}

const utc = (ms: number): string =>
  new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');

async function identityGiven(
  parts: SubmissionParts,
  call: Call,
  given: unknown,
): Promise<{ readonly id: string; readonly value: IdentityValue }> {
  const id = referenced(call, given);
  try {
    if (id !== undefined) return { id, value: (await identityOf(parts, call, id)).value };
  } catch (error) {
    if (!(error instanceof SetError)) throw error;
  }
  throw invalidProperties(['identityId'], 'no such identity');
}

/** An id, or `#` and the creation id of a record that was made in this request. */
function referenced({ context }: Call, given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  return given.startsWith('#') ? context.createdIds.get(given.slice(1)) : given;
}

interface GivenEmail {
  readonly id: string;
  readonly thread: number;
  readonly bytes: Buffer;
}

async function emailGiven(
  { mailboxes, send }: SubmissionParts,
  call: Call,
  given: unknown,
): Promise<GivenEmail> {
  const id = referenced(call, given);
  const number = id === undefined ? undefined : emailNumber(id);
  const rows =
    number === undefined ? undefined : await mailboxes.mail.emails(call.account.id, [number], undefined);
  const row = number === undefined ? undefined : rows?.get(number)?.[0];
  const body = row && (await mailboxes.body(call.account.id, row.email));
  if (row === undefined || body === undefined) throw invalidProperties(['emailId'], 'no such email');
  if (row.size > send.messageMaxBytes)
    throw new SetError('tooLarge', undefined, { maxSize: send.messageMaxBytes });
  const bytes = Buffer.from(await mailboxes.read(body));
  return { id: emailId(row.email), thread: row.thread, bytes };
}

function sendTime({ clock }: SubmissionParts, { params }: ReadEnvelope): number {
  const nowMs = clock.nowMs();
  const wanted = params.holdUntilMs ?? nowMs + (params.holdForSeconds ?? 0) * 1000;
  if (wanted > nowMs + maxDelayedSendSeconds * 1000)
    throw invalidProperties(
      ['envelope/mailFrom/parameters'],
      `later than in ${maxDelayedSendSeconds} seconds`,
    );
  return Math.max(nowMs, wanted);
}
