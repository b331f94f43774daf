/**
 * POP3 commands (RFC 1939, 2449, 2595, 5034, 6856): one line to a value. No state, no I/O.
 *
 * Keywords are in any case; arguments are separated by single spaces. `PASS` and `USER` take the rest of the line, spaces included (RFC 1939, 7). Text is UTF-8;
 * a line that is not, or that has a control character, is no command.
 */

export type Command =
  | { readonly verb: 'USER'; readonly name: string }
  | { readonly verb: 'PASS'; readonly password: string }
  /** Without a mechanism the client asks for the list, as old clients do. */
  | { readonly verb: 'AUTH'; readonly mechanism: string | undefined; readonly initial: string | undefined }
  | { readonly verb: 'LIST' | 'UIDL'; readonly message: number | undefined }
  | { readonly verb: 'RETR' | 'DELE'; readonly message: number }
  | { readonly verb: 'TOP'; readonly message: number; readonly lines: number }
  /** `*` asks for the default language. */
  | { readonly verb: 'LANG'; readonly language: string | undefined }
  | { readonly verb: 'CAPA' | 'STLS' | 'QUIT' | 'STAT' | 'NOOP' | 'RSET' | 'UTF8' };

/** `unknown`: no such command. `arguments`: it is one, but not so. */
export type CommandFault = 'unknown' | 'arguments';

/** Octets of a command with its CRLF (RFC 2449, 4: 255; passwords and UTF-8 names may need more), AUTH apart. */
export const commandMaxBytes = 1024;
/** Octets of AUTH with an initial response, and of a SASL response (RFC 5034, 4: 12,288 of base64). */
export const lineMaxBytes = 12_288 + 64;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function parseCommand(line: Uint8Array): Command | CommandFault {
  const text = decode(line);
  if (text === undefined) return 'arguments';
  const space = text.indexOf(' ');
  const verb = (space === -1 ? text : text.slice(0, space)).toUpperCase();
  const rest = space === -1 ? '' : text.slice(space + 1);
  if (verb !== 'AUTH' && line.length + 2 > commandMaxBytes) return 'arguments';
  switch (verb) {
    case 'USER':
      return rest === '' ? 'arguments' : { verb, name: rest };
    case 'PASS':
      return space === -1 ? 'arguments' : { verb, password: rest };
    case 'AUTH':
      return parseAuth(rest);
    case 'LANG':
      return /^[^ ]*$/.test(rest) ? { verb, language: rest === '' ? undefined : rest } : 'arguments';
    default:
      return parseNumbered(verb, rest);
  }
}

function parseAuth(rest: string): Command | CommandFault {
  const [mechanism, initial, ...more] = rest.split(' ');
  if (more.length > 0 || (initial !== undefined && initial === '')) return 'arguments';
  return { verb: 'AUTH', mechanism: mechanism === '' ? undefined : mechanism, initial };
}

/** Commands with numbers, or with nothing. White space behind them is forgiven. */
function parseNumbered(verb: string, rest: string): Command | CommandFault {
  const numbers = rest.trimEnd() === '' ? [] : rest.trimEnd().split(' ').map(parseNumber);
  const [message, lines] = numbers;
  switch (verb) {
    case 'LIST':
    case 'UIDL':
      if (numbers.length > 1 || numbers.includes(undefined)) return 'arguments';
      return { verb, message };
    case 'RETR':
    case 'DELE':
      return numbers.length === 1 && message !== undefined ? { verb, message } : 'arguments';
    case 'TOP':
      if (numbers.length !== 2 || message === undefined || lines === undefined) return 'arguments';
      return { verb, message, lines };
    case 'CAPA':
    case 'STLS':
    case 'QUIT':
    case 'STAT':
    case 'NOOP':
    case 'RSET':
    case 'UTF8':
      return rest.trimEnd() === '' ? { verb } : 'arguments';
    default:
      return 'unknown';
  }
}

/** Ten digits are above every message number and line count there can be. */
const parseNumber = (text: string): number | undefined =>
  /^\d{1,10}$/.test(text) ? Number(text) : undefined;

function decode(line: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(line);
    return /[\x00-\x1f\x7f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
