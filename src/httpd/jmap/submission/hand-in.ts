/** Hands a submission in like any other (RFC 8621, 7.5): the same checks, limits, signatures and journey. */
import type { MessageId } from '../../../base/ids.ts';
import { Refusal } from '../../../base/refusal.ts';
import type { SessionInfo } from '../../../intake/session-info.ts';
import { SetError } from '../../../proto/jmap/method-error.ts';
import type { Call } from '../records.ts';
import type { ReadEnvelope } from './envelope.ts';
import { type IdentityValue, principalOf } from './identities.ts';
import type { SubmissionParts } from './submission.ts';

interface HandingIn {
  readonly envelope: ReadEnvelope;
  readonly bytes: Buffer;
  readonly identity: IdentityValue;
}

export async function handIn(
  { send, directory }: SubmissionParts,
  { context: { user } }: Call,
  { envelope, bytes, identity }: HandingIn,
): Promise<MessageId> {
  const principal = principalOf(user);
  const { mailFrom } = envelope.shown;
  if (!fits(identity.email, mailFrom.email) && !(await directory.maySendAs(principal, mailFrom.email)))
    throw new SetError('forbiddenMailFrom', mailFrom.email);
  const session: SessionInfo = {
    via: 'jmap',
    ip: user.ip,
    helo: '',
    protocol: 'JMAP',
    tls: null,
    principal,
    trusted: false,
  };
  try {
    using transaction = await send.intake.begin(session, {
      sender: envelope.sender,
      params: { ...envelope.params, body: '8bitmime', smtpUtf8: true },
    });
    await addRecipients(transaction, envelope);
    await transaction.write(bytes);
    return (await transaction.finish()).id;
  } catch (error) {
    throw submissionError(error, envelope);
  }
}

const fits = (identity: string, address: string): boolean =>
  identity.startsWith('*@') ? address.endsWith(identity.slice(1)) : identity === address;

/** All or nobody: those that cannot be had are told together. */
async function addRecipients(
  transaction: Awaited<ReturnType<SubmissionParts['send']['intake']['begin']>>,
  { recipients, shown: { rcptTo } }: ReadEnvelope,
): Promise<void> {
  const invalid: string[] = [];
  let why = '';
  for (const [index, { mailbox, params }] of recipients.entries())
    try {
      await transaction.recipient(mailbox, params);
    } catch (error) {
      if (!(error instanceof Refusal) || !aboutRecipient.has(error.reason)) throw error;
      invalid.push(rcptTo[index]!.email);
      why ||= error.message;
    }
  if (invalid.length > 0) throw new SetError('invalidRecipients', why, { invalidRecipients: invalid });
}

const aboutRecipient: ReadonlySet<string> = new Set([
  'mailboxUnknown',
  'mailboxDisabled',
  'mailboxFull',
  'domainUnknown',
  'addressInvalid',
  'relayDenied',
  'mailLoop',
]);

/** RFC 8621, 7.5: what each refusal of intake is called. */
function submissionError(error: unknown, { recipients }: ReadEnvelope): unknown {
  if (!(error instanceof Refusal)) return error;
  const detail = error.message.slice(error.reason.length + 2);
  switch (error.reason) {
    case 'senderNotAllowed':
      return error.at === undefined
        ? new SetError('forbiddenMailFrom', detail)
        : new SetError('forbiddenFrom', detail);
    case 'tooManyRecipients':
      return new SetError('tooManyRecipients', undefined, {
        maxRecipients: recipientsMax(detail, recipients.length),
      });
    case 'messageTooLarge':
      return new SetError('tooLarge', detail);
    case 'messageMalformed':
      return new SetError('invalidEmail', detail, { properties: error.at === undefined ? [] : [error.at] });
    case 'sendingLimit':
    case 'sendingPaused':
    case 'rateLimited':
    case 'accountLocked':
      return new SetError('forbiddenToSend', detail);
    default:
      return error;
  }
}

const recipientsMax = (detail: string, asked: number): number => Number(/\d+/.exec(detail)?.[0] ?? asked - 1);
