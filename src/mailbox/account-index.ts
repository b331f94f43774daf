/** What is done to the index of texts of one account: new mail goes in, mail that is gone goes out. Each step may be stopped and done again. */
import type { AccountId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { SegmentBuilder } from '../search/build.ts';
import { dropAttachments, emptyIndex, forgetIndex, putAttachments } from '../search/index-operations.ts';
import type { IndexStore } from '../store/open-index.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import type { EmailNumber } from './ids.ts';
import { packAttachments, readAttachments } from './search/attachment-texts.ts';
import {
  type AccountState,
  accountState,
  emailPage,
  emailsWithAttachments,
  livingEmails,
  SourceEmail,
} from './search/index-source.ts';
import type { Attachment } from './search/searched-parts.ts';

const emailsPerPage = 100;
/** Segments of one size that an account has at most: more are merged. */
const segmentsMax = 6;
const idsPerRead = 50_000;

/** The text of an attachment; never rejects, and gives '' for what cannot be read. */
export type ExtractText = (kind: Attachment['kind'], bytes: Uint8Array) => Promise<string>;

export interface IndexParts {
  readonly store: Store;
  readonly index: IndexStore;
  readonly log: Log;
  readonly extract: ExtractText;
  /** Ends what is under way, with its reason. */
  readonly signal: AbortSignal;
}

export class AccountIndex {
  readonly #parts: IndexParts;
  readonly #account: AccountId;

  constructor(parts: IndexParts, account: AccountId) {
    this.#parts = parts;
    this.#account = account;
  }

  /** Undefined when the account is gone. */
  state(): Promise<AccountState | undefined> {
    return this.#parts.store.read(() => accountState(this.#account));
  }

  /** Makes segments of all that is above the watermark. */
  async catchUp(watermark: EmailNumber): Promise<void> {
    const builder = this.#builder();
    for (let after = watermark; ; ) {
      const { emails, upTo } = await this.#page(after);
      for (const email of emails) await this.#add(builder, email);
      after = upTo;
      const last = emails.length < emailsPerPage;
      if (builder.full || last) {
        await builder.end(after);
        await builder.merge(segmentsMax);
      }
      if (last) return;
    }
  }

  /** Only the texts of attachments, of all emails above `after`: a search waits for them. Gives the highest number seen. */
  async readAttachments(after: EmailNumber): Promise<EmailNumber> {
    const { store, signal } = this.#parts;
    for (let from = after; ; ) {
      signal.throwIfAborted();
      const start = from;
      const { emails, upTo, whole } = await store.read(() =>
        emailsWithAttachments(this.#account, start, emailsPerPage),
      );
      for (const email of emails) await this.#attachmentTexts(new SourceEmail(email, store.bodies));
      from = upTo;
      if (whole) return from;
    }
  }

  /** Takes out words of messages that are gone, where these are more than one in `part` of a segment. */
  async purge(part: number): Promise<void> {
    const { store, index } = this.#parts;
    await this.#builder().purge(part);
    const gone = await store.read(() =>
      rows<{ email: number }>(
        `select email from search.attachment a where account = ?
          and not exists (select 1 from email e where e.account = a.account and e.id = a.email)`,
        this.#account,
      ),
    );
    const emails = gone.map(({ email }) => email);
    if (emails.length > 0) await index.write(dropAttachments, { account: this.#account, emails });
  }

  /** All in one segment: quicker to search, for an account that is not written to for a while. */
  settle(): Promise<void> {
    return this.#builder().settle();
  }

  async empty(): Promise<void> {
    await this.#parts.index.write(emptyIndex, { account: this.#account, attachments: true });
    await this.sweep();
  }

  async forget(): Promise<void> {
    await this.empty();
    await this.#parts.index.write(forgetIndex, { account: this.#account });
  }

  /** Removes what a crash left. */
  sweep(): Promise<void> {
    return this.#builder().sweep();
  }

  async #page(after: EmailNumber): Promise<{ emails: readonly SourceEmail[]; upTo: EmailNumber }> {
    const { store, signal } = this.#parts;
    signal.throwIfAborted();
    const { emails, upTo } = await store.read(() => emailPage(this.#account, after, emailsPerPage));
    return { emails: emails.map((each) => new SourceEmail(each, store.bodies)), upTo };
  }

  async #add(builder: SegmentBuilder, email: SourceEmail): Promise<void> {
    const { log, signal } = this.#parts;
    try {
      builder.add(email.id, await email.units(await this.#attachmentTexts(email)));
    } catch (error) {
      if (signal.aborted) throw error;
      const where = { error, account: this.#account, email: email.id };
      log.warn(where, 'a message is searched by reading it: its text could not be indexed');
      builder.add(email.id, [], true);
    }
  }

  /** Made now, unless they were made before. */
  async #attachmentTexts(email: SourceEmail): Promise<readonly string[]> {
    if (email.attachments.length === 0) return [];
    const { store, index, extract, signal } = this.#parts;
    const account = this.#account;
    const before = await store.read(() => readAttachments(account, email.id, email.details));
    if (before !== undefined) return before;
    const texts: string[] = [];
    for (const { part, kind } of email.attachments) {
      const content = await email.content(part);
      texts.push(content === undefined ? '' : await extract(kind, content));
      signal.throwIfAborted();
    }
    await index.write(putAttachments, {
      account,
      texts: [{ email: email.id, bytes: packAttachments(texts) }],
    });
    return texts;
  }

  #builder(): SegmentBuilder {
    const { store, index, signal } = this.#parts;
    const living = (first: number, last: number): Promise<ReadonlySet<number>> => this.#living(first, last);
    return new SegmentBuilder({ store, index, account: this.#account, living, signal });
  }

  async #living(first: number, last: number): Promise<ReadonlySet<number>> {
    const found = new Set<number>();
    for (let from = first; from <= last; from += idsPerRead) {
      const start = from;
      const end = Math.min(last, start + idsPerRead - 1);
      for (const id of await this.#parts.store.read(() => livingEmails(this.#account, start, end)))
        found.add(id);
    }
    return found;
  }
}
