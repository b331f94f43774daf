/** ManageSieve commands (RFC 5804, 2): a line of words to a value. */
import type { Word } from './command-reader.ts';

export type Command =
  | { readonly verb: 'AUTHENTICATE'; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly verb: 'GETSCRIPT' | 'DELETESCRIPT' | 'SETACTIVE'; readonly name: string }
  | { readonly verb: 'HAVESPACE'; readonly name: string; readonly sizeBytes: number }
  | { readonly verb: 'PUTSCRIPT'; readonly name: string; readonly script: Buffer }
  | { readonly verb: 'CHECKSCRIPT'; readonly script: Buffer }
  | { readonly verb: 'RENAMESCRIPT'; readonly name: string; readonly to: string }
  | { readonly verb: 'NOOP'; readonly tag: string | undefined }
  | { readonly verb: 'LISTSCRIPTS' }
  | { readonly verb: 'STARTTLS' | 'LOGOUT' | 'CAPABILITY' | 'UNAUTHENTICATE' };

/** `unknown`: no such command. `arguments`: it is one, but not so. `tooLarge`: it came with a literal above the limit. */
export type CommandFault = 'unknown' | 'arguments' | 'tooLarge';

const uint32Max = 2 ** 32 - 1;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function parseCommand([first, ...rest]: readonly Word[]): Command | CommandFault {
  if (first?.is !== 'atom') return 'unknown';
  const verb = first.text.toUpperCase();
  if (rest.some((word) => word.is === 'tooLarge')) return 'tooLarge';
  switch (verb) {
    case 'STARTTLS':
    case 'LOGOUT':
    case 'CAPABILITY':
    case 'LISTSCRIPTS':
    case 'UNAUTHENTICATE':
      return rest.length === 0 ? { verb } : 'arguments';
    case 'NOOP':
      return parseNoop(rest);
    case 'AUTHENTICATE':
      return parseAuthenticate(rest);
    default:
      return parseScriptCommand(verb, rest);
  }
}

function parseNoop(words: readonly Word[]): Command | CommandFault {
  if (words.length === 0) return { verb: 'NOOP', tag: undefined };
  const tag = textOf(words[0]);
  return words.length === 1 && tag !== undefined ? { verb: 'NOOP', tag } : 'arguments';
}

function parseAuthenticate(words: readonly Word[]): Command | CommandFault {
  const mechanism = textOf(words[0]);
  const initial = textOf(words[1]);
  if (mechanism === undefined || words.length > 2 || (words.length === 2 && initial === undefined))
    return 'arguments';
  return { verb: 'AUTHENTICATE', mechanism: mechanism.toUpperCase(), initial };
}

function parseScriptCommand(verb: string, words: readonly Word[]): Command | CommandFault {
  const [first, second] = words;
  const name = nameOf(first);
  switch (verb) {
    case 'GETSCRIPT':
    case 'DELETESCRIPT':
    case 'SETACTIVE':
      return name !== undefined && words.length === 1 ? { verb, name } : 'arguments';
    case 'HAVESPACE': {
      const sizeBytes = numberOf(second);
      return name !== undefined && sizeBytes !== undefined && words.length === 2
        ? { verb, name, sizeBytes }
        : 'arguments';
    }
    case 'PUTSCRIPT':
      return name !== undefined && second?.is === 'string' && words.length === 2
        ? { verb, name, script: second.bytes }
        : 'arguments';
    case 'CHECKSCRIPT':
      return first?.is === 'string' && words.length === 1 ? { verb, script: first.bytes } : 'arguments';
    case 'RENAMESCRIPT': {
      const to = nameOf(second);
      return name !== undefined && to !== undefined && words.length === 2 ? { verb, name, to } : 'arguments';
    }
    default:
      return 'unknown';
  }
}

/** Undefined for what is no string of UTF-8. */
export function textOf(word: Word | undefined): string | undefined {
  if (word?.is !== 'string') return undefined;
  try {
    return utf8.decode(word.bytes);
  } catch {
    return undefined;
  }
}

/** Names are Net-Unicode (RFC 5198, 2): NFC. */
const nameOf = (word: Word | undefined): string | undefined => textOf(word)?.normalize('NFC');

function numberOf(word: Word | undefined): number | undefined {
  if (word?.is !== 'atom' || !/^\d{1,10}$/.test(word.text)) return undefined;
  const number = Number(word.text);
  return number <= uint32Max ? number : undefined;
}
