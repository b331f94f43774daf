/** Details and bodies of emails. Emails never change, so what was read is kept while there is room. */
import type { AccountId } from '../../base/ids.ts';
import { inlineBodyMaxBytes, type StoredBody } from '../../store/body.ts';
import type { Store } from '../../store/store.ts';
import { batch, maybe, type Statement } from '../../store/transaction.ts';
import type { EmailNumber } from '../ids.ts';
import { decodeDetails, type StoredDetails } from '../stored-details.ts';

/** Stored characters of the details that are kept, per thread. */
const detailsKeptChars = 8 * 1024 * 1024;
/** Bytes of small bodies that are kept: a client reads one message in several commands. */
const bodiesKeptBytes = 64 * inlineBodyMaxBytes;
/** Whoever reads more at once goes through a mailbox and does not come back to them: keeping them would only push out what others read. */
const keptAtOnceMax = 100;
/** Numbers of one `in` list. */
const listSize = 32;

const byList = `select id, details from email where account = ? and id in (${Array(listSize).fill('?').join(', ')})`;
const byOne = 'select id, details from email where account = ? and id = ?';
const bodyColumns = 'id, body, body_file as file, size';
const bodiesByList = byList.replace('id, details', bodyColumns);
const bodyByOne = byOne.replace('id, details', bodyColumns);

interface DetailsRow {
  readonly id: number;
  readonly details: string;
}

interface BodyRow {
  readonly id: number;
  readonly body: Uint8Array | null;
  readonly file: string | null;
  readonly size: number;
}

export class EmailReader {
  readonly #store: Store;
  readonly #details = new Kept<StoredDetails>(detailsKeptChars);
  readonly #bodies = new Kept<StoredBody>(bodiesKeptBytes);

  constructor(store: Store) {
    this.#store = store;
  }

  async details(
    account: AccountId,
    emails: readonly EmailNumber[],
  ): Promise<ReadonlyMap<EmailNumber, StoredDetails>> {
    const found = new Map<EmailNumber, StoredDetails>();
    const keeps = emails.length <= keptAtOnceMax;
    const missing = keeps ? this.#notKept(account, emails, found) : emails;
    if (missing.length === 0) return found;
    const read = await this.#store.read(() => batch(statementsFor(account, missing, [byOne, byList])));
    for (const row of read.flat() as unknown as readonly DetailsRow[]) {
      const details = decodeDetails(row.details);
      if (keeps) this.#details.set(keyOf(account, row.id), details, row.details.length);
      found.set(row.id, details);
    }
    return found;
  }

  /** Puts those that are kept into `found`. */
  #notKept(
    account: AccountId,
    emails: readonly EmailNumber[],
    found: Map<EmailNumber, StoredDetails>,
  ): readonly EmailNumber[] {
    return emails.filter((email) => {
      const kept = this.#details.get(keyOf(account, email));
      if (kept !== undefined) found.set(email, kept);
      return kept === undefined;
    });
  }

  /** Emails that are gone are missing from the result. */
  async bodies(
    account: AccountId,
    emails: readonly EmailNumber[],
  ): Promise<ReadonlyMap<EmailNumber, StoredBody>> {
    const found = new Map<EmailNumber, StoredBody>();
    const read = await this.#store.read(() =>
      batch(statementsFor(account, emails, [bodyByOne, bodiesByList])),
    );
    for (const row of read.flat() as unknown as readonly BodyRow[]) found.set(row.id, bodyOf(row));
    return found;
  }

  async body(account: AccountId, email: EmailNumber): Promise<StoredBody | undefined> {
    const key = keyOf(account, email);
    const kept = this.#bodies.get(key);
    if (kept !== undefined) return kept;
    const row = await this.#store.read(() => maybe<BodyRow>(bodyByOne, account, email));
    if (row === undefined) return undefined;
    const body = bodyOf(row);
    this.#bodies.set(key, body, body.is === 'inline' ? body.bytes.length : 0);
    return body;
  }
}

const keyOf = (account: AccountId, email: EmailNumber): string => `${account}/${email}`;

const bodyOf = ({ file, body, size }: BodyRow): StoredBody =>
  file === null ? { is: 'inline', bytes: body! } : { is: 'file', name: file, sizeBytes: size };

function statementsFor(
  account: AccountId,
  emails: readonly EmailNumber[],
  [one, list]: readonly [one: string, list: string],
): Statement[] {
  if (emails.length === 1) return [{ sql: one, params: [account, emails[0]!] }];
  const statements: Statement[] = [];
  for (let at = 0; at < emails.length; at += listSize) {
    const some = Array.from({ length: listSize }, (_, i) => emails[Math.min(at + i, emails.length - 1)]!);
    statements.push({ sql: list, params: [account, ...some] });
  }
  return statements;
}

/** The last used values, as many as weigh no more than `max`. Each also counts for its own overhead. */
class Kept<T> {
  readonly #max: number;
  readonly #values = new Map<string, { value: T; weight: number }>();
  #weight = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): T | undefined {
    const kept = this.#values.get(key);
    if (kept === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, kept);
    return kept.value;
  }

  set(key: string, value: T, size: number): void {
    const weight = size + 200;
    if (weight > this.#max / 4 || this.#values.has(key)) return;
    this.#values.set(key, { value, weight });
    this.#weight += weight;
    for (const [oldest, kept] of this.#values) {
      if (this.#weight <= this.#max) break;
      this.#values.delete(oldest);
      this.#weight -= kept.weight;
    }
  }
}
