/**
 * The part of a search that reads stored emails: runs on a scan thread.
 *
 * `details` leaves are answered from the stored details. With `bodies`, messages that are rows are read too; those in files are named in the
 * answer, since a transaction reads no files.
 */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { batch, type Transaction } from '../../store/transaction.ts';
import { decodeDetails } from '../email-facts.ts';
import type { EmailNumber } from '../ids.ts';
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
  readonly id: number;
  readonly details: string;
}
interface BodyRow {
  readonly body: Uint8Array | null;
  readonly file: string | null;
}

export const searchEmails = operation(
  'mailbox.searchEmails',
  function* (args: SearchArgs): Transaction<SearchFound> {
    const verdicts: Verdicts[] = [];
    const inFiles: { email: EmailNumber; name: string; details: string }[] = [];
    for (const email of args.emails) {
      const [emails, bodies] = yield* batch([
        { sql: 'select id, details from email where account = ? and id = ?', params: [args.account, email] },
        ...(args.bodies
          ? [
              {
                sql: 'select body, body_file as file from email_body where account = ? and email = ?',
                params: [args.account, email],
              },
            ]
          : []),
      ]);
      const row = emails?.[0] as unknown as EmailRow | undefined;
      const body = bodies?.[0] as unknown as BodyRow | undefined;
      if (row === undefined) continue;
      if (body?.file) inFiles.push({ email, name: body.file, details: row.details });
      else verdicts.push({ email, ...verdictsOf(args.leaves, row, body?.body ?? undefined) });
    }
    return { verdicts, inFiles };
  },
);

function verdictsOf(
  leaves: readonly Leaf[],
  row: EmailRow,
  body: Uint8Array | undefined,
): { yes: number; no: number } {
  const details = decodeDetails(row.details);
  const masks = { yes: 0, no: 0 };
  const text = body === undefined ? undefined : new MessageText(details, readerOf(body));
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
