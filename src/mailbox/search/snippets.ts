/**
 * What a search found in a message, to be shown with it (RFC 8621, 5): the subject and a piece of the text with what was looked for marked, as HTML that is safe to show.
 */
import type { AccountId } from '../../base/ids.ts';
import { decodeWords } from '../../proto/mime/encoded-word.ts';
import { foldText } from '../../search/fold.ts';
import { marked, snippet } from '../../search/snippet.ts';
import type { Store } from '../../store/store.ts';
import { batch, type Transaction } from '../../store/transaction.ts';
import type { Criterion } from '../criterion.ts';
import type { EmailDetails } from '../email-facts.ts';
import type { EmailNumber } from '../ids.ts';
import { decodeDetails } from '../stored-details.ts';
import { readAttachments } from './attachment-texts.ts';
import { MessageText, rangesOf } from './message-text.ts';
import { readerOf } from './search-emails.ts';

export interface Snippet {
  /** HTML; null when nothing of the search is in it. */
  readonly subject: string | null;
  /** HTML of at most 255 octets, from the text or an attachment; null when nothing of the search is in it. */
  readonly preview: string | null;
}

export type Snippets = ReadonlyMap<EmailNumber, Snippet>;

/** Emails of one request. */
export const snippetsMax = 100;

interface SnippetRow {
  readonly id: EmailNumber;
  readonly details: string;
  readonly file: string | null;
  readonly body: Uint8Array | null;
  readonly size: number;
}

interface Read extends SnippetRow {
  readonly attachments: readonly string[];
}

/** Emails that are gone are missing from the result. */
export async function snippetsOf(
  store: Store,
  account: AccountId,
  criterion: Criterion,
  emails: readonly EmailNumber[],
): Promise<Snippets> {
  const wanted = textsOf(criterion);
  const read = await store.read(() => readEmails(account, emails.slice(0, snippetsMax)));
  const found = new Map<EmailNumber, Snippet>();
  for (const each of read) found.set(each.id, await snippetOf(store, each, wanted));
  return found;
}

function* readEmails(account: AccountId, emails: readonly EmailNumber[]): Transaction<readonly Read[]> {
  const sql = 'select id, details, body_file as file, body, size from email where account = ? and id = ?';
  const found = (yield* batch(emails.map((email) => ({ sql, params: [account, email] })))).flat();
  const read: Read[] = [];
  for (const row of found as unknown as readonly SnippetRow[]) {
    const attachments = yield* readAttachments(account, row.id, decodeDetails(row.details));
    read.push({ ...row, attachments: attachments ?? [] });
  }
  return read;
}

interface Wanted {
  readonly subject: readonly string[];
  readonly text: readonly string[];
}

async function snippetOf(store: Store, email: Read, wanted: Wanted): Promise<Snippet> {
  const details = decodeDetails(email.details);
  const subject = marked(decodeWords(details.index.envelope.subject ?? ''), wanted.subject) ?? null;
  if (wanted.text.length === 0) return { subject, preview: null };
  const text = new MessageText(details, await readerFor(store, email, details), email.attachments);
  for (const each of text.plainTexts()) {
    const preview = snippet(each, wanted.text);
    if (preview !== undefined) return { subject, preview };
  }
  return { subject, preview: null };
}

/** Bytes of a part of a large message that are looked through. */
const partMaxBytes = 512 * 1024;

async function readerFor(
  store: Store,
  { body, file, size }: Read,
  details: EmailDetails,
): Promise<(start: number, end: number) => Buffer> {
  if (body !== null) return readerOf(body);
  const ranges = new Map<number, Buffer>();
  for (const { start, end } of rangesOf(details, [{ is: 'body', contains: '' }])) {
    const stored = { is: 'file', name: file!, sizeBytes: size } as const;
    const bytes = await store.bodies.read(stored, start, Math.min(end - start, partMaxBytes));
    ranges.set(start, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
  return (start) => ranges.get(start) ?? Buffer.alloc(0);
}

/** What is looked for in the subject, and in the text; what must not be there is not looked for. */
function textsOf(criterion: Criterion): Wanted {
  const wanted = { subject: new Set<string>(), text: new Set<string>() };
  const waiting = [criterion];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    if (each.is === 'and' || each.is === 'or') waiting.push(...each.of);
    else if (each.is === 'text' || each.is === 'body') wanted.text.add(foldText(each.contains));
    if (each.is === 'text' || (each.is === 'header' && each.field.toLowerCase() === 'subject'))
      wanted.subject.add(foldText(each.contains));
  }
  return { subject: [...wanted.subject].filter(Boolean), text: [...wanted.text].filter(Boolean) };
}
