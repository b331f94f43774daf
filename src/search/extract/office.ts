/** Text of office documents (ECMA-376: docx, xlsx, pptx; OpenDocument): ZIP archives of XML, of which only the entries with text are unpacked. */
import { unzipSync } from 'fflate';
import { type XmlRules, xmlText } from './xml-text.ts';

export type OfficeKind = 'docx' | 'xlsx' | 'pptx' | 'odf';

/** Bytes of one entry, and of all, unpacked: an archive that claims more is not unpacked beyond that. */
const entryMaxBytes = 48 * 1024 * 1024;
const allMaxBytes = 96 * 1024 * 1024;

interface Shape extends XmlRules {
  readonly entries: RegExp;
}

const set = (names: string): ReadonlySet<string> => new Set(names.split(' '));

const shapes: Readonly<Record<OfficeKind, Shape>> = {
  docx: {
    entries: /^word\/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml$/,
    text: set('w:t w:delText'),
    lines: set('w:p w:br w:cr w:tc w:rt'),
    blanks: set('w:tab w:noBreakHyphen'),
  },
  xlsx: {
    entries: /^xl\/(?:sharedStrings|comments\d*|worksheets\/sheet\d+)\.xml$/,
    text: set('t v'),
    lines: set('si c row rPh'),
    blanks: set(''),
  },
  pptx: {
    entries: /^ppt\/(?:slides\/slide\d+|notesSlides\/notesSlide\d+|comments\/comment\d+)\.xml$/,
    text: set('a:t p:text'),
    lines: set('a:p a:br a:tc p:text'),
    blanks: set('a:tab'),
  },
  odf: {
    entries: /^(?:content|styles)\.xml$/,
    lines: set('text:p text:h text:line-break table:table-cell text:ruby-text'),
    blanks: set('text:tab text:s'),
  },
};

/** Throws when it is no such document. */
export function officeText(kind: OfficeKind, bytes: Uint8Array): string {
  const shape = shapes[kind];
  let left = allMaxBytes;
  const entries = unzipSync(bytes, {
    filter: ({ name, originalSize }) => {
      if (!shape.entries.test(name) || originalSize > entryMaxBytes || originalSize > left) return false;
      left -= originalSize;
      return true;
    },
  });
  return Object.values(entries)
    .map((entry) => Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength).toString('utf8'))
    .map((xml) => xmlText(kind === 'xlsx' ? xml.replace(sharedNumber, '<c>') : xml, shape))
    .join('\n');
}

/** A cell that only has the number of a shared text. */
const sharedNumber = /<c [^<>]{0,100}t="s"[^<>]{0,100}><v>[^<]{0,20}<\/v>/g;
