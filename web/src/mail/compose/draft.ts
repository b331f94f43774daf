/** A mail that is being written. */
import { checked, jmap, submission, mail } from '../jmap/client.ts';
import type { EmailAddress, Id, Identity } from '../jmap/types.ts';

export interface DraftFile {
  readonly blobId: Id;
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

export interface Draft {
  /** Where it is kept on the server; absent: not yet. */
  readonly id?: Id;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly files: readonly DraftFile[];
  readonly inReplyTo?: readonly string[];
  readonly references?: readonly string[];
  /** What it answers or forwards. */
  readonly about?: { readonly id: Id; readonly keyword: '$answered' | '$forwarded' };
}

export const emptyDraft: Draft = { to: [], cc: [], bcc: [], subject: '', text: '', files: [] };

export const isEmpty = ({ to, cc, bcc, subject, text, files }: Draft): boolean =>
  to.length + cc.length + bcc.length + files.length === 0 && subject.trim() === '' && text.trim() === '';

/** `髙橋 <i@example.jp>`, `"Smith, J." <j@x.test>`, or an address alone; undefined: neither. */
export function parseAddress(text: string): EmailAddress | undefined {
  const [, name = '', email] = /^\s*(?:"?(.*?)"?\s*)?<\s*([^<>\s]+@[^<>\s]+)\s*>\s*$/s.exec(text) ?? [];
  const address = (email ?? text).trim().replace('＠', '@').replaceAll('．', '.');
  if (!/^[^\s@<>,;]+@[^\s@<>,;]+$/u.test(address)) return undefined;
  return { name: name.replaceAll('\\"', '"').trim() || null, email: address };
}

export const addressText = ({ name, email }: EmailAddress): string =>
  name === null || name === ''
    ? email
    : `${/[",;<>@]/.test(name) ? `"${name.replaceAll('"', '\\"')}"` : name} <${email}>`;

const addresses = (texts: readonly string[]): readonly EmailAddress[] | null => {
  const parsed = texts.flatMap((text) => parseAddress(text) ?? []);
  return parsed.length === 0 ? null : parsed;
};

/** The Email that is made of it (RFC 8621, 4.6). */
function emailOf(draft: Draft, from: Identity, drafts: Id): object {
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
    textBody: [{ partId: 'text', type: 'text/plain' }],
    bodyValues: { text: { value: draft.text } },
    attachments: draft.files.map(({ blobId, name, type }) => ({
      blobId,
      name,
      type,
      disposition: 'attachment',
    })),
  };
}

/** Keeps it; what was kept before goes. Gives the new id. */
export async function saveDraft(account: Id, draft: Draft, from: Identity, drafts: Id): Promise<Id> {
  const { s } = await jmap([
    [
      'Email/set',
      {
        accountId: account,
        create: { draft: emailOf(draft, from, drafts) },
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
}

/** Kept as a draft, handed over, and moved to Sent in one request (RFC 8621, 7.5). Gives the submission, which can be taken back while it is held. */
export async function sendDraft(
  account: Id,
  draft: Draft,
  from: Identity,
  { drafts, sent, holdSeconds }: SendOptions,
): Promise<Id> {
  const to = [...draft.to, ...draft.cc, ...draft.bcc].flatMap((text) => parseAddress(text) ?? []);
  const parameters = holdSeconds > 0 ? { HOLDFOR: String(holdSeconds) } : null;
  const { s, e } = await jmap(
    [
      [
        'Email/set',
        {
          accountId: account,
          create: { mail: emailOf(draft, from, drafts) },
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
                mailFrom: { email: from.email, parameters },
                rcptTo: to.map(({ email }) => ({ email, parameters: null })),
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
  checked(s);
  return checked(e).created!['send']!.id;
}

/** While it is held. */
export async function takeBack(account: Id, id: Id): Promise<void> {
  const { e } = await jmap(
    [['EmailSubmission/set', { accountId: account, update: { [id]: { undoStatus: 'canceled' } } }, 'e']],
    { using: [mail, submission] },
  );
  checked(e);
}
