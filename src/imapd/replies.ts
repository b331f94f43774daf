/** What a refusal becomes on the wire: complete over `Reason`. The detail of a Refusal stays in our log. */
import { Refusal, type Reason } from '../base/refusal.ts';
import { CommandError } from '../proto/imap/scanner.ts';

/** A tagged NO: response code (RFC 5530, 9051, 7889) and text. */
type Row = readonly [code: string | undefined, text: string];

const rows = {
  mailboxUnknown: ['NONEXISTENT', 'No such mailbox'],
  mailboxDisabled: ['CONTACTADMIN', 'This account is switched off'],
  mailboxFull: ['OVERQUOTA', 'The mailbox is full'],
  mailboxNotFound: ['NONEXISTENT', 'No such mailbox'],
  mailboxExists: ['ALREADYEXISTS', 'A mailbox of that name exists'],
  mailboxNameInvalid: ['CANNOT', 'Not a valid mailbox name'],
  domainUnknown: ['NONEXISTENT', 'No such domain'],
  addressInvalid: ['CANNOT', 'Not a valid address'],
  senderNotAllowed: ['NOPERM', 'Not allowed'],
  relayDenied: ['NOPERM', 'Not allowed'],
  messageTooLarge: ['TOOBIG', 'The message is larger than this server takes'],
  messageMalformed: ['CANNOT', 'The message cannot be taken as it is'],
  tooManyRecipients: ['LIMIT', 'Too many recipients'],
  mailLoop: ['CANNOT', 'Mail loop'],
  authenticationFailed: ['AUTHENTICATIONFAILED', 'User name or password is wrong'],
  authenticationRequired: ['NOPERM', 'Log in first'],
  encryptionRequired: ['PRIVACYREQUIRED', 'Use TLS first'],
  accountLocked: ['CONTACTADMIN', 'Too many failed logins: the account is locked for a while'],
  rateLimited: ['LIMIT', 'Too many attempts, try again later'],
  sendingLimit: ['LIMIT', 'Too much mail for one day'],
  suppressed: ['NOPERM', 'This address is on the suppression list'],
  sendingPaused: ['CONTACTADMIN', 'Sending with this login is paused'],
  notAllowed: ['NOPERM', 'Not allowed'],
  notFound: ['NONEXISTENT', 'No such thing'],
  conflict: ['CANNOT', 'Not possible in the present state'],
  keyUsed: ['CANNOT', 'That key was used for something else'],
  invalid: ['CANNOT', 'Not valid'],
  limitReached: ['LIMIT', 'A limit of this server is reached'],
  storageBusy: ['UNAVAILABLE', 'The server cannot do it now, try again later'],
  storageFull: ['UNAVAILABLE', 'The server has no room now, try again later'],
  shuttingDown: ['UNAVAILABLE', 'The server is being stopped, try again soon'],
} as const satisfies Record<Reason, Row>;

export interface Reply {
  readonly status: 'NO' | 'BAD';
  readonly code: string | undefined;
  readonly text: string;
}

/** The reply to whatever was thrown. Total: a bug or an outage is "try later", and its text stays here. */
export function replyFor(thrown: unknown): Reply {
  if (thrown instanceof CommandError)
    return { status: thrown.status, code: thrown.code, text: thrown.message };
  const known = thrown instanceof Refusal;
  const [code, text] = rows[known ? thrown.reason : 'storageBusy'];
  return { status: 'NO', code: known ? code : 'SERVERBUG', text };
}

/** True for what the operator should see in the log. */
export const isUnexpected = (thrown: unknown): boolean =>
  !(thrown instanceof CommandError || thrown instanceof Refusal);

export function no(text: string, code?: string): CommandError {
  return new CommandError(text, 'NO', code);
}

export function bad(text: string, code?: string): CommandError {
  return new CommandError(text, 'BAD', code);
}
