/**
 * Commands (RFC 5321, 4.1.1, and the extensions in docs/standards.md), from a line of bytes without its CRLF.
 *
 * The parser knows each extension; whether one is on offer in this session is for the session to say. It never throws: what is no
 * command comes back as a `fault`, which names what is wrong so that the reply can.
 *
 * Liberty: blanks after the colon of MAIL FROM: and RCPT TO:, and at the end of a line, are passed over. RFC 5321, 3.3 forbids them
 * and calls them a common error.
 */
import { mailParams, rcptParams, type MailParams, type RcptParams } from './params.ts';
import { parsePath, type Mailbox } from './path.ts';

export type Command =
  | { readonly verb: 'HELO' | 'EHLO' | 'LHLO'; readonly domain: string }
  | { readonly verb: 'MAIL'; readonly from: Mailbox | null; readonly params: MailParams }
  | { readonly verb: 'RCPT'; readonly to: Mailbox; readonly params: RcptParams }
  | { readonly verb: 'BDAT'; readonly sizeBytes: number; readonly last: boolean }
  /** `initial` is base64 as sent, `=` for an empty one (RFC 4954, 4). */
  | { readonly verb: 'AUTH'; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly verb: 'DATA' | 'RSET' | 'NOOP' | 'QUIT' | 'STARTTLS' }
  | { readonly verb: 'HELP' | 'VRFY' | 'EXPN'; readonly text: string };

export type Fault =
  | 'unknownCommand'
  /** Bytes above 127 that are not UTF-8, or control characters. */
  | 'notText'
  | 'syntax'
  | 'senderSyntax'
  | 'recipientSyntax'
  /** A parameter that we do not know. */
  | 'paramUnknown'
  /** A parameter that we know, with a wrong value, or given twice. */
  | 'paramSyntax';

/** `hint` is for the reply: what would have been right, which parameter is meant, or the unknown word; all printable ASCII. */
export interface Faulty {
  readonly verb: 'fault';
  readonly is: Fault;
  readonly hint: string;
}

/** Octets of a BDAT chunk that can be counted (RFC 3030, 2): the largest exact integer is far above any limit. */
const chunkDigitsMax = 15;

export function parseCommand(line: Buffer): Command | Faulty {
  const text = decodeLine(line);
  if (text === undefined) return fault('notText', 'Commands are text in ASCII or UTF-8');
  const blank = text.indexOf(' ');
  const verb = (blank === -1 ? text : text.slice(0, blank)).toUpperCase();
  const rest = blank === -1 ? '' : text.slice(blank + 1).trim();
  switch (verb) {
    case 'MAIL':
      return parseMail(rest);
    case 'RCPT':
      return parseRcpt(rest);
    case 'DATA':
    case 'RSET':
    case 'QUIT':
    case 'STARTTLS':
      return rest === '' ? { verb } : fault('syntax', `${verb} takes no argument`);
    case 'BDAT':
      return parseBdat(rest);
    case 'EHLO':
    case 'HELO':
    case 'LHLO':
      return parseHello(verb, rest);
    case 'AUTH':
      return parseAuth(rest);
    case 'NOOP':
      return { verb };
    case 'HELP':
    case 'VRFY':
    case 'EXPN':
      return { verb, text: rest };
    default:
      return fault('unknownCommand', printableKeyword(verb));
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** ASCII by the fast way; UTF-8 checked; undefined with bytes that no command line holds. */
function decodeLine(line: Buffer): string | undefined {
  const text = line.toString('latin1');
  if (!/[^ -~\t]/.test(text)) return text;
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)) return undefined;
  try {
    return decoder.decode(line);
  } catch {
    return undefined;
  }
}

const fault = (is: Fault, hint: string): Faulty => ({ verb: 'fault', is, hint });

function parseMail(rest: string): Command | Faulty {
  const at = pathStart(rest, /^FROM:[ \t]*/i);
  const path = at === -1 ? undefined : parsePath(rest, at, 'reverse');
  if (path === undefined) return fault(at === -1 ? 'syntax' : 'senderSyntax', 'MAIL FROM:<address>');
  const params = readParams(rest, path.end, mailParams);
  return 'verb' in params ? params : { verb: 'MAIL', from: path.mailbox, params };
}

function parseRcpt(rest: string): Command | Faulty {
  const at = pathStart(rest, /^TO:[ \t]*/i);
  const path = at === -1 ? undefined : parsePath(rest, at, 'forward');
  if (path === undefined) return fault(at === -1 ? 'syntax' : 'recipientSyntax', 'RCPT TO:<address>');
  const params = readParams(rest, path.end, rcptParams);
  return 'verb' in params ? params : { verb: 'RCPT', to: path.mailbox!, params };
}

function pathStart(rest: string, head: RegExp): number {
  return head.exec(rest)?.[0].length ?? -1;
}

type ParamReaders<P> = Readonly<Record<string, (value: string | undefined) => Partial<P> | undefined>>;

const noParams = Object.freeze({});

/** `SP keyword ["=" value]` again and again (RFC 5321, 4.1.2: esmtp-param). */
function readParams<P extends object>(rest: string, end: number, readers: ParamReaders<P>): P | Faulty {
  if (end === rest.length) return noParams as P;
  if (rest[end] !== ' ') return fault('syntax', 'A blank belongs between address and parameters');
  const params = {};
  const seen = new Set<string>();
  for (const word of rest.slice(end).split(' ')) {
    if (word === '') continue;
    const equals = word.indexOf('=');
    const keyword = (equals === -1 ? word : word.slice(0, equals)).toUpperCase();
    if (!Object.hasOwn(readers, keyword)) return fault('paramUnknown', printableKeyword(keyword));
    const read = readers[keyword]!(equals === -1 ? undefined : word.slice(equals + 1));
    if (read === undefined || seen.has(keyword)) return fault('paramSyntax', keyword);
    seen.add(keyword);
    Object.assign(params, read);
  }
  return params as P;
}

const printableKeyword = (keyword: string): string => (/^[A-Z0-9-]{1,32}$/.test(keyword) ? keyword : '');

/** Digits, then perhaps LAST. */
function parseBdat(rest: string): Command | Faulty {
  const [, digits, last] = /^(\d+)(?:[ \t]+(LAST))?$/i.exec(rest) ?? [];
  if (digits === undefined || digits.length > chunkDigitsMax) return fault('syntax', 'BDAT size [LAST]');
  return { verb: 'BDAT', sizeBytes: Number(digits), last: last !== undefined };
}

/**
 * The name is kept as the client gave it: it is only told, never trusted, and many clients have none that is a domain (RFC 5321, 4.1.4
 * forbids refusing mail for that). Blanks inside are not taken.
 */
function parseHello(verb: 'EHLO' | 'HELO' | 'LHLO', rest: string): Command | Faulty {
  if (rest === '' || /[ \t<>()"\\;]/.test(rest)) return fault('syntax', `${verb} your.host.name`);
  return { verb, domain: rest.slice(0, helloCharsMax) };
}

/** Characters of a client's name that we keep: those of a domain (RFC 5321, 4.5.3.1.2). */
const helloCharsMax = 255;

function parseAuth(rest: string): Command | Faulty {
  const [, mechanism, initial] = /^([A-Za-z0-9_-]{1,20})(?:[ \t]+(\S+))?$/.exec(rest) ?? [];
  if (mechanism === undefined) return fault('syntax', 'AUTH mechanism [initial-response]');
  return { verb: 'AUTH', mechanism: mechanism.toUpperCase(), initial };
}
