/**
 * Replies of `vacation`: whether one may be sent (RFC 5230, 4.5 and 4.6; RFC 3834, 2), and the reply itself (RFC 5230, 5). Whether this sender has had one
 * lately is for whoever keeps the memory of it.
 */
import type { Vacation } from './action.ts';
import { flatten, formatAddrSpec, parseAddresses } from '../mime/address.ts';
import { compose, type DraftField, formatField } from '../mime/compose.ts';
import type { HeaderCharset } from '../mime/encoded-word-encoder.ts';
import { parseMessageIds } from '../mime/message-id.ts';
import { fieldValue, type Letter } from './letter.ts';
import type { ReplyFacts, WrittenMail } from './reply-facts.ts';
import { octetsOf, shown } from './text.ts';

/** Why no reply is sent. */
export type Silence = 'nullSender' | 'toOneself' | 'robot' | 'list' | 'autoSubmitted' | 'notAddressed';

export interface ReplyQuestion {
  readonly letter: Letter;
  /** The envelope's. */
  readonly sender: string;
  /** All addresses of the owner, and what `:addresses` named. */
  readonly own: readonly string[];
}

/** Undefined: a reply may be sent. */
export function silenceFor({ letter, sender, own }: ReplyQuestion): Silence | undefined {
  if (sender === '') return 'nullSender';
  const mine = new Set(own.map(comparable));
  if (mine.has(comparable(sender))) return 'toOneself';
  if (isRobot(sender)) return 'robot';
  if (letter.fields.some(({ name }) => name.startsWith('list-'))) return 'list';
  if (/^(?:bulk|list|junk)\b/i.test(first(letter, 'precedence'))) return 'list';
  if (isAutoSubmitted(letter)) return 'autoSubmitted';
  return addressedTo(letter).some((address) => mine.has(comparable(address))) ? undefined : 'notAddressed';
}

/** Written by a program (RFC 3834, 5), or asking for no automatic reply (as Exchange writes it). */
export function isAutoSubmitted(letter: Letter): boolean {
  // Any of several: a script, or whoever sent it on, may have put another one on top.
  if (letter.values('auto-submitted').some((value) => value !== '' && !/^no\b/i.test(value))) return true;
  return /\b(?:all|oof|autoreply)\b/i.test(first(letter, 'x-auto-response-suppress'));
}

/** RFC 5230, 4.6: addresses behind which is no person. */
function isRobot(sender: string): boolean {
  const local = sender.slice(0, sender.lastIndexOf('@')).toLowerCase();
  return (
    /^(?:mailer-daemon|listserv|majordomo|owner-.*|postmaster|bounces?)$/.test(local) ||
    /(?:-request|-owner|-bounces?|-relay)$/.test(local) ||
    /^no-?reply$|^do-?not-?reply$|^bounces?[+-]/.test(local)
  );
}

const recipientFields = new Set(['to', 'cc', 'bcc', 'resent-to', 'resent-cc', 'resent-bcc']);

/** Every address in To, Cc, Bcc and their Resent kin. */
export function addressedTo(letter: Letter): string[] {
  return letter.fields
    .filter(({ name }) => recipientFields.has(name))
    .flatMap(({ raw }) => flatten(parseAddresses(raw)).map(formatAddrSpec));
}

const comparable = (address: string): string => {
  const [mailbox] = flatten(parseAddresses(address));
  return (mailbox ? formatAddrSpec(mailbox) : address).toLowerCase();
};

const first = (letter: Letter, name: string): string => letter.values(name)[0] ?? '';

export function writeReply(action: Vacation, letter: Letter, sender: string, facts: ReplyFacts): WrittenMail {
  const charset = charsetOf(letter);
  const headers: DraftField[] = [
    { name: 'From', addresses: parseAddresses(oneLine(action.from ?? facts.ownAddress)) },
    { name: 'To', addresses: parseAddresses(sender) },
    { name: 'Subject', text: subjectFor(action, letter, facts) },
    { name: 'Date', dateMs: facts.nowMs, zoneMinutes: facts.zoneMinutes },
    { name: 'Message-ID', raw: facts.messageId },
    { name: 'Auto-Submitted', raw: 'auto-replied (vacation)' },
    ...threadFields(letter),
  ];
  const reason = shown(action.reason);
  const bytes = action.mime
    ? aroundEntity(headers, action.reason, charset)
    : compose({ headers, body: { is: 'text', text: reason }, charset });
  return { to: [sender], bytes };
}

/** RFC 5230, 5.3: `:subject`, or what the message had. */
function subjectFor({ subject }: Vacation, letter: Letter, { language }: ReplyFacts): string {
  if (subject !== undefined) return oneLine(subject);
  const old = first(letter, 'subject');
  if (old !== '') return `Auto: ${oneLine(old)}`;
  return language === 'ja' ? '自動応答' : 'Automated reply';
}

/** RFC 5230, 5.8; RFC 5322, 3.6.4. */
export function threadFields(letter: Letter): DraftField[] {
  const [own] = idsIn(first(letter, 'message-id'));
  if (own === undefined) return [];
  const before = idsIn(first(letter, 'references') || first(letter, 'in-reply-to'));
  const references = [...before.slice(-referencesMax), own];
  return [
    { name: 'In-Reply-To', raw: own },
    { name: 'References', raw: references.join('\r\n ') },
  ];
}

const referencesMax = 10;
/** Ids that may go into a field of our own, with their brackets. */
export const idsIn = (text: string): string[] =>
  parseMessageIds(text)
    .filter((id) => /^[!-;=?-~]{3,200}$/.test(id))
    .map((id) => `<${id}>`);

/** A sender whose mailer writes ISO-2022-JP reads that best. */
export function charsetOf(letter: Letter): HeaderCharset {
  const written = letter.fields.some(({ name, raw }) => isHeading(name) && /iso-2022-jp/i.test(raw));
  return written ? 'iso-2022-jp' : 'utf-8';
}

const isHeading = (name: string): boolean => name === 'content-type' || name === 'subject' || name === 'from';

/** The script's MIME entity under our header (RFC 5230, 4.4). Its own fields count only as far as they are MIME's. */
function aroundEntity(headers: readonly DraftField[], reason: string, charset: HeaderCharset): Buffer {
  const entity = octetsOf(reason.replaceAll(/\r?\n/g, '\r\n'));
  const blank = entity.indexOf('\r\n\r\n');
  const fields = blank === -1 ? '' : entity.toString('latin1', 0, blank + 2);
  const kept = (fields.match(/^content-[!-9;-~]*[ \t]*:[^\r]*\r\n(?:[ \t][^\r]*\r\n)*/gim) ?? []).join('');
  const body = blank === -1 ? entity : entity.subarray(blank + 4);
  const head = headers.map((field) => formatField(field, charset)).join('');
  return Buffer.concat([Buffer.from(`${head}MIME-Version: 1.0\r\n${kept}\r\n`, 'latin1'), body]);
}

export const oneLine = (text: string): string =>
  shown(text)
    .replaceAll(/[\x00-\x1f\x7f]+/g, ' ')
    .trim();

/** For whoever shows a message: what it was about. */
export const subjectOf = (letter: Letter): string => {
  const field = letter.fields.find(({ name }) => name === 'subject');
  return field ? oneLine(fieldValue(field)) : '';
};
