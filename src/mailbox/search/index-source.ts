/** Emails as whoever indexes reads them: some at a time, in the order of their numbers, whole in memory only where they are small. */
import type { AccountId } from '../../base/ids.ts';
import { decodeTransfer } from '../../proto/mime/decode-transfer.ts';
import type { Part } from '../../proto/mime/structure.ts';
import type { Unit } from '../../search/field.ts';
import { indexHead, segmentsOf } from '../../search/index-operations.ts';
import type { Bodies } from '../../store/body.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { EmailDetails } from '../email-facts.ts';
import type { EmailNumber } from '../ids.ts';
import { decodeDetails } from '../stored-details.ts';
import type { Leaf } from './evaluate.ts';
import { MessageText, type ReadRange, rangesOf } from './message-text.ts';
import { type Attachment, attachmentsOf } from './searched-parts.ts';

export interface AccountState {
  /** All numbers of emails are below. */
  readonly emailNext: number;
  readonly emails: number;
  readonly watermark: number;
  readonly documents: number;
}

/** Undefined when there is no such account (any more). */
export function* accountState(account: AccountId): Transaction<AccountState | undefined> {
  const store = yield* maybe<{ next: number; emails: number }>(
    'select email_next as next, emails from account_store where account = ?',
    account,
  );
  if (store === undefined) return undefined;
  const watermark = (yield* indexHead(account))?.watermark ?? 0;
  const documents = (yield* segmentsOf(account)).reduce((sum, segment) => sum + segment.documents, 0);
  return { emailNext: store.next, emails: store.emails, watermark, documents };
}

export interface StoredEmail {
  readonly id: EmailNumber;
  readonly details: string;
  readonly file: string | null;
  readonly body: Uint8Array | null;
  readonly size: number;
}

export interface EmailPage {
  readonly emails: readonly StoredEmail[];
  /** Every email up to this number is in this page or in those before. */
  readonly upTo: EmailNumber;
}

export function* emailPage(account: AccountId, after: EmailNumber, limit: number): Transaction<EmailPage> {
  const head = yield* maybe<{ next: number }>(
    'select email_next as next from account_store where account = ?',
    account,
  );
  const emails = yield* rows<StoredEmail>(
    'select id, details, body_file as file, body, size from email where account = ? and id > ? order by id limit ?',
    account,
    after,
    limit,
  );
  const last = emails.at(-1)?.id ?? after;
  return { emails, upTo: emails.length < limit ? Math.max(last, (head?.next ?? 1) - 1) : last };
}

/** Those of a page whose attachments have texts, with their bodies; the others are looked at by their details alone. `whole` when there is no further page. */
export function* emailsWithAttachments(
  account: AccountId,
  after: EmailNumber,
  limit: number,
): Transaction<EmailPage & { readonly whole: boolean }> {
  const page = yield* rows<{ id: EmailNumber; details: string }>(
    'select id, details from email where account = ? and id > ? order by id limit ?',
    account,
    after,
    limit,
  );
  const emails: StoredEmail[] = [];
  for (const { id, details } of page) {
    if (attachmentsOf(decodeDetails(details).index.root).length === 0) continue;
    const sql = 'select id, details, body_file as file, body, size from email where account = ? and id = ?';
    emails.push(...(yield* rows<StoredEmail>(sql, account, id)));
  }
  return { emails, upTo: page.at(-1)?.id ?? after, whole: page.length < limit };
}

/** Numbers of emails that are there, of a range. */
export function* livingEmails(
  account: AccountId,
  first: number,
  last: number,
): Transaction<readonly number[]> {
  const found = yield* rows<{ id: number }>(
    'select id from email where account = ? and id between ? and ? order by id',
    account,
    first,
    last,
  );
  return found.map(({ id }) => id);
}

/** Encoded bytes of an attachment that is looked into. */
const attachmentMaxBytes = 64 * 1024 * 1024;

/** All that a search for TEXT may read. */
const anyText: readonly Leaf[] = [{ is: 'text', contains: 'x' }];

/** One email that is being indexed. */
export class SourceEmail {
  readonly id: EmailNumber;
  readonly details: EmailDetails;
  readonly attachments: readonly Attachment[];
  readonly #stored: StoredEmail;
  readonly #bodies: Bodies;

  constructor(stored: StoredEmail, bodies: Bodies) {
    this.id = stored.id;
    this.#stored = stored;
    this.#bodies = bodies;
    this.details = decodeDetails(stored.details);
    this.attachments = attachmentsOf(this.details.index.root);
  }

  async units(attachmentTexts: readonly string[]): Promise<Unit[]> {
    return new MessageText(this.details, await this.#reader(), attachmentTexts).units();
  }

  async #reader(): Promise<ReadRange> {
    const { body } = this.#stored;
    if (body !== null) {
      const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      return (start, end) => bytes.subarray(start, end);
    }
    const ranges = new Map<number, Buffer>();
    for (const { start, end } of rangesOf(this.details, anyText))
      ranges.set(start, await this.bytes(start, end));
    return (start, end) => ranges.get(start)?.subarray(0, end - start) ?? Buffer.alloc(0);
  }

  /** An attachment without its transfer encoding; undefined when it is too large to look into. */
  async content(part: Part): Promise<Buffer | undefined> {
    if (part.bodyEnd - part.bodyStart > attachmentMaxBytes) return undefined;
    return decodeTransfer(await this.bytes(part.bodyStart, part.bodyEnd), part.encoding);
  }

  async bytes(start: number, end: number): Promise<Buffer> {
    const { body, file, size } = this.#stored;
    if (body !== null) return Buffer.from(body.buffer, body.byteOffset + start, end - start);
    const read = await this.#bodies.read({ is: 'file', name: file!, sizeBytes: size }, start, end - start);
    return Buffer.from(read.buffer, read.byteOffset, read.byteLength);
  }
}
