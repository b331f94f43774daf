/** A credential store of one user, for the tests of SASL. */
import { Refusal } from '../../base/refusal.ts';
import type { CredentialStore, ScramHash, SaslStep, Mechanism } from './mechanism.ts';
import { deriveKeys } from './scram-keys.ts';

export interface TestUser {
  readonly username: string;
  readonly password: string;
  readonly salt?: Uint8Array;
  readonly iterations?: number;
}

/** Knows one user and takes the password as token too. The principal is the user's name. */
export function oneUser({ username, password, salt = Buffer.from('salt'), iterations = 4096 }: TestUser) {
  const store: Required<CredentialStore<string>> = {
    verifyPassword: async (name, given) => (name === username && given === password ? name : deny()),
    verifyToken: async (name, token) => (token === password ? name || username : deny()),
    async scram(name: string, hash: ScramHash) {
      const keys = await deriveKeys(hash, { password, salt, iterations });
      return {
        salt,
        iterations,
        keys:
          name === username
            ? [{ storedKey: Buffer.alloc(keys.storedKey.length), serverKey: keys.serverKey }, keys]
            : [],
        settle: async (proved) => (proved === undefined ? deny() : name),
      };
    },
  };
  return store;
}

function deny(): never {
  throw new Refusal('authenticationFailed', 'no');
}

/** Plays responses (text or bytes; undefined for "no initial response") and gives what came of the last. */
export async function play<P>(
  mechanism: Mechanism<P> | undefined,
  ...responses: (string | Uint8Array | undefined)[]
): Promise<SaslStep<P>> {
  let last: SaslStep<P> | undefined;
  for (const response of responses) {
    last = await mechanism!.step(typeof response === 'string' ? Buffer.from(response) : response);
  }
  return last!;
}

/** A step in one word, for assertions: `done tim`, `failed invalid`, `challenge …`. */
export function told(step: SaslStep<string>): string {
  if (step.is === 'done') return `done ${step.principal}`;
  if (step.is === 'failed') return `failed ${step.refusal.reason}`;
  return `challenge ${Buffer.from(step.bytes).toString()}`;
}
