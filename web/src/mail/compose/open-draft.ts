/** A draft that is kept on the server, to be gone on with: in the form that it has, with its pictures and files. */
import { jmap } from '../jmap/client.ts';
import type { BodyPart, Email, Id } from '../jmap/types.ts';
import { addressText, type Draft, emptyDraft } from './draft.ts';
import { plainText } from './answers.ts';

const blobUri = 'urn:ietf:params:jmap:blob';

const properties = [
  'id',
  'from',
  'to',
  'cc',
  'bcc',
  'subject',
  'inReplyTo',
  'references',
  'textBody',
  'htmlBody',
  'attachments',
  'bodyValues',
];

export async function openDraft(account: Id, id: Id): Promise<Draft | undefined> {
  const { e } = await jmap([
    [
      'Email/get',
      { accountId: account, ids: [id], properties, fetchTextBodyValues: true, fetchHTMLBodyValues: true },
      'e',
    ],
  ]);
  const [email] = e!['list'] as readonly Email[];
  if (email === undefined) return undefined;
  const parts = await copied(account, email.attachments);
  const html = email.htmlBody.filter(({ type }) => type === 'text/html');
  const isRich = html.length > 0;
  return {
    ...emptyDraft,
    id: email.id,
    as: (email.from ?? []).map(({ email: address }) => address),
    to: (email.to ?? []).map(addressText),
    cc: (email.cc ?? []).map(addressText),
    bcc: (email.bcc ?? []).map(addressText),
    subject: email.subject ?? '',
    text: plainText(email),
    charset: email.textBody.some(({ charset }) => charset?.toLowerCase() === 'iso-2022-jp')
      ? 'iso-2022-jp'
      : 'utf-8',
    ...(isRich && {
      kept: {
        html: html.map(({ partId }) => email.bodyValues[partId ?? '']?.value ?? '').join('\n'),
        parts,
      },
    }),
    files: parts.flatMap(({ blobId, name, type, size, cid, disposition }) =>
      blobId === null || (isRich && cid !== null && disposition !== 'attachment')
        ? []
        : [{ blobId, name: name ?? '', type, size }],
    ),
    ...(email.inReplyTo && { inReplyTo: email.inReplyTo }),
    ...(email.references && { references: email.references }),
  };
}

/** Each time a draft is kept, the email before goes, and its parts with it: they are taken up anew (RFC 9404). */
async function copied(account: Id, parts: readonly BodyPart[]): Promise<readonly BodyPart[]> {
  if (parts.length === 0) return parts;
  const create = Object.fromEntries(
    parts.map(({ blobId, type }, i) => [`p${i}`, { data: [{ blobId }], type }]),
  );
  const { b } = await jmap([['Blob/upload', { accountId: account, create }, 'b']], { using: [blobUri] });
  const made = (b?.['created'] ?? {}) as Readonly<Record<string, { readonly id: Id }>>;
  return parts.map((part, i) => ({ ...part, blobId: made[`p${i}`]?.id ?? part.blobId }));
}
