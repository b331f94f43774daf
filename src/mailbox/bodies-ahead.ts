/**
 * Bodies of messages that are read one after another: the longer it goes on in order, the more are asked of the store at once, up to a few, which are in memory
 * together.
 */
import type { AccountId } from '../base/ids.ts';
import type { StoredBody } from '../store/body.ts';
import type { EmailNumber } from './ids.ts';
import type { Mailboxes } from './mailboxes.ts';

const atOnceMax = 16;

export class BodiesAhead {
  readonly #mailboxes: Pick<Mailboxes, 'body' | 'bodies'>;
  readonly #owner: AccountId;
  readonly #emails: readonly EmailNumber[] | Uint32Array;
  #next = 0;
  #atOnce = 1;
  #read: ReadonlyMap<EmailNumber, StoredBody> = new Map();

  /** `emails` in the order in which they are likely to be asked for. */
  constructor(
    mailboxes: Pick<Mailboxes, 'body' | 'bodies'>,
    owner: AccountId,
    emails: readonly EmailNumber[] | Uint32Array,
  ) {
    this.#mailboxes = mailboxes;
    this.#owner = owner;
    this.#emails = emails;
  }

  /** Undefined when the email is gone. */
  async of(email: EmailNumber): Promise<StoredBody | undefined> {
    const known = this.#read.get(email);
    if (known !== undefined) return known;
    const inOrder = this.#emails[this.#next] === email;
    this.#atOnce = inOrder ? Math.min(this.#atOnce * 2, atOnceMax) : 1;
    // One message is often read in several commands: it comes from where such bodies are kept.
    if (this.#emails.length === 1 || !inOrder) {
      this.#next = this.#emails.indexOf(email) + 1;
      return this.#mailboxes.body(this.#owner, email);
    }
    const some = Array.from(this.#emails.slice(this.#next, this.#next + this.#atOnce));
    this.#next += some.length;
    this.#read = await this.#mailboxes.bodies(this.#owner, some);
    return this.#read.get(email);
  }
}
