/** PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login): the password itself crosses the wire. */
import { denied, malformed, settled } from './failure.ts';
import type { CredentialStore, Mechanism, SaslStep } from './mechanism.ts';
import { saslprep } from './saslprep.ts';
import { decodeUtf8, isSecretSized } from './text.ts';

const NUL = 0;
const nothing = new Uint8Array(0);

export function plain<P>(credentials: CredentialStore<P>): Mechanism<P> {
  return {
    name: 'PLAIN',
    async step(response) {
      if (!response) return { is: 'challenge', bytes: nothing };
      const first = response.indexOf(NUL);
      const second = response.indexOf(NUL, first + 1);
      if (first === -1 || second === -1 || response.includes(NUL, second + 1)) {
        return malformed('PLAIN wants authzid NUL authcid NUL password');
      }
      const authzid = decodeUtf8(response.subarray(0, first));
      const username = decodeUtf8(response.subarray(first + 1, second));
      const password = decodeUtf8(response.subarray(second + 1));
      if (authzid === undefined) return malformed('authzid is not UTF-8');
      if (authzid !== '' && authzid !== username) return denied('acting for another user is not allowed');
      return verify(credentials, username, password);
    },
  };
}

export function login<P>(credentials: CredentialStore<P>): Mechanism<P> {
  let username: string | undefined;
  let asked: 'nothing' | 'username' | 'password' = 'nothing';
  return {
    name: 'LOGIN',
    async step(response) {
      if (!response) {
        asked = 'username';
        return { is: 'challenge', bytes: Buffer.from('Username:') };
      }
      if (asked !== 'password') {
        username = decodeUtf8(response);
        asked = 'password';
        return { is: 'challenge', bytes: Buffer.from('Password:') };
      }
      return verify(credentials, username, decodeUtf8(response));
    },
  };
}

async function verify<P>(
  credentials: CredentialStore<P>,
  username: string | undefined,
  password: string | undefined,
): Promise<SaslStep<P>> {
  if (username === undefined || password === undefined) return malformed('not UTF-8');
  if (!isSecretSized(username) || !isSecretSized(password))
    return malformed('user name or password too long');
  const name = saslprep(username);
  const secret = saslprep(password);
  if (!name || !secret)
    return name === '' ? malformed('empty user name') : denied('not a usable name or password');
  return settled(credentials.verifyPassword(name, secret));
}
