/**
 * Tickets between the steps of a sign-in, and of invitations: what is known so far, signed by a secret of the server, good for a time and for one use. Nothing is kept
 * of them before they are used, so that strangers who begin to sign in fill nothing.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { newSecret } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Store } from '../../store/store.ts';
import { makeSecret } from '../write/secret.ts';
import { useProof } from '../write/factor.ts';

const goodForMs = 5 * 60_000;
const secretName = 'sign-in tickets';
const ticketMax = 2000;

interface Sealed {
  readonly id: string;
  readonly expiresAtMs: number;
  readonly facts: unknown;
}

export class Tickets {
  readonly #store: Store;
  readonly #clock: Clock;
  #secret: Promise<string> | undefined;

  constructor({ store, clock }: { store: Store; clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Good for five minutes unless told. */
  async make(facts: object, forMs = goodForMs): Promise<string> {
    const sealed: Sealed = { id: newSecret(16), expiresAtMs: this.#clock.nowMs() + forMs, facts };
    const text = Buffer.from(JSON.stringify(sealed)).toString('base64url');
    return `${text}.${await this.#sign(text)}`;
  }

  /** What the ticket says. Refusal: `authenticationFailed` when it is not ours or too old. */
  async read<T>(ticket: string): Promise<T> {
    return (await this.#open(ticket)).facts as T;
  }

  /** The ticket is worth nothing after. Refusal: `authenticationFailed` when it was so before. */
  async use(ticket: string): Promise<void> {
    const { id, expiresAtMs } = await this.#open(ticket);
    const nowMs = this.#clock.nowMs();
    if (!(await this.#store.write(useProof, { id, expiresAtMs, nowMs })))
      throw new Refusal('authenticationFailed', 'used before');
  }

  async #open(ticket: string): Promise<Sealed> {
    const [text = '', signature = ''] = ticket.length > ticketMax ? [] : ticket.split('.');
    const right = Buffer.from(await this.#sign(text));
    const shown = Buffer.from(signature);
    if (shown.length !== right.length || !timingSafeEqual(shown, right))
      throw new Refusal('authenticationFailed', 'not a ticket of ours');
    const sealed = JSON.parse(Buffer.from(text, 'base64url').toString()) as Sealed;
    if (sealed.expiresAtMs <= this.#clock.nowMs())
      throw new Refusal('authenticationFailed', 'the ticket is too old');
    return sealed;
  }

  async #sign(text: string): Promise<string> {
    this.#secret ??= this.#store
      .write(makeSecret, { name: secretName, secret: newSecret(32) })
      .catch((error: unknown) => {
        this.#secret = undefined;
        throw error;
      });
    return createHmac('sha256', await this.#secret)
      .update(text)
      .digest('base64url');
  }
}
