/**
 * The part of a search that reads stored emails: runs on a scan thread.
 *
 * `details` leaves are answered from the stored details. With `bodies`, messages that are rows are read too; those in files are named in the
 * answer, since a transaction reads no files.
 */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { maybe, type Transaction } from '../../store/transaction.ts';
import type { EmailNumber } from '../ids.ts';
import { decodeDetails } from '../stored-details.ts';
import type { Leaf } from './evaluate.ts';
import { verdictOfDetails } from './leaf-details.ts';
import { MessageText } from './leaf-body.ts';

/** Verdicts of one email by index of the leaf: bit set in `yes` or `no`, or in neither when it is not known. */
export interface Verdicts {
  readonly email: EmailNumber;
  readonly yes: number;
  readonly no: number;
}

export interface SearchArgs {
  readonly account: AccountId;
  readonly emails: readonly EmailNumber[];
  /** At most `leavesMax`; texts folded. */
  readonly leaves: readonly Leaf[];
  readonly bodies: boolean;
}

export interface SearchFound {
  readonly verdicts: readonly Verdicts[];
  /** Emails whose message is in a file: only asked for with `bodies`. */
  readonly inFiles: readonly {
    readonly email: EmailNumber;
    readonly name: string;
    readonly details: string;
  }[];
}

/** Bits of a mask. */
export const leavesMax = 30;

interface EmailRow {
  readonly details: string;
  readonly file?: string | null;
  readonly body?: Uint8Array | null;
}

const detailsOnly = 'select details from email where account = ? and id = ?';
const withBody = 'select details, body_file as file, body from email where account = ? and id = ?';

export const searchEmails = operation(
  'mailbox.searchEmails',
  function* ({ account, emails, leaves, bodies }: SearchArgs): Transaction<SearchFound> {
    const verdicts: Verdicts[] = [];
    const inFiles: { email: EmailNumber; name: string; details: string }[] = [];
    for (const email of emails) {
      const row = yield* maybe<EmailRow>(bodies ? withBody : detailsOnly, account, email);
      if (row === undefined) continue;
      if (row.file) inFiles.push({ email, name: row.file, details: row.details });
      else verdicts.push({ email, ...verdictsOf(leaves, row) });
    }
    return { verdicts, inFiles };
  },
);

function verdictsOf(leaves: readonly Leaf[], row: EmailRow): { yes: number; no: number } {
  const details = decodeDetails(row.details);
  const masks = { yes: 0, no: 0 };
  const text = row.body ? new MessageText(details, readerOf(row.body)) : undefined;
  leaves.forEach((leaf, i) => {
    const verdict = verdictOfDetails(leaf, details) ?? text?.matches(leaf);
    if (verdict === true) masks.yes |= 1 << i;
    else if (verdict === false) masks.no |= 1 << i;
  });
  return masks;
}

function readerOf(body: Uint8Array): (start: number, end: number) => Buffer {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return (start, end) => bytes.subarray(start, end);
}
