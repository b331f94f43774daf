/**
 * SASL (RFC 4422) as seen by a protocol server: a mechanism is stepped with the client's decoded responses and answers with a challenge, a
 * principal, or a failure. Base64, the continuation lines and the abort (`*`) belong to the protocol.
 *
 *   startMechanism('PLAIN', credentials, binding)
 *   step(initial response | undefined) → challenge → step(response) → … → done | failed
 *
 * A server sends a challenge as it comes and feeds the answer back; server data that ends an exchange is a challenge too, and
 * wants an empty response (SMTP, IMAP and POP3 have no success data).
 */
import type { Refusal } from '../../base/refusal.ts';

/** In our order of preference, strongest first. */
export const mechanismNames = [
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256',
  'SCRAM-SHA-1',
  'PLAIN',
  'LOGIN',
  'OAUTHBEARER',
  'XOAUTH2',
] as const;
export type MechanismName = (typeof mechanismNames)[number];

export type ScramHash = 'sha1' | 'sha256';

export interface ScramKeys {
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** What SCRAM needs to know of a user (RFC 5802, 3). Several keys under one salt: a password and app passwords. */
export interface ScramCredential<P> {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly keys: readonly ScramKeys[];
  /**
   * Called at most once, with the index of the key that the client proved, or undefined when none. Resolves with the principal, or
   * rejects with a Refusal. So an unknown user (with an invented salt and no keys) is refused at the same place as a wrong password.
   */
  settle(proved: number | undefined): Promise<P>;
}

/** Where mechanisms look up and verify. Each method rejects with a Refusal when the answer is no. */
export interface CredentialStore<P> {
  verifyPassword(username: string, password: string): Promise<P>;
  scram(username: string, hash: ScramHash): Promise<ScramCredential<P>>;
  /** Bearer tokens (RFC 6750). `username` may be `''` in OAUTHBEARER. Absent: token mechanisms are not offered. */
  verifyToken?(username: string, token: string): Promise<P>;
}

/** Channel binding types (RFC 5929, RFC 9266). */
export const bindingNames = ['tls-exporter', 'tls-server-end-point', 'tls-unique'] as const;
export type BindingName = (typeof bindingNames)[number];

/** The data of a binding type on this connection, or undefined when it has none (tls-unique on TLS 1.3, say). */
export type ChannelBinding = (name: BindingName) => Uint8Array | undefined;

export type SaslStep<P> =
  | { readonly is: 'challenge'; readonly bytes: Uint8Array }
  | { readonly is: 'done'; readonly principal: P }
  | { readonly is: 'failed'; readonly refusal: Refusal };

export interface Mechanism<P> {
  readonly name: MechanismName;
  /** `undefined` only in the first call: the client gave no initial response. Never throws and never rejects for what a client sent. */
  step(response: Uint8Array | undefined): Promise<SaslStep<P>>;
}

/** The longest decoded response that is looked at: 12,288 octets of base64 (RFC 4954, 4). */
export const responseMaxBytes = 9216;
/** User names and passwords longer than this are refused unread (RFC 4616, 2 wants at least 255 to work). */
export const secretMaxBytes = 1024;
