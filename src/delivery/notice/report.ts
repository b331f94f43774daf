/**
 * A notice as a message: multipart/report with text for a person, fields for programs, and what is returned of the message
 * (RFC 3461, 6; RFC 3462; RFC 3464; RFC 6533 for international addresses). Pure: time, ids and randomness come in.
 */
import { isAscii } from 'node:buffer';
import { compose, type DraftBody, type DraftField } from '../../proto/mime/compose.ts';
import { formatDate } from '../../proto/mime/date.ts';
import { encodeUtf8Xtext } from '../../proto/smtp/xtext.ts';
import type { NoticedRecipient, NoticeRequest } from '../../queue/notice.ts';
import { replyMeaning } from '../reply-meaning.ts';
import { meanings } from '../words/meanings.ts';
import { noticeWords, type NoticeWords } from '../words/notice.ts';

export interface ReportFacts {
  readonly request: Omit<NoticeRequest, 'body'>;
  /** What is returned: the whole message, or its header only. */
  readonly returned: { readonly is: 'full' | 'headers'; readonly bytes: Buffer };
  readonly hostname: string;
  readonly from: { readonly local: string; readonly domain: string };
  /** Whoever is told: the sender, as a rule. */
  readonly to: { readonly local: string; readonly domain: string };
  readonly messageId: string;
  readonly boundary: string;
}

const zoneMinutesJa = 540;
/** Recipients described in the text; all are in the fields. */
const describedMax = 50;

export function composeReport(facts: ReportFacts): Buffer {
  const { request, from, to, messageId } = facts;
  const { message, about } = request;
  const words = noticeWords[message.language];
  const subject = oneLine(message.subject);
  const headers: DraftField[] = [
    { name: 'From', addresses: [{ name: words.from, ...from }] },
    { name: 'To', addresses: [to] },
    { name: 'Subject', text: subject === '' ? words.subject[about] : `${words.subject[about]}: ${subject}` },
    { name: 'Date', dateMs: request.atMs, zoneMinutes: message.language === 'ja' ? zoneMinutesJa : 0 },
    { name: 'Message-ID', raw: messageId },
    { name: 'Auto-Submitted', raw: 'auto-replied' },
    // Whoever would rather have the message than its encryption wants to hear of it too (RFC 8689, 5).
    ...(message.tlsOptional === true ? [{ name: 'TLS-Required', raw: 'No' }] : []),
    ...threadFields(message.headerMessageId),
  ];
  return compose({
    headers,
    body: {
      is: 'multipart',
      subtype: 'report',
      params: [['report-type', 'delivery-status']],
      boundary: facts.boundary,
      parts: [
        {
          is: 'text',
          text: humanText(facts, words),
          headers: [{ name: 'Content-Language', raw: message.language }],
        },
        statusPart(facts),
        returnedPart(facts),
      ],
    },
  });
}

/** So that mailers show the notice beside the message. Only an id that is one goes into a field of its own. */
function threadFields(id: string): DraftField[] {
  if (!/^<[!-;=?-~]{3,200}>$/.test(id)) return [];
  return [
    { name: 'In-Reply-To', raw: id },
    { name: 'References', raw: id },
  ];
}

function humanText({ request, returned }: ReportFacts, words: NoticeWords): string {
  const { about, message } = request;
  const lines = [message.sender === '' ? words.ownNotice : words.opening[about], ''];
  for (const recipient of request.recipients.slice(0, describedMax)) {
    lines.push(`  ${recipient.recipient.address}`, ...described(request, recipient, words), '');
  }
  if (request.recipients.length > describedMax)
    lines.push(`  … (+${request.recipients.length - describedMax})`, '');
  if (about === 'delay') lines.push(words.retryUntil(words.date(message.expiresAtMs)), '');
  if (message.deliverBy) lines.push(words.deliverBy(words.date(message.deliverBy.atMs)), '');
  if (about === 'relayed' && !message.deliverBy) lines.push(words.relayed, '');
  lines.push(words.yourMessage(oneLine(message.subject), words.date(message.acceptedAtMs)));
  lines.push(words.closing[returned.is], '', words.noAnswerNeeded);
  return `${lines.join('\n')}\n`;
}

function described(
  request: ReportFacts['request'],
  { answer, why }: NoticedRecipient,
  words: NoticeWords,
): string[] {
  if (isGood(request.about)) return [];
  const { language } = request.message;
  const { what, ...meaning } = replyMeaning(answer, language);
  // "It is tried again by itself" is no longer true.
  const advice = why === 'expired' ? meanings.expired[language][1] : meaning.advice;
  const said = answer.host === '' ? words.weFound : words.serverSaid(answer.host);
  return [
    '',
    `  ${words.whatHappened}: ${what}${why === 'expired' ? ` ${words.expired}` : ''}`,
    ...(request.about === 'failure' ? [`  ${words.whatToDo}: ${advice}`] : []),
    `  ${said}:`,
    `    ${oneLine(answer.reply)}`,
  ];
}

const actions = {
  failure: 'failed',
  delay: 'delayed',
  success: 'delivered',
  relayed: 'relayed',
  expanded: 'expanded',
} as const;
/** Good news: there is no answer to explain. */
const isGood = (about: NoticeRequest['about']): boolean => about !== 'failure' && about !== 'delay';

/**
 * RFC 3464, 2.2 and 2.3. In UTF-8 (RFC 6533, 4) when the message was international and an address is; a sender who does not speak SMTPUTF8 gets
 * such addresses in seven bits.
 */
function statusPart({ request, hostname }: ReportFacts): DraftBody {
  const { message, recipients } = request;
  const addresses = recipients.flatMap(({ recipient }) => [recipient.address, recipient.orcpt]);
  const inUtf8 = message.smtpUtf8 && !addresses.every(isAsciiText);
  const head = [
    `Reporting-MTA: dns; ${hostname}`,
    ...(message.envid === '' ? [] : [`Original-Envelope-Id: ${ascii(message.envid)}`]),
    `Arrival-Date: ${formatDate(message.acceptedAtMs)}`,
    ...(message.notBeforeMs > message.acceptedAtMs
      ? [`Future-Release-Request: until; ${instant(message.notBeforeMs)}`]
      : []),
    ...(message.deliverBy ? [`Deliver-By-Date: ${formatDate(message.deliverBy.atMs)}`] : []),
  ];
  const groups = recipients.map((recipient) => recipientFields(request, recipient, inUtf8));
  const text = [head, ...groups]
    .map((lines) => lines.map((line) => `${folded(line)}\r\n`).join(''))
    .join('\r\n');
  return {
    is: 'verbatim',
    type: inUtf8 ? 'message/global-delivery-status' : 'message/delivery-status',
    bytes: Buffer.from(text),
  };
}

/** RFC 3339. */
const instant = (atMs: number): string => new Date(atMs).toISOString().replace('.000Z', 'Z');

function recipientFields(
  request: ReportFacts['request'],
  { recipient, answer, why }: NoticedRecipient,
  inUtf8: boolean,
): string[] {
  const { about, message, atMs } = request;
  const remote = answer.host !== '' && about !== 'success';
  const final = `${isAsciiText(recipient.address) ? 'rfc822' : 'utf-8'};${recipient.address}`;
  return [
    ...(recipient.orcpt === '' ? [] : [`Original-Recipient: ${typedAddress(recipient.orcpt, inUtf8)}`]),
    `Final-Recipient: ${typedAddress(final, inUtf8)}`,
    `Action: ${actions[about]}`,
    `Status: ${statusOf(about, answer.reply, why)}`,
    ...(remote ? [`Remote-MTA: dns; ${ascii(answer.host)}`] : []),
    ...(answer.reply === ''
      ? []
      : [`Diagnostic-Code: ${remote ? 'smtp' : 'x-hikyaku'}; ${ascii(answer.reply)}`]),
    `Last-Attempt-Date: ${formatDate(atMs)}`,
    `Final-Log-ID: ${message.id}`,
    ...(about === 'delay' ? [`Will-Retry-Until: ${formatDate(message.expiresAtMs)}`] : []),
  ];
}

/** `type;address` as RFC 3464, 2.3.1 writes it; RFC 6533, 3 has a form in UTF-8 and one in 7 bits for international addresses. */
function typedAddress(typed: string, inUtf8: boolean): string {
  const semicolon = typed.indexOf(';');
  const type = typed.slice(0, semicolon);
  const address = typed.slice(semicolon + 1);
  if (type.toLowerCase() !== 'utf-8') return `${ascii(type)}; ${ascii(address)}`;
  return `utf-8; ${inUtf8 ? oneLine(address) : encodeUtf8Xtext(address)}`;
}

function statusOf(
  about: ReportFacts['request']['about'],
  reply: string,
  why: NoticedRecipient['why'],
): string {
  if (isGood(about)) return '2.0.0';
  if (why === 'expired') return reply.startsWith('550 5.4.7') ? '5.4.7' : '4.4.7';
  const [, code = '5', enhanced] = /^(\d)\d\d(?:[ -]([245]\.\d{1,3}\.\d{1,3}))?/.exec(reply) ?? [];
  return enhanced ?? `${code === '4' ? 4 : 5}.0.0`;
}

function returnedPart({ returned }: ReportFacts): DraftBody {
  const { bytes } = returned;
  const international = !isAscii(returned.is === 'full' ? headerOf(bytes) : bytes);
  const types =
    returned.is === 'full'
      ? (['message/rfc822', 'message/global'] as const)
      : (['text/rfc822-headers', 'message/global-headers'] as const);
  return { is: 'verbatim', type: types[international ? 1 : 0], bytes };
}

/** The header with its last line end, without the blank line. */
export function headerOf(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  return end === -1 ? bytes : bytes.subarray(0, end + 2);
}

const isAsciiText = (text: string): boolean => !/[^\u0000-\u007f]/.test(text);
const oneLine = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
const ascii = (text: string): string => oneLine(text).replace(/[^ -~]/g, '?');

/** Long fields go on in further lines, at blanks where there are some. */
function folded(line: string): string {
  return line.length <= 120
    ? line
    : line.replace(
        /(.{60,110})\s(?=\S)|(.{400})(?=\S)/g,
        (_, words?: string, run?: string) => `${words ?? run}\r\n `,
      );
}
