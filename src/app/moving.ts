/** Importing and exporting, as commands. */
import { systemClock } from '../base/clock.ts';
import { createResolver } from '../net/resolver.ts';
import { compare, type Comparison } from '../moving/comparison.ts';
import { Rejected } from '../moving/destination.ts';
import { EmlFolder } from '../moving/eml-folder.ts';
import { EmlSource } from '../moving/eml-source.ts';
import { type ExportedMailbox, exportMail as exportInto, type ExportFolder } from '../moving/export.ts';
import { type ImapOptions, ImapSource } from '../moving/imap-source.ts';
import { type LineParts, LineLost, ServerRefusal } from '../moving/line.ts';
import { MaildirFolder } from '../moving/maildir-folder.ts';
import { MaildirSource } from '../moving/maildir-source.ts';
import { MboxFolder } from '../moving/mbox-folder.ts';
import { MboxSource } from '../moving/mbox-source.ts';
import { type MoveOptions, type MoveReport, moveIn } from '../moving/mover.ts';
import { type Pop3Options, Pop3Source } from '../moving/pop3-source.ts';
import type { Source, SourceMailbox } from '../moving/source.ts';
import { type ApiLine, MovingAccount } from './moving-account.ts';

export type { Comparison, Difference } from '../moving/comparison.ts';
export type { ExportedMailbox } from '../moving/export.ts';
export type { MoveReport } from '../moving/mover.ts';
export type { ServerLogin, ServerPlace } from '../moving/line.ts';
export type { SourceMailbox } from '../moving/source.ts';
export type { ApiLine } from './moving-account.ts';

/** Where mail comes from. */
export type SourceSpec =
  | ({ readonly is: 'maildir' } & ConstructorParameters<typeof MaildirSource>[0])
  | ({ readonly is: 'mbox' } & ConstructorParameters<typeof MboxSource>[0])
  | ({ readonly is: 'eml' } & ConstructorParameters<typeof EmlSource>[0])
  | ({ readonly is: 'imap' } & ImapOptions)
  | ({ readonly is: 'pop3' } & Pop3Options);

export interface ImportOrder {
  readonly line: ApiLine;
  /** Id of the account. */
  readonly account: string;
  readonly source: SourceSpec;
  readonly wanted?: ((mailbox: SourceMailbox) => boolean) | undefined;
}

function lineParts(): LineParts {
  return { clock: systemClock, resolver: createResolver({ clock: systemClock }) };
}

function openSource(spec: SourceSpec): Source {
  switch (spec.is) {
    case 'maildir':
      return new MaildirSource(spec);
    case 'mbox':
      return new MboxSource(spec);
    case 'imap':
      return new ImapSource(spec, lineParts());
    case 'pop3':
      return new Pop3Source(spec, lineParts());
    default:
      return new EmlSource(spec);
  }
}

/** Throws Rejected when it cannot go on; what came stays, and the next run goes on. */
export async function importMail(
  { line, account, source, wanted }: ImportOrder,
  progress: NonNullable<MoveOptions['progress']>,
): Promise<MoveReport & { readonly remarks: readonly string[] }> {
  await using opened = openSource(source);
  const report = await moveIn(opened, new MovingAccount(line, account), { wanted, progress });
  return { ...report, remarks: opened.remarks };
}

export async function compareMail(
  { line, account, source, wanted }: ImportOrder,
  contents: boolean | undefined,
): Promise<Comparison> {
  await using opened = openSource(source);
  const here = new MovingAccount(line, account);
  return await compare(opened, here, { wanted, contents: contents ?? opened.isLocal });
}

/** What is imported from there later comes again. */
export async function forgetImport({ line, account, source }: ImportOrder): Promise<void> {
  await using opened = openSource(source);
  await new MovingAccount(line, account).forget(opened.name);
}

export async function listSource({ source }: Pick<ImportOrder, 'source'>): Promise<readonly SourceMailbox[]> {
  await using opened = openSource(source);
  return await opened.mailboxes();
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

/** It could not go on, here or there; what came stays, and the next run goes on. */
export const isInterruption = (error: unknown): error is Error =>
  error instanceof Rejected || error instanceof LineLost || error instanceof ServerRefusal;

export { isUidlFormat } from '../moving/uidl-format.ts';
export { mboxFormats, isMboxFormat } from '../moving/mbox-source.ts';
