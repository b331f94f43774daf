/** AUTH (RFC 4954): base64, the continuation lines, `*` to give up. The mechanisms themselves are proto/sasl. */
import type { Directory } from '../directory/directory.ts';
import type { Principal } from '../directory/principal.ts';
import type { Connection } from '../net/connection.ts';
import { decodeBase64, decodeInitial, encodeBase64 } from '../proto/sasl/base64.ts';
import type { ChannelBinding, CredentialStore, Mechanism } from '../proto/sasl/mechanism.ts';
import { offeredMechanisms, startMechanism } from '../proto/sasl/server.ts';
import { replies, replyFor } from './replies.ts';

export type LoginStep =
  | { readonly is: 'challenge'; readonly say: string }
  | { readonly is: 'done'; readonly principal: Principal }
  /** `no` is a whole reply line. `guessed`: a name and a secret were shown, and they were wrong. */
  | { readonly is: 'failed'; readonly no: string; readonly reason: string; readonly guessed: boolean };

/** How a client on this connection can log in. */
export class LoginDesk {
  readonly #connection: Connection;
  readonly #credentials: CredentialStore<Principal>;
  readonly #channelBinding: boolean;

  constructor(connection: Connection, directory: Pick<Directory, 'credentials'>, channelBinding: boolean) {
    this.#connection = connection;
    this.#channelBinding = channelBinding;
    this.#credentials = directory.credentials({ service: 'smtp', ip: connection.peer.ip });
  }

  /** Names for the AUTH line of EHLO. */
  mechanisms(confidential: boolean): readonly string[] {
    const tokens = this.#credentials.verifyToken !== undefined;
    return offeredMechanisms({ confidential, binding: this.#binding() !== undefined, tokens });
  }

  begin(mechanism: string): Login | undefined {
    const started = startMechanism(mechanism, this.#credentials, this.#binding());
    return started && new Login(started);
  }

  #binding(): ChannelBinding | undefined {
    const { tls } = this.#connection;
    return tls === null || !this.#channelBinding ? undefined : (name) => tls.channelBinding(name);
  }
}

/** One exchange. */
export class Login {
  readonly #mechanism: Mechanism<Principal>;

  constructor(mechanism: Mechanism<Principal>) {
    this.#mechanism = mechanism;
  }

  /** `initial` as it stood in the command. */
  begin(initial: string | undefined): Promise<LoginStep> {
    if (initial === undefined) return this.#step(undefined);
    const bytes = decodeInitial(initial);
    return bytes === undefined ? Promise.resolve(notBase64) : this.#step(bytes);
  }

  /** A line of the client's, without CRLF. */
  line(line: Buffer): Promise<LoginStep> {
    const text = line.toString('latin1');
    if (text === '*') return Promise.resolve(cancelled);
    const bytes = decodeBase64(text);
    return bytes === undefined ? Promise.resolve(notBase64) : this.#step(bytes);
  }

  async #step(response: Uint8Array | undefined): Promise<LoginStep> {
    const step = await this.#mechanism.step(response);
    if (step.is === 'challenge') return { is: 'challenge', say: `334 ${encodeBase64(step.bytes)}\r\n` };
    if (step.is === 'done') return step;
    const { reason } = step.refusal;
    if (reason === 'invalid') return { is: 'failed', no: replies.authSyntax, reason, guessed: false };
    return { is: 'failed', no: replyFor(step.refusal), reason, guessed: true };
  }
}

const notGuessed = (no: string, reason: string): LoginStep => ({ is: 'failed', no, reason, guessed: false });
const notBase64 = notGuessed(replies.authSyntax, 'notBase64');
const cancelled = notGuessed(replies.authCancelled, 'cancelled');
