/** SCRAM, the client's side (RFC 5802): proves the password and has the server prove that it knows it. */
import { timingSafeEqual } from 'node:crypto';
import { newSecret } from '../../base/ids.ts';
import { decodeBase64 } from './base64.ts';
import { SaslError, type ClientCredential, type ClientMechanism } from './client-mechanism.ts';
import { bindingNames, type ChannelBinding, type ScramHash } from './mechanism.ts';
import { saslprep } from './saslprep.ts';
import { clientProof, deriveKeys, hmac, iterationsMin, type ClientKeys } from './scram-keys.ts';
import { escapeName, readServerFirst } from './scram-message.ts';
import { decodeUtf8 } from './text.ts';

/** A server that asks for more rounds than this wants our processor, not our proof. */
const iterationsMax = 1_000_000;
const nonceBytes = 18;

export interface ScramClientOptions {
  readonly name: string;
  readonly hash: ScramHash;
  readonly plus: boolean;
  readonly credential: ClientCredential;
  readonly binding: ChannelBinding | undefined;
  /** Given by tests only. */
  readonly nonce?: string;
}

type State =
  | { readonly at: 'first' }
  | { readonly at: 'final'; readonly keys: ClientKeys; readonly authMessage: string }
  | { readonly at: 'verified' };

export class ScramClient implements ClientMechanism {
  readonly name: string;
  readonly #hash: ScramHash;
  readonly #password: string;
  readonly #nonce: string;
  readonly #gs2: string;
  readonly #bindingData: Uint8Array;
  readonly #bare: string;
  #now: State = { at: 'first' };

  constructor({ name, hash, plus, credential, binding, nonce = newSecret(nonceBytes) }: ScramClientOptions) {
    const type = plus ? bindingNames.find((each) => binding?.(each)) : undefined;
    if (plus && !type) throw new SaslError('no channel binding on this connection');
    this.name = name;
    this.#hash = hash;
    this.#password = saslprep(credential.password) ?? credential.password;
    this.#nonce = nonce;
    this.#gs2 = type ? `p=${type},,` : binding ? 'y,,' : 'n,,';
    this.#bindingData = (type && binding?.(type)) ?? new Uint8Array(0);
    this.#bare = `n=${escapeName(saslprep(credential.username) ?? credential.username)},r=${nonce}`;
  }

  initial(): Uint8Array {
    return Buffer.from(this.#gs2 + this.#bare);
  }

  async step(challenge: Uint8Array): Promise<Uint8Array> {
    const text = decodeUtf8(challenge) ?? '';
    if (this.#now.at === 'first') return this.#final(text);
    if (this.#now.at === 'final') return this.#verify(this.#now, text);
    throw new SaslError('the server goes on after its last message');
  }

  finished(): boolean {
    return this.#now.at === 'verified';
  }

  async #final(text: string): Promise<Uint8Array> {
    const first = readServerFirst(text);
    if (!first) throw new SaslError('not a server-first-message');
    if (!first.nonce.startsWith(this.#nonce) || first.nonce.length === this.#nonce.length) {
      throw new SaslError('the nonce is not ours');
    }
    if (first.iterations < iterationsMin || first.iterations > iterationsMax) {
      throw new SaslError(`${first.iterations} iterations are out of bounds`);
    }
    const keys = await deriveKeys(this.#hash, { password: this.#password, ...first });
    const c = Buffer.concat([Buffer.from(this.#gs2), this.#bindingData]).toString('base64');
    const withoutProof = `c=${c},r=${first.nonce}`;
    const authMessage = `${this.#bare},${text},${withoutProof}`;
    this.#now = { at: 'final', keys, authMessage };
    const proof = Buffer.from(clientProof(this.#hash, keys, authMessage)).toString('base64');
    return Buffer.from(`${withoutProof},p=${proof}`);
  }

  #verify({ keys, authMessage }: Extract<State, { at: 'final' }>, text: string): Uint8Array {
    const given = decodeBase64(/^v=([A-Za-z0-9+/=]+)/.exec(text)?.[1] ?? '');
    const wanted = hmac(this.#hash, keys.serverKey, authMessage);
    if (given?.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      throw new SaslError('the server does not know the password');
    }
    this.#now = { at: 'verified' };
    return new Uint8Array(0);
  }
}
