/**
 * A POP3 session as a value: no socket, no storage. The driver (conversation.ts) feeds it commands and answers, and does what it asks for.
 *
 *   authorization --USER, PASS or AUTH (the driver asks the directory)--> transaction --QUIT (the driver removes)--> closed
 *        |  ^
 *        |  +-- STLS: all that was heard before is forgotten (RFC 2595, 4)
 *        +--QUIT--> closed
 *
 * A connection that ends without QUIT deletes nothing (RFC 1939, 6).
 */
import { Refusal } from '../base/refusal.ts';
import type { Command, CommandFault } from '../proto/pop3/command.ts';
import type { Maildrop } from './maildrop.ts';
import { badCommandsMax, listingPieceChars, loginFailuresMax } from './options.ts';
import { err, errFor, ok, okData } from './replies.ts';
import { type Language, languageFor, languages } from './words.ts';

export type Session = Authorization | Transaction | { readonly at: 'closed' };
export type OpenSession = Authorization | Transaction;

interface Common {
  readonly language: Language;
  /** Lines in a row that were no command. */
  readonly faults: number;
}

export interface Authorization extends Common {
  readonly at: 'authorization';
  /** From USER, right before PASS. */
  readonly user: string | undefined;
  readonly failures: number;
}

export interface Transaction extends Common {
  readonly at: 'transaction';
  /** Holds the marks of DELE itself: there may be very many. */
  readonly drop: Maildrop;
}

/** What the connection allows, told anew with each command. */
export interface Context {
  /** Passwords may cross it. */
  readonly confidential: boolean;
  readonly startTls: boolean;
  readonly mechanisms: readonly string[];
  /** 0 for none. */
  readonly loginDelaySeconds: number;
  readonly accountsExpire: boolean;
}

/** What the driver is to do before the next command. */
export type Ask =
  | { readonly is: 'login'; readonly user: string; readonly password: string }
  | { readonly is: 'authenticate'; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly is: 'startTls' }
  /** `lines` of the body; undefined for all. */
  | { readonly is: 'retrieve'; readonly message: number; readonly lines: number | undefined }
  | { readonly is: 'update'; readonly drop: Maildrop };

export interface Step {
  readonly next: Session;
  readonly say?: string;
  /** What follows `say`, in pieces, the final dot included. */
  readonly listing?: Iterable<string>;
  readonly ask?: Ask;
}

export const newSession = (language: Language = 'en'): Authorization => ({
  at: 'authorization',
  language,
  faults: 0,
  user: undefined,
  failures: 0,
});

export function onCommand(before: OpenSession, command: Command | CommandFault, context: Context): Step {
  if (typeof command === 'string') return onFault(before, command);
  const now = before.faults === 0 ? before : { ...before, faults: 0 };
  switch (command.verb) {
    case 'CAPA':
      return { next: now, say: ok(now.language, 'capabilities'), listing: lines(capabilities(now, context)) };
    case 'LANG':
      return onLanguage(now, command.language);
    default:
      return now.at === 'authorization'
        ? inAuthorization(now, command, context)
        : inTransaction(now, command);
  }
}

function onFault(now: OpenSession, fault: CommandFault): Step {
  const { language } = now;
  const faults = now.faults + 1;
  if (faults >= badCommandsMax) return { next: { at: 'closed' }, say: err(language, 'tooManyErrors') };
  return {
    next: { ...now, faults },
    say: err(language, fault === 'unknown' ? 'unknownCommand' : 'badArguments'),
  };
}

function onLanguage(now: OpenSession, tag: string | undefined): Step {
  if (tag === undefined) {
    const listing = lines(Object.entries(languages).map((entry) => entry.join(' ')));
    return { next: now, say: ok(now.language, 'languageList'), listing };
  }
  const language = languageFor(tag);
  if (language === undefined) return { next: now, say: err(now.language, 'languageUnknown') };
  // The reply that says so is in the new language, after its tag (RFC 6856, 3.2).
  return { next: { ...now, language }, say: ok(language, 'languageSet').replace(' ', ` ${language} `) };
}

type Other = Exclude<Command, { verb: 'CAPA' | 'LANG' }>;

function inAuthorization(now: Authorization, command: Other, context: Context): Step {
  const { language } = now;
  switch (command.verb) {
    case 'USER':
      if (!context.confidential) return { next: now, say: err(language, 'tlsFirst', 'SYS/PERM') };
      return { next: { ...now, user: command.name }, say: ok(language, 'userOk') };
    case 'PASS':
      if (!context.confidential) return { next: now, say: err(language, 'tlsFirst', 'SYS/PERM') };
      if (now.user === undefined) return { next: now, say: err(language, 'userFirst') };
      return { next: now, ask: { is: 'login', user: now.user, password: command.password } };
    case 'AUTH':
      return onAuth(now, command, context);
    case 'STLS':
      if (!context.startTls) return { next: now, say: err(language, 'tlsNotOffered') };
      return { next: newSession(), say: ok(language, 'beginTls'), ask: { is: 'startTls' } };
    case 'UTF8':
      // Mail is sent as it was stored, so there is nothing to switch on (RFC 6856, 2.1).
      return { next: now, say: ok(language, 'ok') };
    case 'QUIT':
      return { next: { at: 'closed' }, say: ok(language, 'bye') };
    default:
      return { next: now, say: err(language, 'notNow') };
  }
}

function onAuth(now: Authorization, command: Extract<Command, { verb: 'AUTH' }>, context: Context): Step {
  const { language } = now;
  const { mechanism, initial } = command;
  if (mechanism === undefined)
    return { next: now, say: ok(language, 'mechanisms'), listing: lines(context.mechanisms) };
  if (!context.confidential) return { next: now, say: err(language, 'tlsFirst', 'SYS/PERM') };
  if (!context.mechanisms.includes(mechanism.toUpperCase())) {
    return { next: now, say: err(language, 'mechanismUnknown') };
  }
  return { next: { ...now, user: undefined }, ask: { is: 'authenticate', mechanism, initial } };
}

function inTransaction(now: Transaction, command: Other): Step {
  const { language, drop } = now;
  const absent: Step = { next: now, say: err(language, 'noMessage') };
  switch (command.verb) {
    case 'STAT':
      return { next: now, say: okData(`${drop.count} ${drop.octets}`) };
    case 'LIST':
      return list(now, command.message, (message) => drop.sizeOf(message).toString());
    case 'UIDL':
      return list(now, command.message, (message) => drop.uniqueIdOf(message));
    case 'RETR':
      if (!drop.has(command.message)) return absent;
      return { next: now, ask: { is: 'retrieve', message: command.message, lines: undefined } };
    case 'TOP':
      if (!drop.has(command.message)) return absent;
      return { next: now, ask: { is: 'retrieve', message: command.message, lines: command.lines } };
    case 'DELE':
      if (!drop.has(command.message)) return absent;
      drop.delete(command.message);
      return { next: now, say: ok(language, 'deleted') };
    case 'RSET':
      drop.reset();
      return { next: now, say: ok(language, 'ok') };
    case 'NOOP':
      return { next: now, say: ok(language, 'ok') };
    case 'QUIT':
      return { next: { at: 'closed' }, ask: { is: 'update', drop } };
    default:
      return { next: now, say: err(language, 'notNow') };
  }
}

function list(now: Transaction, message: number | undefined, textOf: (message: number) => string): Step {
  const { drop } = now;
  if (message === undefined) {
    const say = okData(`${drop.count} messages (${drop.octets} octets)`);
    return { next: now, say, listing: entries(drop, textOf) };
  }
  if (!drop.has(message)) return { next: now, say: err(now.language, 'noMessage') };
  return { next: now, say: okData(`${message} ${textOf(message)}`) };
}

/** The directory said yes, and the maildrop is there. */
export function onLogin(now: Authorization, drop: Maildrop): Step {
  const { language } = now;
  return { next: { at: 'transaction', language, faults: 0, drop }, say: ok(language, 'loggedIn') };
}

/** The directory said no, or the maildrop cannot be had. Troubles of ours do not count against the client. */
export function onLoginRefused(now: Authorization, thrown: unknown): Step {
  const say = errFor(now.language, thrown);
  const own = thrown instanceof Refusal && thrown.reason === 'authenticationFailed';
  const failures = own ? now.failures + 1 : now.failures;
  if (failures >= loginFailuresMax) return { next: { at: 'closed' }, say };
  return { next: { ...now, user: undefined, failures }, say };
}

function capabilities(now: OpenSession, context: Context): string[] {
  const before = now.at === 'authorization';
  const login = before && context.confidential;
  return [
    'TOP',
    'UIDL',
    'RESP-CODES',
    'AUTH-RESP-CODE',
    'PIPELINING',
    expire(now, context),
    ...(context.loginDelaySeconds > 0 ? [`LOGIN-DELAY ${context.loginDelaySeconds}`] : []),
    ...(login ? ['USER'] : []),
    ...(login && context.mechanisms.length > 0 ? [`SASL ${context.mechanisms.join(' ')}`] : []),
    ...(before && context.startTls ? ['STLS'] : []),
    'UTF8 USER',
    'LANG',
    'IMPLEMENTATION Hikyaku',
  ];
}

/** Before the login the least that any account may have is told (RFC 2449, 6.7). */
function expire(now: OpenSession, { accountsExpire }: Context): string {
  if (now.at === 'transaction') return `EXPIRE ${now.drop.expireDays ?? 'NEVER'}`;
  return accountsExpire ? 'EXPIRE 0 USER' : 'EXPIRE NEVER';
}

function* lines(texts: readonly string[]): Generator<string> {
  yield `${texts.map((text) => `${text}\r\n`).join('')}.\r\n`;
}

function* entries(drop: Maildrop, textOf: (message: number) => string): Generator<string> {
  let piece = '';
  for (const message of drop.messages()) {
    piece += `${message} ${textOf(message)}\r\n`;
    if (piece.length < listingPieceChars) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}.\r\n`;
}
