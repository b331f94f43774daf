/** Replies and forwards: to whom, under what subject, with what quoted (RFC 5322, 3.6.4). */
import type { BodyPart, Email, EmailAddress } from '../jmap/types.ts';
import { cleaned } from '../read/sanitise.ts';
import { addressText, type Draft, type DraftImage, emptyDraft, type Quote } from './draft.ts';
import { escaped, htmlOfText } from './rich-doc.ts';

export type AnswerKind = 'sender' | 'all' | 'forward';

const isOwn = (own: readonly string[]) => (who: EmailAddress) =>
  own.some((address) => address.toLowerCase() === who.email.toLowerCase());

export function replyTo(email: Email, own: readonly string[], kind: AnswerKind): Draft {
  const as = [...(email.to ?? []), ...(email.cc ?? []), ...(email.from ?? [])].map(({ email: each }) => each);
  if (kind === 'forward') {
    const quote = forwarded(email);
    const shown = new Set(quote.images.map(({ blobId }) => blobId));
    return {
      ...emptyDraft,
      fresh: true,
      as,
      subject: prefixed('Fwd', email.subject),
      quote,
      files: email.attachments.flatMap(({ blobId, name, type, size }) =>
        blobId === null || shown.has(blobId) ? [] : [{ blobId, name: name ?? '', type, size }],
      ),
      about: { id: email.id, keyword: '$forwarded' },
    };
  }
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
    fresh: true,
    as,
    to: first.map(addressText),
    cc: kind === 'all' ? others.map(addressText) : [],
    subject: prefixed('Re', email.subject),
    quote: quoted(email),
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

/** As the page's reader is used to see times. */
const timeOf = (email: Email): string =>
  new Date(email.sentAt ?? email.receivedAt).toLocaleString(document.documentElement.lang);

function quoted(email: Email): Quote {
  const head = `${timeOf(email)}, ${who(email.from)}:`;
  const lines = plainText(email).replaceAll('\r\n', '\n').trimEnd().split('\n');
  const quote = lines.map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`)).join('\n');
  const { html, images } = original(email);
  return {
    text: `${head}\n${quote}\n`,
    html: `<p style="margin:0 0 4px">${escaped(head)}</p>\n<blockquote type="cite" style="margin:0 0 0 8px;padding-left:12px;border-left:3px solid #c9c5b9">${html}</blockquote>`,
    images,
  };
}

function forwarded(email: Email): Quote {
  const fields = [
    ['From', who(email.from)],
    ['Date', timeOf(email)],
    ['Subject', email.subject ?? ''],
    ['To', who(email.to)],
    ...((email.cc ?? []).length > 0 ? [['Cc', who(email.cc)]] : []),
  ].map(([name, value]) => `${name}: ${value}`);
  const head = ['---------- Forwarded message ----------', ...fields];
  const { html, images } = original(email);
  return {
    text: `${head.join('\n')}\n\n${plainText(email)}\n`,
    html: `<p style="margin:0 0 12px">${head.map(escaped).join('<br>\n')}</p>\n<div>${html}</div>`,
    images,
  };
}

/** Its HTML, harmless, with the pictures of its own; plain text becomes HTML. */
function original(email: Email): Pick<Quote, 'html' | 'images'> {
  const parts = email.htmlBody.filter(({ type }) => type === 'text/html');
  if (parts.length === 0) return { html: htmlOfText(plainText(email).trimEnd()), images: [] };
  const html = parts.map(({ partId }) => email.bodyValues[partId ?? '']?.value ?? '').join('\n');
  return harmless(html, email.attachments);
}

/** HTML as it may leave again: pictures of the mail stay by their Content-IDs, those from elsewhere by their addresses. */
export function harmless(html: string, attachments: readonly BodyPart[]): Pick<Quote, 'html' | 'images'> {
  const images = new Map<string, DraftImage>();
  const clean = cleaned(html, {
    cidUrl(cid) {
      const part = attachments.find((each) => each.cid === cid);
      if (part === undefined || part.blobId === null) return undefined;
      images.set(cid, { cid, blobId: part.blobId, name: part.name ?? '', type: part.type, size: part.size });
      return `cid:${encodeURI(cid)}`;
    },
    remoteUrl: (url) => url,
  });
  return { html: clean.html, images: [...images.values()] };
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
    fresh: true,
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
