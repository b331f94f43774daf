/** Answers authorities that come to look whether a name is ours (RFC 8555, 8.3; RFC 8737): from the store, so any thread of any node can. */
import type { Clock } from '../base/clock.ts';
import type { Certificate } from '../net/tls-contexts.ts';
import type { Store } from '../store/store.ts';
import { findProof } from './rows/proofs.ts';

export class Proofs {
  readonly #store: Pick<Store, 'read'>;
  readonly #clock: Clock;

  constructor(store: Pick<Store, 'read'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** What stands at `/.well-known/acme-challenge/<token>`; undefined for nothing. */
  async forToken(token: string): Promise<string | undefined> {
    // Strangers choose the token (RFC 8555, 8.3: base64url).
    if (!/^[\w-]{1,200}$/.test(token)) return undefined;
    return this.#store.read(() => findProof('http', token, this.#clock.nowMs()));
  }

  /** The certificate for a client of `acme-tls/1` that asks for this host. */
  async forHost(name: string): Promise<Certificate | undefined> {
    const kept = await this.#store.read(() => findProof('tls', name, this.#clock.nowMs()));
    return kept === undefined ? undefined : (JSON.parse(kept) as Certificate);
  }
}
