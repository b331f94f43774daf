/**
 * The part of a search that reads stored emails: runs on a scan thread.
 *
 * `details` leaves are answered from the stored details. With `bodies`, messages that are rows are read too; those in files are named in the
 * answer, since a transaction reads no files.
 */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { maybe, type Transaction } from '../../store/transaction.ts';
import type { EmailDetails } from '../email-facts.ts';
import type { EmailNumber } from '../ids.ts';
import { decodeDetails } from '../stored-details.ts';
import { readAttachments } from './attachment-texts.ts';
import type { Leaf } from './evaluate.ts';
import { verdictOfDetails } from './leaf-details.ts';
import { MessageText } from './message-text.ts';

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
    readonly attachments: readonly string[];
  }[];
  /** Emails with attachments that have not been read yet, where these might tell: only with `bodies`. */
  readonly unread: readonly EmailNumber[];
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
    const found: Writable = { verdicts: [], inFiles: [], unread: [] };
    const looksInside = bodies && leaves.some(({ is }) => is === 'text' || is === 'body');
    for (const email of emails) {
      const row = yield* maybe<EmailRow>(bodies ? withBody : detailsOnly, account, email);
      if (row === undefined) continue;
      const details = decodeDetails(row.details);
      const attachments = looksInside ? yield* readAttachments(account, email, details) : [];
      if (attachments === undefined) found.unread.push(email);
      if (row.file)
        found.inFiles.push({ email, name: row.file, details: row.details, attachments: attachments ?? [] });
      else
        found.verdicts.push({
          email,
          ...verdictsOf(leaves, { details, row, attachments: attachments ?? [] }),
        });
    }
    return found;
  },
);

type Writable = { -readonly [Name in keyof SearchFound]: SearchFound[Name][number][] };

function verdictsOf(
  leaves: readonly Leaf[],
  { details, row, attachments }: { details: EmailDetails; row: EmailRow; attachments: readonly string[] },
): { yes: number; no: number } {
  const masks = { yes: 0, no: 0 };
  const text = row.body ? new MessageText(details, readerOf(row.body), attachments) : undefined;
  leaves.forEach((leaf, i) => {
    const verdict = verdictOfDetails(leaf, details) ?? text?.matches(leaf);
    if (verdict === true) masks.yes |= 1 << i;
    else if (verdict === false) masks.no |= 1 << i;
  });
  return masks;
}

export function readerOf(body: Uint8Array): (start: number, end: number) => Buffer {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return (start, end) => bytes.subarray(start, end);
}
