/** MDN/send (RFC 9007, 2.1). A notice goes once for each mail, to who asked for it, from the null sender (RFC 8098, 2.1). */
import { emailNumber } from '../../../mailbox/ids.ts';
import type { SessionInfo } from '../../../intake/session-info.ts';
import { compose } from '../../../proto/mime/compose.ts';
import { type Mailbox, flatten, parseAddresses } from '../../../proto/mime/address.ts';
import { fieldText, findField, type HeaderBlock, parseHeaders } from '../../../proto/mime/headers.ts';
import { limits } from '../../../proto/jmap/limits.ts';
import {
  invalidArguments,
  invalidProperties,
  MethodError,
  SetError,
} from '../../../proto/jmap/method-error.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import { type Disposition, isDisposition, type Mdn, mdnBody } from '../../../proto/mdn/mdn.ts';
import type { HttpParts } from '../../parts.ts';
import { keywordsJson } from '../mail/email-json.ts';
import type { Answer, Method } from '../method.ts';
import { type Call, callOf, type Properties } from '../records.ts';
import { checkNames, setErrorOf } from '../set-error.ts';
import { headerEnd } from '../submission/header-end.ts';
import { identityOf, principalOf } from '../submission/identities.ts';

const properties = [
  'forEmailId',
  'subject',
  'textBody',
  'includeOriginalMessage',
  'reportingUA',
  'disposition',
  'mdnGateway',
  'originalRecipient',
  'finalRecipient',
  'originalMessageId',
  'error',
  'extensionFields',
];
const sentKeyword = '$mdnsent';
const words = {
  en: {
    read: 'Read',
    text: 'This is a receipt for the mail you sent. It does not say that it was understood.',
  },
  ja: {
    read: '開封確認',
    text: 'お送りいただいたメールの開封通知です。内容の理解を保証するものではありません。',
  },
} as const;

export function mdnSend(parts: HttpParts): Method {
  return async (args, context) => {
    const call = await callOf(args, context);
    const { send, identityId, onSuccessUpdateEmail = null } = args;
    if (!isObject(send) || !Object.values(send).every(isObject))
      throw invalidArguments('send is a map of MDNs');
    if (typeof identityId !== 'string') throw invalidArguments('identityId is an Id');
    if (
      onSuccessUpdateEmail !== null &&
      (!isObject(onSuccessUpdateEmail) || !Object.values(onSuccessUpdateEmail).every(isObject))
    )
      throw invalidArguments('onSuccessUpdateEmail is a map of patches, or null');
    if (Object.keys(send).length > limits.maxObjectsInSet) throw new MethodError('requestTooLarge');
    const sent: Record<string, Answer> = {};
    const notSent: Record<string, Answer> = {};
    const update: Record<string, Properties> = {};
    for (const [creationId, given] of Object.entries(send as Record<string, Properties>))
      try {
        const made = await sendOne(parts, call, { given, identityId });
        sent[creationId] = made.answer;
        const patch = (onSuccessUpdateEmail as Record<string, Properties> | null)?.[`#${creationId}`] ?? {};
        update[made.emailId] = { ...patch, [`keywords/${sentKeyword}`]: true };
      } catch (error) {
        notSent[creationId] = setErrorOf(error).answer;
      }
    const answer = {
      accountId: call.account.id,
      sent: Object.keys(sent).length > 0 ? sent : null,
      notSent: Object.keys(notSent).length > 0 ? notSent : null,
    };
    if (Object.keys(update).length === 0) return answer;
    const implied = await context.invoke('Email/set', { accountId: call.account.id, update });
    return { answer, implied };
  };
}

interface Wanted {
  readonly given: Properties;
  readonly identityId: string;
}

async function sendOne(
  parts: HttpParts,
  call: Call,
  { given, identityId }: Wanted,
): Promise<{ readonly answer: Answer; readonly emailId: string }> {
  const { user } = call.context;
  if (!call.account.isPersonal || !user.maySend) throw new SetError('forbidden');
  checkNames(Object.keys(given), {
    known: properties,
    fixed: ['mdnGateway', 'originalRecipient', 'originalMessageId', 'error'],
  });
  const mdn = mdnOf(given);
  const identity = await identityOf(parts, call, identityId);
  const { emailId, message, header } = await originalOf(parts, call, given['forEmailId']);
  const block = parseHeaders(header);
  const asked = findField(block, 'disposition-notification-to');
  const to = asked === undefined ? [] : flatten(parseAddresses(fieldText(header, asked)));
  if (to.length === 0) throw new SetError('noRecipients', 'nobody has asked for it');
  const full = await filled(parts, call, { mdn, header, block, email: identity.value.email });
  const fromAddress = splitOf(identity.value.email);
  const text = compose({
    headers: [
      { name: 'Date', dateMs: parts.clock.nowMs() },
      {
        name: 'From',
        addresses: [{ ...fromAddress, ...(identity.value.name && { name: identity.value.name }) }],
      },
      { name: 'To', addresses: to },
      { name: 'Subject', text: full.subject },
      ...(full.originalMessageId === null ? [] : [{ name: 'In-Reply-To', raw: full.originalMessageId }]),
      { name: 'Auto-Submitted', raw: 'auto-replied' },
    ],
    body: mdnBody(full, { message, header }),
  });
  await handIn(parts, call, { to, text });
  const known = new Set(
    Object.entries(given)
      .filter(([, value]) => value !== null)
      .map(([name]) => name),
  );
  const answer = Object.fromEntries(Object.entries(full).filter(([name]) => !known.has(name)));
  return { answer, emailId };
}

function mdnOf(given: Properties): Mdn {
  const {
    subject = null,
    textBody = null,
    includeOriginalMessage = false,
    reportingUA = null,
    disposition,
  } = given;
  const { finalRecipient = null, extensionFields = null } = given;
  const wrong: string[] = [];
  const line = (name: string, value: unknown): void => {
    if (value !== null && (typeof value !== 'string' || /[\r\n\0]/.test(value) || value.length > 900))
      wrong.push(name);
  };
  line('subject', subject);
  line('reportingUA', reportingUA);
  line('finalRecipient', finalRecipient);
  if (textBody !== null && typeof textBody !== 'string') wrong.push('textBody');
  if (typeof includeOriginalMessage !== 'boolean') wrong.push('includeOriginalMessage');
  if (!isObject(disposition) || !isDisposition(disposition as unknown as Disposition))
    wrong.push('disposition');
  const isExtension = ([name, value]: [string, unknown]): boolean =>
    /^[A-Za-z0-9-]{1,100}$/.test(name) &&
    typeof value === 'string' &&
    !/[\r\n\0]/.test(value) &&
    value.length <= 900;
  if (
    extensionFields !== null &&
    (!isObject(extensionFields) || !Object.entries(extensionFields).every(isExtension))
  )
    wrong.push('extensionFields');
  if (wrong.length > 0) throw invalidProperties(wrong);
  return {
    subject,
    textBody,
    includeOriginalMessage,
    reportingUA,
    disposition,
    mdnGateway: null,
    originalRecipient: null,
    finalRecipient,
    originalMessageId: null,
    error: null,
    extensionFields,
  } as Mdn;
}

async function originalOf(
  { mailboxes }: HttpParts,
  { account, context }: Call,
  given: unknown,
): Promise<{ emailId: string; message: Buffer; header: Buffer }> {
  const emailId =
    typeof given === 'string' && given.startsWith('#') ? context.createdIds.get(given.slice(1)) : given;
  const number = typeof emailId === 'string' ? emailNumber(emailId) : undefined;
  const rows =
    number === undefined
      ? undefined
      : (await mailboxes.mail.emails(account.id, [number], undefined)).get(number);
  const body = rows && (await mailboxes.body(account.id, number!));
  if (rows === undefined || body === undefined) throw new SetError('notFound', 'no such email');
  if (Object.keys(keywordsJson(rows)).includes(sentKeyword)) throw new SetError('mdnAlreadySent');
  const message = Buffer.from(await mailboxes.read(body));
  return { emailId: emailId as string, message, header: message.subarray(0, headerEnd(message)) };
}

/** What the server adds (RFC 9007, 1.1). */
async function filled(
  { directory }: HttpParts,
  { account }: Call,
  of: { readonly mdn: Mdn; readonly header: Buffer; readonly block: HeaderBlock; readonly email: string },
): Promise<Mdn & { readonly subject: string; readonly textBody: string }> {
  const { mdn, header, block, email } = of;
  const text = words[(await directory.account(account.id))?.language ?? 'en'];
  const fieldOf = (name: string): string | null => {
    const found = findField(block, name);
    return found === undefined ? null : fieldText(header, found).trim();
  };
  const messageId = fieldOf('message-id');
  return {
    ...mdn,
    subject: mdn.subject ?? `${text.read}: ${fieldOf('subject') ?? ''}`.trim(),
    textBody: mdn.textBody ?? text.text,
    finalRecipient: mdn.finalRecipient ?? `rfc822; ${email}`,
    originalRecipient: fieldOf('original-recipient'),
    originalMessageId: messageId !== null && /^[\x21-\x7e]{1,900}$/.test(messageId) ? messageId : null,
  };
}

function splitOf(email: string): { readonly local: string; readonly domain: string } {
  const at = email.lastIndexOf('@');
  return { local: email.slice(0, at), domain: email.slice(at + 1) };
}

async function handIn(
  { send }: HttpParts,
  { context: { user } }: Call,
  { to, text }: { readonly to: readonly Mailbox[]; readonly text: Buffer },
): Promise<void> {
  const session: SessionInfo = {
    via: 'jmap',
    ip: user.ip,
    helo: '',
    protocol: 'JMAP',
    tls: null,
    principal: principalOf(user),
    trusted: false,
  };
  using transaction = await send.intake.begin(session, { sender: null, params: { smtpUtf8: true } });
  for (const { local, domain } of to) await transaction.recipient({ local, domain }, {});
  await transaction.write(text);
  await transaction.finish();
}
