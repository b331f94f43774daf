/** Importing and exporting, as commands. */
import { compare, type Comparison } from '../moving/comparison.ts';
import { Rejected } from '../moving/destination.ts';
import { EmlFolder } from '../moving/eml-folder.ts';
import { EmlSource } from '../moving/eml-source.ts';
import { type ExportedMailbox, exportMail as exportInto, type ExportFolder } from '../moving/export.ts';
import { MaildirFolder } from '../moving/maildir-folder.ts';
import { MaildirSource } from '../moving/maildir-source.ts';
import { MboxFolder } from '../moving/mbox-folder.ts';
import { MboxSource } from '../moving/mbox-source.ts';
import { type MoveOptions, type MoveReport, moveIn } from '../moving/mover.ts';
import type { Source, SourceMailbox } from '../moving/source.ts';
import { type ApiLine, MovingAccount } from './moving-account.ts';

export type { Comparison, Difference } from '../moving/comparison.ts';
export type { ExportedMailbox } from '../moving/export.ts';
export type { MoveReport } from '../moving/mover.ts';
export type { SourceMailbox } from '../moving/source.ts';
export type { ApiLine } from './moving-account.ts';

/** Where mail comes from. */
export type SourceSpec =
  | ({ readonly is: 'maildir' } & ConstructorParameters<typeof MaildirSource>[0])
  | ({ readonly is: 'mbox' } & ConstructorParameters<typeof MboxSource>[0])
  | ({ readonly is: 'eml' } & ConstructorParameters<typeof EmlSource>[0]);

export interface ImportOrder {
  readonly line: ApiLine;
  /** Id of the account. */
  readonly account: string;
  readonly source: SourceSpec;
  readonly wanted?: ((mailbox: SourceMailbox) => boolean) | undefined;
}

async function openSource(spec: SourceSpec): Promise<Source> {
  switch (spec.is) {
    case 'maildir':
      return new MaildirSource(spec);
    case 'mbox':
      return new MboxSource(spec);
    default:
      return new EmlSource(spec);
  }
}

/** Throws Rejected when it cannot go on; what came stays, and the next run goes on. */
export async function importMail(
  { line, account, source, wanted }: ImportOrder,
  progress: NonNullable<MoveOptions['progress']>,
): Promise<MoveReport & { readonly remarks: readonly string[] }> {
  await using opened = await openSource(source);
  const report = await moveIn(opened, new MovingAccount(line, account), { wanted, progress });
  return { ...report, remarks: opened.remarks };
}

export async function compareMail(
  { line, account, source, wanted }: ImportOrder,
  contents: boolean | undefined,
): Promise<Comparison> {
  await using opened = await openSource(source);
  const here = new MovingAccount(line, account);
  return compare(opened, here, { wanted, contents: contents ?? opened.isLocal });
}

/** What is imported from there later comes again. */
export async function forgetImport({ line, account, source }: ImportOrder): Promise<void> {
  await using opened = await openSource(source);
  await new MovingAccount(line, account).forget(opened.name);
}

export async function listSource({ source }: Pick<ImportOrder, 'source'>): Promise<readonly SourceMailbox[]> {
  await using opened = await openSource(source);
  return opened.mailboxes();
}

export interface ExportOrder {
  readonly line: ApiLine;
  /** Id of the account. */
  readonly account: string;
  readonly folder: string;
  readonly format: 'maildir' | 'mbox' | 'eml';
  /** Maildir: lines end in CRLF. */
  readonly crlf: boolean;
  readonly wanted?: ((mailbox: { readonly name: string }) => boolean) | undefined;
}

export function exportMail(
  order: ExportOrder,
  progress: (done: ExportedMailbox) => void,
): Promise<readonly ExportedMailbox[]> {
  const { line, account, wanted } = order;
  return exportInto(new MovingAccount(line, account), exportFolder(order), { wanted, progress });
}

function exportFolder({ format, folder, crlf }: ExportOrder): ExportFolder {
  if (format === 'maildir') return new MaildirFolder({ folder, crlf });
  return format === 'mbox' ? new MboxFolder({ folder }) : new EmlFolder({ folder });
}

export const isRejected = (error: unknown): error is Rejected => error instanceof Rejected;

export { isUidlFormat } from '../moving/uidl-format.ts';
export { mboxFormats, isMboxFormat } from '../moving/mbox-source.ts';
