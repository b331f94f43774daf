/** Bodies of a batch of messages, read some at a time: few questions to the store, and never more than a few bodies in memory. */
import type { AccountId } from '../../base/ids.ts';
import type { EmailNumber } from '../../mailbox/ids.ts';
import type { Mailboxes, StoredBody } from '../../mailbox/mailboxes.ts';

const atOnce = 16;

export class BodiesAhead {
  readonly #mailboxes: Pick<Mailboxes, 'body' | 'bodies'>;
  readonly #owner: AccountId;
  readonly #emails: readonly EmailNumber[];
  #next = 0;
  #read: ReadonlyMap<EmailNumber, StoredBody> = new Map();

  /** `emails` in the order in which they will be asked for. */
  constructor(
    mailboxes: Pick<Mailboxes, 'body' | 'bodies'>,
    owner: AccountId,
    emails: readonly EmailNumber[],
  ) {
    this.#mailboxes = mailboxes;
    this.#owner = owner;
    this.#emails = emails;
  }

  /** Undefined when the email is gone. */
  async of(email: EmailNumber): Promise<StoredBody | undefined> {
    // One message is often read in several commands: it comes from where such bodies are kept.
    if (this.#emails.length === 1) return this.#mailboxes.body(this.#owner, email);
    const known = this.#read.get(email);
    if (known !== undefined) return known;
    const from = this.#emails.indexOf(email, this.#next);
    if (from === -1) return this.#mailboxes.body(this.#owner, email);
    this.#next = from + atOnce;
    this.#read = await this.#mailboxes.bodies(this.#owner, this.#emails.slice(from, this.#next));
    return this.#read.get(email);
  }
}
