/** What the name of a file says, and how it may deceive: the last extension counts for computers, the one before for people. */

/** Programs, scripts, and files that make a computer run something when they are opened. Outlook and Gmail take none of these either. */
const runs = new Set(
  (
    'ade adp appcontent-ms appinstaller application appref-ms appx appxbundle asx bas bat cab chm cmd com cpl csh diagcab dll ' +
    'dmg drv exe gadget grp hlp hpj hta htc inf iqy its jar jnlp js jse ksh lib library-ms lnk mad mag mam maq mar mas mat mau mav ' +
    'maw mda mdb mde mdt mdw mht mhtml msc msh msh1 msh2 mshxml msh1xml msh2xml msi msix msixbundle msp mst msu nsh ocx ops pcd pif pl plg ' +
    'prg ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 pssc py pyc pyo pyw pyz pyzw reg scf scr sct search-ms ' +
    'settingcontent-ms shb shs sys udl url vb vbe vbp vbs vsmacros vsw vxd webpnp website wsb wsc wsf wsh xbap xll xnk'
  ).split(' '),
);
/** Images of disks: what is in them is opened as if it came from here, without the mark of the Internet. */
const images = new Set('iso img vhd vhdx vmdk udf wim daa'.split(' '));
const documents = new Set(
  'pdf doc docx xls xlsx ppt pptx odt ods odp rtf txt csv jpg jpeg png gif bmp tif tiff heic mp3 mp4 mov wav zip lzh rar 7z html htm eml'.split(
    ' ',
  ),
);
const macros = new Set('docm dotm xlsm xltm xlsb xlam pptm potm ppam ppsm sldm'.split(' '));

/** Changes the order in which a name is shown: `invoice_\u202Efdp.exe` looks like `invoice_exe.pdf`. Marks that only go with a right-to-left script do not. */
const bidi = /[\u202a-\u202e\u2066-\u2069]/;
/** Joiners and the like have their place in names (families of emoji, Persian), but not in an extension. */
const invisible = /[\u00ad\u115f\u1160\u200b-\u200f\u2060\u3164\ufeff]/;
const everyInvisible = new RegExp(invisible, 'gu');
/** So many blanks push the extension out of sight. */
const gap = /[\s\u115f\u1160\u2800\u3000\u3164]{10,}/;

/** Windows leaves out dots and blanks at the end. Looked for once in each run of them, however long. */
const endLeftOut = /(?<![\s.])[\s.]+$/;

export interface NameFacts {
  /** In lower case, '' when there is none. */
  readonly extension: string;
  readonly runs: boolean;
  readonly image: boolean;
  readonly macros: boolean;
  /** In which way the name hides what the file is. */
  readonly deceives: 'direction' | 'invisible' | 'gap' | 'doubleExtension' | undefined;
}

export function nameFacts(name: string): NameFacts {
  const bare = name.normalize('NFKC').replace(endLeftOut, '');
  const file = bare.slice(Math.max(bare.lastIndexOf('/'), bare.lastIndexOf('\\')) + 1);
  const parts = file.toLowerCase().replace(everyInvisible, '').split('.');
  const extension = parts.length > 1 ? parts.at(-1)!.trim() : '';
  const before = parts.length > 2 ? parts.at(-2)!.trim() : '';
  const danger = runs.has(extension) || images.has(extension);
  return {
    extension,
    runs: runs.has(extension),
    image: images.has(extension),
    macros: macros.has(extension),
    deceives: deceit(name, danger && documents.has(before)),
  };
}

function deceit(name: string, doubled: boolean): NameFacts['deceives'] {
  if (bidi.test(name)) return 'direction';
  if (gap.test(name)) return 'gap';
  if (invisible.test(name.slice(name.lastIndexOf('.') + 1))) return 'invisible';
  return doubled ? 'doubleExtension' : undefined;
}

/** Names of folders and files from archives and headers, for people: nothing in them can break a line or a log. */
export const shownName = (name: string): string =>
  name
    .slice(0, 200)
    .toWellFormed()
    .replace(/[\p{C}\u2028\u2029]/gu, '\ufffd');
