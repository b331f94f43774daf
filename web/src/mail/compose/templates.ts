/**
 * Texts that one keeps for another time. Each is a draft in a mailbox called Templates, as other mail programs have them too: so they are on every device, with
 * their forms, pictures and files.
 */
import { queryOptions } from '@tanstack/react-query';
import { checked, jmap } from '../jmap/client.ts';
import type { Id, Identity, Mailbox } from '../jmap/types.ts';
import type { Draft } from './draft.ts';
import { templatesKey } from './keys.ts';
import { saveDraft } from './message.ts';
import { type RichNode, textOf, withSignature } from './rich-doc.ts';

export interface Template {
  readonly id: Id;
  readonly subject: string | null;
  readonly preview: string;
}

const boxName = 'Templates';

export const templateBox = (mailboxes: readonly Mailbox[]): Id | undefined =>
  mailboxes.find(({ name, parentId, role }) => parentId === null && role === null && name === boxName)?.id;

export const templatesQuery = (account: Id, box: Id | undefined) =>
  queryOptions({
    queryKey: [...templatesKey(account), box],
    queryFn: async ({ signal }): Promise<readonly Template[]> => {
      if (box === undefined) return [];
      const { e } = await jmap(
        [
          [
            'Email/query',
            {
              accountId: account,
              filter: { inMailbox: box },
              sort: [{ property: 'subject', isAscending: true }],
              limit: 500,
            },
            'q',
          ],
          [
            'Email/get',
            {
              accountId: account,
              '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' },
              properties: ['id', 'subject', 'preview'],
            },
            'e',
          ],
        ],
        { signal },
      );
      return e!['list'] as readonly Template[];
    },
  });

async function boxMade(account: Id): Promise<Id> {
  const { m } = await jmap([
    ['Mailbox/set', { accountId: account, create: { b: { name: boxName, parentId: null } } }, 'm'],
  ]);
  return checked(m).created!['b']!.id;
}

const unsigned = (doc: RichNode): RichNode => withSignature(doc, []);

/** Keeps what is written, without its recipients, signature and quote. */
export async function keepTemplate(
  {
    account,
    from,
    mailboxes,
  }: { readonly account: Id; readonly from: Identity; readonly mailboxes: readonly Mailbox[] },
  draft: Draft,
  name: string,
): Promise<void> {
  const { id: _, quote: __, inReplyTo: ___, references: ____, about: _____, ...rest } = draft;
  const template: Draft = { ...rest, to: [], cc: [], bcc: [], subject: name };
  const doc = draft.doc && unsigned(draft.doc);
  const box = templateBox(mailboxes) ?? (await boxMade(account));
  await saveDraft(account, doc === undefined ? template : { ...template, doc, text: textOf(doc) }, from, box);
}

/** A template above what is written already. */
export function withTemplate(draft: Draft, template: Draft): Draft {
  const subject = draft.subject.trim() === '' ? template.subject : draft.subject;
  const common = { ...draft, subject, files: [...draft.files, ...template.files] };
  if (draft.format === 'plain' || draft.doc === undefined)
    return { ...common, text: `${template.text.trimEnd()}\n${draft.text}` };
  const behind = (draft.doc.content ?? []).filter(
    ({ type, content }, i) => !(i === 0 && type === 'paragraph' && content === undefined),
  );
  const doc: RichNode = { type: 'doc', content: [...(template.doc?.content ?? []), ...behind] };
  return { ...common, doc, text: textOf(doc), images: [...draft.images, ...template.images] };
}
