/**
 * SCRAM, the server's side (RFC 5802, RFC 7677): the password never crosses, and the server proves itself too.
 *
 *   first --client-first / server-first--> final --client-final / server-final--> closing --empty--> done
 *
 * Downgrade: a client that says `y` (it could bind, but saw no -PLUS) although we offered -PLUS has been lied to: refused.
 * `server-final` goes out as a challenge, so the principal is handed over with the client's empty response.
 */
import { timingSafeEqual } from 'node:crypto';
import { denied, malformed, settled } from './failure.ts';
import {
  bindingNames,
  type BindingName,
  type ChannelBinding,
  type CredentialStore,
  type Mechanism,
  type MechanismName,
  type ScramCredential,
  type ScramHash,
  type SaslStep,
} from './mechanism.ts';
import { saslprep } from './saslprep.ts';
import { hashBytes, hmac, proves } from './scram-keys.ts';
import { readClientFinal, readClientFirst, type BindingFlag, type ClientFirst } from './scram-message.ts';
import { decodeUtf8 } from './text.ts';

export interface ScramOptions<P> {
  readonly name: MechanismName;
  readonly hash: ScramHash;
  /** This is a -PLUS mechanism. */
  readonly plus: boolean;
  readonly credentials: CredentialStore<P>;
  readonly binding: ChannelBinding | undefined;
  /** The server's part of the nonce: fresh, at least 18 random bytes. */
  readonly nonce: string;
}

type State<P> =
  | { readonly at: 'first' }
  | {
      readonly at: 'final';
      readonly first: ClientFirst;
      readonly serverFirst: string;
      readonly nonce: string;
      readonly credential: ScramCredential<P>;
    }
  | { readonly at: 'closing'; readonly principal: P }
  | { readonly at: 'over' };

export class ScramServer<P> implements Mechanism<P> {
  readonly name: MechanismName;
  readonly #options: ScramOptions<P>;
  #now: State<P> = { at: 'first' };

  constructor(options: ScramOptions<P>) {
    this.name = options.name;
    this.#options = options;
  }

  async step(response: Uint8Array | undefined): Promise<SaslStep<P>> {
    const now = this.#now;
    if (!response) return { is: 'challenge', bytes: new Uint8Array(0) };
    this.#now = { at: 'over' };
    if (now.at === 'closing') {
      return response.length === 0
        ? { is: 'done', principal: now.principal }
        : malformed('expected an empty response');
    }
    const text = decodeUtf8(response);
    if (text === undefined) return malformed('not UTF-8');
    if (now.at === 'first') return this.#first(text);
    if (now.at === 'final') return this.#final(now, text);
    return malformed('the exchange is over');
  }

  async #first(text: string): Promise<SaslStep<P>> {
    const { hash, credentials } = this.#options;
    const first = readClientFirst(text);
    if (!first) return malformed('not a client-first-message');
    const wrong = this.#bindingProblem(first.gs2.flag);
    if (wrong) return denied(wrong);
    const username = saslprep(first.username);
    if (!username) return username === '' ? malformed('empty user name') : denied('not a usable user name');
    const { authzid } = first.gs2;
    if (authzid !== '' && authzid !== first.username) return denied('acting for another user is not allowed');
    const found = await settled(credentials.scram(username, hash));
    if (found.is !== 'done') return found;
    const credential = found.principal;
    const nonce = first.nonce + this.#options.nonce;
    const salt = Buffer.from(credential.salt).toString('base64');
    const serverFirst = `r=${nonce},s=${salt},i=${credential.iterations}`;
    this.#now = { at: 'final', first, serverFirst, nonce, credential };
    return { is: 'challenge', bytes: Buffer.from(serverFirst) };
  }

  #bindingProblem(flag: BindingFlag): string | undefined {
    const { plus, binding } = this.#options;
    if (plus && flag.is !== 'p') return 'a -PLUS mechanism wants channel binding';
    if (!plus && flag.is === 'p') return 'channel binding belongs to the -PLUS mechanism';
    if (flag.is === 'y' && binding)
      return 'downgrade: the client did not see the -PLUS mechanisms we offered';
    if (flag.is === 'p' && !this.#bindingData(flag.name)) return `no channel binding of type ${flag.name}`;
    return undefined;
  }

  #bindingData(name: string): Uint8Array | undefined {
    return bindingNames.includes(name as BindingName)
      ? this.#options.binding?.(name as BindingName)
      : undefined;
  }

  async #final(now: Extract<State<P>, { at: 'final' }>, text: string): Promise<SaslStep<P>> {
    const { hash } = this.#options;
    const final = readClientFinal(text);
    if (!final || final.proof.length !== hashBytes[hash]) return malformed('not a client-final-message');
    const authMessage = `${now.first.bare},${now.serverFirst},${final.withoutProof}`;
    const sound = final.nonce === now.nonce && this.#isBound(now.first, final.binding);
    let proved: number | undefined;
    now.credential.keys.forEach(({ storedKey }, i) => {
      if (proves(hash, storedKey, authMessage, final.proof) && sound) proved = i;
    });
    const answer = await settled(now.credential.settle(proved));
    if (answer.is !== 'done') return answer;
    if (proved === undefined) return denied('no key was proved');
    this.#now = { at: 'closing', principal: answer.principal };
    const signature = hmac(hash, now.credential.keys[proved]!.serverKey, authMessage);
    return { is: 'challenge', bytes: Buffer.from(`v=${signature.toString('base64')}`) };
  }

  /** `c=` is the gs2-header again, followed by the data of the binding (RFC 5802, 5.1). */
  #isBound({ gs2 }: ClientFirst, given: Uint8Array): boolean {
    const data = gs2.flag.is === 'p' ? this.#bindingData(gs2.flag.name)! : new Uint8Array(0);
    const wanted = Buffer.concat([Buffer.from(gs2.text), data]);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}
