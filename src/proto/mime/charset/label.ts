/**
 * Names of charsets as mail has them, to the name of what decodes them.
 *
 * Three kinds of answer: a WHATWG label for TextDecoder, one of our own decoders, or `iconv:name`.
 */
/** The charsets that are more than a name for TextDecoder. */
export type OwnCharset =
  | 'utf-8'
  | 'us-ascii'
  | 'iso-2022-jp'
  | 'shift_jis'
  | 'euc-jp'
  | 'euc-jp-ms'
  | 'utf-7'
  | 'utf-16'
  | 'utf-32'
  | 'utf-32le'
  | 'utf-32be'
  | 'hz-gb-2312'
  | 'iso-2022-kr'
  | 'euc-jisx0213'
  | 'shift_jisx0213';

/** Anything else: a WHATWG label, or `iconv:` and a name. */
export interface OtherCharset {
  readonly other: string;
}

/** Longer labels are not labels. */
const labelLengthMax = 64;

/** Keys have no punctuation: `ISO_2022-JP` and `iso2022jp` are one. */
const aliases: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'iso-2022-jp':
      'iso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jp2004 iso2022jpms iso2022jpext csiso2022jp csiso2022jp2 jis jis7 jis8 cp50220 cp50221 cp50222 cp502202 cp50220raw 50220 50221 50222 iso2022jpkddi iso2022jpmobile xiso2022jp windows50220 windows50221',
    shift_jis:
      'shiftjis sjis xsjis xshiftjis cp932 ms932 windows31j mskanji csshiftjis cswindows31j sjiswin sjismac mswindows932 windows932 cp943 ibm943 cp942 shiftjisms',
    'euc-jp': 'eucjp xeucjp cseucpkdfmtjapanese ujis',
    'euc-jp-ms': 'eucjpwin eucjpms cp51932 51932 eucjpopen',
    'euc-jisx0213': 'eucjisx0213 eucjis2004 eucjisx2004',
    shift_jisx0213: 'shiftjisx0213 shiftjis2004 sjis2004 sjisx0213',
    'us-ascii':
      'usascii ascii ansix341968 ansix341986 iso646us us 646 csascii cp367 ibm367 7bit unknown unknown8bit 8bit xunknown default none binary',
    'utf-8': 'utf8 utf 65001 cp65001 utf8mb4 unicode11utf8 unicode20utf8 xutf8 utf8mac',
    'utf-7': 'utf7 unicode11utf7 csunicode11utf7 unicode20utf7 xunicode20utf7 65000',
    'utf-16le': 'utf16le ucs2 iso10646ucs2 unicode csunicode',
    'utf-16be': 'utf16be ucs2be unicodefffe',
    'utf-16': 'utf16',
    'utf-32': 'utf32 ucs4 iso10646ucs4',
    'utf-32le': 'utf32le ucs4le',
    'utf-32be': 'utf32be ucs4be',
    'hz-gb-2312': 'hzgb2312 hz',
    'iso-2022-kr': 'iso2022kr csiso2022kr',
    gb18030: 'gb18030 gbk gb2312 gb231280 cp936 ms936 936 eucccn euccn xgbk windows936 csgb2312 iso2022cn',
    big5: 'big5 big5hkscs cnbig5 cp950 ms950 950 xbig5 big5eten windows950',
    'euc-kr': 'euckr ksc56011987 ksc5601 ks_c_56011987 cp949 ms949 949 uhc windows949 ksx1001 korean cseuckr',
    'iso-8859-1':
      'iso88591 latin1 l1 cp819 ibm819 iso88591unicode iso8859 cp1252 windows1252 xcp1252 ansi isolatin1 iso885919',
    'iso-8859-2': 'iso88592 latin2 l2 isolatin2',
    'windows-1250': 'windows1250 cp1250',
    'windows-1251': 'windows1251 cp1251 win1251',
    'koi8-r': 'koi8r koi koi8 cskoi8r',
    'koi8-u': 'koi8u koi8ru',
    ibm866: 'ibm866 cp866 866 csibm866',
    'iso-8859-8': 'iso88598 iso88598e csiso88598e hebrew',
    'iso-8859-8-i': 'iso88598i logical',
    'iso-8859-6': 'iso88596 iso88596e iso88596i',
    macintosh: 'macintosh macroman mac xmacroman xmac',
    'windows-874': 'windows874 cp874 tis620 iso885911 dos874',
  }).flatMap(([charset, names]) => names.split(' ').map((name) => [name, charset] as const)),
);

/** DOS and Mac code pages that TextDecoder has not. */
const dos = /^(?:cp|ibm|oem|dos)?(437|720|737|775|850|852|855|857|858|860|861|862|863|864|865|869|1125)$/;

/** TextDecoder has none of these by intent: a decoder that turns everything to U+FFFD is of no use to a reader. */
const replacement = new Set(['replacement', 'xuserdefined']);

const resolved = new Map<string, OwnCharset | OtherCharset | undefined>();
const resolvedMax = 500;

/** The charset of a label, or undefined when it is unknown. */
export function resolveLabel(label: string): OwnCharset | OtherCharset | undefined {
  if (label.length > labelLengthMax) return undefined;
  if (resolved.has(label)) return resolved.get(label);
  const name = lookUp(label);
  const charset = name === undefined || isOwn(name) ? name : { other: name };
  if (resolved.size < resolvedMax) resolved.set(label, charset);
  return charset;
}

const own: Record<OwnCharset, true> = {
  'utf-8': true,
  'us-ascii': true,
  'iso-2022-jp': true,
  shift_jis: true,
  'euc-jp': true,
  'euc-jp-ms': true,
  'utf-7': true,
  'utf-16': true,
  'utf-32': true,
  'utf-32le': true,
  'utf-32be': true,
  'hz-gb-2312': true,
  'iso-2022-kr': true,
  'euc-jisx0213': true,
  shift_jisx0213: true,
};

function isOwn(name: string): name is OwnCharset {
  return Object.hasOwn(own, name);
}

function lookUp(label: string): string | undefined {
  const plain = label
    .trim()
    .toLowerCase()
    .replace(/^["']|["']$/g, '');
  const key = plain.replace(/[^a-z0-9]/g, '');
  const alias = aliases.get(key);
  if (alias !== undefined) return alias;
  if (replacement.has(key)) return undefined;
  for (const name of [plain, plain.replace(/^x-/, ''), plain.replaceAll('_', '-')]) {
    if (isBuiltIn(name)) return name;
  }
  const spelt = /^(?:iso8859|iso|latin)(\d{1,2})$/.exec(key) ?? /^iso8859(\d{1,2})[a-z]*$/.exec(key);
  if (spelt && isBuiltIn(`iso-8859-${spelt[1]}`)) return `iso-8859-${spelt[1]}`;
  const windows = /^(?:cp|windows|win|ms)(125\d)$/.exec(key);
  if (windows) return `windows-${windows[1]}`;
  const page = dos.exec(key);
  return page ? `iconv:cp${page[1]}` : undefined;
}

function isBuiltIn(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== 'replacement';
  } catch {
    return false;
  }
}
