/**
 * OAUTHBEARER (RFC 7628) and XOAUTH2 (Google's and Microsoft's forerunner): one message with a bearer token.
 *
 * A refused token is answered with a JSON challenge that says so; whatever the client sends then ends the exchange (RFC 7628, 3.2.3).
 */
import { malformed, settled } from './failure.ts';
import type { CredentialStore, Mechanism, MechanismName, SaslStep } from './mechanism.ts';
import { readGs2 } from './scram-message.ts';
import { decodeUtf8 } from './text.ts';

interface Shown {
  readonly username: string;
  readonly token: string;
}

type Failed = Extract<SaslStep<never>, { is: 'failed' }>;

export function oauthBearer<P>(credentials: CredentialStore<P>): Mechanism<P> {
  return bearer('OAUTHBEARER', credentials, readOauthBearer);
}

export function xoauth2<P>(credentials: CredentialStore<P>): Mechanism<P> {
  return bearer('XOAUTH2', credentials, readXoauth2);
}

const refusals: Partial<Record<MechanismName, string>> = {
  OAUTHBEARER: JSON.stringify({ status: 'invalid_token', schemes: 'bearer', scope: 'mail' }),
  XOAUTH2: JSON.stringify({ status: '401', schemes: 'bearer', scope: 'mail' }),
};

function bearer<P>(
  name: MechanismName,
  credentials: CredentialStore<P>,
  read: (text: string) => Shown | undefined,
): Mechanism<P> {
  let refused: Failed | undefined;
  return {
    name,
    async step(response) {
      if (refused) return refused;
      if (!response) return { is: 'challenge', bytes: new Uint8Array(0) };
      const text = decodeUtf8(response);
      const shown = text === undefined ? undefined : read(text);
      if (!shown || !credentials.verifyToken) return malformed(`not a message of ${name}`);
      const answer = await settled(credentials.verifyToken(shown.username, shown.token));
      if (answer.is !== 'failed') return answer;
      refused = answer;
      return { is: 'challenge', bytes: Buffer.from(refusals[name]!) };
    },
  };
}

const pairsShape = /^\x01((?:[A-Za-z]+=[^\x00\x01]*\x01)*)\x01$/;
/** b64token of RFC 6750, 2.1. The scheme's name is in any case. */
const authShape = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** `n,a=user@example.com,^Ahost=…^Aport=…^Aauth=Bearer …^A^A` */
function readOauthBearer(text: string): Shown | undefined {
  const gs2 = readGs2(text);
  if (!gs2 || gs2.flag.is === 'p') return undefined;
  return readPairs(text.slice(gs2.text.length), gs2.authzid);
}

/** `user=someone@example.com^Aauth=Bearer …^A^A` */
function readXoauth2(text: string): Shown | undefined {
  const match = /^user=([^\x00\x01]+)(?=\x01)/.exec(text);
  return match ? readPairs(text.slice(match[0].length), match[1]!) : undefined;
}

function readPairs(text: string, username: string): Shown | undefined {
  const pairs = pairsShape.exec(text)?.[1]?.split('\x01') ?? [];
  const auth = pairs.filter((pair) => pair.startsWith('auth='));
  const token = auth.length === 1 ? authShape.exec(auth[0]!.slice('auth='.length))?.[1] : undefined;
  return token === undefined ? undefined : { username, token };
}
