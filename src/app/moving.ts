/** Importing and exporting, as commands. */
import { systemClock } from '../base/clock.ts';
import { createResolver } from '../net/resolver.ts';
import { compare, type Comparison, joined } from '../moving/comparison.ts';
import { Rejected } from '../moving/destination.ts';
import { EmlFolder } from '../moving/eml-folder.ts';
import { EmlSource } from '../moving/eml-source.ts';
import { type ExportedMailbox, exportMail as exportInto, type ExportFolder } from '../moving/export.ts';
import { type ImapOptions, ImapSource } from '../moving/imap-source.ts';
import { type LineParts, LineLost, ServerRefusal } from '../moving/line.ts';
import { MaildirFolder } from '../moving/maildir-folder.ts';
import { MaildirSource } from '../moving/maildir-source.ts';
import { MboxFolder } from '../moving/mbox-folder.ts';
import { mboxFiles } from '../moving/mbox-files.ts';
import { type MboxOptions, MboxSource } from '../moving/mbox-source.ts';
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
  | ({ readonly is: 'mbox'; readonly paths: readonly string[]; readonly mailbox?: string } & Pick<
      MboxOptions,
      'format'
    >)
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

/** One for each file in mbox format, so that each is known wherever it is named again. */
async function openSources(spec: SourceSpec): Promise<readonly Source[]> {
  switch (spec.is) {
    case 'maildir':
      return [new MaildirSource(spec)];
    case 'mbox': {
      const files = await mboxFiles(spec.paths, spec.mailbox);
      if (files.length === 0) throw new NoSuchSource(`no file in mbox format is in ${spec.paths.join(', ')}`);
      return files.map((each) => new MboxSource({ ...each, format: spec.format }));
    }
    case 'imap':
      return [new ImapSource(spec, lineParts())];
    case 'pop3':
      return [new Pop3Source(spec, lineParts())];
    default:
      return [new EmlSource(spec)];
  }
}

class NoSuchSource extends Error {
  override readonly name = 'NoSuchSource';
}

/** Each is closed before the next one is asked for anything. */
async function withEach<T>(spec: SourceSpec, use: (source: Source) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (const each of await openSources(spec)) {
    await using source = each;
    done.push(await use(source));
  }
  return done;
}

/** Throws Rejected when it cannot go on; what came stays, and the next run goes on. */
export async function importMail(
  { line, account, source, wanted }: ImportOrder,
  progress: NonNullable<MoveOptions['progress']>,
): Promise<MoveReport & { readonly remarks: readonly string[] }> {
  const here = new MovingAccount(line, account);
  const reports = await withEach(source, async (opened) => ({
    report: await moveIn(opened, here, { wanted, progress }),
    remarks: opened.remarks,
  }));
  return {
    mailboxes: reports.flatMap(({ report }) => report.mailboxes),
    failures: reports.flatMap(({ report }) => report.failures),
    remarks: reports.flatMap(({ remarks }) => remarks),
  };
}

export async function compareMail(
  { line, account, source, wanted }: ImportOrder,
  contents: boolean | undefined,
): Promise<Comparison> {
  const here = new MovingAccount(line, account);
  return joined(
    await withEach(source, (opened) =>
      compare(opened, here, { wanted, contents: contents ?? opened.isLocal }),
    ),
  );
}

/** What is imported from there later comes again. */
export async function forgetImport({ line, account, source }: ImportOrder): Promise<void> {
  const here = new MovingAccount(line, account);
  await withEach(source, (opened) => here.forget(opened.name));
}

export async function listSource({ source }: Pick<ImportOrder, 'source'>): Promise<readonly SourceMailbox[]> {
  return (await withEach(source, (opened) => opened.mailboxes())).flat();
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
  error instanceof NoSuchSource ||
  error instanceof Rejected ||
  error instanceof LineLost ||
  error instanceof ServerRefusal;

export { FileNames } from '../moving/file-names.ts';
export { isUidlFormat } from '../moving/uidl-format.ts';
export { mboxFormats, isMboxFormat } from '../moving/mbox-source.ts';
