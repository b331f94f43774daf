/** Envelopes of submissions (RFC 8621, 7): as they are given, or taken from the header of the email. */
import { findFields, fieldText, parseHeaders } from '../../../proto/mime/headers.ts';
import { flatten, formatAddrSpec, parseAddresses } from '../../../proto/mime/address.ts';
import { invalidProperties, SetError } from '../../../proto/jmap/method-error.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import { type MailParams, mailParams, type RcptParams, rcptParams } from '../../../proto/smtp/params.ts';
import { type Mailbox, parseMailbox } from '../../../proto/smtp/path.ts';

/** An address with its SMTP parameters, as clients see it. */
export interface EnvelopeAddress {
  readonly email: string;
  readonly parameters: Readonly<Record<string, string | null>> | null;
}

export interface GivenEnvelope {
  readonly mailFrom: EnvelopeAddress;
  readonly rcptTo: readonly EnvelopeAddress[];
}

export interface ReadEnvelope {
  /** null: the null reverse-path. */
  readonly sender: Mailbox | null;
  readonly params: MailParams;
  readonly recipients: readonly { readonly mailbox: Mailbox; readonly params: RcptParams }[];
  readonly shown: GivenEnvelope;
}

/** Parameters that say what the transfer itself settles; ours are said by us. */
const notForClients: ReadonlySet<string> = new Set(['SIZE', 'BODY', 'SMTPUTF8', 'AUTH']);

export function readEnvelope(given: unknown): ReadEnvelope {
  if (!isObject(given)) throw invalidProperties(['envelope']);
  const { mailFrom, rcptTo } = given;
  const from = addressOf(mailFrom, 'envelope/mailFrom');
  if (!Array.isArray(rcptTo)) throw invalidProperties(['envelope/rcptTo']);
  const to = rcptTo.map((each, index) => addressOf(each, `envelope/rcptTo/${index}`));
  return checked({ mailFrom: from, rcptTo: to });
}

function addressOf(given: unknown, at: string): EnvelopeAddress {
  if (!isObject(given) || typeof given['email'] !== 'string') throw invalidProperties([at]);
  const { email, parameters = null } = given as { readonly email: string; readonly parameters?: unknown };
  const strange =
    parameters !== null &&
    (!isObject(parameters) ||
      !Object.values(parameters).every((value) => value === null || typeof value === 'string'));
  if (strange) throw invalidProperties([`${at}/parameters`]);
  return { email, parameters: parameters as EnvelopeAddress['parameters'] };
}

function checked(shown: GivenEnvelope): ReadEnvelope {
  const { mailFrom, rcptTo } = shown;
  const sender = mailFrom.email === '' ? null : parseMailbox(mailFrom.email);
  if (sender === undefined) throw invalidProperties(['envelope/mailFrom/email']);
  if (rcptTo.length === 0) throw new SetError('noRecipients');
  const wrong = rcptTo.filter(({ email }) => parseMailbox(email) === undefined).map(({ email }) => email);
  if (wrong.length > 0) throw new SetError('invalidRecipients', undefined, { invalidRecipients: wrong });
  const params = paramsOf(mailParams, mailFrom.parameters, 'envelope/mailFrom/parameters');
  if (params.holdForSeconds !== undefined && params.holdUntilMs !== undefined)
    throw invalidProperties(['envelope/mailFrom/parameters'], 'either HOLDFOR or HOLDUNTIL');
  const recipients = rcptTo.map(({ email, parameters }, index) => ({
    mailbox: parseMailbox(email)!,
    params: paramsOf(rcptParams, parameters, `envelope/rcptTo/${index}/parameters`),
  }));
  return { sender, params, recipients, shown };
}

function paramsOf<P extends object>(
  readers: Readonly<Record<string, (value: string | undefined) => P | undefined>>,
  given: EnvelopeAddress['parameters'],
  at: string,
): P {
  let params = {} as P;
  for (const [name, value] of Object.entries(given ?? {})) {
    const known = name.toUpperCase();
    const reader = Object.hasOwn(readers, known) && !notForClients.has(known) ? readers[known] : undefined;
    const read = reader?.(value ?? undefined);
    if (read !== undefined) params = { ...params, ...read };
    else if (!notForClients.has(known)) throw invalidProperties([`${at}/${name}`]);
  }
  return params;
}

/** Sender, or From; everybody in To, Cc and Bcc, each once (RFC 8621, 7). */
export function envelopeOfHeader(header: Buffer): ReadEnvelope {
  const block = parseHeaders(header);
  const addresses = (name: string): readonly string[] =>
    findFields(block, name)
      .flatMap((field) => flatten(parseAddresses(fieldText(header, field))))
      .map((mailbox) => formatAddrSpec(mailbox));
  const from = addresses('sender')[0] ?? addresses('from')[0];
  if (from === undefined) throw new SetError('invalidEmail', 'there is no From', { properties: ['from'] });
  const rcptTo = new Map<string, EnvelopeAddress>();
  for (const name of ['to', 'cc', 'bcc'])
    for (const email of addresses(name)) rcptTo.set(email.toLowerCase(), { email, parameters: null });
  return checked({ mailFrom: { email: from, parameters: null }, rcptTo: [...rcptTo.values()] });
}

/** Whether the header has what every message has (RFC 5322, 3.6): names of properties that are missing. */
export function missingFields(header: Buffer): readonly string[] {
  const block = parseHeaders(header);
  return findFields(block, 'from').length === 1 ? [] : ['from'];
}
