/**
 * The messages of SCRAM (RFC 5802, 7), read and written. Reading is strict and total: undefined for what does not fit the grammar.
 * A mandatory extension (`m=`) is one that we do not know, so it does not fit either.
 */
import { decodeBase64 } from './base64.ts';
import { isSecretSized } from './text.ts';

/** `n`: the client has no channel binding. `y`: it has, and believes the server has not. Else the name of a binding type. */
export type BindingFlag =
  | { readonly is: 'n' }
  | { readonly is: 'y' }
  | { readonly is: 'p'; readonly name: string };

export interface Gs2Header {
  readonly flag: BindingFlag;
  readonly authzid: string;
  /** As sent, with its closing comma: it is echoed in the client's final message. */
  readonly text: string;
}

export interface ClientFirst {
  readonly gs2: Gs2Header;
  readonly bare: string;
  readonly username: string;
  readonly nonce: string;
}

export interface ServerFirst {
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

export interface ClientFinal {
  readonly binding: Uint8Array;
  readonly nonce: string;
  readonly proof: Uint8Array;
  readonly withoutProof: string;
}

const gs2Shape = /^(?:(n)|(y)|p=([A-Za-z0-9.-]{1,64})),(?:a=([^,\0]+))?,/;
/** `printable` of RFC 5802: visible ASCII without the comma. */
const clientFirstShape = /^n=([^,\0]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,\0]+)*$/;
const serverFirstShape =
  /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/=]+),i=([1-9][0-9]{0,8})(?:,[A-Za-z]=[^,\0]+)*$/;
const clientFinalShape =
  /^(c=([A-Za-z0-9+/=]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,\0]+)*),p=([A-Za-z0-9+/=]+)$/;

/** The gs2-header at the start of a text (RFC 5801, 4; also used by OAUTHBEARER). */
export function readGs2(text: string): Gs2Header | undefined {
  const match = gs2Shape.exec(text);
  if (!match) return undefined;
  const [header, n, y, name = '', escaped = ''] = match;
  const authzid = unescapeName(escaped);
  if (authzid === undefined) return undefined;
  const flag: BindingFlag = n ? { is: 'n' } : y ? { is: 'y' } : { is: 'p', name };
  return { flag, authzid, text: header };
}

export function readClientFirst(text: string): ClientFirst | undefined {
  const gs2 = readGs2(text);
  if (!gs2) return undefined;
  const bare = text.slice(gs2.text.length);
  const match = clientFirstShape.exec(bare);
  const username = match ? unescapeName(match[1]!) : undefined;
  if (!match || username === undefined || !isSecretSized(username)) return undefined;
  return { gs2, bare, username, nonce: match[2]! };
}

export function readServerFirst(text: string): ServerFirst | undefined {
  const [, nonce = '', salt = '', iterations = ''] = serverFirstShape.exec(text) ?? [];
  const saltBytes = decodeBase64(salt);
  return nonce && saltBytes?.length ? { nonce, salt: saltBytes, iterations: Number(iterations) } : undefined;
}

export function readClientFinal(text: string): ClientFinal | undefined {
  const [, withoutProof = '', c = '', nonce = '', p = ''] = clientFinalShape.exec(text) ?? [];
  const binding = decodeBase64(c);
  const proof = decodeBase64(p);
  return withoutProof && binding && proof ? { binding, nonce, proof, withoutProof } : undefined;
}

/** `saslname`: comma and equals sign are written as =2C and =3D (RFC 5802, 5.1). */
export function escapeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}

function unescapeName(escaped: string): string | undefined {
  if (/=(?!2C|3D)/.test(escaped)) return undefined;
  return escaped.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
