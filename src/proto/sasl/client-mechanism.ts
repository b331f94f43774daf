/** What a mechanism is to a client: an initial response, answers to challenges, and a last word on whether the server may be believed. */
export interface ClientCredential {
  readonly username: string;
  readonly password: string;
}

export interface ClientMechanism {
  readonly name: string;
  /** The initial response, sent with the AUTH command; undefined: the server speaks first. */
  initial(): Uint8Array | undefined;
  /** The answer to a challenge. Rejects with SaslError when the server's data do not verify: close the connection. */
  step(challenge: Uint8Array): Promise<Uint8Array>;
  /** Called at the server's success. False: the server has not proved that it knows the password; treat as failure. */
  finished(): boolean;
}

/** The server's side of the exchange is wrong: malformed, or an impostor. */
export class SaslError extends Error {
  override readonly name = 'SaslError';
}
