/**
 * What is mended in the header of mail that our own users submit (RFC 6409, 8), and what is checked: that every address it claims to come
 * from is theirs.
 *
 * Added when missing: From, Date, Message-ID. Taken out: Bcc, and what final delivery put there. Rewritten: addresses the directory has canonical spellings for, and raw
 * 8-bit subjects. A line before the first field (an mbox `From `) goes: below our own fields it would be read as one of them. A message with a DKIM signature is only checked and loses its Bcc, for a signature is worth more than a missing field.
 */
import type { MessageId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Directory } from '../directory/directory.ts';
import type { Principal } from '../directory/principal.ts';
import { flatten, formatAddrSpec, parseAddresses, type Mailbox } from '../proto/mime/address.ts';
import { encodeText } from '../proto/mime/encoded-word-encoder.ts';
import {
  fieldText,
  findField,
  findFields,
  type HeaderBlock,
  type HeaderField,
} from '../proto/mime/headers.ts';
import { formatMailbox, splitAddress } from '../proto/smtp/path.ts';
import type { HeaderFacts } from './header-facts.ts';
import { dateText } from './received.ts';
import { onceFields, onceKeyMaxChars } from './submitted-once.ts';

export interface Submitted {
  readonly id: MessageId;
  readonly hostName: string;
  readonly atMs: number;
  readonly principal: Principal;
  /** The envelope's, as in rows; `''` for the null sender. */
  readonly sender: string;
  readonly smtpUtf8: boolean;
  /** Where complaints come to (RFC 9477); absent: nobody reads them here. */
  readonly complaints?: string | undefined;
  /** Fields by which its reader wants no more; for a mail that has none of its own. */
  readonly unsubscribe?: string | undefined;
}

export interface Mended {
  /** Fields to put on top. */
  readonly top: string;
  readonly header: Buffer;
  /** The Message-ID that was there or was given. */
  readonly messageId: string;
}

/** Fields that say who a message is from. Each address in them must be the user's own (CVE-2024-7208 is what happens otherwise). */
const authorFields: ReadonlySet<string> = new Set(['from', 'sender', 'resent-from', 'resent-sender']);
/** Not for others to read; and of an earlier delivery, as in mail that is sent on from a mailbox, which would look like a circle. */
const droppedFields: ReadonlySet<string> = new Set([
  'bcc',
  'resent-bcc',
  'return-path',
  'delivered-to',
  ...onceFields,
]);
const rewrittenFields: ReadonlySet<string> = new Set([
  'from',
  'sender',
  'reply-to',
  'resent-from',
  'resent-sender',
]);
/** Addresses of author fields that are looked up: more is no mail of a person. */
const authorsMax = 100;

type Lookup = Pick<Directory, 'maySendAs' | 'rewrite'>;

export async function mendSubmitted(
  directory: Lookup,
  header: Buffer,
  facts: HeaderFacts,
  mail: Submitted,
): Promise<Mended> {
  const { block } = facts;
  if (findFields(block, 'from').length > 1)
    throw new Refusal('messageMalformed', 'more than one From field', { at: 'from' });
  if (facts.onceKey.length > onceKeyMaxChars)
    throw new Refusal('messageMalformed', 'idempotency key too long', { at: 'idempotency-key' });
  await checkAuthors(directory, header, facts, mail.principal);
  const messageId = facts.messageId || `<${mail.id}@${mail.hostName}>`;
  if (facts.dkim) return { top: '', header: withoutDropped(header, facts), messageId: facts.messageId };
  const top: string[] = [];
  if (findField(block, 'from') === undefined) top.push(`From: ${await ownAddress(directory, mail)}\r\n`);
  if (findField(block, 'date') === undefined) top.push(`Date: ${dateText(mail.atMs)}\r\n`);
  if (facts.messageId === '') top.push(`Message-ID: ${messageId}\r\n`);
  if (mail.complaints !== undefined && findField(block, 'cfbl-address') === undefined)
    top.push(`CFBL-Address: ${mail.complaints}; report=arf\r\nCFBL-Feedback-ID: ${mail.id}\r\n`);
  if (mail.unsubscribe !== undefined && findField(block, 'list-unsubscribe') === undefined)
    top.push(mail.unsubscribe);
  return { top: top.join(''), header: await mendFields(directory, header, facts, mail), messageId };
}

async function checkAuthors(
  directory: Lookup,
  header: Buffer,
  { block }: HeaderFacts,
  principal: Principal,
): Promise<void> {
  let looked = 0;
  for (const field of block.fields) {
    if (!authorFields.has(field.name)) continue;
    const authors = flatten(parseAddresses(fieldText(header, field)));
    if (authors.length === 0)
      throw new Refusal('messageMalformed', `no address in ${field.name}`, { at: field.name });
    for (const author of authors) {
      looked += 1;
      if (looked > authorsMax) throw new Refusal('messageMalformed', 'too many authors', { at: field.name });
      const address = `${author.local}@${author.domain}`;
      if (!(await directory.maySendAs(principal, address))) {
        throw new Refusal('senderNotAllowed', `${principal.address} as ${field.name} ${address}`, {
          at: field.name,
        });
      }
    }
  }
}

async function ownAddress(directory: Lookup, { sender, principal }: Submitted): Promise<string> {
  const address = await directory.rewrite(sender || principal.address, 'out', 'header');
  return formatMailbox(splitAddress(address)!);
}

function withoutDropped(header: Buffer, { block }: HeaderFacts): Buffer {
  return replaced(header, block, new Map(block.fields.filter(isDropped).map((field) => [field, ''])));
}

const isDropped = (field: HeaderField): boolean => droppedFields.has(field.name);

async function mendFields(
  directory: Lookup,
  header: Buffer,
  { block }: HeaderFacts,
  mail: Submitted,
): Promise<Buffer> {
  const changes = new Map<HeaderField, string>();
  for (const field of block.fields) {
    if (isDropped(field)) changes.set(field, '');
    else if (rewrittenFields.has(field.name)) {
      const text = await rewritten(directory, header, field);
      if (text !== undefined) changes.set(field, text);
    } else if (field.name === 'subject' && !mail.smtpUtf8) {
      const text = fieldText(header, field);
      if (/[^\u0000-\u007f]/.test(text)) changes.set(field, `Subject: ${encodeText(text, { used: 9 })}\r\n`);
    }
  }
  return replaced(header, block, changes);
}

/** The field with addresses in their canonical spelling, or undefined when that changes nothing. Everything else in it stays as it is. */
async function rewritten(directory: Lookup, header: Buffer, field: HeaderField): Promise<string | undefined> {
  let text = header.toString('latin1', field.start, field.end);
  let changed = false;
  for (const mailbox of flatten(parseAddresses(fieldText(header, field)))) {
    const address = `${mailbox.local}@${mailbox.domain}`;
    const canonical = await directory.rewrite(address, 'out', 'header');
    if (canonical === address) continue;
    const spelled = latin1(formatAddrSpec(mailbox));
    const at = text.lastIndexOf(spelled);
    if (at === -1) continue;
    text =
      text.slice(0, at) +
      latin1(formatAddrSpec(splitAddress(canonical) as Mailbox)) +
      text.slice(at + spelled.length);
    changed = true;
  }
  return changed ? text : undefined;
}

/** UTF-8 octets as characters, so that text and raw header can be searched and joined. */
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

/** `changes` holds whole fields in latin1 or ASCII, `''` to take one out. */
function replaced(header: Buffer, block: HeaderBlock, changes: ReadonlyMap<HeaderField, string>): Buffer {
  let at = block.fields[0]?.start ?? block.end;
  if (changes.size === 0) return header.subarray(at);
  const pieces: Buffer[] = [];
  for (const [field, text] of changes) {
    pieces.push(header.subarray(at, field.start), Buffer.from(text, 'latin1'));
    at = field.end;
  }
  pieces.push(header.subarray(at));
  return Buffer.concat(pieces);
}
