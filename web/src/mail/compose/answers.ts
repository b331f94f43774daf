/** Replies and forwards: to whom, under what subject, with what quoted (RFC 5322, 3.6.4). */
import type { Email, EmailAddress } from '../jmap/types.ts';
import { addressText, emptyDraft, type Draft } from './draft.ts';

export type AnswerKind = 'sender' | 'all' | 'forward';

const isOwn = (own: readonly string[]) => (who: EmailAddress) =>
  own.some((address) => address.toLowerCase() === who.email.toLowerCase());

export function replyTo(email: Email, own: readonly string[], kind: AnswerKind): Draft {
  const text = quoted(email);
  if (kind === 'forward')
    return {
      ...emptyDraft,
      subject: prefixed('Fwd', email.subject),
      text: forwarded(email),
      files: email.attachments.flatMap(({ blobId, name, type, size }) =>
        blobId === null ? [] : [{ blobId, name: name ?? '', type, size }],
      ),
      about: { id: email.id, keyword: '$forwarded' },
    };
  const mine = isOwn(own);
  const sender = email.replyTo ?? email.from ?? [];
  // An answer to what one has sent oneself goes to whom it went.
  const first = sender.length > 0 && sender.every(mine) ? (email.to ?? []) : sender;
  const known = new Set(first.map((who) => who.email.toLowerCase()));
  const others = [...(email.to ?? []), ...(email.cc ?? [])].filter(
    (who) => !mine(who) && !known.has(who.email.toLowerCase()),
  );
  const references = [...(email.references ?? email.inReplyTo ?? []), ...(email.messageId ?? [])];
  return {
    ...emptyDraft,
    to: first.map(addressText),
    cc: kind === 'all' ? others.map(addressText) : [],
    subject: prefixed('Re', email.subject),
    text,
    ...(email.messageId && { inReplyTo: email.messageId }),
    ...(references.length > 0 && { references }),
    about: { id: email.id, keyword: '$answered' },
  };
}

/** One prefix, however many there were: those of mail programs in Japan and elsewhere. */
function prefixed(prefix: 'Re' | 'Fwd', subject: string | null): string {
  const others =
    prefix === 'Re'
      ? /^(?:\s*(?:re|aw|sv|antw|返信)(?:\[\d+\])?\s*[:：])+\s*/i
      : /^(?:\s*(?:fwd?|wg|転送)\s*[:：])+\s*/i;
  return `${prefix}: ${(subject ?? '').replace(others, '')}`.trimEnd();
}

/** What can be quoted or gone on with: the plain text, or the words of the HTML. */
export function plainText(email: Email): string {
  const text = email.textBody
    .filter(({ type }) => type === 'text/plain')
    .map(({ partId }) => email.bodyValues[partId ?? '']?.value ?? '')
    .join('\n');
  if (text !== '') return text;
  const html = email.htmlBody.map(({ partId }) => email.bodyValues[partId ?? '']?.value ?? '').join('\n');
  return textOfHtml(html);
}

/** Words of HTML, as a quote needs them: nothing of it becomes HTML of ours. Time grows with its length alone, whatever strangers have written. */
export function textOfHtml(html: string): string {
  const text = withoutUnseen(html)
    .replaceAll(/<br\s*\/?>|<\/(?:p|div|tr|li|h[1-6]|blockquote)>/gi, '\n')
    .replaceAll(/<[^<>]*>/g, '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
  const lines = text.split('\n').map((line) => line.trimEnd());
  return lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

/** One that is never closed goes on to the end. */
function withoutUnseen(html: string): string {
  const folded = html.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  const kept: string[] = [];
  let from = 0;
  for (const found of folded.matchAll(/<(style|script|head|title)\b/g)) {
    if (found.index < from) continue;
    kept.push(html.slice(from, found.index));
    const close = folded.indexOf(`</${found[1]!}`, found.index);
    const end = close === -1 ? -1 : folded.indexOf('>', close);
    if (end === -1) return kept.join('');
    from = end + 1;
  }
  kept.push(html.slice(from));
  return kept.join('');
}

const who = (people: readonly EmailAddress[] | null): string => (people ?? []).map(addressText).join(', ');

function quoted(email: Email): string {
  const at = new Date(email.sentAt ?? email.receivedAt).toLocaleString(document.documentElement.lang);
  const lines = plainText(email).replaceAll('\r\n', '\n').trimEnd().split('\n');
  const quote = lines.map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`)).join('\n');
  return `\n\n${at}, ${who(email.from)}:\n${quote}\n`;
}

function forwarded(email: Email): string {
  const fields = [
    ['From', who(email.from)],
    ['Date', new Date(email.sentAt ?? email.receivedAt).toLocaleString(document.documentElement.lang)],
    ['Subject', email.subject ?? ''],
    ['To', who(email.to)],
  ].map(([name, value]) => `${name}: ${value}`);
  return `\n\n---------- Forwarded message ----------\n${fields.join('\n')}\n\n${plainText(email)}\n`;
}

/** A mailto link (RFC 6068). */
export function draftTo(url: string): Draft {
  const [, to = '', query = ''] = /^mailto:([^?]*)(?:\?(.*))?$/is.exec(url) ?? [];
  const fields = new Map(
    query.split('&').map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return [name.toLowerCase(), decoded(value)];
    }),
  );
  const list = (text: string): string[] =>
    text
      .split(',')
      .map((each) => decoded(each).trim())
      .filter((each) => each !== '');
  return {
    ...emptyDraft,
    to: [...list(to), ...list(fields.get('to') ?? '')],
    cc: list(fields.get('cc') ?? ''),
    subject: fields.get('subject') ?? '',
    text: fields.get('body') ?? '',
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
