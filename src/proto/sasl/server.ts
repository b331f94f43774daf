/** The server's side of SASL: which mechanisms to offer, and how to begin one. */
import type { ChannelBinding, CredentialStore, Mechanism, MechanismName } from './mechanism.ts';

export interface Offer {
  /** Passwords may cross this connection: TLS, or a Unix socket, or loopback where settings say so. */
  readonly confidential: boolean;
  /** The connection has channel binding data. */
  readonly binding: boolean;
  /** The credential store verifies tokens. */
  readonly tokens: boolean;
}

/** Names for the AUTH / SASL capability, in our order. Empty without confidentiality. */
export function offeredMechanisms(offer: Offer): readonly MechanismName[] {
  throw new Error(`not yet: ${String(offer.confidential)}`);
}

/** The mechanism of this name (any case), or undefined when it is unknown or not on offer here. */
export function startMechanism<P>(
  name: string,
  credentials: CredentialStore<P>,
  binding: ChannelBinding | undefined,
): Mechanism<P> | undefined {
  throw new Error(`not yet: ${name} ${typeof credentials} ${typeof binding}`);
}
