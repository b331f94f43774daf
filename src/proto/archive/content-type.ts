/** What a file is by its first bytes, whatever it is called: the types that decide whether it is safe to open. */
import { isTarBlock } from './tar.ts';

export type ContentKind =
  | 'windowsProgram'
  | 'elfProgram'
  | 'macProgram'
  | 'script'
  | 'shortcut'
  | 'diskImage'
  | 'zip'
  | 'rar'
  | '7z'
  | 'gzip'
  | 'bzip2'
  | 'xz'
  | 'zstd'
  | 'tar'
  | 'cabinet'
  | 'arj'
  | 'lha'
  | 'ole'
  | 'rtf'
  | 'pdf'
  | 'oneNote'
  | 'compiledHelp'
  | 'tnef'
  | 'image'
  | 'sound'
  | 'video'
  | 'html'
  | 'text';

/** As much of the beginning of a file as is needed to tell it: the mark of a CD image is behind its 16th sector. */
export const contentHeadBytes = 33 * 1024;

type Mark = readonly [kind: ContentKind, offset: number, bytes: string];

/** In latin1. */
const marks: readonly Mark[] = [
  ['windowsProgram', 0, 'MZ'],
  ['elfProgram', 0, '\x7fELF'],
  ['macProgram', 0, '\xfe\xed\xfa\xce'],
  ['macProgram', 0, '\xfe\xed\xfa\xcf'],
  ['macProgram', 0, '\xce\xfa\xed\xfe'],
  ['macProgram', 0, '\xcf\xfa\xed\xfe'],
  // Universal binary, and the class file of Java.
  ['macProgram', 0, '\xca\xfe\xba\xbe'],
  ['shortcut', 0, 'L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F'],
  ['diskImage', 0x8001, 'CD001'],
  ['diskImage', 0, 'vhdxfile'],
  ['diskImage', 0, 'conectix'],
  ['diskImage', 0, 'KDMV'],
  ['diskImage', 0, 'QFI\xfb'],
  ['diskImage', 0, 'MSWIM\0\0\0'],
  ['zip', 0, 'PK\x03\x04'],
  ['zip', 0, 'PK\x05\x06'],
  ['zip', 0, 'PK00PK\x03\x04'],
  ['rar', 0, 'Rar!\x1a\x07'],
  ['7z', 0, "7z\xbc\xaf'\x1c"],
  ['gzip', 0, '\x1f\x8b\x08'],
  ['bzip2', 0, 'BZh'],
  ['xz', 0, '\xfd7zXZ\0'],
  ['zstd', 0, '\x28\xb5\x2f\xfd'],
  ['cabinet', 0, 'MSCF\0\0\0\0'],
  ['arj', 0, '\x60\xea'],
  ['ole', 0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['rtf', 0, '{\\rt'],
  ['oneNote', 0, '\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d'],
  ['compiledHelp', 0, 'ITSF'],
  ['tnef', 0, '\x78\x9f\x3e\x22'],
  ['image', 0, '\x89PNG\r\n\x1a\n'],
  ['image', 0, '\xff\xd8\xff'],
  ['image', 0, 'GIF8'],
  ['image', 0, 'II*\0'],
  ['image', 0, 'MM\0*'],
  ['image', 8, 'WEBP'],
  ['sound', 0, 'ID3'],
  ['sound', 8, 'WAVE'],
  ['sound', 0, 'OggS'],
  ['sound', 0, 'fLaC'],
  ['video', 8, 'AVI '],
  ['video', 4, 'ftyp'],
  ['video', 0, '\x1aE\xdf\xa3'],
];

const marked = marks.map(([kind, offset, bytes]) => ({ kind, offset, bytes: Buffer.from(bytes, 'latin1') }));

/** Undefined: none that is known here. `head` is the first `contentHeadBytes` of the file, or all of it. */
export function contentKind(head: Buffer): ContentKind | undefined {
  if (head.length === 0) return undefined;
  const found = marked.find(({ offset, bytes }) =>
    bytes.equals(head.subarray(offset, offset + bytes.length)),
  )?.kind;
  if (found === 'windowsProgram') return isWindowsProgram(head) ? found : textKind(head);
  if (found === 'arj') return isArj(head) ? found : textKind(head);
  if (found !== undefined) return found;
  // Readers of PDF look for the mark in the first kilobyte.
  if (head.subarray(0, 1024).includes('%PDF-')) return 'pdf';
  if (/^..-lh[0-7ds]-/s.test(head.toString('latin1', 0, 7))) return 'lha';
  return isTarBlock(head.subarray(0, 512)) ? 'tar' : textKind(head);
}

/** Text may begin with MZ as well: a program has the place of its newer header at a fixed place, or is one of DOS. */
function isWindowsProgram(head: Buffer): boolean {
  if (head.length < 64) return false;
  const place = head.readUInt32LE(0x3c);
  const mark = head.toString('latin1', place, place + 2);
  return mark === 'PE' || mark === 'NE' || mark === 'LE' || mark === 'LX' || head.includes(0);
}

const isArj = (head: Buffer): boolean =>
  head.length > 10 && head.readUInt16LE(2) <= 2600 && head[4]! <= head.readUInt16LE(2);

const scriptMark =
  /^(?:\ufeff|\xef\xbb\xbf)?\s*(?:#!|<\?php\b|<(?:job|package)\b[^<]{0,200}<(?:script|job)\b)/i;
const htmlMark =
  /^(?:\xef\xbb\xbf)?\s*(?:<!--[^]{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body|script|iframe|svg)\b/i;

function textKind(head: Buffer): ContentKind | undefined {
  const wide = head[0] === 0xff && head[1] === 0xfe;
  const text = wide ? head.toString('utf16le', 0, 2048) : head.toString('latin1', 0, 1024);
  if (!wide && /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text)) return undefined;
  if (scriptMark.test(text)) return 'script';
  return htmlMark.test(text) ? 'html' : 'text';
}
