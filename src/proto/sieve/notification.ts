/** Mails of `notify` by `mailto` (RFC 5436). None is sent about a mail that a program wrote: two accounts could keep each other busy for ever (2.7.1). */
import type { Notify } from './action.ts';
import { formatAddrSpec, flatten, parseAddresses } from '../mime/address.ts';
import { compose, type DraftField } from '../mime/compose.ts';
import type { Letter } from './letter.ts';
import { parseMailto } from './mailto.ts';
import type { ReplyFacts, WrittenMail } from './reply-facts.ts';
import { shown } from './text.ts';
import { charsetOf, isAutoSubmitted, oneLine, subjectOf } from './vacation-reply.ts';

/** Fields of the URI that become fields of the mail. Others could forge where it comes from (RFC 5436, 2.4 and 3). */
const copied = new Map([
  ['cc', 'Cc'],
  ['keywords', 'Keywords'],
  ['comments', 'Comments'],
]);

const importanceWords = {
  1: ['high', '1 (Highest)'],
  2: ['normal', '3 (Normal)'],
  3: ['low', '5 (Lowest)'],
} as const;

/** Undefined when nobody is to be told. */
export function writeNotification(
  action: Notify,
  letter: Letter,
  facts: ReplyFacts,
): WrittenMail | undefined {
  const uri = parseMailto(action.method);
  if (uri === undefined || isAutoSubmitted(letter)) return undefined;
  const field = (wanted: string): string | undefined => uri.fields.find(([name]) => name === wanted)?.[1];
  const subject = action.message ?? field('subject') ?? subjectOf(letter);
  const [importance, priority] = importanceWords[action.importance];
  const told = new Set(uri.to.map((address) => address.toLowerCase()));
  const cc = addressesOf(field('cc') ?? '').filter((address) => !told.has(address.toLowerCase()));
  const headers: DraftField[] = [
    { name: 'From', addresses: parseAddresses(oneLine(action.from ?? facts.ownAddress)) },
    { name: 'To', addresses: uri.to.flatMap((address) => parseAddresses(address)) },
    ...(cc.length === 0 ? [] : [{ name: 'Cc', addresses: cc.flatMap((address) => parseAddresses(address)) }]),
    { name: 'Subject', text: oneLine(subject) },
    { name: 'Date', dateMs: facts.nowMs, zoneMinutes: facts.zoneMinutes },
    { name: 'Message-ID', raw: facts.messageId },
    { name: 'Auto-Submitted', raw: `auto-notified; owner-email="${ownerOf(facts)}"` },
    { name: 'X-Priority', raw: priority },
    { name: 'Importance', raw: importance },
    ...uri.fields
      .filter(([name]) => name !== 'cc' && copied.has(name))
      .map(([name, text]) => ({ name: copied.get(name)!, text: oneLine(text) })),
  ];
  const text = field('body') ?? `${about(letter, action, facts)}\n`;
  const bytes = compose({ headers, body: { is: 'text', text: shown(text) }, charset: charsetOf(letter) });
  return { to: [...uri.to, ...cc], bytes };
}

const addressesOf = (text: string): string[] =>
  text === ''
    ? []
    : flatten(parseAddresses(text))
        .filter(({ domain }) => domain !== '')
        .map(formatAddrSpec);

function ownerOf({ ownAddress }: ReplyFacts): string {
  const [owner = ''] = addressesOf(ownAddress);
  return /^[!#-[\]-~]+$/.test(owner) ? owner : '';
}

/** What the mail is about, for the body: its message, and who wrote. */
function about(letter: Letter, action: Notify, { language }: ReplyFacts): string {
  const from = oneLine(letter.values('from')[0] ?? '');
  const subject = subjectOf(letter);
  const lines =
    language === 'ja' ? [`差出人: ${from}`, `件名: ${subject}`] : [`From: ${from}`, `Subject: ${subject}`];
  return [...(action.message === undefined ? [] : [action.message, '']), ...lines].join('\n');
}
