/** A draft as an email of the server: kept, sent now or at a time, taken back (RFC 8621, 4.6 and 7.5; RFC 4865). */
import { checked, jmap, mail, submission } from '../jmap/client.ts';
import type { Id, Identity } from '../jmap/types.ts';
import { addresses, type Charset, type Draft, type DraftImage, parseAddress } from './draft.ts';
import { cidsOf, htmlOf, quoteClass, textOf } from './rich-doc.ts';
import { unwritable } from './jis.ts';

/** Words and HTML of a draft, as receivers get them. */
export function bodiesOf(draft: Draft): { readonly text: string; readonly html?: string } {
  const { doc, quote } = draft;
  if (draft.format === 'plain' || doc === undefined) return { text: draft.text };
  const behind = quote === undefined ? '' : `\n\n${quote.text}`;
  const html = [
    htmlOf(doc),
    ...(quote === undefined ? [] : [`<div class="${quoteClass}">${quote.html}</div>`]),
  ];
  return { text: textOf(doc) + behind, html: html.join('\n<br>\n') };
}

/** Pictures that the text or what it quotes shows; one that was taken out of the text does not leave. */
function shownImages({ format, doc, quote, images }: Draft): readonly DraftImage[] {
  if (format === 'plain' || doc === undefined) return [];
  const used = new Set(cidsOf(doc));
  return [...images.filter(({ cid }) => used.has(cid)), ...(quote?.images ?? [])];
}

/** All the words that leave in the chosen encoding. */
export function wordsOf(draft: Draft, from: Pick<Identity, 'name'>): string {
  const { text, html = '' } = bodiesOf(draft);
  const names = [...draft.to, ...draft.cc].map((each) => parseAddress(each)?.name ?? '');
  const files = draft.files.map(({ name }) => name);
  return [draft.subject, from.name, ...names, ...files, text, html].join('\n');
}

function part(partId: string, type: string, charset: Charset): object {
  // The server writes in the charset that the part's own Content-Type says.
  return charset === 'utf-8'
    ? { partId, type }
    : { partId, 'header:Content-Type': ` ${type}; charset=${charset.toUpperCase()}` };
}

interface EmailOptions {
  readonly from: Identity;
  readonly drafts: Id;
  /** When it is to leave, ISO 8601 in UTC: that is its date. */
  readonly sentAt?: string;
}

/** The Email that is made of it (RFC 8621, 4.6). */
function emailOf(draft: Draft, { from, drafts, sentAt }: EmailOptions): object {
  const { text, html } = bodiesOf(draft);
  // A draft that cannot be written so is kept in UTF-8; it is asked about before it leaves.
  const charset = unwritable(wordsOf(draft, from)).length > 0 ? 'utf-8' : draft.charset;
  return {
    mailboxIds: { [drafts]: true },
    keywords: { $draft: true, $seen: true },
    from: [{ name: from.name || null, email: from.email }],
    to: addresses(draft.to),
    cc: addresses(draft.cc),
    bcc: addresses(draft.bcc),
    ...(from.replyTo && { replyTo: from.replyTo }),
    subject: draft.subject,
    ...(draft.inReplyTo && { inReplyTo: draft.inReplyTo }),
    ...(draft.references && { references: draft.references }),
    ...(sentAt !== undefined && { sentAt }),
    textBody: [part('text', 'text/plain', charset)],
    ...(html !== undefined && { htmlBody: [part('html', 'text/html', charset)] }),
    bodyValues: { text: { value: text }, ...(html !== undefined && { html: { value: html } }) },
    attachments: [
      ...shownImages(draft).map(({ blobId, name, type, cid }) => ({
        blobId,
        name,
        type,
        cid,
        disposition: 'inline',
      })),
      ...draft.files.map(({ blobId, name, type }) => ({ blobId, name, type, disposition: 'attachment' })),
    ],
  };
}

/** Keeps it; what was kept before goes. Gives the new id. */
export async function saveDraft(account: Id, draft: Draft, from: Identity, drafts: Id): Promise<Id> {
  const { s } = await jmap([
    [
      'Email/set',
      {
        accountId: account,
        create: { draft: emailOf(draft, { from, drafts }) },
        ...(draft.id !== undefined && { destroy: [draft.id] }),
      },
      's',
    ],
  ]);
  const created = (s as { created?: Record<string, { id: Id }> | null }).created?.['draft'];
  if (created === undefined) checked(s);
  return created!.id;
}

export async function dropDraft(account: Id, id: Id): Promise<void> {
  await jmap([['Email/set', { accountId: account, destroy: [id] }, 'd']]);
}

export interface SendOptions {
  readonly drafts: Id;
  readonly sent: Id;
  /** For so long it can be taken back. */
  readonly holdSeconds: number;
  /** Not before this time. */
  readonly untilMs?: number;
  /** It is kept on the server under this id, also when it is not let go then. */
  readonly onKept?: (id: Id) => void;
}

export interface Sent {
  readonly submission: Id;
  readonly email: Id;
}

export const utcDate = (ms: number): string =>
  new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');

const held = ({ holdSeconds, untilMs }: Pick<SendOptions, 'holdSeconds' | 'untilMs'>): object | null => {
  if (untilMs !== undefined) return { HOLDUNTIL: utcDate(untilMs) };
  return holdSeconds > 0 ? { HOLDFOR: String(holdSeconds) } : null;
};

/** Kept as a draft, handed over, and moved to Sent in one request (RFC 8621, 7.5). */
export async function sendDraft(
  account: Id,
  draft: Draft,
  from: Identity,
  options: SendOptions,
): Promise<Sent> {
  const { drafts, sent, untilMs } = options;
  const to = [...draft.to, ...draft.cc, ...draft.bcc].flatMap((text) => parseAddress(text) ?? []);
  const copies = (from.bcc ?? []).filter(({ email }) => to.every((each) => each.email !== email));
  const { s, e } = await jmap(
    [
      [
        'Email/set',
        {
          accountId: account,
          create: {
            mail: emailOf(draft, {
              from,
              drafts,
              ...(untilMs !== undefined && { sentAt: utcDate(untilMs) }),
            }),
          },
          ...(draft.id !== undefined && { destroy: [draft.id] }),
        },
        's',
      ],
      [
        'EmailSubmission/set',
        {
          accountId: account,
          create: {
            send: {
              identityId: from.id,
              emailId: '#mail',
              envelope: {
                mailFrom: { email: from.email, parameters: held(options) },
                rcptTo: [...to, ...copies].map(({ email }) => ({ email, parameters: null })),
              },
            },
          },
          onSuccessUpdateEmail: {
            '#send': {
              [`mailboxIds/${drafts}`]: null,
              [`mailboxIds/${sent}`]: true,
              'keywords/$draft': null,
            },
          },
        },
        'e',
      ],
      ...(draft.about
        ? ([
            [
              'Email/set',
              {
                accountId: account,
                update: { [draft.about.id]: { [`keywords/${draft.about.keyword}`]: true } },
              },
              'a',
            ],
          ] as const)
        : []),
    ],
    { using: [mail, submission] },
  );
  const email = checked(s).created!['mail']!.id;
  options.onKept?.(email);
  return { submission: checked(e).created!['send']!.id, email };
}

/** While it is held: it is a draft again. */
export async function takeBack(
  account: Id,
  id: Id,
  { drafts, sent }: Pick<SendOptions, 'drafts' | 'sent'>,
): Promise<void> {
  const { e } = await jmap(
    [
      [
        'EmailSubmission/set',
        {
          accountId: account,
          update: { [id]: { undoStatus: 'canceled' } },
          onSuccessUpdateEmail: {
            [id]: {
              [`mailboxIds/${sent}`]: null,
              [`mailboxIds/${drafts}`]: true,
              'keywords/$draft': true,
            },
          },
        },
        'e',
      ],
    ],
    { using: [mail, submission] },
  );
  checked(e);
}
