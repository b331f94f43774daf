/**
 * The DNS record by which a domain says that it has an MTA-STS policy (RFC 8461, 3.1): `v=STSv1; id=20260831085700Z`.
 */

import { trimmed, wsp } from '../../base/trimmed.ts';

/** The name it stands under. */
export const stsRecordName = (domain: string): string => `_mta-sts.${domain}`;

export type StsRecord =
  | { readonly is: 'id'; readonly id: string }
  /** No record, or records that amount to none. */
  | { readonly is: 'none' }
  | { readonly is: 'invalid'; readonly problem: string };

/** Records that do not begin with the version are somebody else's; of the others there must be exactly one. */
export function readStsRecords(texts: readonly string[]): StsRecord {
  const ours = texts.filter((text) => /^v=STSv1[ \t]*(?:;|$)/.test(text));
  if (ours.length === 0) return { is: 'none' };
  if (ours.length > 1) return { is: 'invalid', problem: `${ours.length} records instead of one` };
  return readOne(ours[0]!);
}

const extension = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[\x21-\x3a\x3c\x3e-\x7e]+$/;

function readOne(text: string): StsRecord {
  const [, ...fields] = text.split(';').map((field) => trimmed(field, wsp));
  if (fields.at(-1) === '') fields.pop();
  const ids = fields.filter((field) => field.startsWith('id='));
  if (ids.length !== 1) return { is: 'invalid', problem: ids.length === 0 ? 'no id' : 'more than one id' };
  const odd = fields.find((field) => !extension.test(field));
  if (odd !== undefined) return { is: 'invalid', problem: `not a field: ${odd}` };
  const id = ids[0]!.slice('id='.length);
  return /^[A-Za-z0-9]{1,32}$/.test(id) ? { is: 'id', id } : { is: 'invalid', problem: 'not an id' };
}

export const formatStsRecord = (id: string): string => `v=STSv1; id=${id}`;
