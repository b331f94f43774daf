/** Details and bodies of emails. Emails never change, so what was read is kept while there is room. */
import type { AccountId } from '../../base/ids.ts';
import { inlineBodyMaxBytes, type StoredBody } from '../../store/body.ts';
import type { Store } from '../../store/store.ts';
import { batch, maybe, type Statement } from '../../store/transaction.ts';
import { decodeDetails, type EmailDetails } from '../email-facts.ts';
import type { EmailNumber } from '../ids.ts';

/** Stored characters of the details that are kept decoded, per thread. */
const detailsKeptChars = 8 * 1024 * 1024;
/** Bytes of small bodies that are kept: a client reads one message in several commands. */
const bodiesKeptBytes = 64 * inlineBodyMaxBytes;
/** Numbers of one `in` list. */
const listSize = 32;

const byList = `select id, details from email where account = ? and id in (${Array(listSize).fill('?').join(', ')})`;
const byOne = 'select id, details from email where account = ? and id = ?';

interface DetailsRow {
  readonly id: number;
  readonly details: string;
}

export class EmailReader {
  readonly #store: Store;
  readonly #details = new Kept<EmailDetails>(detailsKeptChars);
  readonly #bodies = new Kept<StoredBody>(bodiesKeptBytes);

  constructor(store: Store) {
    this.#store = store;
  }

  async details(
    account: AccountId,
    emails: readonly EmailNumber[],
  ): Promise<ReadonlyMap<EmailNumber, EmailDetails>> {
    const found = new Map<EmailNumber, EmailDetails>();
    const missing: EmailNumber[] = [];
    for (const email of emails) {
      const kept = this.#details.get(keyOf(account, email));
      if (kept === undefined) missing.push(email);
      else found.set(email, kept);
    }
    if (missing.length === 0) return found;
    const read = await this.#store.read(() => batch(statementsFor(account, missing)));
    for (const row of read.flat() as unknown as readonly DetailsRow[]) {
      if (found.has(row.id)) continue;
      const details = decodeDetails(row.details);
      this.#details.set(keyOf(account, row.id), details, row.details.length);
      found.set(row.id, details);
    }
    return found;
  }

  async body(account: AccountId, email: EmailNumber): Promise<StoredBody | undefined> {
    const key = keyOf(account, email);
    const kept = this.#bodies.get(key);
    if (kept !== undefined) return kept;
    const row = await this.#store.read(() =>
      maybe<{ body: Uint8Array | null; file: string | null; size: number }>(
        'select body, body_file as file, size from email where account = ? and id = ?',
        account,
        email,
      ),
    );
    if (row === undefined) return undefined;
    const body: StoredBody =
      row.file === null
        ? { is: 'inline', bytes: row.body! }
        : { is: 'file', name: row.file, sizeBytes: row.size };
    this.#bodies.set(key, body, body.is === 'inline' ? body.bytes.length : 0);
    return body;
  }
}

const keyOf = (account: AccountId, email: EmailNumber): string => `${account}/${email}`;

function statementsFor(account: AccountId, emails: readonly EmailNumber[]): Statement[] {
  if (emails.length === 1) return [{ sql: byOne, params: [account, emails[0]!] }];
  const statements: Statement[] = [];
  for (let at = 0; at < emails.length; at += listSize) {
    const list = Array.from({ length: listSize }, (_, i) => emails[Math.min(at + i, emails.length - 1)]!);
    statements.push({ sql: byList, params: [account, ...list] });
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
