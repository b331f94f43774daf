/**
 * Unique ids as POP3 servers make them of UIDVALIDITY, UID and file name, so that ids can be given here that mailers know already. The letters are those of
 * Dovecot's `pop3_uidl_format`: `%u` UID, `%v` UIDVALIDITY, `%f` file name; `%08X` in front of a letter writes it in hexadecimal.
 */
export interface UidlParts {
  readonly uid: number;
  readonly uidValidity: number;
  readonly file?: string;
}

/** What well-known servers write unless told otherwise. */
const named: Readonly<Record<string, string>> = {
  dovecot: '%08Xu%08Xv',
  cyrus: '%v.%u',
  courier: '%v-%u',
  uw: '%08Xv%08Xu',
};

const form = /%(?:0(\d{1,2}))?([Xx])?([uvf])/g;

export function isUidlFormat(format: string): boolean {
  const rest = (named[format] ?? format).replace(form, '');
  return !rest.includes('%') && rest !== (named[format] ?? format);
}

export function uidlOf(format: string, { uid, uidValidity, file = '' }: UidlParts): string {
  return (named[format] ?? format).replace(
    form,
    (_, width: string | undefined, hex: string | undefined, letter: string) => {
      if (letter === 'f') return file;
      const number = letter === 'u' ? uid : uidValidity;
      const text = hex === undefined ? String(number) : number.toString(16);
      return text.padStart(Number(width ?? 0), '0');
    },
  );
}
