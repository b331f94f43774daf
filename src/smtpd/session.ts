/**
 * An SMTP session as a value: no socket, no clock, no storage. The shell (conversation.ts) feeds it commands and answers, says what
 * it is told to say, and asks what it is told to ask. Order of commands: RFC 5321, 4.1.4.
 *
 *   start --EHLO--> idle --MAIL--> (asking) --> mail --DATA--> text --CRLF.CRLF--> (asking) --> idle
 *                    ^  \                      |  ^ \--BDAT--> chunk --> mail, or idle after LAST
 *                    |   \--AUTH--> login      |  +--RCPT--> (asking)
 *                    +-----------RSET----------+         STARTTLS: idle --> start
 *
 * While `asking`, in `text`, `chunk` and `login` no command is read. A mail that was begun is alive exactly in the states that have
 * a `mail` field: the shell drops its transaction when the field goes.
 */
import type { Command, Faulty } from '../proto/smtp/command.ts';
import type { MailParams } from '../proto/smtp/params.ts';
import { isAsciiMailbox } from '../proto/smtp/path.ts';
import { helpReply } from './help.ts';
import { faultReply, paramNotOffered, replies, type OwnReply } from './replies.ts';
import type {
  Ask,
  Asking,
  Circumstances,
  Client,
  InChunk,
  InLogin,
  InText,
  Ready,
  Session,
  Step,
} from './session-state.ts';

export function startSession(client: Pick<Client, 'secure' | 'trusted'>): Session {
  return { at: 'start', client: { ...client, ...nobody } };
}

const nobody = {
  helo: '',
  extended: false,
  loggedIn: false,
  vouched: false,
  errors: 0,
  idles: 0,
  failedLogins: 0,
  messages: 0,
};
const unknown = { helo: '', extended: false, loggedIn: false, vouched: false };
const ok = '250 2.0.0 OK\r\n';

/** A command arrived. Only called in the states of `Ready`. */
export function onCommand(now: Ready, command: Command | Faulty, about: Circumstances): Step {
  switch (command.verb) {
    case 'MAIL':
      return onMail(now, command, about);
    case 'RCPT':
      return onRcpt(now, command, about);
    case 'DATA':
      return onData(now, about);
    case 'BDAT':
      return onBdat(now, command, about);
    case 'EHLO':
    case 'HELO':
    case 'LHLO':
      return onHello(now, command, about);
    case 'RSET':
      return idled(forgotten(now), about, ok);
    case 'NOOP':
      return idled(now, about, ok);
    case 'QUIT':
      return { next: closed(now), say: `221 2.0.0 ${about.service.options.hostName} says good-bye\r\n` };
    case 'STARTTLS':
      return onStartTls(now, about);
    case 'AUTH':
      return onAuth(now, command, about);
    case 'HELP':
      return idled(now, about, helpReply(command.text));
    case 'VRFY':
      if (command.text === '') return refused(now, about, 'vrfySyntax');
      return idled(now, about, '252 2.1.5 Not told, but mail for it will be looked at\r\n');
    case 'EXPN':
      return refused(now, about, 'expnNotOffered');
    default:
      return onFault(now, command, about);
  }
}

/** A web browser, or someone who makes one talk to us, must not go on: its next lines may look like commands. */
const webVerbs: ReadonlySet<string> = new Set([
  'GET',
  'POST',
  'PUT',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'PATCH',
  'DELETE',
]);
/** Commands there are, but not here (RFC 5321, 4.2.4: 502). */
const absentVerbs: ReadonlySet<string> = new Set([
  'SEND',
  'SOML',
  'SAML',
  'TURN',
  'ETRN',
  'ATRN',
  'BURL',
  'XCLIENT',
  'XFORWARD',
]);

function onFault(now: Ready, { is, hint }: Faulty, about: Circumstances): Step {
  if (is !== 'unknownCommand') return saysNo(now, about, faultReply(is, hint));
  if (webVerbs.has(hint)) return parting(now, 'notSmtp');
  return absentVerbs.has(hint) ? refused(now, about, 'notHere') : saysNo(now, about, faultReply(is, ''));
}

function onHello(now: Ready, command: Extract<Command, { domain: string }>, about: Circumstances): Step {
  const { service } = about;
  const { verb, domain } = command;
  if (service.isLmtp !== (verb === 'LHLO'))
    return refused(now, about, service.isLmtp ? 'lhloOnly' : 'smtpOnly');
  if (about.more && pipeliningCounts(about)) return parting(now, 'pipelining');
  const client = { ...now.client, helo: domain, extended: verb !== 'HELO' };
  const say =
    verb === 'HELO'
      ? `250 ${service.options.hostName}\r\n`
      : service.hello({ ...client, submits: client.trusted }, about);
  return { next: { at: 'idle', client }, say };
}

function onMail(now: Ready, command: Extract<Command, { verb: 'MAIL' }>, about: Circumstances): Step {
  const { service } = about;
  const { client } = now;
  const wrong = needsFirst(now, about);
  if (wrong !== undefined) return refused(now, about, wrong);
  if (now.at === 'mail') return refused(now, about, 'mailGiven');
  if (service.isSubmission && !client.loggedIn && !client.vouched) return refused(now, about, 'authFirst');
  if (client.messages >= service.options.messagesMax) return parting(now, 'tooManyMessages');
  const bad = badParams(client, command.params, about);
  if (bad !== undefined) return saysNo(now, about, bad);
  const utf8 = command.params.smtpUtf8 === true;
  if (command.from !== null && !utf8 && !isAsciiMailbox(command.from))
    return refused(now, about, 'needsUtf8');
  const binary = command.params.body === 'binarymime';
  const mail = { utf8, binary, asked: 0, recipients: 0, chunks: false };
  const ask: Ask = { is: 'sender', from: command.from, params: command.params };
  return { next: { at: 'asking', client, mail, what: 'sender' }, ask };
}

/** Which parameters are on offer depends on the listener and on TLS. */
function badParams(
  client: Client,
  params: MailParams,
  { service, nowMs }: Circumstances,
): string | undefined {
  if (params.requireTls && !client.secure) return replies.requireTlsFirst;
  const held = params.holdForSeconds !== undefined || params.holdUntilMs !== undefined;
  if (!service.isSubmission && !client.trusted) {
    if (held) return paramNotOffered('HOLDFOR and HOLDUNTIL');
    if (params.deliverBy) return paramNotOffered('BY');
    if (params.priority !== undefined) return paramNotOffered('MT-PRIORITY');
    return undefined;
  }
  if (params.holdForSeconds !== undefined && params.holdUntilMs !== undefined) return replies.holdTwice;
  const holdMs =
    params.holdUntilMs === undefined ? (params.holdForSeconds ?? 0) * 1000 : params.holdUntilMs - nowMs;
  if (holdMs > service.limits.futureReleaseMaxMs) return replies.holdTooLong;
  const by = params.deliverBy;
  return by?.mode === 'return' && holdMs >= by.seconds * 1000 ? replies.holdBeyondTime : undefined;
}

function onRcpt(now: Ready, command: Extract<Command, { verb: 'RCPT' }>, about: Circumstances): Step {
  if (now.at !== 'mail') return refused(now, about, needsFirst(now, about) ?? 'mailFirst');
  if (now.mail.chunks) return refused(now, about, 'chunksBegun');
  const mail = { ...now.mail, asked: now.mail.asked + 1 };
  if (!mail.utf8 && !isAsciiMailbox(command.to)) return refused({ ...now, mail }, about, 'needsUtf8');
  const ask: Ask = { is: 'recipient', to: command.to, params: command.params };
  return { next: { at: 'asking', client: now.client, mail, what: 'recipient' }, ask };
}

/** What MAIL or RCPT asked was answered: `no` is a whole reply line, undefined is yes. */
export function onAnswer(now: Asking, no: string | undefined, about: Circumstances): Step {
  const { client, mail, what } = now;
  if (no === undefined) {
    if (what === 'sender') return { next: { at: 'mail', client, mail }, say: '250 2.1.0 Sender OK\r\n' };
    const more = { ...mail, recipients: mail.recipients + 1 };
    return { next: { at: 'mail', client, mail: more }, say: '250 2.1.5 Recipient OK\r\n' };
  }
  const next: Ready = what === 'sender' ? { at: 'idle', client } : { at: 'mail', client, mail };
  const phase = what === 'sender' ? 'mail' : 'rcpt';
  // A list of our own users' may hold any number of dead addresses; a stranger who guesses addresses may not.
  if (client.loggedIn || client.vouched || client.trusted || about.service.isLmtp || !no.startsWith('5')) {
    return { next: no.startsWith('421') ? closed(next) : next, say: no, refused: phase };
  }
  return { ...saysNo(next, about, no), refused: phase };
}

function onData(now: Ready, about: Circumstances): Step {
  if (now.at !== 'mail') return refused(now, about, needsFirst(now, about) ?? 'mailFirst');
  if (now.mail.chunks) return refused(now, about, 'chunksBegun');
  // From here on a client that did not wait would have its text read as commands, or the other way round.
  if (about.more && pipeliningCounts(about)) return parting(now, 'pipelining');
  if (now.mail.binary) return refused(now, about, 'binaryNeedsBdat');
  if (now.mail.recipients === 0) {
    // RFC 2033, 4.2 has one reply for LMTP; RFC 5321, 3.3 tells apart who asked in vain.
    const never = now.mail.asked === 0 || about.service.isLmtp;
    return refused(now, about, never ? 'rcptFirst' : 'noRecipients');
  }
  return {
    next: { at: 'text', client: now.client, mail: now.mail },
    say: '354 Send the message, end it with a dot on a line of its own\r\n',
    ask: { is: 'text' },
  };
}

/** The text is durable, or refused. Only now may the peer hear 250. `reply` is the whole reply, one line for each recipient in LMTP. */
export function onText(now: InText | InChunk, reply: string, about: Circumstances): Step {
  const { client } = now;
  if (reply.startsWith('2')) {
    const settled = { ...client, messages: client.messages + 1, errors: 0, idles: 0 };
    return { next: { at: 'idle', client: settled }, say: reply };
  }
  const next: Ready = { at: 'idle', client };
  if (reply.startsWith('421')) return { next: closed(next), say: reply, refused: 'data' };
  return { ...(reply.startsWith('5') ? saysNo(next, about, reply) : { next, say: reply }), refused: 'data' };
}

/** RFC 3030. Whatever is wrong, the octets that were announced are coming: they are read, and thrown away. */
function onBdat(now: Ready, command: Extract<Command, { verb: 'BDAT' }>, about: Circumstances): Step {
  const { sizeBytes, last } = command;
  const fine = now.at === 'mail' && now.mail.recipients > 0;
  if (!fine && sizeBytes > about.service.options.swallowMax) return parting(now, 'swallowed');
  const mail = fine ? { ...now.mail, chunks: true } : undefined;
  return { next: { at: 'chunk', client: now.client, mail, last }, ask: { is: 'chunk', sizeBytes } };
}

/** A chunk that was not the last was read; `no` when the mail is refused by what it held. */
export function onChunk(
  now: InChunk,
  chunk: { readonly sizeBytes: number; readonly no: string | undefined },
  about: Circumstances,
): Step {
  const { client, mail } = now;
  if (mail === undefined) {
    const greeted = client.helo !== '';
    return refused({ at: greeted ? 'idle' : 'start', client }, about, greeted ? 'bdatRefused' : 'helloFirst');
  }
  if (chunk.no !== undefined) return onText(now, chunk.no, about);
  return { next: { at: 'mail', client, mail }, say: `250 2.0.0 ${chunk.sizeBytes} octets received\r\n` };
}

function onStartTls(now: Ready, about: Circumstances): Step {
  if (now.client.secure) return refused(now, about, 'tlsGiven');
  if (!about.service.offersStartTls(false)) return refused(now, about, 'notHere');
  return {
    next: { at: 'start', client: now.client },
    say: '220 2.0.0 Go ahead\r\n',
    ask: { is: 'startTls' },
  };
}

/** TLS is up: everything that was said before is forgotten (RFC 3207, 4.2). */
export function onSecure(now: Session): Session {
  return { at: 'start', client: { ...now.client, ...unknown, secure: true } };
}

/** Its network or its certificate stands for a login: it may still log in as somebody else. */
export function onVouched<S extends Session>(now: S): S {
  return { ...now, client: { ...now.client, vouched: true } };
}

function onAuth(now: Ready, command: Extract<Command, { verb: 'AUTH' }>, about: Circumstances): Step {
  const { service, mechanisms } = about;
  if (!service.isSubmission) return refused(now, about, 'notHere');
  if (now.at === 'start') return refused(now, about, 'helloFirst');
  if (now.client.loggedIn) return refused(now, about, 'authGiven');
  if (now.at === 'mail') return refused(now, about, 'authInMail');
  if (!service.offersAuth(now.client.secure)) return refused(now, about, 'tlsFirst');
  if (!mechanisms.includes(command.mechanism)) return refused(now, about, 'authMechanism');
  const { mechanism, initial } = command;
  return { next: { at: 'login', client: now.client }, ask: { is: 'login', mechanism, initial } };
}

/** `no` is a whole reply line; undefined: the client is who it says. Giving up, and what is no login at all, are not `guessed`. */
export function onLogin(
  now: InLogin,
  { no, guessed }: { readonly no: string | undefined; readonly guessed: boolean },
  about: Circumstances,
): Step {
  if (no === undefined) {
    return { next: { at: 'idle', client: { ...now.client, loggedIn: true } }, say: '235 2.7.0 Welcome\r\n' };
  }
  const failedLogins = now.client.failedLogins + (guessed ? 1 : 0);
  const next: Ready = { at: 'idle', client: { ...now.client, failedLogins } };
  if (failedLogins >= about.service.options.authFailuresMax) {
    return { next: closed(next), say: no + replies.tooManyLogins };
  }
  return saysNo(next, about, no);
}

/** The shell itself found something wrong with a line. */
export function onBadLine(now: Session, what: OwnReply, about: Circumstances): Step {
  return refused(
    now.at === 'mail' || now.at === 'start' ? now : { at: 'idle', client: now.client },
    about,
    what,
  );
}

/** Says so and closes, in whatever state. */
export function parting(now: Session, what: OwnReply): Step {
  return { next: closed(now), say: replies[what] };
}

/** Hello, then TLS, before a mail. */
function needsFirst(now: Ready, { service }: Circumstances): OwnReply | undefined {
  if (now.at === 'start') return service.isLmtp ? 'lhloFirst' : 'helloFirst';
  const { loggedIn, vouched, secure } = now.client;
  return service.isSubmission && !loggedIn && !vouched && !service.offersAuth(secure)
    ? 'tlsFirst'
    : undefined;
}

function pipeliningCounts({ service }: Circumstances): boolean {
  return service.options.unauthorisedPipelining === 'refuse';
}

function forgotten(now: Ready): Ready {
  return now.at === 'start' ? now : { at: 'idle', client: now.client };
}

const closed = (now: Session): Session => ({ at: 'closed', client: now.client });

/** A command that does nothing for any mail: some are fine, endless ones are not. */
function idled(now: Ready, { service }: Circumstances, say: string): Step {
  const client = { ...now.client, idles: now.client.idles + 1 };
  if (client.idles > service.options.idleCommandsMax) return parting(now, 'tooManyIdle');
  return { next: { ...now, client }, say };
}

const refused = (now: Ready, about: Circumstances, what: OwnReply): Step => saysNo(now, about, replies[what]);

/** Counts a refusal. The one that reaches the limit is the last. */
function saysNo(now: Ready, { service }: Circumstances, say: string): Step {
  const client = { ...now.client, errors: now.client.errors + 1 };
  if (client.errors >= service.options.errorsMax)
    return { next: closed(now), say: say + replies.tooManyErrors };
  return { next: { ...now, client }, say };
}
