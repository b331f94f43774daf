/** The client's side of SASL, for smart hosts: PLAIN, LOGIN, SCRAM. */
import type { ChannelBinding } from './mechanism.ts';

export interface ClientCredential {
  readonly username: string;
  readonly password: string;
}

export interface ClientMechanism {
  readonly name: string;
  /** The initial response, sent with the AUTH command; undefined: the server speaks first. */
  initial(): Uint8Array | undefined;
  /** The answer to a challenge. Throws SaslError when the server's data do not verify: close the connection. */
  step(challenge: Uint8Array): Promise<Uint8Array>;
  /** Called at the server's success. False: the server has not proved that it knows the password; treat as failure. */
  finished(): boolean;
}

export class SaslError extends Error {
  override readonly name = 'SaslError';
}

/** The strongest mechanism both sides know, or undefined. `offered` are the words of the server's AUTH capability. */
export function startClient(
  offered: readonly string[],
  credential: ClientCredential,
  binding?: ChannelBinding,
): ClientMechanism | undefined {
  throw new Error(`not yet: ${offered.length} ${credential.username} ${typeof binding}`);
}
