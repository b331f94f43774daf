/** One AUTH exchange (RFC 4954): base64, the continuation lines, `*` to give up. The mechanism itself is proto/sasl. */
import type { Principal } from '../directory/principal.ts';
import { decodeBase64, decodeInitial, encodeBase64 } from '../proto/sasl/base64.ts';
import type { Mechanism } from '../proto/sasl/mechanism.ts';
import { replies, replyFor } from './replies.ts';

export type LoginStep =
  | { readonly is: 'challenge'; readonly say: string }
  | { readonly is: 'done'; readonly principal: Principal }
  /** `no` is a whole reply line. */
  | { readonly is: 'failed'; readonly no: string; readonly reason: string };

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
    return { is: 'failed', no: replyFor(step.refusal), reason: step.refusal.reason };
  }
}

const notBase64: LoginStep = { is: 'failed', no: replies.authSyntax, reason: 'notBase64' };
const cancelled: LoginStep = { is: 'failed', no: replies.authCancelled, reason: 'cancelled' };
