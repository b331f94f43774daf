/**
 * Ids of blobs. `b<email>` is the message of an email, `u<upload>` what was uploaded; `-1_2` behind it is a part, decoded, and further ones are parts of the
 * message that the part is. They name content that never changes, and open nothing by themselves: whoever shows one must have a right to the email.
 */
import { emailNumber, type EmailNumber } from '../../mailbox/ids.ts';

/** Messages within messages that are looked into. */
const depthMax = 10;

export interface BlobId {
  readonly root:
    | { readonly is: 'email'; readonly email: EmailNumber }
    | { readonly is: 'upload'; readonly id: string };
  /** Section numbers of parts, one for each message that is gone into. */
  readonly paths: readonly (readonly number[])[];
}

export const emailBlobId = (email: EmailNumber): string => `b${email.toString(32)}`;
export const uploadBlobId = (id: string): string => `u${id}`;

/** Undefined: no id of ours. */
export function parseBlobId(id: string): BlobId | undefined {
  const [first = '', ...rest] = id.split('-');
  if (rest.length > depthMax || !rest.every((path) => /^[1-9]\d{0,4}(?:_[1-9]\d{0,4}){0,100}$/.test(path)))
    return undefined;
  const paths = rest.map((path) => path.split('_').map(Number));
  if (/^u[A-Za-z0-9]{8,64}$/.test(first)) return { root: { is: 'upload', id: first.slice(1) }, paths };
  const email = first.startsWith('b') ? emailNumber(`e${first.slice(1)}`) : undefined;
  return email === undefined ? undefined : { root: { is: 'email', email }, paths };
}
