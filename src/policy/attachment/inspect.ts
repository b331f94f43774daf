/**
 * What there is to say of an attachment, and of what is in it, however deep: by name and by content. Facts only; what they weigh and what is done is
 * settled elsewhere.
 */
import type { ContentKind } from '../../proto/archive/content-type.ts';
import { contentHeadBytes, contentKind } from '../../proto/archive/content-type.ts';
import { nameFacts, shownName } from '../../proto/archive/file-name.ts';
import { rarDirectory } from '../../proto/archive/rar-directory.ts';
import {
  BombError,
  takeFile,
  TooManyError,
  unpackStream,
  unzip,
  type Budget,
  type Packed,
} from '../../proto/archive/unpack.ts';
import { sevenZipDirectory } from '../../proto/archive/seven-zip-directory.ts';
import { untar } from '../../proto/archive/tar.ts';
import { ArchiveError, zipDirectory, type ZipEntry } from '../../proto/archive/zip-directory.ts';
import { disguise } from './disguise.ts';
import { isMail, type KeptFile } from './kept-file.ts';
import { filesOfMail, filesOfTnef } from './mail-files.ts';

/**
 * `program`: runs when it is opened. `disguised`: is not what it is called. `encrypted`: an archive nobody can look into (PPAP). `macro`: a document with
 * a program in it. `bomb`: made to harm who unpacks it. `unread`: an archive that could not be looked into all the same.
 */
export type AttachmentKind = 'program' | 'disguised' | 'encrypted' | 'macro' | 'bomb' | 'unread';

export interface AttachmentFact {
  readonly kind: AttachmentKind;
  /** `a.zip/b.exe`. */
  readonly file: string;
  /** A word or two in English: the type by content, or what is wrong. */
  readonly why: string;
}

const depthMax = 4;
/** Of each kind: many of one do not hide another. */
const factsMax = 50;

const programs: ReadonlySet<ContentKind | undefined> = new Set<ContentKind>([
  'windowsProgram',
  'elfProgram',
  'macProgram',
  'shortcut',
  'diskImage',
  'compiledHelp',
]);
const unreadable: ReadonlySet<ContentKind | undefined> = new Set<ContentKind>([
  'bzip2',
  'xz',
  'cabinet',
  'arj',
  'lha',
]);

const archives: ReadonlySet<ContentKind> = new Set([
  ...unreadable,
  'zip',
  'rar',
  '7z',
  'gzip',
  'zstd',
  'tar',
] as ContentKind[]);

export class Inspection {
  readonly #budget: Budget;
  readonly facts: AttachmentFact[] = [];

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** An attachment of the mail itself. */
  async attachment(file: KeptFile): Promise<void> {
    if (file.isWhole) return this.#file(file.name, file.bytes, file.name, 0);
    const { name, kind } = file;
    this.#look(name, kind, name);
    if (kind === undefined || !archives.has(kind)) return;
    this.#tell('unread', name, unreadable.has(kind) ? kind : 'too large');
    try {
      if (kind === 'rar') this.#rar(file.bytes, name);
      if (kind === 'zip') this.#listed(zipDirectory(file.tail.bytes, file.tail.from), name);
    } catch (error) {
      // Not to be listed either: it is told as unread in any case.
      if (!(error instanceof ArchiveError || error instanceof RangeError)) throw error;
    }
  }

  /** There are more of them than are looked at. */
  tooMany(): void {
    this.#tell('unread', 'attachment', 'too many attachments');
  }

  #listed(entries: readonly ZipEntry[], path: string): void {
    for (const { name, encrypted } of entries) {
      takeFile(this.#budget);
      if (encrypted) this.#tell('encrypted', path, 'zip');
      if (isVbaProject(name)) this.#tell('macro', path, 'VBA');
      this.#look(name, undefined, `${path}/${name}`);
    }
  }

  async #file(name: string, bytes: Buffer, path: string, depth: number): Promise<void> {
    const kind = contentKind(bytes.subarray(0, contentHeadBytes));
    this.#look(name, kind, path);
    try {
      await this.#inside(kind, bytes, path, depth);
    } catch (error) {
      if (error instanceof BombError) this.#tell('bomb', path, error.message);
      else if (error instanceof ArchiveError || error instanceof RangeError)
        this.#tell('unread', path, error instanceof TooManyError ? error.message : 'broken');
      else throw error;
    }
  }

  #look(name: string, kind: ContentKind | undefined, path: string): void {
    const facts = nameFacts(name);
    if (facts.runs || facts.image) this.#tell('program', path, `.${facts.extension}`);
    else if (programs.has(kind)) this.#tell('program', path, kind!);
    if (facts.deceives !== undefined) this.#tell('disguised', path, deceits[facts.deceives]);
    const other = disguise(facts, kind);
    if (other !== undefined) this.#tell('disguised', path, other);
    if (facts.macros) this.#tell('macro', path, `.${facts.extension}`);
  }

  async #inside(kind: ContentKind | undefined, bytes: Buffer, path: string, depth: number): Promise<void> {
    if (kind === 'ole' && bytes.includes(vbaMark)) return this.#tell('macro', path, 'VBA');
    if (kind === 'rar') return this.#rar(bytes, path);
    if (kind === '7z') return this.#sevenZip(bytes, path);
    if (unreadable.has(kind)) return this.#tell('unread', path, kind!);
    const packed = packedIn(kind, bytes, path, this.#budget);
    if (packed === undefined) return;
    if (depth === depthMax) return this.#tell('unread', path, 'nested too deep');
    for await (const one of packed) {
      if (this.#budget.files < 0) return;
      await this.#packed(one, path, depth);
    }
  }

  async #packed(one: Packed, path: string, depth: number): Promise<void> {
    const inside = `${path}/${one.name}`;
    if (isVbaProject(one.name)) this.#tell('macro', path, 'VBA');
    if (one.is === 'file') return this.#file(one.name, one.bytes, inside, depth + 1);
    this.#look(one.name, undefined, inside);
    if (one.is === 'encrypted') this.#tell('encrypted', path, 'zip');
    if (one.is === 'unread') this.#tell('unread', inside, reasons[one.why]);
  }

  #rar(bytes: Buffer, path: string): void {
    const directory = rarDirectory(bytes);
    if (directory.hidden) return this.#tell('encrypted', path, 'rar');
    for (const { name, encrypted } of directory.entries) {
      this.#named(name, path);
      if (encrypted) this.#tell('encrypted', path, 'rar');
    }
  }

  #sevenZip(bytes: Buffer, path: string): void {
    const directory = sevenZipDirectory(bytes);
    if (directory.hidden || directory.encrypted) this.#tell('encrypted', path, '7z');
    if (!directory.hidden) for (const name of directory.names) this.#named(name, path);
  }

  /** Of a file of which only the name is known. */
  #named(name: string, path: string): void {
    takeFile(this.#budget);
    this.#look(name, undefined, `${path}/${name}`);
    if (/\.(?:zip|rar|7z|t?gz|tar|zst|xz|bz2|cab|arj|lzh)$/i.test(name))
      this.#tell('unread', `${path}/${name}`, 'within another archive');
  }

  /** Each kind once for each file. */
  #tell(kind: AttachmentKind, path: string, why: string): void {
    const file = shownName(path);
    const same = this.facts.filter((fact) => fact.kind === kind);
    if (same.length < factsMax && !same.some((fact) => fact.file === file))
      this.facts.push({ kind, file, why });
  }
}

type Several = AsyncIterable<Packed> | Iterable<Packed>;

/** Undefined: nothing is in such a file. */
function packedIn(
  kind: ContentKind | undefined,
  bytes: Buffer,
  path: string,
  budget: Budget,
): Several | undefined {
  switch (kind) {
    case 'zip':
      return unzip(bytes, budget, isOffice(bytes) ? isEmbedded : () => true);
    case 'tar':
      return untar(bytes, budget);
    case 'gzip':
    case 'zstd':
      return only(unpackStream(kind, path.slice(path.lastIndexOf('/') + 1), bytes, budget));
    case 'tnef':
      return filesOfTnef(bytes);
    default:
      return isMail(path) ? filesOfMail(bytes) : undefined;
  }
}

async function* only(packed: Promise<Packed>): AsyncGenerator<Packed, void, void> {
  yield await packed;
}

/** Documents of Office and OpenDocument are ZIP files: of what is in them, text and pictures need no look. */
const isOffice = (bytes: Buffer): boolean =>
  bytes.includes('[Content_Types].xml') || bytes.subarray(0, 100).includes('mimetypeapplication/vnd.oasis.');

const isEmbedded = (name: string): boolean =>
  !/\.(?:xml|rels|vml|png|jpe?g|gif|emf|wmf|fntdata|odttf)$/i.test(name) && !isVbaProject(name);

const isVbaProject = (name: string): boolean => /(?:^|[/\\])vbaProject\.bin$/i.test(name);

/** The storage that holds macros in the documents of old (MS-OVBA, 2.2.1). */
const vbaMark = Buffer.from('_VBA_PROJECT', 'utf16le');

const deceits = {
  direction: 'a name that runs backwards',
  invisible: 'invisible characters in its name',
  gap: 'blanks that hide the end of its name',
  doubleExtension: 'two extensions',
} as const;

const reasons = { tooLarge: 'too large', method: 'packed in an unknown way', broken: 'broken' } as const;
