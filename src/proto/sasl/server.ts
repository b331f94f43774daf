/** The server's side of SASL: which mechanisms to offer, and how to begin one. */
import { newSecret } from '../../base/ids.ts';
import { oauthBearer, xoauth2 } from './bearer.ts';
import { malformed } from './failure.ts';
import {
  mechanismNames,
  responseMaxBytes,
  type ChannelBinding,
  type CredentialStore,
  type Mechanism,
  type MechanismName,
} from './mechanism.ts';
import { login, plain } from './password.ts';
import { ScramServer, type ScramOptions } from './scram-server.ts';

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
  if (!offer.confidential) return [];
  return mechanismNames.filter(
    (name) => (offer.binding || !name.endsWith('-PLUS')) && (offer.tokens || !isTokenMechanism(name)),
  );
}

/** The mechanism of this name (any case), or undefined when it is unknown or not on offer here. `nonce` is given by tests only. */
export function startMechanism<P>(
  name: string,
  credentials: CredentialStore<P>,
  binding: ChannelBinding | undefined,
  nonce: string = newSecret(nonceBytes),
): Mechanism<P> | undefined {
  const known = mechanismNames.find((each) => each === name.toUpperCase());
  if (!known || (known.endsWith('-PLUS') && !binding)) return undefined;
  if (isTokenMechanism(known) && !credentials.verifyToken) return undefined;
  return bounded(mechanism(known, { credentials, binding, nonce }));
}

type Parts<P> = Pick<ScramOptions<P>, 'credentials' | 'binding' | 'nonce'>;

function mechanism<P>(name: MechanismName, parts: Parts<P>): Mechanism<P> {
  if (name === 'PLAIN') return plain(parts.credentials);
  if (name === 'LOGIN') return login(parts.credentials);
  if (name === 'OAUTHBEARER') return oauthBearer(parts.credentials);
  if (name === 'XOAUTH2') return xoauth2(parts.credentials);
  const hash = name.startsWith('SCRAM-SHA-256') ? 'sha256' : 'sha1';
  return new ScramServer({ name, hash, plus: name.endsWith('-PLUS'), ...parts });
}

/** RFC 5802, 5.1 wants a nonce fresh each time; 144 bits never repeat. */
const nonceBytes = 18;

function isTokenMechanism(name: MechanismName): boolean {
  return name === 'OAUTHBEARER' || name === 'XOAUTH2';
}

/** Refuses responses that are too long before any mechanism looks at them. */
function bounded<P>(mechanism: Mechanism<P>): Mechanism<P> {
  return {
    name: mechanism.name,
    async step(response) {
      if (response && response.length > responseMaxBytes) return malformed('response too long');
      return mechanism.step(response);
    },
  };
}
