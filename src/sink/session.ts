/**
 * An SMTP session of the sink as a value: no socket, no clock, no limits (RFC 5321, 4.1.4). The driver (conversation.ts) feeds it commands; where
 * a provider may have its own mind, the session asks, and goes on when the verdict is there. So a rule of a provider can never
 * break the order of commands.
 *
 *   start --EHLO--> idle --MAIL--> mail --DATA, BDAT--> text --end--> idle
 *                    ^              | ^
 *                    +-----RSET-----+ +--RCPT
 */
import type { Command, Faulty } from '../proto/smtp/command.ts';
import type { Mailbox } from '../proto/smtp/path.ts';
import type { Phase } from './options.ts';

export interface Envelope {
  readonly sender: Mailbox | null;
  readonly recipients: readonly Mailbox[];
}

export type Session =
  | { readonly at: 'start' }
  | { readonly at: 'idle'; readonly helo: string }
  | { readonly at: 'mail'; readonly helo: string; readonly mail: Envelope }
  | { readonly at: 'text'; readonly helo: string; readonly mail: Envelope; readonly by: 'data' | 'chunks' }
  | Asking
  | { readonly at: 'closed' };

export type Open = Extract<Session, { at: 'start' | 'idle' | 'mail' }>;
type Text = Extract<Session, { at: 'text' }>;

/** A question is out. With a yes the session goes `forth` and says `yes`, with a no it goes `back`. */
export interface Asking {
  readonly at: 'asking';
  readonly question: Question;
  readonly forth: Session;
  readonly back: Session;
  /** Empty: the answer is made by whoever was asked. */
  readonly yes: string;
}

export type Question =
  | { readonly phase: Exclude<Phase, 'rcpt' | 'mail' | 'end'> }
  | { readonly phase: 'end'; readonly mail: Envelope }
  | { readonly phase: 'mail'; readonly sender: Mailbox | null; readonly sizeBytes: number }
  | { readonly phase: 'rcpt'; readonly to: Mailbox; readonly mail: Envelope };

export interface Step {
  readonly next: Session;
  readonly say?: string;
  /** A chunk of so many octets follows (RFC 3030). */
  readonly chunk?: { readonly sizeBytes: number; readonly last: boolean };
  readonly tls?: true;
}

/** What this server can do; the rest of the extensions is only told. */
export interface Abilities {
  readonly hostname: string;
  /** The reply to EHLO, of this moment (STARTTLS goes once TLS is on). */
  readonly hello: string;
  readonly chunking: boolean;
  readonly startTls: boolean;
}

export function onCommand(now: Open, command: Command | Faulty, can: Abilities): Step {
  switch (command.verb) {
    case 'EHLO':
    case 'HELO': {
      const yes = command.verb === 'HELO' ? `250 ${can.hostname}\r\n` : can.hello;
      const idle = { at: 'idle', helo: command.domain } as const;
      return { next: asking({ phase: 'ehlo' }, now, idle, yes) };
    }
    case 'MAIL': {
      if (now.at !== 'idle')
        return wrong(now, now.at === 'start' ? 'EHLO first' : 'Sender was given already');
      const { from: sender, params } = command;
      const forth = { at: 'mail', helo: now.helo, mail: { sender, recipients: [] } } as const;
      const question = { phase: 'mail', sender, sizeBytes: params.sizeBytes ?? 0 } as const;
      return { next: asking(question, now, forth, '250 2.1.0 OK\r\n') };
    }
    case 'RCPT': {
      if (now.at !== 'mail') return wrong(now, 'MAIL first');
      const mail = { sender: now.mail.sender, recipients: [...now.mail.recipients, command.to] };
      const forth = { at: 'mail', helo: now.helo, mail } as const;
      return {
        next: asking({ phase: 'rcpt', to: command.to, mail: now.mail }, now, forth, '250 2.1.5 OK\r\n'),
      };
    }
    case 'DATA': {
      if (now.at !== 'mail' || now.mail.recipients.length === 0) return wrong(now, 'RCPT first');
      const forth = { at: 'text', helo: now.helo, mail: now.mail, by: 'data' } as const;
      return { next: asking({ phase: 'data' }, now, forth, '354 Go ahead\r\n') };
    }
    case 'BDAT':
      return onChunkCommand(now, command, can);
    case 'RSET':
      return { next: idleOf(now), say: '250 2.0.0 Flushed\r\n' };
    case 'STARTTLS':
      if (!can.startTls) return { next: now, say: '502 5.5.1 TLS is not offered now\r\n' };
      return { next: asking({ phase: 'starttls' }, now, { at: 'start' }, '220 2.0.0 Go ahead\r\n') };
    case 'NOOP':
      return { next: now, say: '250 2.0.0 OK\r\n' };
    case 'QUIT':
      return { next: { at: 'closed' }, say: '221 2.0.0 Bye\r\n' };
    case 'VRFY':
      return { next: now, say: '252 2.0.0 Send some mail and see\r\n' };
    case 'fault':
      return { next: now, say: `${faultCodes[command.is]} ${command.hint || 'Not understood'}\r\n` };
    default:
      return { next: now, say: '502 5.5.1 Not here\r\n' };
  }
}

const faultCodes = {
  unknownCommand: '500 5.5.2',
  notText: '500 5.5.2',
  syntax: '501 5.5.4',
  senderSyntax: '501 5.1.7',
  recipientSyntax: '501 5.1.3',
  paramUnknown: '555 5.5.4',
  paramSyntax: '501 5.5.4',
} as const;

/** The octets of a chunk come in any case: a refused one is read over by the driver (RFC 3030, 2). */
function onChunkCommand(now: Open, command: Extract<Command, { verb: 'BDAT' }>, can: Abilities): Step {
  const { sizeBytes, last } = command;
  if (!can.chunking) return { next: now, say: '502 5.5.1 Not here\r\n' };
  if (now.at !== 'mail' || now.mail.recipients.length === 0)
    return { next: now, say: '503 5.5.1 RCPT first\r\n', chunk: { sizeBytes, last } };
  const next = { at: 'text', helo: now.helo, mail: now.mail, by: 'chunks' } as const;
  return { next, chunk: { sizeBytes, last } };
}

/** Between two chunks: another chunk, or the transaction is given up. */
export function onCommandBetweenChunks(now: Text, command: Command | Faulty): Step {
  if (command.verb === 'BDAT')
    return { next: now, chunk: { sizeBytes: command.sizeBytes, last: command.last } };
  if (command.verb === 'RSET') return { next: idleOf(now), say: '250 2.0.0 Flushed\r\n' };
  if (command.verb === 'QUIT') return { next: { at: 'closed' }, say: '221 2.0.0 Bye\r\n' };
  if (command.verb === 'NOOP') return { next: now, say: '250 2.0.0 OK\r\n' };
  return { next: now, say: '503 5.5.1 BDAT first\r\n' };
}

/** The text is complete. */
export function onTextEnd(now: Text): Step {
  const idle = idleOf(now);
  return {
    next: { at: 'asking', question: { phase: 'end', mail: now.mail }, forth: idle, back: idle, yes: '' },
  };
}

/** `no`: a whole reply without its line end. */
export function onVerdict(now: Asking, no: string | undefined): Step {
  if (no !== undefined) return { next: now.back, say: `${no}\r\n` };
  const tls = now.question.phase === 'starttls' ? { tls: true as const } : {};
  return { next: now.forth, ...(now.yes === '' ? {} : { say: now.yes }), ...tls };
}

const asking = (question: Question, back: Session, forth: Session, yes: string): Asking => ({
  at: 'asking',
  question,
  forth,
  back,
  yes,
});

const idleOf = (now: Open | Text): Session => (now.at === 'start' ? now : { at: 'idle', helo: now.helo });
const wrong = (now: Session, hint: string): Step => ({ next: now, say: `503 5.5.1 ${hint}\r\n` });
