/** Files that are not what their extension says. Only what may fool somebody is told: a picture that is another sort of picture harms nobody. */
import type { ContentKind } from '../../proto/archive/content-type.ts';
import type { NameFacts } from '../../proto/archive/file-name.ts';

type Kinds = readonly ContentKind[];

const plain: Kinds = ['text', 'html', 'script'];
/** Spreadsheets that programs write are often tables in HTML, or text. */
const oldOffice: Kinds = ['ole', 'zip', 'rtf', 'html', 'text', 'pdf'];
const newOffice: Kinds = ['zip', 'ole'];
const packed: Kinds = ['zip', 'rar', '7z', 'gzip', 'tar', 'lha', 'cabinet'];

/** What may be behind an extension. Those that are not here may be anything but a program. */
const expected: Readonly<Record<string, Kinds>> = {
  pdf: ['pdf'],
  txt: plain,
  csv: plain,
  log: plain,
  ics: plain,
  vcf: plain,
  eml: plain,
  xml: plain,
  json: plain,
  md: plain,
  rtf: ['rtf', 'text'],
  doc: oldOffice,
  xls: oldOffice,
  ppt: oldOffice,
  docx: newOffice,
  xlsx: newOffice,
  pptx: newOffice,
  docm: newOffice,
  xlsm: newOffice,
  pptm: newOffice,
  odt: ['zip'],
  ods: ['zip'],
  odp: ['zip'],
  zip: packed,
  jpg: ['image'],
  jpeg: ['image'],
  png: ['image'],
  gif: ['image'],
  bmp: ['image'],
  tif: ['image'],
  tiff: ['image'],
  webp: ['image'],
  heic: ['image', 'video'],
  mp3: ['sound', 'video'],
  wav: ['sound'],
  mp4: ['video'],
  mov: ['video'],
};

const programs: ReadonlySet<ContentKind> = new Set<ContentKind>([
  'windowsProgram',
  'elfProgram',
  'macProgram',
  'shortcut',
  'diskImage',
  'compiledHelp',
]);

/** What it is by content, or undefined when that fits, or is not known. */
export function disguise(
  { extension, runs, image }: NameFacts,
  kind: ContentKind | undefined,
): string | undefined {
  if (kind === undefined || runs || image) return undefined;
  const may = expected[extension];
  if (may === undefined) return extension !== '' && programs.has(kind) ? kind : undefined;
  // Text says nothing: a broken or empty file is text, too.
  return may.includes(kind) || kind === 'text' ? undefined : kind;
}
