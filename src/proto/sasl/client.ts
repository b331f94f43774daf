/**
 * The client's side of SASL, for smart hosts: SCRAM, PLAIN, LOGIN, in this order.
 *
 * PLAIN and LOGIN hand the password over: call only on a connection whose certificate was verified.
 */
import { SaslError, type ClientCredential, type ClientMechanism } from './client-mechanism.ts';
import type { ChannelBinding, ScramHash } from './mechanism.ts';
import { ScramClient } from './scram-client.ts';

/** The strongest mechanism both sides know, or undefined. `offered` are the words of the server's AUTH capability. */
export function startClient(
  offered: readonly string[],
  credential: ClientCredential,
  binding?: ChannelBinding,
): ClientMechanism | undefined {
  const names = new Set(offered.map((name) => name.toUpperCase()));
  const plus = binding !== undefined && [...names].some((name) => /^SCRAM-SHA-(1|256)-PLUS$/.test(name));
  for (const [base, hash] of scrams) {
    const name = plus ? `${base}-PLUS` : base;
    if (names.has(name)) return new ScramClient({ name, hash, plus, credential, binding });
  }
  if (names.has('PLAIN')) return plain(credential);
  if (names.has('LOGIN')) return login(credential);
  return undefined;
}

const scrams: readonly (readonly [string, ScramHash])[] = [
  ['SCRAM-SHA-256', 'sha256'],
  ['SCRAM-SHA-1', 'sha1'],
];

function plain({ username, password }: ClientCredential): ClientMechanism {
  const message = Buffer.from(`\0${username}\0${password}`);
  return {
    name: 'PLAIN',
    initial: () => message,
    /** A server that ignores initial responses asks with an empty challenge. */
    step: async () => message,
    finished: () => true,
  };
}

function login({ username, password }: ClientCredential): ClientMechanism {
  const answers = [username, password];
  return {
    name: 'LOGIN',
    initial: () => undefined,
    async step() {
      const answer = answers.shift();
      if (answer === undefined) throw new SaslError('the server asks for more than user name and password');
      return Buffer.from(answer);
    },
    finished: () => answers.length === 0,
  };
}
